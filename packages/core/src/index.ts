/** What users of the Database contract need. Dialects import from `@archon-db/core/dialect`. */

export type {
  DataAccess,
  ExecuteOptions,
  ExecuteResult,
  StreamSpec,
  Transaction,
  TransactionOptions,
} from './data-access.ts'
export { type Database, type Health, type OpenOptions, openDatabase } from './database.ts'
export type { Capabilities, Isolation, PoolStatus } from './dialect.ts'
export * from './errors.ts'
export { compareCodePoints } from './filter/evaluate.ts'
export type { Filter, FilterOperators, FilterScalar } from './filter/types.ts'
export * from './migrator/api.ts'
export type { QueryEvent, QueryListener } from './observe/events.ts'
export { type On, on, QueryBuilder } from './query/builder.ts'
export {
  type AggregateSpec,
  type CallOptions,
  type FilteredWriteOptions,
  Increment,
  increment,
  JsonMerge,
  jsonMerge,
  type OrderBy,
  type OrderInput,
  type Row,
  type SelectResult,
  type SelectSpec,
  type UpsertOptions,
  type UpsertResult,
  type WriteOptions,
  type WriteResult,
} from './query/specs.ts'
export * from './repositories/index.ts'
export * from './rows.ts'
export {
  type ColumnInfo,
  type ColumnKind,
  EMBEDDING_DIMENSIONS,
  type EmbeddingDimension,
  type Schema,
  type TableInfo,
} from './schema.ts'
export type { SearchHit, SearchMode, SearchSpec } from './search/search.ts'
export { sql } from './sql.ts'
export { jsonNull } from './values.ts'
export * from './vector-store.ts'
