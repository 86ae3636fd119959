import { DbError, invalidFilter, invalidInput } from '../errors.ts'
import type { FieldRef } from '../filter/ast.ts'
import { type FieldScope, quoteName } from '../filter/parse.ts'
import { parsePath } from '../filter/path.ts'
import type { ColumnInfo, Schema, TableInfo } from '../schema.ts'
import { namesOf } from './names.ts'
import type { Naming } from './specs.ts'

export function tableOf(schema: Schema, name: string): TableInfo {
  const table = schema.tables.get(name)
  if (table) return table
  throw invalidInput(`There is no table ${quoteName(String(name))}. Known: ${[...schema.tables.keys()].join(', ')}.`)
}

/** The columns that can be read; the database's own helper columns are not among them. */
export function readableColumns(table: TableInfo): readonly ColumnInfo[] {
  return namesOf(table, 'name').readable
}

export function columnOf(table: TableInfo, name: string, naming: Naming): ColumnInfo {
  const column = (naming === 'key' ? table.byKey : table.byName).get(name)
  if (column && column.kind !== 'generated') return column
  throw invalidInput(`Table ${table.name} has no column ${quoteName(String(name))}.`, { table: table.name })
}

/** One table, or several under the names a join gave them. */
export class TableScope implements FieldScope {
  readonly #table: TableInfo
  readonly #naming: Naming
  #joined: Map<string, TableInfo> | undefined

  constructor(table: TableInfo, naming: Naming) {
    this.#table = table
    this.#naming = naming
  }

  join(alias: string, table: TableInfo): void {
    this.#joined ??= new Map()
    if (this.#joined.has(alias) || alias === this.#table.name) {
      throw invalidInput(`${quoteName(alias)} is joined already; give the second one another name.`)
    }
    this.#joined.set(alias, table)
  }

  resolve(name: string): FieldRef {
    const field = namesOf(this.#table, this.#naming).fields.get(name)
    return field ?? this.#joinedField(name) ?? this.#jsonField(name) ?? this.#unknown(name)
  }

  #joinedField(name: string): FieldRef | undefined {
    if (!this.#joined) return undefined
    const dot = name.indexOf('.')
    const alias = name.slice(0, Math.max(dot, 0))
    const rest = name.slice(dot + 1)
    if (alias === this.#table.name) return new TableScope(this.#table, this.#naming).resolve(rest)
    const table = this.#joined.get(alias)
    return table && { ...new TableScope(table, this.#naming).resolve(rest), alias }
  }

  #jsonField(name: string): FieldRef | undefined {
    const end = name.search(/[.[]/)
    const column = end > 0 ? namesOf(this.#table, this.#naming).fields.get(name.slice(0, end))?.column : undefined
    if (column === undefined) return undefined
    if (column.kind === 'json') return { column, path: parsePath(name.slice(end)) }
    throw invalidFilter(`Column ${column.name} holds ${column.kind} values, so ${quoteName(name)} leads nowhere.`, {
      table: this.#table.name,
      column: column.name,
    })
  }

  #unknown(name: string): never {
    throw new DbError('invalid_filter', `Table ${this.#table.name} has no column ${quoteName(name)}.`, {
      table: this.#table.name,
    })
  }
}
