import type { Condition, FieldRef, Slot } from '../filter/ast.ts'
import type { ColumnInfo, TableInfo } from '../schema.ts'

/** Queries as data: everything names are resolved to, no values. The same tree means the same SQL. */

export type Aggregate = 'count' | 'countDistinct' | 'sum' | 'avg' | 'min' | 'max'

export interface OutputColumn {
  /** The key in the returned row. */
  readonly as: string
  /** Absent for `count` of rows. */
  readonly field?: FieldRef
  readonly aggregate?: Aggregate
  /** A group's key: a path into JSON is then taken as text, as it is grouped. */
  readonly grouped?: boolean
  /** Its place among the row's keys: what a cursor is made of, or what a row is known by. */
  readonly key?: number
  /** Not for the caller: taken off before the row is handed out. */
  readonly hidden?: boolean
}

export interface OrderTerm {
  readonly field: FieldRef
  readonly direction: 'asc' | 'desc'
  readonly nulls: 'first' | 'last'
}

export interface Join {
  readonly type: 'inner' | 'left'
  readonly table: TableInfo
  readonly alias: string
  readonly on: readonly { readonly left: FieldRef; readonly right: FieldRef }[]
}

/** A number that belongs to the query's shape: a planner that knows how few rows are wanted plans for them. */
export interface Literal {
  readonly literal: number
}

export interface SelectQuery {
  readonly kind: 'select'
  readonly table: TableInfo
  readonly joins: readonly Join[]
  readonly columns: readonly OutputColumn[]
  readonly where: Condition | null
  readonly groupBy: readonly FieldRef[]
  readonly orderBy: readonly OrderTerm[]
  readonly limit: Slot | Literal | null
  readonly offset: Slot | null
  /** Adds a last column: how many rows match without limit and offset. */
  readonly count: boolean
  /** The condition to count by where it is not `where`: that of a page also leaves out the pages before. */
  readonly counted?: Condition | null
  readonly distinct: boolean
  /** Keeps other writers off the rows until the transaction ends. */
  readonly lock: boolean
}

export interface InsertQuery {
  readonly kind: 'insert'
  readonly table: TableInfo
  readonly columns: readonly ColumnInfo[]
  readonly rows: number
  readonly returning: readonly OutputColumn[] | null
  readonly onConflict: OnConflict | null
}

export interface OnConflict {
  readonly columns: readonly ColumnInfo[]
  /** Columns that take the new value; empty keeps the stored row as it is. */
  readonly update: readonly ColumnInfo[]
}

export type Assignment =
  | { readonly type: 'set'; readonly column: ColumnInfo; readonly value: Slot }
  | { readonly type: 'increment'; readonly column: ColumnInfo; readonly value: Slot }
  | { readonly type: 'merge'; readonly column: ColumnInfo; readonly value: Slot }

export interface UpdateQuery {
  readonly kind: 'update'
  readonly table: TableInfo
  readonly set: readonly Assignment[]
  readonly where: Condition | null
  readonly returning: readonly OutputColumn[] | null
}

export interface DeleteQuery {
  readonly kind: 'delete'
  readonly table: TableInfo
  readonly where: Condition | null
  readonly returning: readonly OutputColumn[] | null
}

export type WriteQuery = InsertQuery | UpdateQuery | DeleteQuery
export type Query = SelectQuery | WriteQuery
