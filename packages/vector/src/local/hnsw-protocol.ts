import type { VectorMetric } from '@archon-db/core'

/** How vectors are held inside the graph. The float32 originals stay beside it and have the last word. */
export type Quantization = 'f16' | 'f32' | 'i8'

export interface HnswOptions {
  readonly dimension: number
  readonly metric: VectorMetric
  readonly quantization: Quantization
  readonly threads: number
}

/** What the index asks of its worker. Labels name vectors inside the graph and are never used twice. */
export type HnswRequest =
  | { readonly type: 'start'; readonly options: HnswOptions; readonly load?: SavedGraph }
  | { readonly type: 'add'; readonly labels: Uint32Array; readonly vectors: Float32Array }
  | { readonly type: 'remove'; readonly labels: Uint32Array }
  | { readonly type: 'search'; readonly id: number; readonly query: Float32Array; readonly count: number }
  | { readonly type: 'save'; readonly id: number; readonly path: string }

export type HnswReply =
  | { readonly type: 'started'; readonly size: number }
  /** An `add` is done; they are done in order. */
  | { readonly type: 'added' }
  | { readonly type: 'found'; readonly id: number; readonly labels: Uint32Array }
  | { readonly type: 'saved'; readonly id: number; readonly bytes: number; readonly checksum: number }
  | { readonly type: 'failed'; readonly id?: number; readonly message: string }

export interface SavedGraph {
  readonly path: string
  /** Read from the file as it is needed, instead of as a whole; then nothing can be added. */
  readonly view?: boolean
  readonly bytes: number
  readonly checksum: number
}
