import { type CollectionSpec, DbError, type VectorMetric } from '@archon-db/core'
import type { ChromaClient, Collection, Where } from 'chromadb'
import { flatSpeech } from '../shared/flat-speech.ts'
import type { FilterSpeech } from '../shared/push-down.ts'
import type { ServiceCollection, VectorService } from '../shared/service.ts'
import { ChromaCollection } from './collection.ts'
import { isGone, isTaken, toDbError } from './errors.ts'
import { chromaWords } from './words.ts'

const SPACES: Readonly<Record<VectorMetric, 'cosine' | 'ip' | 'l2'>> = { cosine: 'cosine', dot: 'ip', l2: 'l2' }
/** Chroma's names have three characters at least and end in a letter or digit. */
const ENDING = '.v1'
const DIMENSION = 'archon:dimension'
const METRIC = 'archon:metric'

export class ChromaService implements VectorService<Where> {
  readonly speech: FilterSpeech<Where> = flatSpeech(chromaWords)
  readonly maxNearest = 10_000
  readonly #client: ChromaClient
  readonly #prefix: string
  #maxBatch: Promise<number> | undefined

  constructor(client: ChromaClient, prefix: string) {
    this.#client = client
    this.#prefix = prefix
  }

  async create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }> {
    const known = await this.#find(spec.name)
    if (known) return { created: false, known: known.spec }
    try {
      await this.#client.createCollection({
        name: this.#nameOf(spec.name),
        embeddingFunction: null,
        metadata: { [DIMENSION]: spec.dimension, [METRIC]: spec.metric },
        configuration: {
          hnsw: { space: SPACES[spec.metric], ef_construction: 200, ef_search: 500, max_neighbors: 32 },
        },
      })
      return { created: true }
    } catch (error) {
      if (!isTaken(error)) throw error
      // Another process was faster.
      return await this.create(spec)
    }
  }

  async drop(name: string): Promise<boolean> {
    try {
      await this.#client.deleteCollection({ name: this.#nameOf(name) })
      return true
    } catch (error) {
      if (isGone(error)) return false
      throw error
    }
  }

  async list(): Promise<string[]> {
    const pageSize = 500
    const names: string[] = []
    for (let offset = 0; ; offset += pageSize) {
      const page = await this.#client.listCollections({ limit: pageSize, offset })
      names.push(...page.map(({ name }) => name))
      if (page.length < pageSize) break
    }
    const own = names.filter((name) => name.startsWith(this.#prefix) && name.endsWith(ENDING))
    return own.map((name) => name.slice(this.#prefix.length, -ENDING.length))
  }

  async reading<T>(name: string, work: (collection: ServiceCollection<Where>) => Promise<T>): Promise<T | null> {
    const collection = await this.#find(name)
    try {
      return collection && (await work(collection))
    } catch (error) {
      // In the middle of being dropped it fails in other ways than by not being there.
      if (error instanceof DbError || (await this.#find(name).catch(() => undefined)) !== null) throw error
      return null
    }
  }

  async writing<T>(name: string, work: (collection: ServiceCollection<Where>) => Promise<T>): Promise<T | null> {
    return await this.reading(name, work)
  }

  /** The client holds nothing open. */
  async close(): Promise<void> {}

  toDbError(error: unknown): DbError {
    return toDbError(error)
  }

  async #find(name: string): Promise<ChromaCollection | null> {
    try {
      const found = await this.#client.getCollection({ name: this.#nameOf(name) })
      this.#maxBatch ??= this.#client.getMaxBatchSize()
      return new ChromaCollection(found, specOf(name, found), await this.#maxBatch)
    } catch (error) {
      if (isGone(error)) return null
      throw error
    }
  }

  #nameOf(name: string): string {
    return this.#prefix + name + ENDING
  }
}

function specOf(name: string, { metadata }: Collection): CollectionSpec {
  const [dimension, metric] = [metadata?.[DIMENSION], metadata?.[METRIC]]
  if (typeof dimension === 'number' && typeof metric === 'string') {
    return { name, dimension, metric: metric as VectorMetric }
  }
  throw new DbError('unsupported', `The Chroma collection of ${name} was made by something else. Rename or drop it.`)
}
