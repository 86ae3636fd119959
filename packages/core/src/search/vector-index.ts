import type { Condition } from '../filter/ast.ts'

export interface VectorQuery {
  readonly table: string
  /** The embedding's column; its length says which. */
  readonly column: string
  readonly vector: Float32Array
  readonly topK: number
  readonly minScore?: number
  readonly exact?: boolean
  /** Restricts the search to rows with these ids; absent for all rows. */
  readonly ids?: readonly (number | bigint)[]
}

export interface VectorHit {
  readonly id: number | bigint
  readonly score: number
}

/** Nearest rows by an index in this process that follows the table; `scan` reads the stored vectors. */
export interface VectorSearcher {
  search(query: VectorQuery, scan: VectorScan): Promise<VectorHit[]>
  /** What is held in memory, one entry for each column that was searched. */
  status(): readonly VectorIndexStatus[]
  close(): Promise<void>
}

export interface VectorIndexStatus {
  readonly table: string
  readonly column: string
  /** `building`: being filled; `ready`: answers; `scanning`: cannot answer, so that every search reads the table. */
  readonly state: 'building' | 'ready' | 'scanning'
  readonly rows: number
  readonly bytes: number
  /** How much of the table has been read, from 0 to 1. */
  readonly progress: number
  readonly engine: 'exact' | 'hnsw'
  /** Where it would be found after a restart. */
  readonly kept: 'disk' | 'memory'
  /** How often the table was read as a whole since this process opened it; 0 after a restart that found everything. */
  readonly builds: number
  /** Why it is not on disk, was built anew, or cannot answer. */
  readonly reason?: string
}

/** Streams (id, vector) of the stored rows, for building and for exact answers. */
export type VectorScan = (
  where: Condition | null,
) => AsyncIterable<readonly { id: number | bigint; vector: Float32Array }[]>

/** A searcher that the first search makes: programs that never search do not load an index. */
export function lazySearcher(make: () => Promise<VectorSearcher>): VectorSearcher {
  let making: Promise<VectorSearcher> | undefined
  let made: VectorSearcher | undefined
  return {
    async search(query, scan) {
      making ??= make()
      made = await making
      return made.search(query, scan)
    },
    status: () => made?.status() ?? [],
    close: async () => (await making)?.close(),
  }
}
