/** What is searched: so many vectors of one length, of one kind. */
export interface Field {
  readonly dimension: number
  readonly vectors: readonly Float32Array[]
}

export interface Bytes {
  /** Files: rows, vectors and index. */
  readonly disk?: number
  /** In this process. */
  readonly memory?: number
}

/** Something that finds the nearest by cosine, with its data in it. */
export interface Running {
  /** Numbers are the vectors' places in the field. */
  add(start: number, vectors: readonly Float32Array[]): Promise<void>
  /** Until the index is all there. */
  ready(): Promise<void>
  nearest(query: Float32Array, limit: number): Promise<readonly number[]>
  bytes(): Promise<Bytes>
  close(): Promise<void>
}

export interface Contender {
  readonly name: string
  /** Throws `BackendUnavailable` where the machine cannot run it. */
  open(field: Field): Promise<Running>
}
