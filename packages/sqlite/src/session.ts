import { setTimeout as sleep } from 'node:timers/promises'
import {
  type BeginOptions,
  DbError,
  type RowsResult,
  type RunResult,
  type Session,
  type Statement,
  type TransactionSession,
} from '@archon-db/core/dialect'
import { isBusy, isReadOnly, type Link } from './link.ts'
import type { WriteLock } from './write-lock.ts'

/** Opens further connections to the same database; null where there can be only one (`:memory:`). */
export type OpenLink = (() => Link) | null

export interface SessionOptions {
  readonly lock: WriteLock
  readonly lockTimeoutMs: number
}

const MAX_IDLE_READERS = 8

/**
 * The five verbs over one database file. Writers take turns; readers never wait for them: they see the last commit on
 * connections of their own. In memory there is one connection, so there everything takes turns.
 */
export class LocalSession implements Session {
  readonly #writer: Link
  readonly #reader: Link
  readonly #openLink: OpenLink
  readonly #options: SessionOptions
  readonly #idle: Link[] = []
  readonly #busy = new Set<Link>()
  #closed = false

  constructor(writer: Link, reader: Link, openLink: OpenLink, options: SessionOptions) {
    this.#writer = writer
    this.#reader = reader
    this.#openLink = openLink
    this.#options = options
  }

  get busy(): number {
    return this.#busy.size + (this.#options.lock.held ? 1 : 0)
  }

  get open(): number {
    return (this.#openLink ? 2 : 1) + this.#idle.length + this.#busy.size
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#once(statement, (link) => link.query(statement))
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#once(statement, (link) => link.run(statement))
  }

  async #once<T>(statement: Statement, work: (link: Link) => T): Promise<T> {
    if (this.#openLink && !statement.write) return this.#read(work)
    return this.#write(work)
  }

  #read<T>(work: (link: Link) => T): T | Promise<T> {
    if (this.#closed) throw closedError()
    try {
      return work(this.#reader)
    } catch (error) {
      if (isBusy(error)) return retryBusy(() => work(this.#reader), this.#options.lockTimeoutMs)
      // It was taken for a read and is none. Nothing has happened yet.
      if (isReadOnly(error)) return this.#write(work)
      throw error
    }
  }

  async #write<T>(work: (link: Link) => T): Promise<T> {
    const release = await this.#turn()
    try {
      return await retryBusy(() => work(this.#writer), this.#options.lockTimeoutMs)
    } finally {
      release()
    }
  }

  async #turn(): Promise<() => void> {
    const { lock, lockTimeoutMs } = this.#options
    const release = lock.tryAcquire() ?? (await lock.acquire(lockTimeoutMs))
    if (!this.#closed) return release
    release()
    throw closedError()
  }

  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    const release = await this.#borrow()
    try {
      yield* release.link.batches(statement, batchSize)
    } finally {
      release.done()
    }
  }

  /** A connection for as long as it takes: one of its own, or the only one. */
  async #borrow(): Promise<{ link: Link; done: () => void }> {
    if (!this.#openLink) return { link: this.#writer, done: await this.#turn() }
    if (this.#closed) throw closedError()
    const link = this.#idle.pop() ?? this.#openLink()
    this.#busy.add(link)
    return { link, done: () => this.#giveBack(link) }
  }

  #giveBack(link: Link): void {
    this.#busy.delete(link)
    if (this.#closed || this.#idle.length >= MAX_IDLE_READERS || link.inTransaction) link.close()
    else this.#idle.push(link)
  }

  async begin({ readOnly }: BeginOptions): Promise<TransactionSession> {
    if (readOnly && this.#openLink) {
      const { link, done } = await this.#borrow()
      return start(link, 'begin', done, this.#options.lockTimeoutMs)
    }
    const release = await this.#turn()
    if (!readOnly) return start(this.#writer, 'begin immediate', release, this.#options.lockTimeoutMs)
    const writer = this.#writer
    writer.readOnly(true)
    const done = (): void => {
      writer.readOnly(false)
      release()
    }
    return start(writer, 'begin', done, this.#options.lockTimeoutMs)
  }

  /**
   * A write transaction without foreign keys in force: dropping a table in order to rebuild it would delete the rows that
   * reference it. SQLite does not let a transaction switch them off for itself.
   */
  async beginUnconstrained(): Promise<TransactionSession> {
    const release = await this.#turn()
    const writer = this.#writer
    const restore = (): void => {
      if (writer.isOpen) writer.exec('pragma foreign_keys = on')
      release()
    }
    writer.exec('pragma foreign_keys = off')
    return start(this.#writer, 'begin immediate', restore, this.#options.lockTimeoutMs)
  }

  /** Waits for the transaction that is running; those still in line are told that it is over. */
  async close(): Promise<void> {
    this.#closed = true
    const release = await this.#options.lock.acquire(this.#options.lockTimeoutMs).catch(() => undefined)
    for (const link of new Set([this.#writer, this.#reader, ...this.#idle])) link.close()
    release?.()
  }
}

export function closedError(): DbError {
  return new DbError('closed', 'This database handle was closed meanwhile. Open a new one with connect().')
}

async function start(link: Link, begin: string, release: () => void, timeoutMs: number): Promise<LocalTransaction> {
  try {
    await retryBusy(() => link.exec(begin), timeoutMs)
    return new LocalTransaction(link, release)
  } catch (error) {
    release()
    throw error
  }
}

class LocalTransaction implements TransactionSession {
  readonly #link: Link
  readonly #release: () => void
  #ended = false

  constructor(link: Link, release: () => void) {
    this.#link = link
    this.#release = release
  }

  async query(statement: Statement): Promise<RowsResult> {
    return this.#work((link) => link.query(statement))
  }

  async run(statement: Statement): Promise<RunResult> {
    return this.#work((link) => link.run(statement))
  }

  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    yield* this.#work((link) => link.batches(statement, batchSize))
  }

  #work<T>(work: (link: Link) => T): T {
    this.#requireOpen()
    try {
      return work(this.#link)
    } catch (error) {
      if (!this.#link.isReadOnly || !isReadOnly(error)) throw error
      throw new DbError('invalid_input', 'This transaction is read-only. Leave out readOnly to write.', {
        cause: error,
      })
    }
  }

  /** Afterwards the connection may be in somebody else's transaction. */
  #requireOpen(): void {
    if (!this.#link.isOpen) throw closedError()
    if (this.#ended) throw new DbError('closed', 'This transaction has ended.')
  }

  async commit(): Promise<void> {
    try {
      this.#requireOpen()
      this.#ended = true
      this.#link.exec('commit')
    } catch (error) {
      this.#rollbackQuietly()
      throw error
    } finally {
      this.#release()
    }
  }

  async rollback(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#rollbackQuietly()
    this.#release()
  }

  #rollbackQuietly(): void {
    try {
      if (this.#link.inTransaction) this.#link.exec('rollback')
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }
}

/** Another process may hold the file's write lock. Waiting happens here, as the driver's own would stop the event loop. */
export async function retryBusy<T>(work: () => T | Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error
    }
    await sleep(Math.min(50, 1 + Math.random() * 2 ** Math.min(attempt, 6)))
  }
}
