import { DbError, describeValue, invalidInput } from '../errors.ts'
import { addValue, type Bindings, type Condition, newBindings } from '../filter/ast.ts'
import { parseFilter } from '../filter/parse.ts'
import { uuidv7 } from '../internal/uuid.ts'
import type { ColumnInfo, Schema, TableInfo } from '../schema.ts'
import { checkJson, checkValue } from '../values.ts'
import type { Assignment, DeleteQuery, OnConflict, OutputColumn, UpdateQuery } from './ast.ts'
import { namesOf } from './names.ts'
import { namingOf, requireList } from './options.ts'
import type { Parsed } from './parse-select.ts'
import { columnOf, TableScope, tableOf } from './scope.ts'
import {
  type FilteredWriteOptions,
  Increment,
  JsonMerge,
  type Naming,
  type Row,
  type UpsertOptions,
  type WriteOptions,
} from './specs.ts'

/** Rows of one shape, ready to be stored: each has a value for each column, in order. */
export interface RowGroup {
  readonly columns: readonly ColumnInfo[]
  readonly rows: unknown[][]
  /** Where each row stood in the caller's list. */
  readonly positions: number[]
}

export interface ParsedInsert {
  readonly table: TableInfo
  readonly groups: readonly RowGroup[]
  readonly count: number
  readonly returning: readonly OutputColumn[] | null
  readonly onConflict: ((supplied: readonly ColumnInfo[]) => OnConflict) | null
}

export function parseInsert(schema: Schema, tableName: string, input: unknown, options: WriteOptions): ParsedInsert {
  const table = tableOf(schema, tableName)
  const naming = namingOf(options)
  const rows = toRows(input)
  return {
    table,
    groups: groupRows(table, rows, naming, true),
    count: rows.length,
    returning: parseReturning(table, options, naming),
    onConflict: null,
  }
}

export function parseUpsert(schema: Schema, tableName: string, input: unknown, options: UpsertOptions): ParsedInsert {
  const table = tableOf(schema, tableName)
  const naming = namingOf(options)
  const rows = toRows(input)
  const conflict = conflictColumns(table, options.onConflict, naming)
  const { whenFound = 'update' } = options
  if (whenFound !== 'update' && whenFound !== 'ignore') throw invalidInput("whenFound takes 'update' or 'ignore'.")
  const groups = groupRows(table, rows, naming, false)
  refuseRepeatedKeys(groups, conflict)
  const supplied = new Map(
    groups.map((group) => [group.columns, suppliedColumns(table, rows[group.positions[0] as number] as Row, naming)]),
  )
  return {
    table,
    groups,
    count: rows.length,
    returning: parseReturning(table, options, naming),
    onConflict: (columns) => ({
      columns: conflict,
      update: whenFound === 'ignore' ? [] : updatable(supplied.get(columns) ?? [], conflict),
    }),
  }
}

function toRows(input: unknown): Row[] {
  const rows = Array.isArray(input) ? input : [input]
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw invalidInput(`A row is an object, not ${describeValue(row)}.`)
  }
  return rows as Row[]
}

function parseReturning(table: TableInfo, options: WriteOptions, naming: Naming): readonly OutputColumn[] | null {
  const { returning = true } = options
  if (returning === false) return null
  if (returning === true) return namesOf(table, naming).all
  const columns = requireList('returning', returning).map((name) => columnOf(table, name, naming))
  if (columns.length === 0) throw invalidInput('returning is empty; say false for no rows.', { table: table.name })
  return columns.map((column) => ({ as: naming === 'key' ? column.key : column.name, field: { column } }))
}

function suppliedColumns(table: TableInfo, row: Row, naming: Naming): ColumnInfo[] {
  return Object.keys(row)
    .filter((name) => row[name] !== undefined)
    .map((name) => columnOf(table, name, naming))
}

/**
 * Rows may supply different columns. Insert fills the gaps from the literal defaults, so that one statement serves
 * all; upsert must know which columns each row supplied, so there each set of columns is a group of its own.
 */
function groupRows(table: TableInfo, rows: readonly Row[], naming: Naming, fill: boolean): RowGroup[] {
  const groups = new Map<string, RowGroup>()
  const union = fill ? fillable(table, rows, naming) : null
  rows.forEach((row, position) => {
    const { columns, key } = shapeOf(table, row, naming, union)
    let group = groups.get(key)
    if (!group) {
      group = { columns, rows: [], positions: [] }
      groups.set(key, group)
    }
    group.rows.push(group.columns.map((column) => valueFor(table, column, row, naming)))
    group.positions.push(position)
  })
  return [...groups.values()]
}

/** Columns that some row supplies and that the others can be given without asking the database. */
function fillable(table: TableInfo, rows: readonly Row[], naming: Naming): ReadonlySet<ColumnInfo> {
  const names = new Set<string>()
  for (const row of rows) for (const name of Object.keys(row)) if (row[name] !== undefined) names.add(name)
  const columns = [...names].map((name) => columnOf(table, name, naming))
  return new Set(columns.filter((column) => column.default?.type !== 'now' && !column.autoIncrement))
}

function shapeOf(
  table: TableInfo,
  row: Row,
  naming: Naming,
  union: ReadonlySet<ColumnInfo> | null,
): { columns: ColumnInfo[]; key: string } {
  const own = new Set(suppliedColumns(table, row, naming))
  const columns = table.columns.filter(
    (column) =>
      own.has(column) ||
      union?.has(column) ||
      column.default?.type === 'uuid' ||
      (own.size === 0 && column.default?.type === 'value'),
  )
  // What an upsert fills in by itself must not overwrite what is stored, so it is told from what was supplied.
  const key = columns.map((column) => (union || own.has(column) ? column.name : `+${column.name}`)).join()
  return { columns, key }
}

function valueFor(table: TableInfo, column: ColumnInfo, row: Row, naming: Naming): unknown {
  const value = row[naming === 'key' ? column.key : column.name]
  // To some databases null is another way to ask for a number.
  if (value === null && column.autoIncrement)
    throw new DbError(
      'not_null_violation',
      `${table.name}.${column.name} takes no null; leave it out to get a number.`,
      {
        table: table.name,
        column: column.name,
      },
    )
  if (value !== undefined) return checkValue(column, value)
  if (column.default?.type === 'uuid') return uuidv7()
  return column.default?.type === 'value' ? column.default.value : null
}

function conflictColumns(table: TableInfo, names: readonly string[] | undefined, naming: Naming): ColumnInfo[] {
  if (names === undefined) return table.primaryKey.map((name) => table.byName.get(name)!)
  const columns = requireList('onConflict', names).map((name) => columnOf(table, name, naming))
  const wanted = columns
    .map((column) => column.name)
    .sort()
    .join()
  const keys = [table.primaryKey, ...table.uniques.map((unique) => unique.columns)]
  if (keys.some((key) => [...key].sort().join() === wanted)) return columns
  throw invalidInput(
    `onConflict must name the columns of one unique key of ${table.name}: ${keys.map((key) => `(${key.join(', ')})`).join(' or ')}.`,
    { table: table.name },
  )
}

/** One text for one key, whatever its columns hold. */
export function keyText(key: readonly unknown[]): string {
  return JSON.stringify(key, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

function refuseRepeatedKeys(groups: readonly RowGroup[], conflict: readonly ColumnInfo[]): void {
  const seen = new Set<string>()
  for (const group of groups) {
    const at = conflict.map((column) => group.columns.indexOf(column))
    for (const row of group.rows) {
      const key = at.map((index) => (index < 0 ? null : row[index]))
      if (key.includes(null)) continue
      const text = keyText(key)
      if (seen.has(text))
        throw invalidInput(
          'Two rows of one upsert have the same key; which should win is not defined. Send one of them.',
        )
      seen.add(text)
    }
  }
}

/** created_at tells when a row came to be, so finding it again never moves it. */
function updatable(supplied: readonly ColumnInfo[], conflict: readonly ColumnInfo[]): ColumnInfo[] {
  return supplied.filter((column) => !conflict.includes(column) && column.name !== 'created_at')
}

export function parseUpdate(
  schema: Schema,
  tableName: string,
  patch: unknown,
  options: FilteredWriteOptions,
): Parsed<UpdateQuery> {
  const table = tableOf(schema, tableName)
  const naming = namingOf(options)
  const bindings = newBindings()
  bindings.key = `update ${naming} ${table.name} `
  const set = parsePatch(table, patch, naming, bindings)
  const where = parseFilter(options.where, new TableScope(table, naming), bindings)
  requireFilter('update', where, options, table)
  return {
    query: { kind: 'update', table, set, where, returning: returningKey(table, options, naming, bindings) },
    values: bindings.values,
    key: bindings.key,
  }
}

export function parseDelete(schema: Schema, tableName: string, options: FilteredWriteOptions): Parsed<DeleteQuery> {
  const table = tableOf(schema, tableName)
  const naming = namingOf(options)
  const bindings = newBindings()
  bindings.key = `delete ${naming} ${table.name} `
  const where = parseFilter(options.where, new TableScope(table, naming), bindings)
  requireFilter('delete', where, options, table)
  return {
    query: { kind: 'delete', table, where, returning: returningKey(table, options, naming, bindings) },
    values: bindings.values,
    key: bindings.key,
  }
}

function returningKey(
  table: TableInfo,
  options: WriteOptions,
  naming: Naming,
  bindings: Bindings,
): readonly OutputColumn[] | null {
  const returning = parseReturning(table, options, naming)
  bindings.key += `;returning ${returning === null ? '-' : options.returning === true || options.returning === undefined ? '*' : returning.map((column) => column.as).join()}`
  return returning
}

function requireFilter(verb: string, where: Condition | null, options: FilteredWriteOptions, table: TableInfo): void {
  if (options.allRows === true || (where !== null && !filtersNothing(where))) return
  throw invalidInput(
    `This ${verb} has no filter and would touch every row of ${table.name}. Pass { allRows: true } if that is meant.`,
    { table: table.name },
  )
}

/** `{ and: [] }` and its like: put together from conditions, of which there were none. */
function filtersNothing(condition: Condition): boolean {
  if (condition.type === 'and') return condition.items.every(filtersNothing)
  if (condition.type === 'or') return condition.items.some(filtersNothing)
  return condition.type === 'constant' && condition.value === true
}

function parsePatch(table: TableInfo, patch: unknown, naming: Naming, bindings: Bindings): Assignment[] {
  const [row = {}] = Array.isArray(patch) ? [] : toRows(patch)
  const names = Object.keys(row).filter((name) => row[name] !== undefined)
  if (names.length === 0)
    throw invalidInput('An update needs an object with at least one column to set.', { table: table.name })
  return names.map((name) => {
    const assignment = parseAssignment(columnOf(table, name, naming), row[name], bindings)
    bindings.key += `${assignment.type} ${assignment.column.name},`
    return assignment
  })
}

function parseAssignment(column: ColumnInfo, value: unknown, bindings: Bindings): Assignment {
  if (value instanceof Increment) {
    if (column.kind !== 'integer' && column.kind !== 'bigint' && column.kind !== 'double')
      throw invalidInput(`Column ${column.name} holds ${column.kind} values and cannot be counted up.`, {
        column: column.name,
      })
    return { type: 'increment', column, value: addValue(bindings, checkValue(column, value.by)) }
  }
  if (value instanceof JsonMerge) {
    if (column.kind !== 'json')
      throw invalidInput(`Column ${column.name} holds ${column.kind} values; only JSON can be merged.`, {
        column: column.name,
      })
    if (!isDocument(value.document)) throw invalidInput('jsonMerge takes an object.', { column: column.name })
    return { type: 'merge', column, value: addValue(bindings, checkJson(value.document, column.name)) }
  }
  return { type: 'set', column, value: addValue(bindings, checkValue(column, value)) }
}

function isDocument(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
