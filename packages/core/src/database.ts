import type { DataAccess } from './data-access.ts'
import type { Capabilities, Connection, PoolStatus } from './dialect.ts'
import type { DbError } from './errors.ts'
import { Executor, type Shared } from './executor.ts'
import { Handle } from './handle.ts'
import type { MigrateOptions, MigrateResult } from './migrator/migrate.ts'
import { Migrations } from './migrator/migrations.ts'
import { QueryEvents, type QueryListener } from './observe/events.ts'
import { PlanCache } from './query/plan.ts'
import type { VectorSearcher } from './search/vector-index.ts'

/** What a caller holds: `DataAccess` and the life of the connection. */
export interface Database extends DataAccess {
  readonly capabilities: Capabilities
  readonly migrations: Migrations
  /** Brings the schema up to date; at once when it is. */
  migrate(options?: MigrateOptions): Promise<MigrateResult>
  health(): Promise<Health>
  /** Called for every statement; returns the function that ends it. */
  onQuery(listener: QueryListener): () => void
  /** Lets running calls finish, then frees everything. Safe to call twice. */
  close(): Promise<void>
}

export interface Health {
  readonly status: 'up' | 'down'
  readonly latencyMs: number
  readonly server: { readonly product: string; readonly version: string }
  readonly pool: PoolStatus
  readonly replicas: readonly never[]
  readonly migrations: { readonly applied: number; readonly pending: number } | null
  /** What is wrong, when it is down. */
  readonly error?: DbError
}

export interface OpenOptions {
  /** False refuses search by nearness; search by words goes on. Default true. */
  readonly vectorSearch?: boolean
  /** A store outside the database that follows its tables: it is asked in place of what the connection has. */
  readonly vectors?: VectorSearcher
}

/** Makes the one Database implementation over a connection. Asks the server what it can do. */
export async function openDatabase(connection: Connection, options: OpenOptions = {}): Promise<Database> {
  const capabilities = await connection.capabilities()
  return new SqlDatabase(connection, capabilities, options)
}

class SqlDatabase extends Handle implements Database {
  readonly capabilities: Capabilities
  readonly migrations: Migrations
  readonly #connection: Connection
  #closing: Promise<void> | null = null

  constructor(connection: Connection, capabilities: Capabilities, { vectorSearch = true, vectors }: OpenOptions) {
    const shared: Shared = {
      connection,
      dialect: connection.dialect,
      plans: new PlanCache(),
      events: new QueryEvents(),
      closed: false,
      vectorSearch,
      outside: vectors,
    }
    super(new Executor(shared))
    this.#connection = connection
    this.capabilities = capabilities
    this.migrations = new Migrations(connection, shared)
  }

  migrate(options?: MigrateOptions): Promise<MigrateResult> {
    return this.migrations.migrate(options)
  }

  onQuery(listener: QueryListener): () => void {
    return this.executor.shared.events.on(listener)
  }

  async health(): Promise<Health> {
    const { product, version } = this.capabilities
    const started = performance.now()
    const about = { server: { product, version }, replicas: [] as const }
    try {
      await this.executor.query({ text: 'select 1', params: [], write: false, tables: [] })
      const latencyMs = performance.now() - started
      const { applied, pending } = await this.migrations.status()
      return {
        status: 'up',
        latencyMs,
        ...about,
        pool: this.#connection.pool(),
        migrations: { applied: applied.length, pending: pending.length },
      }
    } catch (error) {
      const failure = this.executor.shared.dialect.toDbError(error)
      return {
        status: 'down',
        latencyMs: performance.now() - started,
        ...about,
        pool: this.#connection.pool(),
        migrations: null,
        error: failure,
      }
    }
  }

  close(): Promise<void> {
    this.executor.shared.closed = true
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    await this.executor.shared.outside?.close()
    await this.#connection.close()
  }
}
