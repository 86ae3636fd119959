import {
  type CollectionInfo,
  type CollectionSpec,
  checkCollectionSpec,
  compareCodePoints,
  DbError,
  invalidInput,
  type MetadataPatch,
  type VectorFilter,
  type VectorHit,
  type VectorInclude,
  type VectorInput,
  type VectorItem,
  type VectorRecord,
  type VectorSearch,
  type VectorStore,
  type VectorTarget,
} from '@archon-db/core'
import { LocalCollection } from './collection.ts'
import { CollectionFolder } from './collection-folder.ts'
import type { IndexStats } from './index-contract.ts'
import type { IndexBytes, MemoryBudget } from './memory.ts'
import { budgetOf, newIndex, openIndexFiles, type VectorIndexOptions } from './open.ts'
import { closedError } from './persist/write-queue.ts'
import { type LocalVectorIndex, readOnlyError } from './vector-index.ts'

export interface LocalStoreOptions
  extends Pick<VectorIndexOptions, 'engine' | 'quantization' | 'sync' | 'graphFloats' | 'threads' | 'simd'> {
  /** A folder of the store's own; without it everything is in memory alone. */
  readonly path?: string
  /**
   * The most that all collections together may take in memory, those alone counted that were used since the store was
   * opened; see `stats()`. A write beyond it fails with `unsupported` and changes nothing; graphs are given up before.
   */
  readonly maxMemoryBytes?: number
  /**
   * Reads the collections as they are now, even while another process writes them: the vectors stay in their files and
   * are read by position, graphs are mapped, so that ids, metadata and contents alone take memory. Writes are refused.
   */
  readonly readOnly?: boolean
}

export interface LocalStoreStats {
  readonly bytes: IndexBytes
  readonly maxBytes: number | undefined
  /** Those that were used since the store was opened; the others take no memory. */
  readonly collections: readonly (IndexStats & { readonly name: string })[]
}

export interface LocalStore extends VectorStore {
  /** What the collections take in memory, and which engine answers. */
  stats(): Promise<LocalStoreStats>
}

/**
 * ```ts
 * const store = await openLocalStore({ path: './vectors' })
 * await store.createCollection({ name: 'docs', dimension: 384, metric: 'cosine' })
 * ```
 * One process at a time may have a folder open, and any number that only read.
 */
export async function openLocalStore(options: LocalStoreOptions = {}): Promise<LocalStore> {
  const { path, readOnly = false } = options
  if (path === undefined && readOnly) throw invalidInput('A store that is read only needs the path of its folder.')
  const folder = path === undefined ? undefined : await CollectionFolder.open(path, readOnly)
  return new LocalVectorStore(options, folder)
}

class LocalVectorStore implements LocalStore {
  readonly #options: LocalStoreOptions
  readonly #folder: CollectionFolder | undefined
  readonly #budget: MemoryBudget | undefined
  readonly #specs: Map<string, CollectionSpec>
  readonly #open = new Map<string, Promise<LocalCollection>>()
  #changing: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(options: LocalStoreOptions, folder: CollectionFolder | undefined) {
    this.#options = options
    this.#folder = folder
    this.#budget = budgetOf(options)
    this.#specs = new Map(folder?.specs.map((spec) => [spec.name, spec]))
  }

  async createCollection(spec: CollectionSpec): Promise<{ created: boolean }> {
    this.#checkWritable()
    checkCollectionSpec(spec)
    return await this.#oneByOne(async () => {
      const known = this.#specs.get(spec.name)
      if (known) return requireSame(known, spec)
      const { name, dimension, metric } = spec
      await this.#folder?.create({ name, dimension, metric })
      this.#specs.set(name, { name, dimension, metric })
      return { created: true }
    })
  }

  async dropCollection(name: string): Promise<{ existed: boolean }> {
    this.#checkWritable()
    return await this.#oneByOne(async () => {
      if (!this.#specs.delete(name)) return { existed: false }
      const opened = this.#open.get(name)
      this.#open.delete(name)
      // One that cannot be opened can be dropped all the same.
      await opened?.then(
        (collection) => collection.index.close({ snapshot: false }),
        () => {},
      )
      await this.#folder?.drop(name)
      return { existed: true }
    })
  }

  async listCollections(): Promise<string[]> {
    this.#checkOpen()
    return [...this.#specs.keys()].sort(compareCodePoints)
  }

  async describe(name: string): Promise<CollectionInfo> {
    return (await this.#collection(name)).describe()
  }

  async upsert(name: string, items: readonly VectorItem[]): Promise<string[]> {
    return await (await this.#collection(name)).upsert(items)
  }

  async search(name: string, search: VectorSearch): Promise<VectorHit[]> {
    search.signal?.throwIfAborted()
    const hits = await (await this.#collection(name)).search(search)
    search.signal?.throwIfAborted()
    return hits
  }

  async get(name: string, ids: readonly string[], include?: VectorInclude): Promise<VectorRecord[]> {
    return (await this.#collection(name)).get(ids, include)
  }

  async delete(name: string, target: VectorTarget): Promise<{ deleted: number }> {
    return await (await this.#collection(name)).delete(target)
  }

  async updateMetadata(
    name: string,
    target: string | VectorTarget,
    patch: MetadataPatch,
  ): Promise<{ updated: number }> {
    return await (await this.#collection(name)).updateMetadata(target, patch)
  }

  async updateVector(name: string, id: string, vector: VectorInput): Promise<{ updated: number }> {
    return await (await this.#collection(name)).updateVector(id, vector)
  }

  async count(name: string, filter?: VectorFilter): Promise<number> {
    return (await this.#collection(name)).count(filter)
  }

  async stats(): Promise<LocalStoreStats> {
    this.#checkOpen()
    const opened = await Promise.allSettled(this.#open.values())
    const collections = opened
      .flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      .map(({ name, index }) => ({ name, ...index.stats() }))
      .sort((a, b) => compareCodePoints(a.name, b.name))
    const sum = (part: keyof IndexBytes): number => collections.reduce((total, { bytes }) => total + bytes[part], 0)
    const bytes = { vectors: sum('vectors'), graph: sum('graph'), items: sum('items'), total: sum('total') }
    return { bytes, maxBytes: this.#budget?.max, collections }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#changing
    const opened = await Promise.allSettled(this.#open.values())
    await Promise.all(opened.map((result) => (result.status === 'fulfilled' ? result.value.index.close() : undefined)))
  }

  async #collection(name: string): Promise<LocalCollection> {
    this.#checkOpen()
    const spec = this.#specs.get(name)
    if (!spec) throw new DbError('not_found', `There is no vector collection ${JSON.stringify(name)}. Create it first.`)
    const known = this.#open.get(name)
    const opening = known ?? this.#openCollection(spec)
    this.#open.set(name, opening)
    try {
      return await opening
    } catch (error) {
      // The next call tries again: whatever held it up may be gone.
      if (this.#open.get(name) === opening) this.#open.delete(name)
      throw error
    }
  }

  async #openCollection(spec: CollectionSpec): Promise<LocalCollection> {
    const options = { ...this.#options, dimension: spec.dimension, metric: spec.metric }
    return new LocalCollection(spec.name, await this.#openIndex(options, spec.name))
  }

  async #openIndex(options: VectorIndexOptions, name: string): Promise<LocalVectorIndex> {
    if (!this.#folder) return newIndex(options, this.#budget)
    try {
      return await openIndexFiles(options, this.#folder.pathOf(name), 'collection', this.#budget)
    } catch (error) {
      if (error instanceof DbError) throw error
      const advice = 'Bring its folder back from a backup, or drop the collection.'
      throw new DbError('unknown', `The vector collection ${name} cannot be read. ${advice}`, { cause: error })
    }
  }

  /** Creating and dropping touch more than one file, so they do not overlap. */
  #oneByOne<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#changing.then(action)
    this.#changing = result.catch(() => {})
    return result
  }

  #checkWritable(): void {
    this.#checkOpen()
    if (this.#options.readOnly) throw readOnlyError()
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError()
  }
}

function requireSame(known: CollectionSpec, wanted: CollectionSpec): { created: boolean } {
  if (known.dimension === wanted.dimension && known.metric === wanted.metric) return { created: false }
  throw invalidInput(
    `The vector collection ${known.name} exists with dimension ${known.dimension} and metric ${known.metric}. Drop it first, or take another name.`,
  )
}
