import type {
  BeginOptions,
  Capabilities,
  Connection,
  Dialect,
  PoolStatus,
  RowsResult,
  RunResult,
  Session,
  Statement,
  TransactionSession,
} from '@archon-db/core/dialect'
import { type Address, parseAddress } from './address.ts'
import { Client, type ClientOptions } from './client.ts'
import { atLeast, createDialect, SEARCH_SETTINGS, type Server } from './dialect.ts'
import { toDbError } from './errors.ts'
import type { Link } from './link.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { askServer, describeServer, type ServerFacts } from './server.ts'
import { PoolSession } from './session.ts'
import { type SslOptions, sslOf } from './ssl.ts'

export interface PostgresOptions {
  /** `postgresql://user:password@host:5432/database`; `?pgbouncer=true` for a pooler that shares connections. */
  readonly url: string
  readonly pool?: { readonly size?: number; readonly overflow?: number; readonly timeoutMs?: number }
  /** `default` leaves it to the address. */
  readonly ssl?: SslOptions
  /** What the server's list of connections shows. Default `archon-db`. */
  readonly applicationName?: string
  /** Default 10 s. */
  readonly connectTimeoutMs?: number
  /** Statements that take longer are stopped; not migrations. Default: none. */
  readonly statementTimeoutMs?: number
  /** How long a statement waits for a lock. Default: as the server says. */
  readonly lockTimeoutMs?: number
  /** How long an unused connection is kept. Default 5 minutes. */
  readonly idleTimeoutMs?: number
}

/** Beyond a statement's own time, for the answer's way. */
const GRACE_MS = 5000

/** Connects to a PostgreSQL server, straight or through a pooler, and asks it what it can do. */
export async function connectPostgres(options: PostgresOptions): Promise<Connection> {
  const address = parseAddress(options.url)
  const facts = await probe(address, options).catch((error: unknown) => {
    throw toDbError(error)
  })
  const { sessions } = facts
  const limits = timeLimits(options)
  const base = baseSettings(address, options)
  const client = clientOptions(
    address,
    options,
    sessions ? { ...base, ...searchSettings(facts), ...limits } : base,
    sessions,
  )
  const unlimited = sessions ? { ...client, settings: { ...client.settings, ...NO_LIMITS } } : client
  const isAlive = (link: Link): Promise<boolean> =>
    stillWorks(link, new Client({ ...client, connectTimeoutMs: GRACE_MS }), sessions)
  const pool = new Pool(() => new Client(client), { ...poolOptions(options), isAlive })
  const session = new PoolSession(pool, sessions ? '' : asStatements(limits))
  return new PostgresConnection(pool, session, () => new Client(unlimited), facts)
}

function poolOptions({ pool = {}, statementTimeoutMs = 0, idleTimeoutMs = 300_000 }: PostgresOptions): PoolOptions {
  const { size = 10, overflow = 0, timeoutMs = 30_000 } = pool
  const silenceMs = statementTimeoutMs === 0 ? 0 : statementTimeoutMs + GRACE_MS
  return { size, overflow, timeoutMs, idleMs: idleTimeoutMs, silenceMs }
}

/** Older versions of pgvector would refuse settings they do not know; there every search compares all vectors. */
function searchSettings({ vector }: ServerFacts): Readonly<Record<string, string>> {
  return vector === null || atLeast(vector, 8) ? SEARCH_SETTINGS : {}
}

function asStatements(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `; set local ${name} = ${value}`)
    .join('')
}

/** The watcher has a connection of its own. Who cannot reach the server at all need not wait for its answer. */
async function stillWorks({ backend }: Link, watcher: Client, sessions: boolean): Promise<boolean> {
  const text = 'select state from pg_stat_activity where pid = $1'
  try {
    const { rows } = await watcher.send({ text, params: [backend ?? 0], write: false, tables: [], prepare: false })
    // Behind a pooler the number is the pooler's own, which the server does not know.
    if (!sessions) return true
    return rows.length > 0 && !String(rows[0]?.[0]).startsWith('idle')
  } catch (error) {
    const { code } = toDbError(error)
    return code !== 'connection_failed' && code !== 'connection_lost'
  } finally {
    watcher.destroy()
  }
}

/** Migrations take the time they need. */
const NO_LIMITS = { statement_timeout: '0', lock_timeout: '0', idle_in_transaction_session_timeout: '0' }

/** A setting that no server knows and every server keeps. A pooler refuses it, or does not pass it on. */
const PROBE = 'archon.session'

async function probe(address: Address, options: PostgresOptions): Promise<ServerFacts> {
  const settings = baseSettings(address, options)
  if (address.pooled) return ask(clientOptions(address, options, settings, false))
  try {
    return await ask(clientOptions(address, options, { ...settings, [PROBE]: 'kept' }, false))
  } catch (error) {
    // PgBouncer says "unsupported startup parameter".
    if ((error as { code?: unknown }).code !== '08P01') throw error
    return ask(clientOptions(address, options, settings, false))
  }
}

async function ask(options: ClientOptions): Promise<ServerFacts> {
  const client = new Client(options)
  try {
    return await askServer(client)
  } finally {
    client.end().catch(() => client.destroy())
  }
}

/** Settings that poolers pass on as well. */
function baseSettings(address: Address, { applicationName = 'archon-db' }: PostgresOptions): Record<string, string> {
  return { application_name: applicationName, TimeZone: 'UTC', DateStyle: 'ISO', ...address.settings }
}

function timeLimits({ statementTimeoutMs, lockTimeoutMs }: PostgresOptions): Record<string, string> {
  return {
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: String(statementTimeoutMs) }),
    ...(lockTimeoutMs === undefined ? {} : { lock_timeout: String(lockTimeoutMs) }),
  }
}

function clientOptions(
  address: Address,
  options: PostgresOptions,
  settings: Record<string, string>,
  prepare: boolean,
): ClientOptions {
  return {
    address,
    ssl: sslOf(address.sslmode, options.ssl),
    settings,
    prepare,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
  }
}

/** Any number, as long as all migrators choose the same one; the server tells databases apart by itself. */
const MIGRATION_LOCK = '4242917705301867'

class PostgresConnection implements Connection {
  readonly dialect: Dialect
  readonly #pool: Pool
  readonly #session: PoolSession
  readonly #open: () => Client
  #server: Server
  readonly #facts: ServerFacts

  constructor(pool: Pool, session: PoolSession, open: () => Client, facts: ServerFacts) {
    this.#pool = pool
    this.#session = session
    this.#open = open
    this.#facts = facts
    this.#server = facts
    this.dialect = createDialect(() => this.#server)
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#session.query(statement)
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#session.run(statement)
  }

  stream(statement: Statement, batchSize: number): AsyncIterable<unknown[][]> {
    return this.#session.stream(statement, batchSize)
  }

  begin(options: BeginOptions): Promise<TransactionSession> {
    return this.#session.begin(options)
  }

  async capabilities(): Promise<Capabilities> {
    return describeServer('PostgreSQL', this.#facts.version, this.#server)
  }

  /**
   * The lock is a transaction's, on a connection that does nothing else: so it holds through a pooler too, leaves the
   * migrations transactions of their own, and is freed when this process dies.
   */
  async withMigrationLock<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    const holder = this.#open()
    const pool = new Pool(this.#open, { size: 1, overflow: 1, timeoutMs: 60_000, idleMs: 60_000, silenceMs: 0 })
    try {
      await holder.command(
        `begin; set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0`,
      )
      await holder.command(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
      const result = await fn(new PoolSession(pool))
      await holder.command('commit')
      return result
    } finally {
      holder.destroy()
      await pool.close(0)
      await this.#askAgain()
    }
  }

  /** Migrations may have found an extension, or installed it. */
  async #askAgain(): Promise<void> {
    const { sessions } = this.#server
    const server = await askServer(this.#session).catch(() => this.#server)
    this.#server = { ...server, sessions }
  }

  pool(): PoolStatus {
    return this.#pool.status
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
