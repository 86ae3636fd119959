import { setTimeout as delay } from 'node:timers/promises'
import { DbError, type VectorStore } from '@archon-db/core'
import type { VectorHit, VectorIndexStatus, VectorQuery, VectorScan, VectorSearcher } from '@archon-db/core/dialect'
import { ChangeLog } from '../local/follow/change-log.ts'
import type { LogRules } from '../local/follow/position.ts'
import { searchByScan } from '../local/follow/scan-search.ts'
import type { FollowedDatabase } from '../local/follow/statements.ts'
import { Turns } from '../local/follow/turns.ts'
import { type Embedded, embeddedColumns, OutOfStep } from './collections.ts'
import { Destination } from './destination.ts'
import { type Holder, LeaseLost, Leases } from './lease.ts'
import { type Overview, overviewOf } from './overview.ts'
import { Pump } from './pump.ts'
import { type StoreRecord, type StoreState, StoreTable } from './record.ts'
import { findNearest } from './search.ts'
import { type CopyProgress, Sender } from './sender.ts'
import { Comparison, type Difference } from './verify.ts'

export interface OutboxOptions {
  /** What the store is called in the database and in messages: `chroma`. */
  readonly name: string
  /** Called when the store is first needed, and again after it failed. */
  readonly open: () => Promise<VectorStore>
  /** How long a search waits for the store to be brought up to date before the table is searched. Default 5000. */
  readonly catchUpMs?: number
  /** After so long without a sign of life another process takes over. Default 15,000. */
  readonly leaseMs?: number
  /** How often changes that no search has asked for are sent; 0: never. Default 2000. */
  readonly pollMs?: number
  /** How long the store may take for one answer. Default 60,000. */
  readonly patienceMs?: number
  /** Where several transactions write at a time: how long after its first write one may commit. Default one hour. */
  readonly longestTransactionMs?: number
}

export interface Verification {
  /** Embeddings of the database that were looked for in the store. */
  readonly compared: number
  readonly differences: readonly Difference[]
}

/** Embeddings in a store outside the database, which stays the truth. */
export interface Outbox extends VectorSearcher {
  overview(): Promise<Overview>
  /** Sends everything anew; searches read the tables meanwhile. */
  rebuild(options?: { readonly onProgress?: (progress: CopyProgress) => void }): Promise<void>
  /** Brings the store up to date and compares every vector. */
  verify(): Promise<Verification>
}

/**
 * ```ts
 * const vectors = openOutbox(connection, { name: 'chroma', open: () => openChromaStore({ url }) })
 * const db = await openDatabase(connection, { vectors })
 * ```
 */
export function openOutbox(database: FollowedDatabase, options: OutboxOptions): Outbox {
  return new StoreOutbox(database, options)
}

const NOTHING_SENT: StoreState = { generation: '', mark: null, copying: null, held: [], dropping: [] }
/** Rows found gone by their hits, a few at a time. */
const ROUNDS = 3
/** How long to wait for somebody else's work before looking again; it grows. */
const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 1000
const LONGEST_TRANSACTION_MS = 3_600_000

class StoreOutbox implements Outbox {
  readonly #database: FollowedDatabase
  readonly #columns: readonly Embedded[]
  readonly #table: StoreTable
  readonly #leases: Leases
  readonly #destination: Destination
  readonly #log: ChangeLog
  readonly #sender: Sender
  readonly #turns: Turns<StoreState> = new Turns(() => this.#catchUp())
  readonly #pump: Pump
  readonly #catchUpMs: number
  #late = false
  #closed = false

  constructor(database: FollowedDatabase, options: OutboxOptions) {
    const { name, open, catchUpMs = 5000, leaseMs = 15_000, pollMs = 2000, patienceMs = 60_000 } = options
    const late = database.dialect.traits.concurrentWrites
    const rules: LogRules = { late, longestTransactionMs: options.longestTransactionMs ?? LONGEST_TRANSACTION_MS }
    this.#database = database
    this.#columns = embeddedColumns(database.dialect.schema.tables.values())
    this.#table = new StoreTable(database, name)
    this.#leases = new Leases(this.#table, leaseMs)
    this.#destination = new Destination(name, open, patienceMs)
    this.#log = new ChangeLog(database, rules)
    const { log, destination, columns } = { log: this.#log, destination: this.#destination, columns: this.#columns }
    this.#sender = new Sender({ database, destination, columns, log, rules })
    this.#catchUpMs = catchUpMs
    this.#pump = new Pump(pollMs, () => this.#turns.alone(() => this.#step(false)))
  }

  async search(query: VectorQuery, scan: VectorScan): Promise<VectorHit[]> {
    return await this.#told(async () => {
      const found = query.exact ? null : await this.#find(query)
      return found ?? (await searchByScan(query, scan))
    })
  }

  /** Nothing is held in this process. */
  status(): VectorIndexStatus[] {
    return []
  }

  async overview(): Promise<Overview> {
    return await this.#told(async () => {
      const [destination, log, columns] = [this.#destination, this.#log, this.#columns]
      return await overviewOf({ record: await this.#table.read(), destination, log, columns })
    })
  }

  async rebuild({ onProgress = () => {} }: { onProgress?: (progress: CopyProgress) => void } = {}): Promise<void> {
    await this.#told(() =>
      this.#turns.alone(async () => {
        this.#sender.onProgress = onProgress
        try {
          await this.#catchUp(true)
        } finally {
          this.#sender.onProgress = () => {}
        }
      }),
    )
  }

  async verify(): Promise<Verification> {
    return await this.#told(async () => {
      this.#sender.distrust()
      const first = await this.#compareAll(await this.#turns.run())
      if (first.differences.length === 0) return first
      // What changed meanwhile looked different; by now it has been sent.
      const state = await this.#turns.run()
      const differences: Difference[] = []
      for (const embedded of this.#columns) {
        const about = first.differences.filter(({ table, column }) => `${table}.${column}` === embedded.name)
        differences.push(...(await this.#comparison(state, embedded).again(about.map(({ id }) => id))))
      }
      return { compared: first.compared, differences }
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#pump.stop()
    await this.#turns.alone(() => this.#destination.close())
  }

  /** Null when only the table can tell. */
  async #find(query: VectorQuery): Promise<VectorHit[] | null> {
    const embedded = this.#columns.find(({ name }) => name === `${query.table}.${query.column}`) as Embedded
    for (let round = 1; round <= ROUNDS; round++) {
      const state = await this.#upToDate()
      if (!state) return null
      const hits = await this.#ask(state, embedded, query)
      if (hits && (query.ids || (await this.#areThere(embedded, hits)))) return hits
    }
    return null
  }

  /** Null when it takes too long. Once it has, searches do not wait again until it is done. */
  async #upToDate(): Promise<StoreState | null> {
    const run = this.#turns.run()
    run.then(
      () => (this.#late = false),
      () => (this.#late = false),
    )
    const state = await within(run, this.#late ? 0 : this.#catchUpMs)
    if (!state) this.#late = true
    return state
  }

  /** Null when the store is not what it was taken for. */
  async #ask(state: StoreState, embedded: Embedded, query: VectorQuery): Promise<VectorHit[] | null> {
    const rows = this.#sender.rowsOf(embedded)
    try {
      return await findNearest({ destination: this.#destination, state, embedded, rows }, query)
    } catch (error) {
      if (!(error instanceof OutOfStep)) throw error
      this.#sender.distrust()
      return null
    }
  }

  /** A row may go without a trace in the log. */
  async #areThere(embedded: Embedded, hits: readonly VectorHit[]): Promise<boolean> {
    if (hits.length === 0) return true
    const present = await this.#sender.rowsOf(embedded).present(hits.map(({ id }) => id))
    const gone = hits.map(({ id }) => id).filter((id) => !present.has(id))
    this.#sender.doubts.add(embedded.table.name, gone)
    return gone.length === 0
  }

  async #compareAll(state: StoreState): Promise<Verification> {
    const differences: Difference[] = []
    let compared = 0
    for (const embedded of this.#columns) {
      const comparison = this.#comparison(state, embedded)
      differences.push(...(await comparison.differences()))
      compared += comparison.compared
    }
    return { compared, differences }
  }

  #comparison(state: StoreState, embedded: Embedded): Comparison {
    return new Comparison(this.#destination, state, embedded, this.#sender.rowsOf(embedded))
  }

  /** Until the store holds what the database held when this began; with `anew`, all of it sent once more. */
  async #catchUp(anew = false): Promise<StoreState> {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      const state = await this.#step(anew)
      if (state) return state
      await delay(wait)
    }
  }

  /** Null while somebody else is at work, or when somebody took over. */
  async #step(anew: boolean): Promise<StoreState | null> {
    if (this.#closed) throw new DbError('closed', 'This database handle is closed. Open a new one with connect().')
    const record = await this.#record()
    if (!anew && (await this.#sender.isCurrent(record.state))) return record.state
    const holder = await this.#leases.take(record)
    return holder && (await this.#send(holder, anew))
  }

  async #send(holder: Holder, anew: boolean): Promise<StoreState | null> {
    try {
      await this.#sender.send(holder, anew)
      return holder.state
    } catch (error) {
      if (error instanceof LeaseLost) return null
      throw error
    } finally {
      await holder.release()
    }
  }

  async #record(): Promise<StoreRecord> {
    const known = await this.#table.read()
    if (known) return known
    await this.#table.create(NOTHING_SENT)
    return { state: NOTHING_SENT, lease: null }
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof OutOfStep)) throw this.#database.dialect.toDbError(error)
      throw new DbError(
        'connection_failed',
        `The vector store ${this.#destination.name} loses what is sent to it. Look whether something else drops its collections.`,
      )
    }
  }
}

/** Null when it takes longer; it goes on all the same. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
