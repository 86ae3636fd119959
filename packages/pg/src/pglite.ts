import { mkdir, open, readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
} from '@archon-db/core/dialect'
import type { Extensions, PGlite } from '@electric-sql/pglite'
import type { Answer } from './answer.ts'
import { createDialect, SEARCH_SETTINGS } from './dialect.ts'
import { toDbError } from './errors.ts'
import { beginText, type Link } from './link.ts'
import { extendedQuery, readAnswer, simpleQuery } from './messages.ts'
import { Pool } from './pool.ts'
import { askServer, describeServer, type ServerFacts } from './server.ts'
import { PoolSession, PoolTransaction } from './session.ts'

export interface PgliteOptions {
  /** The folder the data is in, as a path, `pglite:folder` or `file:` URL. In memory when absent. */
  readonly path?: string | null
  /** How long a call waits for its turn; the first handle on a folder says. Default 30 s. */
  readonly timeoutMs?: number
  /** A database in memory begins as a copy of this, made by PGlite's `dumpDataDir`. */
  readonly loadDataDir?: Blob
  /** False leaves pgvector out: vectors are then arrays, compared one by one in the application. */
  readonly vector?: boolean
}

/** Opens PostgreSQL inside this process. There is one connection, and callers take turns; handles on one folder share it. */
export async function connectPglite(options: PgliteOptions = {}): Promise<Connection> {
  const shared = await share(options).catch((error: unknown) => {
    throw error instanceof DbError ? error : cannotOpen(error)
  })
  try {
    const facts = await askServer(shared.link)
    return new PgliteConnection(shared, { ...facts, sessions: true })
  } catch (error) {
    await shared.leave()
    throw toDbError(error)
  }
}

interface Shared {
  readonly link: PgliteLink
  readonly inMemory: boolean
  /** The last one to leave closes it. */
  leave(): Promise<void>
}

/** By folder. PGlite itself would open a folder twice and destroy it. */
const opened = new Map<string, { users: number; readonly opening: Promise<PgliteLink> }>()

async function share({ path, loadDataDir, vector = true, timeoutMs = 30_000 }: PgliteOptions): Promise<Shared> {
  if (path === undefined || path === null) {
    const link = new PgliteLink(await create({ ...(loadDataDir ? { loadDataDir } : {}) }, vector), timeoutMs)
    return { link, inMemory: true, leave: () => link.close() }
  }
  const folder = await folderOf(path)
  const known = opened.get(folder) ?? { users: 0, opening: openFolder(folder, vector, timeoutMs) }
  known.users++
  opened.set(folder, known)
  const leave = async (): Promise<void> => {
    if (--known.users > 0) return
    opened.delete(folder)
    await (await known.opening).close()
  }
  try {
    return { link: await known.opening, inMemory: false, leave }
  } catch (error) {
    opened.delete(folder)
    throw error
  }
}

async function folderOf(path: string): Promise<string> {
  const plain = path.startsWith('file:') ? fileURLToPath(path) : path.replace(/^pglite:(?:\/\/)?/, '')
  await mkdir(plain, { recursive: true })
  return realpath(plain)
}

async function openFolder(folder: string, vector: boolean, timeoutMs: number): Promise<PgliteLink> {
  const unlock = await lockFolder(folder)
  try {
    return new PgliteLink(await create({ dataDir: join(folder, 'data') }, vector), timeoutMs, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

/** Names the process that has the folder, so that another one keeps out and a dead one's claim is void. */
async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'archon-db.pid')
  const claim = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  if (!claim) {
    const owner = Number(await readFile(file, 'utf8'))
    if (owner !== process.pid && isAlive(owner))
      throw new DbError(
        'connection_failed',
        `Process ${owner} has this PGlite folder open, and PGlite serves one process only. Stop that process, or use another folder.`,
      )
    await rm(file, { force: true })
    return lockFolder(folder)
  }
  await claim.writeFile(String(process.pid))
  await claim.close()
  return () => rm(file, { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function create(options: { dataDir?: string; loadDataDir?: Blob }, vector: boolean): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite').catch((cause: unknown) => {
    throw new DbError('unsupported', 'PGlite is not installed. Add the package @electric-sql/pglite.', { cause })
  })
  const db = await PGlite.create({ ...options, extensions: await extensions(vector) })
  const settings = { ...SEARCH_SETTINGS, TimeZone: 'UTC' }
  for (const [name, value] of Object.entries(settings))
    await db.query('select set_config($1, $2, false)', [name, value])
  return db
}

/** Packages of their own; without the first, vectors are compared in the application. */
async function extensions(wanted: boolean): Promise<Extensions> {
  const vector = !wanted
    ? {}
    : await import('@electric-sql/pglite-pgvector').then((found) => ({ vector: found.vector })).catch(() => ({}))
  const { pg_trgm } = await import('@electric-sql/pglite/contrib/pg_trgm')
  return { ...vector, pg_trgm } as Extensions
}

function cannotOpen(cause: unknown): DbError {
  return new DbError(
    'connection_failed',
    'The PGlite database cannot be opened. Check that its folder can be written, and that no other version of PGlite made it.',
    { cause },
  )
}

/** PGlite as a connection. It works in this thread, so there is nothing to cancel and nothing to lose. */
class PgliteLink implements Link {
  readonly #db: PGlite
  readonly #unlock: () => Promise<void>
  readonly gone = false
  readonly created: number = Number.POSITIVE_INFINITY
  readonly backend = undefined
  readonly proven = true
  pending = 0
  since = 0
  onGone: (() => void) | undefined
  reads = 0
  /** One after another, whichever handle they come from. */
  readonly pool: Pool

  constructor(db: PGlite, timeoutMs: number, unlock: () => Promise<void> = async () => {}) {
    this.#db = db
    this.#unlock = unlock
    this.pool = new Pool(() => this, {
      size: 1,
      overflow: 0,
      timeoutMs,
      idleMs: Number.POSITIVE_INFINITY,
      silenceMs: 0,
    })
  }

  start(statement: Statement, done: (answer: Answer) => void, failed: (error: unknown) => void): void {
    this.send(statement).then(done, failed)
  }

  send({ text, params, prepare }: Statement): Promise<Answer> {
    return prepare === false && params.length === 0 ? this.command(text) : this.#exchange(extendedQuery(text, params))
  }

  command(text: string): Promise<Answer> {
    return this.#exchange(simpleQuery(text))
  }

  async #exchange(request: Uint8Array): Promise<Answer> {
    this.pending++
    try {
      // Its call that gives an answer as a whole also reads it by itself, and keeps all rows of all answers.
      const parts: Buffer[] = []
      await this.#db.execProtocolRawStream(request, { onRawData: (part) => parts.push(Buffer.from(part)) })
      return readAnswer(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts))
    } finally {
      this.pending--
    }
  }

  async *cursor(statement: Statement, size: number): AsyncGenerator<unknown[][]> {
    await this.command('begin')
    try {
      yield* new PoolTransaction(this, () => {}).stream(statement, size)
    } finally {
      await this.command('rollback')
    }
  }

  cancel(): void {}

  destroy(): void {}

  async end(): Promise<void> {}

  async close(): Promise<void> {
    await this.pool.close(0)
    await this.#db.close()
    await this.#unlock()
  }
}

/** The only connection, for one run of the migrator. */
class OwnSession implements Session {
  readonly #link: Link

  constructor(link: Link) {
    this.#link = link
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#link.send(statement)
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#link.send(statement)
  }

  stream(statement: Statement, batchSize: number): AsyncIterable<unknown[][]> {
    return this.#link.cursor(statement, batchSize)
  }

  async begin(options: BeginOptions): Promise<TransactionSession> {
    await this.#link.command(beginText(options))
    return new PoolTransaction(this.#link, () => {})
  }

  async close(): Promise<void> {}
}

class PgliteConnection implements Connection {
  readonly dialect: Dialect
  readonly #shared: Shared
  readonly #session: PoolSession
  #facts: ServerFacts
  #closed = false

  constructor(shared: Shared, facts: ServerFacts) {
    this.#shared = shared
    this.#facts = facts
    this.#session = new PoolSession(shared.link.pool)
    const dialect = createDialect(() => this.#facts)
    const one = {
      concurrentReads: false,
      concurrentWrites: false,
      alwaysSerializable: true,
      shareable: !shared.inMemory,
    }
    this.dialect = { ...dialect, fragments: dialect.fragments, traits: { ...dialect.traits, ...one } }
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
    return describeServer('PostgreSQL (PGlite)', this.#facts.version, this.#facts)
  }

  /** Nobody else gets a turn until it is over, and no other process has the folder. */
  async withMigrationLock<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    const { link } = this.#shared
    await link.pool.acquire()
    try {
      return await fn(new OwnSession(link))
    } finally {
      this.#facts = {
        ...(await askServer(link).catch(() => this.#facts)),
        sessions: true,
      }
      link.pool.release(link)
    }
  }

  pool(): PoolStatus {
    return this.#shared.link.pool.status
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const { pool } = this.#shared.link
    pool.release(await pool.acquire())
    await this.#shared.leave()
  }
}
