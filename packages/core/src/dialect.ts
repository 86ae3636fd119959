import type { SQL, Table } from 'drizzle-orm'
import type { DbError } from './errors.ts'
import type { CompareOp, MatchOp, PathSegment } from './filter/ast.ts'
import type { LiveSchema } from './migrator/live-schema.ts'
import type { Migration } from './migrator/migration.ts'
import type { Aggregate, OrderTerm, SelectQuery, WriteQuery } from './query/ast.ts'
import type { ColumnInfo, Schema, TableInfo } from './schema.ts'
import type { VectorMetric } from './vector-store.ts'

/**
 * The seam. A database is a Dialect (how it says things) and a Session (how it is talked to); everything else in this
 * package is written once against these. A new difference between databases becomes a fragment here, never an `if` above.
 */

export interface Dialect {
  readonly name: string
  readonly traits: Traits
  readonly schema: Schema
  /** The Drizzle tables by physical name. */
  readonly tables: ReadonlyMap<string, Table>
  readonly migrations: () => Promise<readonly Migration[]>
  readonly codecs: Codecs
  readonly fragments: Fragments
  /** Drizzle's renderer for this database. */
  render(query: SQL): { readonly sql: string; readonly params: readonly unknown[] }
  /** The driver's error as ours; a DbError passes through. */
  toDbError(error: unknown): DbError
  /**
   * The driver's error says that what a statement makes is there already, or that what it drops or renames is gone. The
   * migrator asks where DDL cannot be rolled back, about a statement that may have run before its process died.
   */
  readonly alreadyDone?: (error: unknown) => boolean
  /** What stands in the database, read from its own catalogue. */
  readonly introspect: (session: Pick<Session, 'query'>) => Promise<LiveSchema>
  /** How written rows come back where the engine has no RETURNING; absent where it has. */
  readonly returning?: ReturningStrategy
}

/** What this database can do at all. What one server can do is in `Capabilities`. */
export interface Traits {
  /** Bound values one statement may carry. */
  readonly maxParameters: number
  /** Rows per multi-row insert beyond which longer statements no longer pay. */
  readonly insertBatch: number
  /** Bytes that one statement may have at most, values included, where the server says. */
  readonly maxStatementBytes?: number
  /** DDL takes part in transactions. */
  readonly transactionalDdl: boolean
  /** Several statements can run at the same time. */
  readonly concurrentReads: boolean
  /** Two transactions can write at the same time (otherwise writers queue). */
  readonly concurrentWrites: boolean
  /** `serializable` whatever is asked for. */
  readonly alwaysSerializable: boolean
  /** Nearness is computed by the database; otherwise by an index in this process. */
  readonly vectorSearch: boolean
  /** A second handle on the same database sees the same data. */
  readonly shareable: boolean
}

/** Between the one TypeScript form of a value and what the driver takes and gives. Null never gets here. */
export interface Codecs {
  /** Null when the value goes as it is. */
  encode(column: ColumnInfo): ((value: unknown) => unknown) | null
  decode(column: ColumnInfo): ((value: unknown) => unknown) | null
  /** One parameter that holds a whole list. */
  encodeList(column: ColumnInfo, json: boolean): (values: unknown) => unknown
  /** One parameter for `like`, `ilike`, `contains`, `startsWith`, `endsWith`. */
  encodePattern(op: MatchOp): ((value: unknown) => unknown) | null
}

/** A value that is bound when the statement runs. */
export type Bound = SQL

/** Everything in which the SQL of the databases differs. `expr` is always already qualified and quoted. */
export interface Fragments {
  /** A column or operand as it is ordered (not for equality): text by code point, enums by declaration. */
  comparable(expr: SQL, column: ColumnInfo): SQL
  /** A column as it is compared for equality, where its stored form is finer than what callers are given. */
  equatable?(expr: SQL, column: ColumnInfo): SQL
  /** The stored value as it is fetched; `distinct` where DISTINCT may order by nothing but what it fetches. */
  fetch(expr: SQL, column: ColumnInfo, distinct?: boolean): SQL
  /** The bound value as it is stored. */
  store(value: Bound, column: ColumnInfo): SQL
  /** The bound value as it is compared with the column. */
  operand(value: Bound, column: ColumnInfo): SQL
  inList(expr: SQL, list: Bound, column: ColumnInfo): SQL
  match(expr: SQL, op: MatchOp, pattern: Bound): SQL
  /** Not equal, null counting as a value. */
  distinct(expr: SQL, value: SQL): SQL
  orderBy(expr: SQL, term: OrderTerm): SQL
  limit(limit: Bound | null, offset: Bound | null): SQL
  /** Suffix of a select that locks its rows for this transaction. */
  readonly lock: SQL
  readonly json: JsonFragments
  /** `col = <this>` counts up; for engines whose integers may outgrow their column. Absent: `col + value`. */
  increment?(expr: SQL, value: Bound, column: ColumnInfo): SQL
  /** `col = <this>` merges the bound document's keys over the stored ones, one level deep. */
  jsonMerge(expr: SQL, document: Bound, column: ColumnInfo): SQL
  /**
   * `insert into t (cols) values (…)` followed by this. With nothing to `update` the stored row stays as it is.
   * `touch` is the assignment that moves updated_at, where the dialect has one and the table such a column.
   */
  onConflict(table: Table, conflict: readonly SQL[], update: readonly SQL[], touch: SQL | null): SQL
  /** The next updated_at, for engines whose RETURNING does not see what triggers do. */
  touch?(updatedAt: SQL): SQL
  /** In RETURNING: whether the upserted row is new. Absent: found out by a look beforehand. */
  readonly wasInserted?: SQL
  /** Run after an insert whose `highest` number came from the caller, where the database would give it out again. */
  numberPast?(table: TableInfo, column: ColumnInfo, highest: bigint): SQL
  /** `countOver` counts all matching rows beside each row. */
  aggregate(name: Aggregate | 'countOver', expr: SQL | null): SQL
  readonly text: TextFragments
  readonly vector?: VectorFragments
  /** Absent where the database cannot hold collections of vectors. */
  readonly collections?: CollectionFragments
  /** Absent where changes of embeddings are logged from the beginning. */
  readonly vectorLog?: VectorLogFragments
}

/** Looking into a JSON document. A missing path is SQL NULL in all of these. */
export interface JsonFragments {
  /** The value at the path as a JSON document, for fetching. */
  get(expr: SQL, path: readonly PathSegment[]): SQL
  /** The value at the path as text, for grouping: strings without their quotes. */
  text(expr: SQL, path: readonly PathSegment[]): SQL
  exists(expr: SQL, path: readonly PathSegment[]): SQL
  /** Missing and JSON null alike. */
  isNull(expr: SQL, path: readonly PathSegment[]): SQL
  /** Typed: 5 is not "5". Null when the value is missing or JSON null; order between different types is null too. */
  compare(
    expr: SQL,
    path: readonly PathSegment[],
    op: CompareOp,
    value: Bound,
    scalar: 'string' | 'number' | 'boolean',
  ): SQL
  inList(expr: SQL, path: readonly PathSegment[], list: Bound, scalar: 'string' | 'number' | 'boolean'): SQL
  match(expr: SQL, path: readonly PathSegment[], op: MatchOp, pattern: Bound): SQL
  /**
   * PostgreSQL's `@>`. For engines that need it key by key, `document` shows the value's structure and `leaves` are its
   * scalars in order; of `document` itself only the structure and the types may enter the SQL, which others will share.
   */
  contains(expr: SQL, path: readonly PathSegment[], value: Bound, document: unknown, leaves: readonly Bound[]): SQL
}

/** Finding candidate rows for keyword search; core verifies and ranks them. */
export interface TextFragments {
  /**
   * A condition on the table that holds for every row with all terms, and for as few others as possible. In a
   * transaction its own uncommitted rows count, which not every full-text index sees.
   */
  candidates(table: Table, terms: readonly TextTerm[], inTransaction: boolean): SQL
}

export interface TextTerm {
  /** Look up words that start with this, or, when `substring`, rows that hold it anywhere. */
  readonly prefix: string
  readonly substring: boolean
}

export interface VectorFragments {
  /** Similarity of the column to the bound vector, in [-1, 1], and the expression to order by so that an index is used. */
  similarity(expr: SQL, column: ColumnInfo, query: Bound): SQL
  /** Holds for vectors that are not all zeros; `alone` where nothing else is asked of the rows, and an index is best. */
  hasDirection(expr: SQL, alone: boolean): SQL
  distance(expr: SQL, column: ColumnInfo, query: Bound): SQL
  /**
   * Statements to run before a search in its transaction, for instance index parameters. `alone`: nothing else is asked of
   * the rows, and nothing but searches follows in the transaction.
   */
  prepare(options: { readonly exact: boolean; readonly effort?: number; readonly alone?: boolean }): readonly SQL[]
}

/** Tables for the vector store over this database: any name, any length of vectors. */
export interface CollectionFragments {
  /** The table with a row per collection, where it is not there yet: name, dimension, metric, table_name, revision. */
  registry(name: string): readonly SQL[]
  /** The table of one collection: id, revision, metadata, content, embedding; and the index that its search wants. */
  table(name: string, dimension: number, metric: VectorMetric): readonly SQL[]
  /** What to order by, nearest first, so that the index is used. Absent: an index in this process answers. */
  distance?(embedding: SQL, query: Bound, dimension: number, metric: VectorMetric): SQL
  /** Which rows an index for this metric cannot hold, so that a search by it would miss them; null where it holds all. */
  unindexed?(embedding: SQL, metric: VectorMetric): SQL | null
}

/** Logging changes of embeddings only where somebody follows them. */
export interface VectorLogFragments {
  readonly start: readonly SQL[]
  /** Gives a row when every change is logged. */
  readonly isOn: SQL
}

/** Writes on engines without RETURNING, and upserts where the engine cannot name the key. Runs inside a transaction. */
export interface ReturningStrategy {
  /** `key` stands for the query's shape. Without `returning` there are no rows. */
  write(
    query: WriteQuery,
    values: readonly unknown[],
    run: WriteRunner,
    key: string,
  ): Promise<{ rows: unknown[][]; inserted?: boolean[] }>
}

/** What a ReturningStrategy may use: core's compiler on the open transaction. Queries of one key are compiled once. */
export interface WriteRunner {
  /** Rows come as arrays in output order. */
  select(key: string, query: () => SelectQuery, values: readonly unknown[]): Promise<unknown[][]>
  write(key: string, query: () => WriteQuery, values: readonly unknown[]): Promise<RunResult>
  /** Null instead of an expected error, of which the engine has undone the one statement: the transaction goes on. */
  tryWrite(
    key: string,
    query: () => WriteQuery,
    values: readonly unknown[],
    expected: (error: DbError) => boolean,
  ): Promise<RunResult | null>
}

// ---------------------------------------------------------------------------------------------------------------------

/** One statement with its values, ready for the driver. */
export interface Statement {
  readonly text: string
  readonly params: readonly unknown[]
  readonly write: boolean
  /** Physical names, for routing, metrics and the change feed. */
  readonly tables: readonly string[]
  /** False for statements that are not worth keeping prepared. */
  readonly prepare?: boolean
}

export interface RowsResult {
  readonly rows: unknown[][]
  readonly columns: readonly string[]
  /** Rows changed, where the driver tells. */
  readonly changes?: number
}

export interface RunResult {
  readonly changes: number
  /** The first number the database gave out for this insert, where it tells. */
  readonly firstId?: number | bigint
}

export type Isolation = 'read-committed' | 'snapshot' | 'serializable'

export interface BeginOptions {
  readonly isolation: Isolation
  readonly readOnly: boolean
  /** For engines that can stop a statement by themselves; core keeps its own clock as well. */
  readonly timeoutMs?: number
}

/** The five verbs. Errors leave as the driver made them; the executor translates. */
export interface Session {
  query(statement: Statement): Promise<RowsResult>
  run(statement: Statement): Promise<RunResult>
  /** Rows in batches, never more than a batch in memory; ending the iteration early frees the connection. */
  stream(statement: Statement, batchSize: number): AsyncIterable<unknown[][]>
  begin(options: BeginOptions): Promise<TransactionSession>
  close(): Promise<void>
}

export interface TransactionSession extends Omit<Session, 'begin' | 'close'> {
  /** Throws `commit_unknown` when the connection went away meanwhile. */
  commit(): Promise<void>
  /** Never throws; a connection that cannot roll back is discarded. */
  rollback(): Promise<void>
}

/** A Session with what belongs to the whole connection rather than to one statement. */
export interface Connection extends Session {
  readonly dialect: Dialect
  /** Found out by asking the server, once. */
  capabilities(): Promise<Capabilities>
  /** For migrations: the exclusive right to change the schema, held until `fn` ends; freed if this process dies. */
  withMigrationLock<T>(fn: (session: Session) => Promise<T>): Promise<T>
  pool(): PoolStatus
  /** How the index in this process is reached, where the dialect has no vector search of its own. */
  readonly vectors?: import('./search/vector-index.ts').VectorSearcher
}

export interface Capabilities {
  readonly product: string
  readonly version: string
  readonly transactions: boolean
  readonly returning: boolean
  readonly json: boolean
  readonly fullText: boolean
  readonly vector: { readonly native: boolean; readonly index: 'hnsw' | 'local' | 'none'; readonly version?: string }
  readonly maxParameters: number
}

export interface PoolStatus {
  readonly size: number
  readonly open: number
  readonly busy: number
  readonly waiting: number
}
