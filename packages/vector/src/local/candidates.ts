import type { FlatIndex, PreparedSearch } from './flat.ts'
import type { IndexKey } from './keys.ts'
import type { Labels } from './labels.ts'
import { compareHits, type IndexHit, TopK } from './top-k.ts'
import { FETCH_STEPS, TRIAL_TOP_K } from './trial.ts'

/** Rows looked at to learn how many a filter lets through. */
const FILTER_SAMPLE = 64
/** Rows the graph does not have yet and that are still scored one by one. */
const MAX_PENDING = 2000

/** One search by candidates: how many to ask the graph for, and what to make of those it names. */
export class CandidateSearch {
  readonly #flat: FlatIndex
  readonly #labels: Labels
  readonly #search: PreparedSearch

  constructor(flat: FlatIndex, labels: Labels, search: PreparedSearch) {
    this.#flat = flat
    this.#labels = labels
    this.#search = search
  }

  /** Null when so many would be needed that a scan is the better way. */
  candidatesFor(step: number, most: number): number | null {
    const { topK } = this.#search
    if (topK >= this.#flat.size) return null
    const least = FETCH_STEPS[step] as number
    const wanted = Math.ceil(Math.max(least, (topK * least) / TRIAL_TOP_K) / this.#shareAdmitted())
    return wanted <= most ? wanted : null
  }

  /**
   * The best of the graph's candidates and of the rows it does not have yet, from label `reached` on. Null when
   * matches may be missing because too many candidates were filtered out.
   */
  select(candidates: Uint32Array, reached: number): IndexHit[] | null {
    if (this.#labels.next - reached > MAX_PENDING) return null
    const { topK, minScore } = this.#search
    const best = new TopK<IndexHit>(topK, compareHits)
    let lowest = Number.POSITIVE_INFINITY
    for (const label of candidates) {
      if (label < reached) lowest = Math.min(lowest, this.#offer(label, best))
    }
    for (let label = reached; label < this.#labels.next; label++) this.#offer(label, best)
    const hits = best.sorted()
    return hits.length === topK || lowest < minScore ? hits : null
  }

  /** Returns the score of a living row, admitted or not. */
  #offer(label: number, best: TopK<IndexHit>): number {
    const slot = this.#labels.slotOf(label)
    if (slot === undefined) return Number.POSITIVE_INFINITY
    const score = this.#flat.scoreAt(slot, this.#search.ranking)
    const key = this.#flat.keyAt(slot)
    if (score >= this.#search.minScore && this.#admits(key)) best.offer({ key, score })
    return score
  }

  #admits(key: IndexKey): boolean {
    const { among, filter } = this.#search
    return (among === undefined || among.has(key)) && (filter === undefined || filter(key))
  }

  #shareAdmitted(): number {
    const { among, filter } = this.#search
    if (!among && !filter) return 1
    const { size } = this.#flat
    const sample = Math.min(FILTER_SAMPLE, size)
    let admitted = 0
    for (let i = 0; i < sample; i++) {
      if (this.#admits(this.#flat.keyAt(Math.floor(((i + 0.5) * size) / sample)))) admitted++
    }
    return admitted / sample
  }
}
