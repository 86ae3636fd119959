import type { Rows } from './kernel/rows.ts'
import type { IndexKey } from './keys.ts'
import type { Ranking } from './ranking.ts'
import { compareHits, type IndexHit, KthLargest, TopK } from './top-k.ts'

/** The rows of an index as a scan sees them: slots 0 … size - 1, none of them empty. */
export interface ScanSource {
  readonly size: number
  readonly rows: Rows
  readonly norms: Float64Array
  keyAt(slot: number): IndexKey
}

export interface ScanRequest {
  readonly ranking: Ranking
  readonly topK: number
  readonly minScore: number
  readonly filter: ((key: IndexKey) => boolean) | undefined
}

/**
 * An exact search, in steps, so that a large one can let other work in between. Rows written meanwhile are reported
 * by `touch` and scored again at the end: the answer is that of the moment it is given.
 */
export class ExactScan {
  readonly #source: ScanSource
  readonly #request: ScanRequest
  readonly #touched = new Set<number>()
  #closeness: Float32Array
  #next = 0

  constructor(source: ScanSource, request: ScanRequest) {
    this.#source = source
    this.#request = request
    this.#closeness = new Float32Array(source.size)
  }

  touch(slot: number): void {
    if (slot < this.#next) this.#touched.add(slot)
  }

  /** False once every row has been looked at. */
  step(rows: number): boolean {
    const { size } = this.#source
    const count = Math.min(rows, size - this.#next)
    if (count > 0) this.#score(this.#next, count)
    this.#next += Math.max(0, count)
    return this.#next < size
  }

  finish(): IndexHit[] {
    this.step(Number.POSITIVE_INFINITY)
    for (const slot of this.#touched) if (slot < this.#source.size) this.#score(slot, 1)
    return this.#select()
  }

  #score(from: number, count: number): void {
    const { ranking } = this.#request
    const { rows, norms, size } = this.#source
    if (this.#closeness.length < size) {
      const larger = new Float32Array(size)
      larger.set(this.#closeness)
      this.#closeness = larger
    }
    rows.scan(ranking.kind, ranking.query, from, count, this.#closeness)
    ranking.refine(this.#closeness, norms, from, from + count)
  }

  /** Every row that might belong to the best, scored exactly. */
  #select(): IndexHit[] {
    const { ranking, topK, minScore, filter } = this.#request
    const { size, norms, rows } = this.#source
    const floor = this.#floor()
    const best = new TopK<IndexHit>(Math.min(topK, size), compareHits)
    for (let slot = 0; slot < size; slot++) {
      if (this.#closeness[slot]! + ranking.slack * norms[slot]! < floor) continue
      const key = this.#source.keyAt(slot)
      if (filter && !filter(key)) continue
      const score = ranking.exact(rows.row(slot), norms[slot]!)
      if (score >= minScore) best.offer({ key, score })
    }
    return best.sorted()
  }

  /** What a row must be able to reach to be among the best. */
  #floor(): number {
    const { ranking, topK, minScore, filter } = this.#request
    const { size } = this.#source
    const least = minScore === Number.NEGATIVE_INFINITY ? minScore : ranking.floor(minScore)
    if (topK >= size) return least
    const kth = new KthLargest(topK)
    let bar = Number.NEGATIVE_INFINITY
    for (let slot = 0; slot < size; slot++) {
      const closeness = this.#closeness[slot]!
      if (closeness <= bar || (filter && !filter(this.#source.keyAt(slot)))) continue
      kth.offer(closeness)
      bar = kth.value
    }
    return bar === Number.NEGATIVE_INFINITY ? least : Math.max(least, ranking.floor(ranking.surely(bar)))
  }
}
