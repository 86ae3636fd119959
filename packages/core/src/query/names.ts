import type { FieldRef } from '../filter/ast.ts'
import type { ColumnInfo, TableInfo } from '../schema.ts'
import type { OrderTerm, OutputColumn } from './ast.ts'
import type { Naming } from './specs.ts'

/** A column under its own name, and what it adds to the text that identifies a query's shape. */
export interface NamedOutput {
  readonly output: OutputColumn
  readonly key: string
}

export interface Order {
  readonly terms: readonly OrderTerm[]
  readonly signature: string
}

/** What a table's names stand for. Queries come far more often than tables change, so it is worked out once. */
export interface TableNames {
  /** The columns that can be read; the database's own helper columns are not among them. */
  readonly readable: readonly ColumnInfo[]
  readonly fields: ReadonlyMap<string, FieldRef>
  readonly outputs: ReadonlyMap<string, NamedOutput>
  readonly all: readonly OutputColumn[]
  /** Total orders of this table alone, by the text of their first term; filled as they are asked for. */
  readonly orders: Map<string, Order>
}

const known: Record<Naming, WeakMap<TableInfo, TableNames>> = { name: new WeakMap(), key: new WeakMap() }

export function namesOf(table: TableInfo, naming: Naming): TableNames {
  const names = known[naming].get(table)
  if (names) return names
  const listed = listNames(table, naming)
  known[naming].set(table, listed)
  return listed
}

function listNames(table: TableInfo, naming: Naming): TableNames {
  const readable = table.columns.filter((column) => column.kind !== 'generated')
  const fields = new Map(readable.map((column): [string, FieldRef] => [column[naming], { column }]))
  const outputs = new Map(
    [...fields].map(([as, field]): [string, NamedOutput] => [
      as,
      { output: { as, field }, key: outputKey(as, field.column.name) },
    ]),
  )
  return { readable, fields, outputs, all: [...outputs.values()].map(({ output }) => output), orders: new Map() }
}

/** `source` is what the value is taken from, in one form whatever it was called by. */
export function outputKey(as: string, source: string, alias: string = ''): string {
  return `${JSON.stringify(as)}:${alias}.${source},`
}
