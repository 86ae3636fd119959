import type { CollectionSpec, DbError, Metadata } from '@archon-db/core'
import type { CheckedItem } from './input.ts'
import type { FilterSpeech } from './push-down.ts'

/** An item as a service gives it back. */
export interface StoredItem {
  readonly id: string
  readonly metadata: Metadata
  readonly content: string | null
}

export interface StoredVector extends StoredItem {
  readonly vector: Float32Array
}

/** What a service can do with one collection. Everything is checked before it gets here. */
export interface ServiceCollection<Native> {
  readonly spec: CollectionSpec
  count(): Promise<number>
  /** Of any number; each id is there once. */
  write(items: readonly CheckedItem[]): Promise<void>
  remove(ids: readonly string[]): Promise<void>
  /** In any order; unknown ids are left out. */
  read(ids: readonly string[]): Promise<StoredVector[]>
  /** The nearest, at most `limit`, best first. It may miss some where the service's index is approximate. */
  nearest(vector: Float32Array, limit: number, filter: Native | null): Promise<StoredVector[]>
  /** All that match, in any order, in parts. `ids` alone leaves out what the caller does not look at. */
  scan(filter: Native | null, what: 'ids' | 'items'): AsyncIterable<readonly StoredItem[]>
}

/** The little that differs between the services behind the contract; `ServiceVectorStore` does the rest. */
export interface VectorService<Native> {
  readonly speech: FilterSpeech<Native>
  /** The most that `nearest` may be asked for. */
  readonly maxNearest: number
  /** Bytes that the metadata of one item may have, where the service has a limit. */
  readonly maxMetadataBytes?: number
  create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }>
  drop(name: string): Promise<boolean>
  list(): Promise<string[]>
  /** Runs on the collection; null when there is none of that name. */
  reading<T>(name: string, work: (collection: ServiceCollection<Native>) => Promise<T>): Promise<T | null>
  /** The same for changes; where the service has transactions it is one. */
  writing<T>(name: string, work: (collection: ServiceCollection<Native>) => Promise<T>): Promise<T | null>
  close(): Promise<void>
  toDbError(error: unknown): DbError
}
