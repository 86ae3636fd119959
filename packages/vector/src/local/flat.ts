import { checkMinScore, checkTopK, toFloat32, type VectorInput, type VectorMetric } from '@archon-db/core'
import type { Place } from './kernel/file-rows.ts'
import { type RowOptions, RowStore, type Rows } from './kernel/rows.ts'
import { type IndexKey, toKey } from './keys.ts'
import { newRanking, normOf, type Ranking } from './ranking.ts'
import { ExactScan } from './scan.ts'
import { compareHits, type IndexHit, TopK } from './top-k.ts'

export interface FlatOptions extends RowOptions {
  readonly dimension: number
  readonly metric: VectorMetric
  /** Rows that are kept elsewhere than in memory. */
  readonly rows?: Rows | undefined
}

export interface FlatSearch {
  /** The number of hits: always min(topK, matches). */
  readonly topK: number
  /** Called with keys in no particular order, and not for every key. */
  readonly filter?: ((key: IndexKey) => boolean) | undefined
  /** Searches these keys alone. */
  readonly among?: Iterable<IndexKey> | undefined
  /** Inclusive. */
  readonly minScore?: number | undefined
}

/** A search with its input checked and brought into one form. */
export interface PreparedSearch {
  readonly vector: Float32Array
  readonly ranking: Ranking
  readonly topK: number
  readonly filter: ((key: IndexKey) => boolean) | undefined
  readonly among: ReadonlySet<IndexKey> | undefined
  readonly minScore: number
}

/** Below this share of the rows, named rows are scored one by one instead of by a scan. */
const DIRECT_SHARE = 1 / 8

/**
 * The exact engine: all vectors in float32, side by side, scanned for every query. Removing moves the last row into
 * the gap, so that there are no gaps. Vectors are taken as they are; `toFloat32` of core checks them.
 */
export class FlatIndex {
  readonly dimension: number
  readonly metric: VectorMetric
  readonly rows: Rows
  norms: Float64Array = new Float64Array(0)
  readonly #keys: IndexKey[] = []
  readonly #slots = new Map<IndexKey, number>()
  readonly #scans = new Set<ExactScan>()
  #tags = new Uint32Array(0)

  constructor(options: FlatOptions) {
    this.dimension = options.dimension
    this.metric = options.metric
    this.rows = options.rows ?? new RowStore(options.dimension, options)
  }

  get size(): number {
    return this.#keys.length
  }

  /** Vectors, norms and tags; the keys come on top, at a size only the engine knows. */
  get bytes(): number {
    return this.rows.bytes + this.norms.byteLength + this.#tags.byteLength
  }

  /** The same with so many rows more. */
  bytesWith(more: number): number {
    const rows = this.size + more
    return this.rows.bytesFor(rows) + Math.max(this.norms.length, grownTo(rows)) * SIDE_BYTES
  }

  /** Makes room for so many rows more; `spare` bytes may go into room for later ones. */
  reserve(more: number, spare: number): void {
    this.rows.reserve(this.size + more, spare)
  }

  has(key: IndexKey): boolean {
    return this.#slots.has(key)
  }

  keyAt(slot: number): IndexKey {
    return this.#keys[slot] as IndexKey
  }

  slotOf(key: IndexKey): number | undefined {
    return this.#slots.get(key)
  }

  keys(): IterableIterator<IndexKey> {
    return this.#slots.keys()
  }

  /** A number that stays with the row wherever it is moved. */
  tagAt(slot: number): number {
    return this.#tags[slot]!
  }

  setTag(slot: number, tag: number): void {
    this.#tags[slot] = tag
  }

  /** A copy of the vector. */
  vectorAt(slot: number): Float32Array {
    return this.rows.row(slot).slice(0, this.dimension)
  }

  /** Whether the row is this vector, bit for bit but for the sign of zero. */
  holds(slot: number, vector: Float32Array): boolean {
    const row = this.rows.row(slot)
    return vector.every((component, i) => component === row[i])
  }

  get(key: IndexKey): Float32Array | undefined {
    const slot = this.#slots.get(toKey(key))
    return slot === undefined ? undefined : this.vectorAt(slot)
  }

  /** Adds or replaces; returns the slot. */
  set(key: IndexKey, vector: Float32Array, place?: Place): number {
    const slot = this.#slots.get(key) ?? this.#append(key)
    this.rows.put(slot, vector, place)
    this.norms[slot] = normOf(vector)
    this.#touch(slot)
    return slot
  }

  delete(key: IndexKey): boolean {
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    const last = this.#keys.length - 1
    if (slot !== last) this.#move(last, slot)
    this.#keys.pop()
    this.#slots.delete(key)
    return true
  }

  clear(): void {
    this.#keys.length = 0
    this.#slots.clear()
    this.rows.clear()
    this.norms = new Float64Array(0)
    this.#tags = new Uint32Array(0)
  }

  /** Nearest first, equals by key. */
  search(query: VectorInput, search: FlatSearch): IndexHit[] {
    const prepared = this.prepare(query, search)
    return this.searchNamed(prepared) ?? this.scan(prepared)
  }

  prepare(
    query: VectorInput,
    { topK, filter, among, minScore = Number.NEGATIVE_INFINITY }: FlatSearch,
  ): PreparedSearch {
    checkTopK(topK)
    checkMinScore(minScore)
    const vector = toFloat32(query, this.dimension, 'query')
    const ranking = newRanking(this.metric, vector, this.rows.stride)
    return { vector, ranking, topK, filter, minScore, among: among && new Set(Array.from(among, toKey)) }
  }

  /** Answers when the search names so few rows that looking them up is cheaper than a scan. */
  searchNamed({ ranking, topK, filter, among, minScore }: PreparedSearch): IndexHit[] | null {
    if (among === undefined || among.size > this.size * DIRECT_SHARE) return null
    const best = new TopK<IndexHit>(topK, compareHits)
    for (const key of among) {
      const slot = this.#slots.get(key)
      if (slot === undefined || (filter && !filter(key))) continue
      const score = this.scoreAt(slot, ranking)
      if (score >= minScore) best.offer({ key, score })
    }
    return best.sorted()
  }

  scoreAt(slot: number, ranking: Ranking): number {
    return ranking.exact(this.rows.row(slot), this.norms[slot]!)
  }

  scan(prepared: PreparedSearch): IndexHit[] {
    return this.#newScan(prepared).finish()
  }

  /** As `scan`, pausing between slices; the answer is that of the moment it is given. */
  async scanInSlices(
    prepared: PreparedSearch,
    pause: () => Promise<void>,
    floatsPerSlice: number = this.rows.sliceFloats,
  ): Promise<IndexHit[]> {
    const scan = this.#newScan(prepared)
    const slice = Math.max(1, Math.floor(floatsPerSlice / this.rows.stride))
    this.#scans.add(scan)
    try {
      while (scan.step(slice)) await pause()
      return scan.finish()
    } finally {
      this.#scans.delete(scan)
    }
  }

  #newScan({ ranking, topK, filter, among, minScore }: PreparedSearch): ExactScan {
    const allowed = among && ((key: IndexKey) => among.has(key) && (filter === undefined || filter(key)))
    return new ExactScan(this, { ranking, topK, minScore, filter: allowed ?? filter })
  }

  #append(key: IndexKey): number {
    const slot = this.#keys.length
    this.rows.reserve(slot + 1)
    if (slot >= this.norms.length) {
      this.norms = grown(this.norms, Float64Array, slot)
      this.#tags = grown(this.#tags, Uint32Array, slot)
    }
    this.#keys.push(key)
    this.#slots.set(key, slot)
    return slot
  }

  #move(from: number, to: number): void {
    const key = this.keyAt(from)
    this.rows.move(from, to)
    this.norms[to] = this.norms[from]!
    this.#tags[to] = this.#tags[from]!
    this.#keys[to] = key
    this.#slots.set(key, to)
    this.#touch(to)
  }

  #touch(slot: number): void {
    for (const scan of this.#scans) scan.touch(slot)
  }
}

/** A norm and a tag. */
const SIDE_BYTES = 12

function grownTo(used: number): number {
  return Math.max(16, used + (used >> 1))
}

function grown<Numbers extends Float64Array | Uint32Array>(
  old: Numbers,
  type: new (length: number) => Numbers,
  used: number,
): Numbers {
  const larger = new type(grownTo(used))
  larger.set(old)
  return larger
}
