import { DbError } from '@archon-db/core'
import {
  type Assignment,
  type ColumnInfo,
  narrowBigint,
  type OutputColumn,
  type Parsed,
  type ParsedInsert,
  type RowGroup,
  type TableInfo,
} from '@archon-db/core/dialect'
import { checkForeignKeys, checkRow, keyText, UniqueKeys } from './constraints.ts'
import { matchingRows } from './select.ts'
import { rowsOf, type State, type StoredRow, toFetched, toStored, type World, withRows } from './state.ts'

type UpdateQuery = Parameters<typeof matchingRows>[1] & {
  readonly set: readonly Assignment[]
  readonly returning: readonly OutputColumn[] | null
}
type DeleteQuery = Omit<UpdateQuery, 'set'>

export interface Written {
  readonly state: State
  readonly rows: Record<string, unknown>[]
  readonly count: number
  /** For an upsert: which of them are new. */
  readonly inserted: boolean[]
}

// ---- insert and upsert ----------------------------------------------------------------------------------------------

/**
 * Group by group, as rows with the same columns go together, and row by row within: in its place, in front of the
 * constraints, into the table. Foreign keys are looked at when a group is complete.
 */
export function runInsert(world: World, state: State, parsed: ParsedInsert): Written {
  const { table } = parsed
  const placed = new Array<StoredRow>(parsed.count)
  const inserted = new Array<boolean>(parsed.count)
  let next = state
  for (const group of parsed.groups) {
    const stored = insertGroup(world, next, parsed, group, (position, row, isNew) => {
      placed[position] = row
      inserted[position] = isNew
    })
    next = withRows(next, table, stored)
    checkForeignKeys(world, next, new Set([table.name]))
  }
  return {
    state: next,
    count: parsed.count,
    ...returned(parsed.returning, placed),
    inserted: parsed.returning ? inserted : [],
  }
}

type Place = (position: number, row: StoredRow, isNew: boolean) => void

function insertGroup(world: World, state: State, parsed: ParsedInsert, group: RowGroup, place: Place): StoredRow[] {
  const { table } = parsed
  const stored = [...rowsOf(state, table)]
  const keys = new UniqueKeys(table, stored)
  const conflict = parsed.onConflict?.(group.columns)
  const byKey = conflict && new Map(stored.map((row, at) => [keyText(row, names(conflict.columns)), at]))
  group.rows.forEach((values, i) => {
    const fresh = newRow(world, table, group.columns, values)
    checkRow(table, fresh)
    const at = conflict && byKey?.get(keyText(fresh, names(conflict.columns)) ?? '')
    const old = at === undefined ? undefined : stored[at]
    const row = old ? replaced(world, table, old, fresh, conflict!.update) : fresh
    if (old) keys.remove(old)
    keys.add(row)
    stored[at ?? stored.length] = row
    place(group.positions[i] as number, row, !old)
  })
  return stored
}

function names(columns: readonly ColumnInfo[]): string[] {
  return columns.map((column) => column.name)
}

function newRow(world: World, table: TableInfo, columns: readonly ColumnInfo[], values: readonly unknown[]): StoredRow {
  const row: Record<string, unknown> = {}
  for (const column of table.columns) {
    if (column.kind === 'generated') continue
    const at = columns.indexOf(column)
    row[column.name] = at < 0 ? defaultOf(world, table, column) : toStored(column, values[at])
    if (column.autoIncrement) row[column.name] = numbered(world, table, row[column.name])
  }
  return row
}

function defaultOf({ now }: World, table: TableInfo, column: ColumnInfo): unknown {
  if (column.default?.type === 'now') return now()
  if (column.default?.type === 'uuid') throw new Error(`${table.name}.${column.name} is made before the row gets here.`)
  return column.default?.type === 'value' ? toStored(column, column.default.value) : null
}

/** A number once given, or taken by a row that brought its own, is not given again. */
function numbered({ sequences }: World, table: TableInfo, value: unknown): number | bigint {
  const last = sequences.get(table.name) ?? 0n
  const number = value === null ? last + 1n : BigInt(value as number | bigint)
  if (number > last) sequences.set(table.name, number)
  return narrowBigint(number)
}

function replaced(
  world: World,
  table: TableInfo,
  old: StoredRow,
  row: StoredRow,
  update: readonly ColumnInfo[],
): StoredRow {
  if (update.length === 0) return old
  const next = { ...old, ...Object.fromEntries(update.map(({ name }) => [name, row[name]])) }
  const touched = touch(world, table, old, next)
  checkRow(table, touched)
  return touched
}

/** updated_at moves with every change, strictly later than before, whatever was assigned to it. */
function touch({ now }: World, table: TableInfo, old: StoredRow, next: StoredRow): StoredRow {
  if (!table.byName.has('updated_at')) return next
  const before = (old.updated_at as Date | null)?.getTime() ?? 0
  return { ...next, updated_at: new Date(Math.max(now().getTime(), before + 1)) }
}

// ---- update and delete ----------------------------------------------------------------------------------------------

export function runUpdate(world: World, state: State, { query, values }: Parsed<UpdateQuery>): Written {
  const { table } = query
  const matching = new Set(matchingRows(state, query, values))
  const changed: StoredRow[] = []
  const rows = rowsOf(state, table).map((row) => {
    if (!matching.has(row)) return row
    const next = touch(world, table, row, {
      ...row,
      ...Object.fromEntries(query.set.map((set) => assigned(row, set, values))),
    })
    checkRow(table, next)
    changed.push(next)
    return next
  })
  new UniqueKeys(table, rows)
  const next = withRows(state, table, rows)
  checkForeignKeys(world, next, new Set([table.name]))
  return { state: next, count: changed.length, ...returned(query.returning, changed), inserted: [] }
}

function assigned(row: StoredRow, { type, column, value }: Assignment, values: readonly unknown[]): [string, unknown] {
  const old = row[column.name]
  const given = toStored(column, values[value])
  if (type === 'set') return [column.name, given]
  if (type === 'merge') return [column.name, { ...(isObject(old) ? old : {}), ...(given as object) }]
  return [column.name, old === null ? null : increased(column, old as number | bigint, given as number | bigint)]
}

function increased(column: ColumnInfo, old: number | bigint, by: number | bigint): number | bigint {
  if (column.kind === 'double') return Number(old) + Number(by)
  const sum = BigInt(old) + BigInt(by)
  if (BigInt.asIntN(column.kind === 'integer' ? 32 : 64, sum) === sum) return narrowBigint(sum)
  throw new DbError('invalid_input', `Column ${column.name} holds no number of that size.`, { column: column.name })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function runDelete(world: World, state: State, { query, values }: Parsed<DeleteQuery>): Written {
  const gone = matchingRows(state, query, values)
  const { state: next, changed } = removeRows(world, state, query.table, gone)
  checkForeignKeys(world, next, changed)
  return { state: next, count: gone.length, ...returned(query.returning, gone), inserted: [] }
}

/** Takes the rows out, and does to those that refer to them what their foreign keys say. */
function removeRows(
  world: World,
  from: State,
  first: TableInfo,
  rows: readonly StoredRow[],
): { state: State; changed: Set<string> } {
  let state = from
  const changed = new Set<string>()
  const queue: { table: TableInfo; gone: readonly StoredRow[] }[] = [{ table: first, gone: rows }]
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { table, gone } = next
    if (gone.length === 0) continue
    const isGone = refersTo(table.primaryKey, gone, table.primaryKey)
    state = withRows(
      state,
      table,
      rowsOf(state, table).filter((row) => !isGone(row)),
    )
    changed.add(table.name)
    for (const child of world.schema.tables.values()) {
      for (const key of child.foreignKeys.filter((candidate) => candidate.table === table.name)) {
        const refers = refersTo(key.columns, gone, key.references)
        if (key.onDelete === 'cascade') queue.push({ table: child, gone: rowsOf(state, child).filter(refers) })
        if (key.onDelete === 'set null')
          state = withRows(
            state,
            child,
            rowsOf(state, child).map((row) => (refers(row) ? without(row, key.columns) : row)),
          )
      }
    }
  }
  return { state, changed }
}

function refersTo(
  columns: readonly string[],
  parents: readonly StoredRow[],
  references: readonly string[],
): (row: StoredRow) => boolean {
  const keys = new Set(parents.map((parent) => keyText(parent, references)))
  return (row) => {
    const key = keyText(row, columns)
    return key !== null && keys.has(key)
  }
}

function without(row: StoredRow, columns: readonly string[]): StoredRow {
  return { ...row, ...Object.fromEntries(columns.map((name) => [name, null])) }
}

function returned(
  returning: readonly OutputColumn[] | null,
  rows: readonly StoredRow[],
): { rows: Record<string, unknown>[] } {
  if (!returning) return { rows: [] }
  return {
    rows: rows.map((row) =>
      Object.fromEntries(returning.map(({ as, field }) => [as, toFetched(row[field!.column.name])])),
    ),
  }
}
