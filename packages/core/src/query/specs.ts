import type { Filter } from '../filter/types.ts'

/** The parameters of the Database contract's calls, as callers write them. */

export type Row = Record<string, unknown>

/** Columns go by their physical names, or by the entity's keys. */
export type Naming = 'name' | 'key'

export interface OrderInput {
  readonly column: string
  readonly direction?: 'asc' | 'desc'
  readonly nulls?: 'first' | 'last'
}

/** `'task_order'`, `'asc(task_order)'`, `'desc(created_at)'`, or an object when nulls matter. */
export type OrderBy = string | OrderInput

export interface CallOptions {
  /** Stops waiting; the statement may still finish on the server. */
  readonly signal?: AbortSignal
  readonly naming?: Naming
}

export interface SelectSpec<R extends object = Row> extends CallOptions {
  /** All stored columns when absent. As an object: the row's key → the column. */
  readonly columns?: readonly string[] | Readonly<Record<string, string>>
  readonly where?: Filter<R>
  readonly orderBy?: OrderBy | readonly OrderBy[]
  readonly limit?: number
  readonly offset?: number
  /** Turns on paging by cursor: null for the first page, then the `nextCursor` of the page before. Needs `limit`. */
  readonly after?: string | null
  /** Also counts all matching rows, in the same snapshot. */
  readonly count?: 'exact'
  readonly distinct?: boolean
  /** In a transaction: keeps other writers off these rows until it ends. */
  readonly lock?: 'update'
}

export interface SelectResult<R = Row> {
  readonly rows: R[]
  /** With `count: 'exact'`. */
  readonly count?: number
  /** With `after`: where the next page begins; null when this was the last. */
  readonly nextCursor?: string | null
}

export interface AggregateSpec<R extends object = Row> extends CallOptions {
  /** The result's key → `count`, `count(col)`, `countDistinct(col)`, `sum(col)`, `avg(col)`, `min(col)` or `max(col)`. */
  readonly aggregates: Readonly<Record<string, string>>
  readonly groupBy?: readonly string[]
  readonly where?: Filter<R>
  readonly limit?: number
}

export interface WriteOptions extends CallOptions {
  /** False: count only, which costs nothing more than the write. An array: just these columns. */
  readonly returning?: boolean | readonly string[]
}

export interface FilteredWriteOptions<R extends object = Row> extends WriteOptions {
  readonly where?: Filter<R>
  /** Says that leaving out `where` is meant. */
  readonly allRows?: true
}

export interface UpsertOptions extends WriteOptions {
  /** The columns of one unique key; the primary key when absent. */
  readonly onConflict?: readonly string[]
  /** `'ignore'` leaves stored rows as they are. */
  readonly whenFound?: 'update' | 'ignore'
}

export interface WriteResult<R = Row> {
  /** The stored rows, in input order; empty with `returning: false`. */
  readonly rows: R[]
  readonly count: number
}

export interface UpsertResult<R = Row> extends WriteResult<R> {
  /** For each input row, whether it is new; empty with `returning: false`. */
  readonly inserted: boolean[]
}

// ---- what an update may assign besides plain values ----------------------------------------------------------------

export class Increment {
  readonly by: number
  constructor(by: number) {
    this.by = by
  }
}

export class JsonMerge {
  readonly document: Readonly<Record<string, unknown>>
  constructor(document: Readonly<Record<string, unknown>>) {
    this.document = document
  }
}

/** `{ task_order: increment(1) }`: counted by the database, so concurrent writers lose nothing. */
export function increment(by: number): Increment {
  return new Increment(by)
}

/** `{ metadata: jsonMerge({ a: 1 }) }`: the document's keys replace the stored ones, the others stay; one statement. */
export function jsonMerge(document: Readonly<Record<string, unknown>>): JsonMerge {
  return new JsonMerge(document)
}
