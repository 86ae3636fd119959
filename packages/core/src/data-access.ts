import type { SQL } from 'drizzle-orm'
import type { Isolation } from './dialect.ts'
import type { QueryBuilder } from './query/builder.ts'
import type {
  AggregateSpec,
  CallOptions,
  FilteredWriteOptions,
  Row,
  SelectResult,
  SelectSpec,
  UpsertOptions,
  UpsertResult,
  WriteOptions,
  WriteResult,
} from './query/specs.ts'
import type { Repositories } from './repositories/index.ts'
import type { Schema } from './schema.ts'
import type { SearchHit, SearchSpec } from './search/search.ts'

export interface ExecuteOptions extends CallOptions {
  /** Whether the statement changes anything; told from its first word when absent. */
  readonly write?: boolean
}

export interface ExecuteResult {
  readonly rows: Row[]
  /** Rows changed, for statements that return none. */
  readonly count: number
}

export interface TransactionOptions {
  /** What must not happen to this transaction, whatever the engine calls it. Default `'read-committed'`. */
  readonly isolation?: Isolation
  /** How often to run the whole function again after a serialization failure, deadlock or lost connection. Default 0. */
  readonly retry?: number
  readonly readOnly?: boolean
  /** Rolls back and throws `query_timeout` when the function has not finished by then. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface StreamSpec<R extends object = Row> extends Omit<SelectSpec<R>, 'after' | 'count' | 'lock'> {
  /** Rows fetched at a time. */
  readonly batchSize?: number
}

/** Reading and writing, on the database or inside a transaction. Repositories are written against this and nothing else. */
export interface DataAccess {
  readonly schema: Schema
  readonly repositories: Repositories
  /** `R` describes the returned rows; the filter may name any column of the table. */
  select<R extends object = Row>(table: string, spec?: SelectSpec): Promise<SelectResult<R>>
  aggregate<R extends object = Row>(table: string, spec: AggregateSpec): Promise<R[]>
  count(table: string, where?: SelectSpec['where'], options?: CallOptions): Promise<number>
  insert<R extends object = Row>(
    table: string,
    rows: object | readonly object[],
    options?: WriteOptions,
  ): Promise<WriteResult<R>>
  update<R extends object = Row>(table: string, patch: object, options: FilteredWriteOptions): Promise<WriteResult<R>>
  upsert<R extends object = Row>(
    table: string,
    rows: object | readonly object[],
    options?: UpsertOptions,
  ): Promise<UpsertResult<R>>
  delete<R extends object = Row>(table: string, options: FilteredWriteOptions): Promise<WriteResult<R>>
  /** Chunks or code examples by nearness, by words, or by both. */
  search(table: string, spec: SearchSpec): Promise<SearchHit[]>
  from(table: string): QueryBuilder
  /** A Drizzle statement; its values are always bound. */
  execute(query: SQL, options?: ExecuteOptions): Promise<ExecuteResult>
  stream<R extends object = Row>(table: string, spec?: StreamSpec): AsyncIterable<R>
  /** Commits when `fn` resolves, rolls back when it rejects. Inside a transaction: a savepoint. */
  transaction<T>(fn: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
}

export type Transaction = DataAccess
