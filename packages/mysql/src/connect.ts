import {
  type BeginOptions,
  type Capabilities,
  type Connection,
  DbError,
  type Dialect,
  type PoolStatus,
  type RowsResult,
  type RunResult,
  type Session,
  type Statement,
  type TransactionSession,
  type VectorSearcher,
} from '@archon-db/core/dialect'
import type { FollowOptions } from '@archon-db/vector/local'
import { type Address, parseAddress } from './address.ts'
import { Client, type ClientOptions } from './client.ts'
import { createDialect } from './dialect.ts'
import { toDbError } from './errors.ts'
import { lockMigrations, MigrationSession } from './migrating.ts'
import { Pool } from './pool.ts'
import { askServer, describeServer, type ServerFacts } from './server.ts'
import { PoolSession, type SessionOptions } from './session.ts'
import { vectorsOf } from './vectors.ts'

export interface MysqlOptions {
  /** `mysql://user:password@host:3306/database`; `?socketPath=…` for a socket of this machine, `?ssl-mode=REQUIRED` for TLS. */
  readonly url: string
  readonly pool?: { readonly size?: number; readonly overflow?: number; readonly timeoutMs?: number }
  /** `default` leaves it to the address. */
  readonly ssl?: { readonly mode: 'default' | 'off' | 'on'; readonly verify: boolean; readonly ca?: string }
  /** Default 10 s. */
  readonly connectTimeoutMs?: number
  /** Statements that take longer are stopped (MySQL: reading ones); not migrations. Default: none. */
  readonly statementTimeoutMs?: number
  /** How long a statement waits for a lock, in whole seconds at least. Default: as the server says. */
  readonly lockTimeoutMs?: number
  /** How long an unused connection is kept. Default 5 minutes. */
  readonly idleTimeoutMs?: number
  /** About the index that vector searches use. With a `folder` it is kept there, and a restart need not read the tables. */
  readonly vectors?: FollowOptions
}

/** How long stopping a statement may take. */
const KILL_MS = 3000
/** Beyond a statement's own time, for the answer's way. */
const GRACE_MS = 5000

/** Connects to a MySQL or MariaDB server and asks it what it is. */
export async function connectMysql(options: MysqlOptions): Promise<Connection> {
  const address = parseAddress(options.url)
  const base = clientOptions(address, options)
  const facts = await ask(base).catch((error: unknown) => {
    throw atConnecting(error)
  })
  const client: ClientOptions = { ...base, maxPacket: facts.maxPacket, setup: setupTexts(options, facts) }
  const { size = 10, overflow = 0, timeoutMs = 30_000 } = options.pool ?? {}
  const { statementTimeoutMs = 0, idleTimeoutMs = 300_000 } = options
  const silenceMs = statementTimeoutMs === 0 ? 0 : statementTimeoutMs + GRACE_MS
  const watcher = (): Client => new Client({ ...base, connectTimeoutMs: GRACE_MS })
  const isAlive = (silent: Client): Promise<boolean> => stillWorks(silent, watcher())
  const abandon = ({ id }: Client): void => void sayOnce(watcher(), `kill ${id}`)
  const limits = { size, overflow, timeoutMs, idleMs: idleTimeoutMs, silenceMs, isAlive, abandon }
  const pool = new Pool(() => new Client(client), limits)
  const unlimited = { ...client, setup: setupTexts({}, facts) }
  return new MysqlConnection(
    pool,
    () => new Client(unlimited),
    facts,
    (connection) => vectorsOf(connection, address, options.vectors),
  )
}

function clientOptions(address: Address, options: MysqlOptions): ClientOptions {
  const { connectTimeoutMs = 10_000 } = options
  return { address, ssl: sslOf(address, options.ssl), connectTimeoutMs, setup: [], maxPacket: Number.POSITIVE_INFINITY }
}

function sslOf(
  { sslMode }: Address,
  { mode, verify, ca }: NonNullable<MysqlOptions['ssl']> = { mode: 'default', verify: true },
): ClientOptions['ssl'] {
  const trusted = ca === undefined ? {} : { ca }
  if (mode === 'off') return null
  if (mode === 'on') return { rejectUnauthorized: verify, verifyIdentity: verify, ...trusted }
  if (sslMode === undefined || sslMode === 'DISABLED' || sslMode === 'PREFERRED') return null
  if (sslMode === 'REQUIRED') return { rejectUnauthorized: false }
  return { rejectUnauthorized: true, verifyIdentity: sslMode === 'VERIFY_IDENTITY' }
}

async function ask(options: ClientOptions): Promise<ServerFacts> {
  const client = new Client(options)
  try {
    return await askServer(client)
  } finally {
    client.destroy()
  }
}

/** The watcher has a connection of its own. Who cannot reach the server at all need not wait for its answer. */
async function stillWorks({ id }: Client, watcher: Client): Promise<boolean> {
  const timer = setTimeout(() => watcher.destroy(), GRACE_MS)
  try {
    const { rows } = await watcher.command(`select command from information_schema.processlist where id = ${id}`)
    return rows.length > 0 && rows[0]?.[0] !== 'Sleep'
  } catch (error) {
    const { code } = toDbError(error)
    return code !== 'connection_failed' && code !== 'connection_lost'
  } finally {
    clearTimeout(timer)
    watcher.destroy()
  }
}

/** On a connection made for it. Whether it was of use is not asked. */
async function sayOnce(client: Client, text: string): Promise<void> {
  const timer = setTimeout(() => client.destroy(), KILL_MS)
  await client.command(text).catch(() => {})
  clearTimeout(timer)
  client.destroy()
}

/** A connection that breaks before it stood never took a statement. */
function atConnecting(error: unknown): DbError {
  const found = toDbError(error)
  if (found.code !== 'connection_lost') return found
  return new DbError(
    'connection_failed',
    'The server closed the connection while it was being made. Check that it runs, and its log.',
    { cause: error },
  )
}

/** Without ONLY_FULL_GROUP_BY: a path into JSON is grouped by its text and fetched as JSON. */
const SQL_MODE =
  'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO'
/** At least fifteen keys are sorted at a time, and texts make long ones; memory is taken as it is needed. */
const SORT_BUFFER = 16 * 2 ** 20
/** MariaDB would order texts by their first 1024 bytes alone. */
const SORT_LENGTH = 64 * 2 ** 10

/** What every connection is set to, whatever the server's defaults are. */
function setupTexts({ lockTimeoutMs, statementTimeoutMs }: Omit<MysqlOptions, 'url'>, facts: ServerFacts): string[] {
  const isMysql = facts.flavour.product === 'MySQL'
  const timeout = statementTimeoutMs ?? 0
  const variables = {
    sql_mode: `'${SQL_MODE}'`,
    time_zone: "'+00:00'",
    autocommit: '1',
    foreign_key_checks: '1',
    unique_checks: '1',
    sort_buffer_size: SORT_BUFFER,
    ...(isMysql
      ? { max_execution_time: timeout }
      : { max_statement_time: timeout / 1000, max_sort_length: SORT_LENGTH }),
    ...(lockTimeoutMs === undefined ? {} : { innodb_lock_wait_timeout: Math.max(1, Math.ceil(lockTimeoutMs / 1000)) }),
  }
  const settings = Object.entries(variables).map(([name, value]) => `session ${name} = ${value}`)
  return [
    `set names utf8mb4 collate utf8mb4_bin, ${settings.join(', ')}`,
    'set session transaction isolation level read committed',
  ]
}

class MysqlConnection implements Connection {
  readonly dialect: Dialect
  readonly vectors: VectorSearcher
  readonly #pool: Pool
  readonly #session: PoolSession
  readonly #options: SessionOptions
  readonly #open: () => Client
  readonly #facts: ServerFacts

  constructor(pool: Pool, open: () => Client, facts: ServerFacts, vectors: (connection: Connection) => VectorSearcher) {
    this.#pool = pool
    this.#open = open
    this.#facts = facts
    this.#options = { kill: (client) => this.#kill(client), startsFullText: facts.flavour.startsFullText }
    this.#session = new PoolSession(pool, this.#options)
    this.dialect = createDialect(facts)
    this.vectors = vectors(this)
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
    return describeServer(this.#facts)
  }

  /** The lock belongs to one connection, on which the migrations run too: it is freed when this process dies. */
  async withMigrationLock<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    const client = this.#open()
    try {
      await lockMigrations(client)
      return await fn(new MigrationSession(client, this.#facts.flavour, this.#options))
    } finally {
      await client.end()
    }
  }

  #kill(client: Client): Promise<void> {
    return sayOnce(this.#open(), `kill query ${client.id}`)
  }

  pool(): PoolStatus {
    return this.#pool.status
  }

  async close(): Promise<void> {
    await this.vectors.close()
    await this.#session.close()
  }
}
