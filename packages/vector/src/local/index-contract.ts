import type { VectorInput, VectorMetric } from '@archon-db/core'
import type { ApproximateState } from './approximate.ts'
import type { FlatSearch } from './flat.ts'
import type { IndexKey } from './keys.ts'
import type { IndexBytes } from './memory.ts'
import type { IndexHit } from './top-k.ts'

/** `auto`: the graph once it pays and as long as its measured recall is good enough, otherwise the scan. */
export type EngineChoice = 'auto' | 'exact' | 'hnsw'

export interface IndexItem {
  readonly key: IndexKey
  readonly vector: VectorInput
}

export interface IndexChange {
  readonly upsert?: readonly IndexItem[]
  readonly remove?: Iterable<IndexKey>
  /** Kept with the change, so that the owner finds again how far its own log has been followed. */
  readonly mark?: string
}

export interface IndexSearch extends FlatSearch {
  /** Overrides the index's own choice for this search. */
  readonly engine?: EngineChoice
}

export interface IndexStats {
  readonly size: number
  /** Which engine answers an ordinary search now. */
  readonly engine: 'exact' | 'hnsw'
  readonly graph: ApproximateState
  /** How much of the graph is built, from 0 to 1. */
  readonly progress: number
  /** Of the graph, measured against the scan; undefined while there is nothing measured. */
  readonly recall: number | undefined
  /** Candidates per search of ten. */
  readonly candidates: number
  readonly simd: boolean
  readonly bytes: IndexBytes
  /** What is read from files as it is needed, where the index was opened to be read only. */
  readonly mapped: number
  /** What this index and those that share its limit may take together. */
  readonly maxBytes: number | undefined
  /** Written since the last snapshot. */
  readonly journalBytes: number
  /** Why the graph is unavailable. */
  readonly failure: string | undefined
}

/** Where the content came from when the index was opened. */
export interface IndexRecovery {
  /** `stale` and `damaged` files were dropped and the index is empty: its owner fills it again. */
  readonly status: 'empty' | 'restored' | 'stale' | 'damaged'
  readonly reason?: string
}

/** Vectors by key, in memory, nearest first; see `openVectorIndex`. */
export interface VectorIndex {
  readonly dimension: number
  readonly metric: VectorMetric
  readonly size: number
  readonly recovery: IndexRecovery
  /** The last mark that was given. */
  readonly mark: string | undefined
  has(key: IndexKey): boolean
  get(key: IndexKey): Float32Array | undefined
  keys(): IterableIterator<IndexKey>
  /** All or nothing. Of one key given twice the last item counts. */
  upsert(items: readonly IndexItem[], mark?: string): Promise<void>
  /** Unknown keys are passed over; returns how many there were. */
  remove(keys: Iterable<IndexKey>, mark?: string): Promise<number>
  /** Removals first, then the rest, as one change. */
  apply(change: IndexChange): Promise<void>
  clear(mark?: string): Promise<void>
  /** Always min(topK, matches) hits, by score descending, then key. */
  search(query: VectorInput, search: IndexSearch): Promise<IndexHit[]>
  stats(): IndexStats
  /** Builds the graph now, if the index is one that should have it. */
  ready(): Promise<void>
  /** Writes the whole index to disk, so that opening it need not replay the journal. */
  snapshot(): Promise<void>
  /** Takes a snapshot where there is something new, unless told not to. */
  close(options?: { snapshot?: boolean }): Promise<void>
}
