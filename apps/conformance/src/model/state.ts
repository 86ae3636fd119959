import { type ColumnInfo, jsonNull, narrowBigint, type Schema, type TableInfo } from '@archon-db/core/dialect'

/** A stored row: every column by its physical name, null where it has no value. */
export type StoredRow = Readonly<Record<string, unknown>>

/** All rows of all tables. Never changed: a statement makes a new one, so a snapshot is a reference. */
export type State = ReadonlyMap<string, readonly StoredRow[]>

/** What statements need beside the rows. */
export interface World {
  readonly schema: Schema
  /** The last number given out per table; a rollback does not take it back. */
  readonly sequences: Map<string, bigint>
  now(): Date
}

export function emptyState(schema: Schema): State {
  return new Map([...schema.tables.keys()].map((name) => [name, []]))
}

export function rowsOf(state: State, table: TableInfo): readonly StoredRow[] {
  return state.get(table.name) ?? []
}

export function withRows(state: State, table: TableInfo, rows: readonly StoredRow[]): State {
  return new Map(state).set(table.name, rows)
}

/** The value as it is kept: a copy that the caller cannot reach, JSON as JSON would have it. */
export function toStored(column: ColumnInfo, value: unknown): unknown {
  if (value === null || value === undefined || value === jsonNull) return value ?? null
  if (value instanceof Date) return new Date(value)
  if (value instanceof Float32Array) return value.slice()
  if (typeof value === 'bigint') return narrowBigint(value)
  return column.kind === 'json' ? (JSON.parse(JSON.stringify(value)) ?? jsonNull) : value
}

/** The value as it is handed out: a copy. JSON's own null stays what it is, for null says that there is no value. */
export function toFetched(value: unknown): unknown {
  if (value === undefined) return null
  return typeof value === 'object' && value !== null && value !== jsonNull ? structuredClone(value) : value
}

/** One text for one value: what makes rows equal in keys, groups and `distinct`. */
export function identity(values: readonly unknown[]): string {
  return JSON.stringify(
    values.map((value) => (value instanceof Date ? value.getTime() : typeof value === 'bigint' ? `${value}n` : value)),
  )
}
