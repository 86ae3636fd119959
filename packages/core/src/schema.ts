/**
 * What a table is, readable at run time. Dialects derive it from their Drizzle tables, so there is one truth;
 * validation, the planner, copying, introspection and the in-memory model all read this and nothing else.
 */

/** How a column's values look in TypeScript, the same on every dialect. */
export type ColumnKind =
  | 'text' // string
  | 'uuid' // string, canonical lower-case form
  | 'enum' // string out of `values`
  | 'integer' // number, 32 bit
  | 'bigint' // number while it is safe, bigint beyond 2^53
  | 'double' // number
  | 'boolean' // true | false
  | 'timestamp' // Date, UTC, milliseconds
  | 'json' // any JSON value
  | 'vector' // Float32Array of `dimension` elements
  | 'generated' // kept by the database for its own use; never read or written through the contract

export interface ColumnInfo {
  /** The entity's name for it: `projectId`. */
  readonly key: string
  /** The physical name: `project_id`. */
  readonly name: string
  readonly kind: ColumnKind
  readonly nullable: boolean
  readonly primaryKey: boolean
  /** The database numbers it (bigserial, AUTO_INCREMENT, rowid). */
  readonly autoIncrement: boolean
  readonly default?: ColumnDefault
  /** Longest value in characters, for varchar columns. */
  readonly maxLength?: number
  /** The members of an enum. */
  readonly values?: readonly string[]
  /** The length of a vector. */
  readonly dimension?: number
}

/** `uuid` is made by the client (version 7), `now` by the database. */
export type ColumnDefault =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'now' }
  | { readonly type: 'uuid' }
  | { readonly type: 'sequence' }

export interface ForeignKeyInfo {
  readonly columns: readonly string[]
  readonly table: string
  readonly references: readonly string[]
  readonly onDelete: 'cascade' | 'set null' | 'restrict'
}

export interface UniqueInfo {
  readonly name: string
  readonly columns: readonly string[]
}

export interface TableInfo {
  readonly name: string
  readonly columns: readonly ColumnInfo[]
  readonly primaryKey: readonly string[]
  readonly uniques: readonly UniqueInfo[]
  readonly foreignKeys: readonly ForeignKeyInfo[]
  readonly checks: readonly string[]
  /** Found by physical name. */
  readonly byName: ReadonlyMap<string, ColumnInfo>
  /** Found by entity key. */
  readonly byKey: ReadonlyMap<string, ColumnInfo>
}

export interface Schema {
  readonly tables: ReadonlyMap<string, TableInfo>
}

/** The five lengths an embedding may have; each has its own column. */
export const EMBEDDING_DIMENSIONS = [384, 768, 1024, 1536, 3072] as const
export type EmbeddingDimension = (typeof EMBEDDING_DIMENSIONS)[number]

type TableParts = Omit<TableInfo, 'byName' | 'byKey' | 'primaryKey'>

/** Completes a table's description with its look-up maps. */
export function describeTable(parts: TableParts): TableInfo {
  return {
    ...parts,
    primaryKey: parts.columns.filter((column) => column.primaryKey).map((column) => column.name),
    byName: new Map(parts.columns.map((column) => [column.name, column])),
    byKey: new Map(parts.columns.map((column) => [column.key, column])),
  }
}

export function describeSchema(tables: Iterable<TableInfo>): Schema {
  return { tables: new Map([...tables].map((table) => [table.name, table])) }
}
