import { constants, statSync } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
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
  type VectorSearcher,
} from '@archon-db/core/dialect'
import { readCapabilities } from './capabilities.ts'
import { dialect } from './dialect.ts'
import { toDbError } from './errors.ts'
import { Link } from './link.ts'
import type { SqliteOptions } from './options.ts'
import { SavepointSession } from './savepoints.ts'
import { LocalSession, retryBusy } from './session.ts'
import { vectorsOf } from './vectors.ts'
import { shareLock, WriteLock } from './write-lock.ts'

const DEFAULT_LOCK_TIMEOUT_MS = 5000

/** Opens a database file (creating it when absent), a database in memory, or a connection to a libSQL server. */
export async function connectSqlite(options: SqliteOptions): Promise<Connection> {
  const { url, lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS } = options
  if (/^(?:libsql|https?|wss?):/i.test(url)) {
    const { connectRemote } = await import('./remote.ts')
    return connectRemote(options, lockTimeoutMs)
  }
  try {
    return url === ':memory:' || url === 'file::memory:'
      ? openMemory(options, lockTimeoutMs)
      : await openFile(pathOf(url), options, lockTimeoutMs)
  } catch (error) {
    throw toDbError(error)
  }
}

function pathOf(url: string): string {
  if (url.startsWith('file://')) return fileURLToPath(url)
  const path = url.startsWith('file:') ? url.slice('file:'.length) : url
  if (path === '')
    throw new DbError('invalid_input', 'The SQLite URL names no file. Write file:./archon.db, a path, or :memory:.')
  return resolve(path)
}

function openMemory({ vectors }: SqliteOptions, lockTimeoutMs: number): Connection {
  const link = new Link(':memory:')
  prepareLink(link)
  const lock = new WriteLock()
  return new LocalConnection({
    session: new LocalSession(link, link, null, { lock, lockTimeoutMs }),
    lock,
    dialect: { ...dialect, traits: { ...dialect.traits, concurrentReads: false, shareable: false } },
    leave: () => {},
    vectors: (connection) => vectorsOf(connection, null, vectors),
  })
}

async function openFile(path: string, { vectors }: SqliteOptions, lockTimeoutMs: number): Promise<Connection> {
  await checkPath(path)
  const writer = new Link(path)
  try {
    await retryBusy(() => writer.exec('pragma journal_mode = wal'), lockTimeoutMs)
    prepareLink(writer)
    // One lock per file, whatever the path that led to it.
    const file = await realpath(path)
    const { ino } = await stat(file)
    const open = (): Link => openReader(file, ino)
    const reader = open()
    const { lock, leave } = shareLock(file)
    const session = new LocalSession(writer, reader, open, { lock, lockTimeoutMs })
    return new LocalConnection({
      session,
      lock,
      dialect,
      leave,
      vectors: (connection) => vectorsOf(connection, file, vectors),
    })
  } catch (error) {
    writer.close()
    throw error
  }
}

/** `ino` tells the file that was opened first from another one that took its place since. */
function openReader(path: string, ino: number): Link {
  if (statSync(path, { throwIfNoEntry: false })?.ino !== ino)
    throw new DbError(
      'connection_failed',
      'The database file was moved, deleted or replaced while it was open. Close this handle and connect again.',
    )
  const link = new Link(path)
  prepareLink(link)
  link.readOnly(true)
  return link
}

/** Per connection: in WAL mode NORMAL loses no committed transaction when this process dies, and the cache serves scans. */
function prepareLink(link: Link): void {
  link.exec(
    'pragma synchronous = normal; pragma foreign_keys = on; pragma cache_size = -16000; pragma recursive_triggers = off',
  )
}

/** The driver says "unable to open" for all of these; people need to know which. */
async function checkPath(path: string): Promise<void> {
  const folder = dirname(path)
  const known = await stat(path).catch(() => undefined)
  if (known?.isDirectory())
    throw unusable(
      `${basename(path)} is a folder; the URL must name a file, for example ${join(basename(path), 'archon.db')}`,
    )
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw unusable('the folder it should be in does not exist. Create the folder first')
  await access(known ? path : folder, constants.R_OK | constants.W_OK).catch(() => {
    throw new DbError(
      'permission_denied',
      `The database file cannot be ${known ? 'read and written' : 'created'} by this user. Check the permissions of ${known ? 'the file' : 'its folder'}.`,
    )
  })
  await access(folder, constants.W_OK).catch(() => {
    throw new DbError(
      'permission_denied',
      'SQLite needs to create files beside the database, and its folder cannot be written by this user. Check the permissions.',
    )
  })
}

function unusable(why: string): DbError {
  return new DbError('connection_failed', `The database file cannot be opened: ${why}.`)
}

interface LocalParts {
  readonly session: LocalSession
  readonly lock: WriteLock
  readonly dialect: Dialect
  readonly leave: () => void
  readonly vectors: (connection: Connection) => VectorSearcher
}

class LocalConnection implements Connection {
  readonly dialect: Dialect
  readonly vectors: VectorSearcher
  readonly #session: LocalSession
  readonly #lock: WriteLock
  readonly #leave: () => void
  #capabilities: Promise<Capabilities> | undefined

  constructor({ session, lock, dialect, leave, vectors }: LocalParts) {
    this.#session = session
    this.#lock = lock
    this.dialect = dialect
    this.#leave = leave
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

  capabilities(): Promise<Capabilities> {
    this.#capabilities ??= readCapabilities(this, 'local')
    return this.#capabilities
  }

  /** One write transaction around the whole run: nobody else writes meanwhile, and a crash frees the lock. */
  async withMigrationLock<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    const transaction = await this.#session.beginUnconstrained()
    try {
      return await fn(new SavepointSession(transaction))
    } finally {
      // What finished stays, also when a later step failed; the failed step has undone itself.
      await commitChecked(transaction)
    }
  }

  pool(): PoolStatus {
    const { open, busy } = this.#session
    return { size: open, open, busy, waiting: this.#lock.waiting }
  }

  async close(): Promise<void> {
    await this.vectors.close()
    await this.#session.close()
    this.#leave()
  }
}

/** Foreign keys were not in force meanwhile, so they are looked at before anything is kept. */
async function commitChecked(transaction: TransactionSession): Promise<void> {
  const check = {
    text: 'select "table", parent from pragma_foreign_key_check limit 1',
    params: [],
    write: false,
    tables: [],
    prepare: false,
  }
  const { rows } = await transaction.query(check)
  const [broken] = rows
  if (!broken) return transaction.commit()
  await transaction.rollback()
  const [table, parent] = broken.map(String)
  throw new DbError(
    'foreign_key_violation',
    `These migrations leave rows of ${table} without the rows of ${parent} that they reference, so all of them were rolled back. Delete or mend such rows in the migration.`,
    { table },
  )
}
