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
}

/** Streams (id, vector) of the stored rows, for building and for exact answers. */
export type VectorScan = (
  where: Condition | null,
) => AsyncIterable<readonly { id: number | bigint; vector: Float32Array }[]>
