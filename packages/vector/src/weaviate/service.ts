import { type CollectionSpec, DbError } from '@archon-db/core'
import type { FilterValue, WeaviateClient } from 'weaviate-client'
import type { FilterSpeech } from '../shared/push-down.ts'
import type { ServiceCollection, VectorService } from '../shared/service.ts'
import { MAX_RESULTS, WeaviateCollection } from './collection.ts'
import { isMissing, isTaken, toDbError } from './errors.ts'
import { className, classOf, requireSpec, specOf } from './schema.ts'
import { weaviateSpeech } from './words.ts'

export class WeaviateService implements VectorService<FilterValue> {
  readonly speech: FilterSpeech<FilterValue> = weaviateSpeech
  readonly maxNearest: number = MAX_RESULTS
  readonly #client: WeaviateClient
  readonly #prefix: string

  constructor(client: WeaviateClient, prefix: string) {
    this.#client = client
    this.#prefix = prefix
  }

  async create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }> {
    const known = await this.#find(spec.name)
    if (known) return { created: false, known }
    try {
      await this.#client.collections.createFromJson(classOf(this.#prefix, spec))
      return { created: true }
    } catch (error) {
      if (!isTaken(error)) throw error
      // Another process was faster.
      const other = await this.#find(spec.name)
      if (other) return { created: false, known: other }
      throw this.#similar(spec.name, error)
    }
  }

  #similar(name: string, cause: unknown): DbError {
    const wanted = className(this.#prefix, name)
    return new DbError(
      'unsupported',
      `Weaviate has a collection whose name differs from ${wanted} by case alone. Rename or drop it, or take another prefix.`,
      { cause },
    )
  }

  async drop(name: string): Promise<boolean> {
    if (!(await this.#find(name))) return false
    await this.#client.collections.delete(className(this.#prefix, name))
    return true
  }

  async list(): Promise<string[]> {
    const all = await this.#client.collections.listAll()
    return all.flatMap(({ name, description = '' }) => specOf(this.#prefix, { class: name, description })?.name ?? [])
  }

  async reading<T>(name: string, work: (collection: ServiceCollection<FilterValue>) => Promise<T>): Promise<T | null> {
    const spec = await this.#find(name)
    if (!spec) return null
    // A majority on both ways: where objects have replicas, what was written is read.
    const collection = this.#client.collections.use(className(this.#prefix, name)).withConsistency('QUORUM')
    return await work(new WeaviateCollection(collection, spec))
  }

  async writing<T>(name: string, work: (collection: ServiceCollection<FilterValue>) => Promise<T>): Promise<T | null> {
    return await this.reading(name, work)
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  toDbError(error: unknown): DbError {
    return toDbError(error)
  }

  /** What was made by something else is neither read nor dropped. */
  async #find(name: string): Promise<CollectionSpec | null> {
    try {
      return requireSpec(this.#prefix, await this.#client.collections.exportToJson(className(this.#prefix, name)))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }
}
