/**
 * The contract of every vector store: local, pgvector, Chroma, Weaviate, Pinecone. What a caller can observe is the
 * same on all of them; the checks below are shared so that they also refuse the same input with the same words.
 */

import { invalidInput } from './errors.ts'
import type { Filter } from './filter/types.ts'
import { toVector } from './values.ts'

export const VECTOR_METRICS = ['cosine', 'dot', 'l2'] as const
export type VectorMetric = (typeof VECTOR_METRICS)[number]

/** What is taken as a vector. Components are stored as 32-bit floats. */
export type VectorInput = Float32Array | Float64Array | readonly number[]

export type MetadataValue =
  | string
  | number
  | boolean
  | null
  | readonly MetadataValue[]
  | { readonly [key: string]: MetadataValue }
export type Metadata = { readonly [key: string]: MetadataValue }

/** The filter language of the query builder, applied to metadata; `a.b` reaches into nested objects. */
export type VectorFilter = Filter

export interface CollectionSpec {
  /** 1 to 63 letters, digits, `_` and `-`, the first of them a letter; case matters. */
  readonly name: string
  /** 1 to 16,000. */
  readonly dimension: number
  readonly metric: VectorMetric
}

export interface CollectionInfo extends CollectionSpec {
  readonly count: number
}

export interface VectorItem {
  /** Made by the store (UUID) when absent. */
  readonly id?: string
  readonly vector: VectorInput
  readonly metadata?: Metadata
  readonly content?: string | null
}

export interface VectorRecord {
  readonly id: string
  readonly metadata: Metadata
  /** Present unless `include.content` is false; null where the item has none. */
  readonly content?: string | null
  /** Present when `include.vector` is true. */
  readonly vector?: Float32Array
}

export interface VectorHit extends VectorRecord {
  /** Higher is nearer: cosine in [-1, 1], dot as it is, l2 as 1 / (1 + distance). 0 where nothing was ranked. */
  readonly score: number
}

export interface VectorInclude {
  /** Default true. */
  readonly content?: boolean
  /** Default true; when false, `metadata` is `{}`. */
  readonly metadata?: boolean
  /** Default false. */
  readonly vector?: boolean
}

export interface VectorSearch {
  /** Without a vector the matches come by id, unranked: a listing. */
  readonly vector?: VectorInput
  /** The number of hits: always min(topK, matches), whatever the filter leaves. */
  readonly topK: number
  readonly filter?: VectorFilter
  /** Inclusive, and applied before topK is filled. Needs a vector. */
  readonly minScore?: number
  /** Continues a listing after this id. Not together with a vector. */
  readonly after?: string
  readonly include?: VectorInclude
  readonly signal?: AbortSignal
}

/** Exactly one of the two; an empty filter is refused, so that nothing is emptied by accident. */
export type VectorTarget =
  | { readonly ids: readonly string[]; readonly filter?: never }
  | { readonly filter: VectorFilter; readonly ids?: never }

/**
 * ```ts
 * await store.createCollection({ name: 'docs', dimension: 384, metric: 'cosine' })
 * const [id] = await store.upsert('docs', [{ vector, metadata: { source: 'guide' }, content: 'How to …' }])
 * await store.search('docs', { vector, topK: 10, filter: { source: 'guide' }, minScore: 0.5 })
 * ```
 */
export interface VectorStore {
  /** Idempotent: `created` is false when it exists with the same dimension and metric; other ones are refused. */
  createCollection(spec: CollectionSpec): Promise<{ created: boolean }>
  dropCollection(name: string): Promise<{ existed: boolean }>
  /** Names in code point order. */
  listCollections(): Promise<string[]>
  describe(name: string): Promise<CollectionInfo>
  /** All or nothing. Replaces vector, metadata and content of a known id; of one id given twice the last item counts. */
  upsert(name: string, items: readonly VectorItem[]): Promise<string[]>
  /** By score descending, then id. */
  search(name: string, search: VectorSearch): Promise<VectorHit[]>
  /** In the order asked for; unknown ids are left out. */
  get(name: string, ids: readonly string[], include?: VectorInclude): Promise<VectorRecord[]>
  delete(name: string, target: VectorTarget): Promise<{ deleted: number }>
  /** Sets the given top-level keys, keeps the others; a key set to `undefined` is removed. */
  updateMetadata(name: string, target: string | VectorTarget, patch: MetadataPatch): Promise<{ updated: number }>
  /** Keeps metadata and content. */
  updateVector(name: string, id: string, vector: VectorInput): Promise<{ updated: number }>
  count(name: string, filter?: VectorFilter): Promise<number>
  /** Later calls fail with `closed`. Safe to call twice. */
  close(): Promise<void>
}

export type MetadataPatch = { readonly [key: string]: MetadataValue | undefined }

export const MAX_DIMENSION = 16_000
const COLLECTION_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/

export function checkCollectionSpec(spec: CollectionSpec): void {
  if (typeof spec.name !== 'string' || !COLLECTION_NAME.test(spec.name)) {
    throw invalidInput('A collection name is 1 to 63 letters, digits, "_" and "-", the first of them a letter.')
  }
  checkDimension(spec.dimension)
  checkMetric(spec.metric)
}

export function checkDimension(dimension: number): void {
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > MAX_DIMENSION) {
    throw invalidInput(`A vector dimension is a whole number from 1 to ${MAX_DIMENSION}.`)
  }
}

export function checkMetric(metric: VectorMetric): void {
  if (!VECTOR_METRICS.includes(metric)) throw invalidInput(`A metric is one of ${VECTOR_METRICS.join(', ')}.`)
}

export function checkTopK(topK: number): void {
  if (!Number.isInteger(topK) || topK < 1) throw invalidInput('topK is a whole number of 1 or more.')
}

export function checkMinScore(minScore: number | undefined): void {
  if (minScore !== undefined && (typeof minScore !== 'number' || Number.isNaN(minScore))) {
    throw invalidInput('minScore is a number.')
  }
}

export function checkId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || id === '') throw invalidInput('An id is a string that is not empty.')
  if (id.includes('\0') || !id.isWellFormed()) throw invalidInput('An id is valid Unicode without U+0000.')
}

/** The vector as float32 in memory of its own. Refuses a wrong length, and whatever is not a finite float32. */
export function toFloat32(vector: VectorInput, dimension: number, what = 'vector'): Float32Array {
  const checked = toVector(vector, what)
  if (checked.length !== dimension) {
    throw invalidInput(`The ${what} has ${checked.length} components where ${dimension} are expected.`, {
      column: what,
    })
  }
  return checked === vector ? checked.slice() : checked
}
