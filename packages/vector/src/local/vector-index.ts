import { setImmediate as pause } from 'node:timers/promises'
import { DbError, invalidInput, toFloat32, type VectorInput, type VectorMetric } from '@archon-db/core'
import { ApproximateIndex } from './approximate.ts'
import type { FlatIndex, PreparedSearch } from './flat.ts'
import type { Quantization } from './hnsw-protocol.ts'
import type {
  EngineChoice,
  IndexChange,
  IndexItem,
  IndexRecovery,
  IndexSearch,
  IndexStats,
  VectorIndex,
} from './index-contract.ts'
import { type IndexKey, toKey } from './keys.ts'
import { type IndexBytes, ItemMemory, type MemoryBudget } from './memory.ts'
import type { DurableLog } from './persist/log.ts'
import type { LogBatch, LogEnd, LogEntry } from './persist/record.ts'
import type { LogView } from './persist/view.ts'
import { type Change, closedError, WriteQueue } from './persist/write-queue.ts'
import type { IndexHit } from './top-k.ts'

export interface IndexParts {
  readonly flat: FlatIndex
  readonly engine: EngineChoice
  readonly quantization: Quantization
  readonly graphFloats: number
  readonly judgeSpeed: boolean
  readonly threads: number
  readonly budget: MemoryBudget | undefined
  /** What the rows are read from, where nothing is to be written. */
  readonly view: LogView | undefined
}

/** Rows per record of a snapshot. */
const SNAPSHOT_FLOATS = 262_144
/** A journal is folded into a snapshot when it has grown to this and to the size of the vectors. */
const MIN_JOURNAL_BYTES = 32 * 1024 * 1024

export class LocalVectorIndex implements VectorIndex {
  readonly #flat: FlatIndex
  readonly #approximate: ApproximateIndex
  readonly #parts: IndexParts
  /** What else belongs to a key, kept in the files with its vector. */
  readonly payloads: Map<IndexKey, unknown> = new Map()
  readonly #items: ItemMemory
  #queue = new WriteQueue(undefined)
  #log: DurableLog | undefined
  #snapshotting: Promise<void> | undefined
  #changed = false
  #closed = false
  recovery: IndexRecovery = { status: 'empty' }
  mark: string | undefined

  constructor(parts: IndexParts) {
    this.#parts = parts
    this.#flat = parts.flat
    const { dimension, metric } = parts.flat
    const { quantization, threads } = parts
    const options = { dimension, metric, quantization, threads }
    const readOnly = parts.view !== undefined
    const rules = { force: parts.engine === 'hnsw', judgeSpeed: parts.judgeSpeed, readOnly }
    this.#approximate = new ApproximateIndex(parts.flat, options, rules)
    this.#items = new ItemMemory(parts.flat, this.payloads)
    parts.budget?.join(this)
  }

  get bytes(): IndexBytes {
    const [vectors, graph, items] = [this.#flat.bytes, this.#approximate.bytes, this.#items.bytes]
    return { vectors, graph, items, total: vectors + graph + items }
  }

  dropGraph(): void {
    this.#approximate.reset()
  }

  get dimension(): number {
    return this.#flat.dimension
  }

  get metric(): VectorMetric {
    return this.#flat.metric
  }

  get size(): number {
    return this.#flat.size
  }

  has(key: IndexKey): boolean {
    return this.#flat.has(toKey(key))
  }

  get(key: IndexKey): Float32Array | undefined {
    return this.#flat.get(key)
  }

  keys(): IterableIterator<IndexKey> {
    return this.#flat.keys()
  }

  async upsert(items: readonly IndexItem[], mark?: string): Promise<void> {
    await this.apply({ upsert: items, ...(mark === undefined ? {} : { mark }) })
  }

  async remove(keys: Iterable<IndexKey>, mark?: string): Promise<number> {
    const record = { type: 'batch', set: [], remove: Array.from(keys, toKey), mark } as const
    return await this.edit({ record: () => record })
  }

  async apply({ upsert = [], remove = [], mark }: IndexChange): Promise<void> {
    const set = upsert.map(({ key, vector }) => ({ key: toKey(key), vector: toFloat32(vector, this.dimension) }))
    const record: LogBatch = { type: 'batch', set, remove: Array.from(remove, toKey), mark }
    await this.edit({ record: () => record })
  }

  async clear(mark?: string): Promise<void> {
    await this.edit({ record: () => ({ type: 'batch', clear: true, set: [], remove: [], mark }) })
  }

  async search(query: VectorInput, search: IndexSearch): Promise<IndexHit[]> {
    this.#checkOpen()
    const prepared = this.#flat.prepare(query, search)
    const named = this.#flat.searchNamed(prepared)
    if (named !== null) return named
    const hits = await this.#searchByEngine(prepared, search.engine ?? this.#parts.engine)
    this.#checkOpen()
    return hits
  }

  async ready(): Promise<void> {
    this.#checkOpen()
    if (this.#wantsGraph()) await this.#approximate.build()
  }

  stats(): IndexStats {
    const { state, progress, failure, recall, candidates } = this.#approximate
    return {
      size: this.size,
      engine: state === 'serving' && this.#parts.engine !== 'exact' ? 'hnsw' : 'exact',
      graph: state,
      progress,
      recall,
      candidates,
      simd: this.#flat.rows.simd,
      bytes: this.bytes,
      maxBytes: this.#parts.budget?.max,
      mapped: this.#flat.rows.mapped + this.#approximate.mapped,
      journalBytes: this.#log?.bytes ?? 0,
      failure: failure?.message,
    }
  }

  async snapshot(): Promise<void> {
    this.#checkOpen()
    if (this.#parts.view) throw readOnlyError()
    await this.#takeSnapshot()
  }

  async close({ snapshot = true }: { snapshot?: boolean } = {}): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#queue.drained()
    try {
      await this.#snapshotting
      if (snapshot && this.#changed) await this.#takeSnapshot()
    } finally {
      this.#parts.budget?.leave(this)
      await this.#approximate.close()
      await this.#log?.close()
      await this.#parts.view?.close()
    }
  }

  /** Makes one change out of what the state is when its turn comes; returns how many keys it removed. */
  edit(change: Pick<Change<number>, 'record' | 'reads'>): Promise<number> {
    this.#checkOpen()
    if (this.#parts.view) throw readOnlyError()
    let release = (): void => {}
    const record = (): LogBatch | null => {
      const batch = change.record()
      if (batch) release = this.#claim(batch)
      return batch
    }
    const apply = (batch: LogBatch | null): number => {
      this.#makeRoom()
      release()
      return batch === null ? 0 : this.#applyBatch(batch)
    }
    const made = this.#queue.push({ ...change, record, apply })
    // What could not be written is not made.
    made.catch(() => release())
    return made
  }

  /** Puts back what a log holds. */
  restoreBatch(batch: LogBatch): void {
    const release = this.#claim(batch)
    this.#makeRoom()
    release()
    this.#applyBatch(batch)
  }

  /** Refuses what there is no memory for, before anything is changed. */
  #claim(batch: LogBatch): () => void {
    const { budget } = this.#parts
    if (!budget) return () => {}
    const before = this.#items.claimed
    const release = this.#items.claim(batch)
    try {
      if (this.#items.claimed > before) budget.admit(this, this.#items.claimed)
      return release
    } catch (error) {
      release()
      throw error
    }
  }

  /** At once for all that was claimed, so that memory grows by no more than there is. */
  #makeRoom(): void {
    const { budget } = this.#parts
    if (budget) this.#items.reserve(budget.spare(this, this.#items.claimed))
  }

  restoreEnd(end: LogEnd): void {
    this.mark = end.mark
    const wanted = this.#parts.engine !== 'exact' && this.#hasRoomForGraph()
    if (end.graph && wanted) this.#approximate.restore(end.graph)
  }

  /** Everything there was has been put back. From here on, writes go to the log first. */
  attach(log?: DurableLog): void {
    this.recovery = { status: this.#changed || this.mark !== undefined ? 'restored' : 'empty' }
    this.#log = log
    this.#queue = new WriteQueue(log)
    this.#changed = false
  }

  #applyBatch({ clear, set, remove, mark }: LogBatch): number {
    let removed = 0
    if (clear) this.#clearRows()
    for (const key of remove) if (this.#removeRow(key)) removed++
    for (const entry of set) this.#setRow(entry)
    if (mark !== undefined) this.mark = mark
    this.#changed = true
    this.#foldJournal()
    return removed
  }

  #setRow({ key, vector, tag, payload, place }: LogEntry): void {
    this.#items.remove(key)
    if (payload !== undefined) this.payloads.set(key, payload)
    this.#items.add(key, this.payloads.get(key))
    const known = this.#flat.slotOf(key)
    if (known !== undefined) {
      // A change of the payload alone leaves the graph as it is.
      if (tag === undefined && place === undefined && this.#flat.holds(known, vector)) return
      this.#approximate.retire(known)
    }
    const slot = this.#flat.set(key, vector, place)
    if (tag !== undefined) this.#flat.setTag(slot, tag)
    this.#approximate.enlist(slot)
  }

  #removeRow(key: IndexKey): boolean {
    const slot = this.#flat.slotOf(key)
    if (slot === undefined) return false
    this.#approximate.retire(slot)
    this.#items.remove(key)
    this.payloads.delete(key)
    return this.#flat.delete(key)
  }

  #clearRows(): void {
    this.#approximate.reset()
    this.#items.clear()
    this.payloads.clear()
    this.#flat.clear()
  }

  async #searchByEngine(prepared: PreparedSearch, engine: EngineChoice): Promise<IndexHit[]> {
    if (engine === 'hnsw') await this.#requireGraph()
    else if (engine === 'auto' && this.#wantsGraph()) void this.#approximate.build()
    const found = engine === 'exact' ? null : await this.#approximate.search(prepared)
    return found ?? (await this.#flat.scanInSlices(prepared, pause))
  }

  async #requireGraph(): Promise<void> {
    if (!this.#hasRoomForGraph()) {
      throw new DbError(
        'unsupported',
        'The hnsw engine needs more memory than maxMemoryBytes leaves. Raise it, or use "auto".',
      )
    }
    await this.#approximate.build()
    if (this.#approximate.state !== 'unavailable') return
    throw new DbError(
      'unsupported',
      'The hnsw engine needs the optional package usearch. Install it, or use "exact".',
      {
        cause: this.#approximate.failure,
      },
    )
  }

  #wantsGraph(): boolean {
    const { engine, graphFloats } = this.#parts
    if (engine === 'exact' || !this.#hasRoomForGraph()) return false
    return engine === 'hnsw' || this.size * this.dimension >= graphFloats
  }

  #hasRoomForGraph(): boolean {
    const { budget } = this.#parts
    const approximate = this.#approximate
    return budget === undefined || approximate.bytes > 0 || approximate.bytesFor(this.size) <= budget.left
  }

  #foldJournal(): void {
    if (!this.#log || this.#snapshotting || this.#closed) return
    if (this.#log.bytes < Math.max(MIN_JOURNAL_BYTES, this.#flat.rows.bytes)) return
    // A failure shows in the next snapshot that somebody asks for; the journal holds everything meanwhile.
    this.#takeSnapshot().catch(() => {})
  }

  #takeSnapshot(): Promise<void> {
    this.#snapshotting ??= this.#writeSnapshot().finally(() => {
      this.#snapshotting = undefined
    })
    return this.#snapshotting
  }

  async #writeSnapshot(): Promise<void> {
    const log = this.#log
    if (!log) return
    await this.#queue.exclusive(() => log.rotate())
    this.#changed = false
    await log.writeSnapshot(this.#snapshotRecords(log))
  }

  /**
   * The last rows first, while writes go on: a row that is moved, because another was removed, moves towards the
   * front and is met there. What is written meanwhile is in the new journal, which is read afterwards.
   */
  async *#snapshotRecords(log: DurableLog): AsyncGenerator<LogBatch | LogEnd> {
    const { epoch } = this.#approximate
    const graph = await this.#approximate.save(log.graphPath())
    const chunk = Math.max(1, Math.floor(SNAPSHOT_FLOATS / this.dimension))
    for (let end = this.size; end > 0; end = Math.min(end - chunk, this.size)) {
      const set: LogEntry[] = []
      for (let slot = Math.max(0, end - chunk); slot < end; slot++) {
        const key = this.#flat.keyAt(slot)
        const [vector, tag, payload] = [this.#flat.vectorAt(slot), this.#flat.tagAt(slot), this.payloads.get(key)]
        set.push(payload === undefined ? { key, vector, tag } : { key, vector, tag, payload })
      }
      yield { type: 'batch', set, remove: [] }
    }
    const current = epoch === this.#approximate.epoch && graph !== null
    yield { type: 'end', mark: this.mark, ...(current ? { graph } : {}) }
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError()
  }
}

export function readOnlyError(): DbError {
  return invalidInput('These vectors were opened to be read only. Leave out readOnly to write.')
}
