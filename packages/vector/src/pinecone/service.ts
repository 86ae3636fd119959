import type { CollectionSpec, DbError } from '@archon-db/core'
import { flatSpeech } from '../shared/flat-speech.ts'
import type { FilterSpeech } from '../shared/push-down.ts'
import type { ServiceCollection, VectorService } from '../shared/service.ts'
import type { PineconeAccess } from './access.ts'
import { PineconeCollection } from './collection.ts'
import { LongContents } from './contents.ts'
import { mayBeOutdated, toDbError } from './errors.ts'
import type { CollectionHome, Place } from './home.ts'
import { FreshNamespace } from './namespace.ts'
import { type PineconeFilter, pineconeWords } from './words.ts'

type Work<T> = (collection: ServiceCollection<PineconeFilter>) => Promise<T>

/** What is known here of the writes to a collection outlives each call. */
interface Opened {
  readonly place: Place
  readonly items: FreshNamespace
  readonly contents: LongContents
}

export class PineconeService implements VectorService<PineconeFilter> {
  readonly speech: FilterSpeech<PineconeFilter> = flatSpeech(pineconeWords)
  readonly maxNearest = 10_000
  /** Of 40 KB that a record has: twice as much where it is all quotes, and the keys to filter by. */
  readonly maxMetadataBytes = 16_000
  readonly #access: PineconeAccess
  readonly #home: CollectionHome
  readonly #opened = new Map<string, Opened>()

  constructor(access: PineconeAccess, home: CollectionHome) {
    this.#access = access
    this.#home = home
  }

  async create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }> {
    const result = await this.#home.create(spec)
    // What may be known of an earlier one of that name says nothing of this one.
    if (result.created) this.#opened.delete(spec.name)
    return result
  }

  async drop(name: string): Promise<boolean> {
    this.#opened.delete(name)
    return await this.#home.drop(name)
  }

  list(): Promise<string[]> {
    return this.#home.list()
  }

  async reading<T>(name: string, work: Work<T>): Promise<T | null> {
    const place = await this.#home.find(name)
    if (!place) return null
    try {
      return await work(this.#collection(place))
    } catch (error) {
      if (!mayBeOutdated(error) || !this.#home.forget(place)) throw error
      const now = await this.#home.find(name)
      if (now && isSame(now, place)) throw error
      return now && (await work(this.#collection(now)))
    }
  }

  writing<T>(name: string, work: Work<T>): Promise<T | null> {
    return this.reading(name, work)
  }

  /** The client holds nothing open. Whoever opens a store after this finds what was written before. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#opened.values()].map(({ items }) => items.settle()))
  }

  toDbError(error: unknown): DbError {
    return toDbError(error)
  }

  #collection(place: Place): PineconeCollection {
    const { spec } = place
    let opened = this.#opened.get(spec.name)
    if (!opened || !isSame(opened.place, place)) {
      const { host, items, contents } = place
      opened = {
        place,
        items: new FreshNamespace(this.#access, host, items, spec.dimension),
        contents: new LongContents(this.#access, host, contents, spec.dimension),
      }
      this.#opened.set(spec.name, opened)
    }
    return new PineconeCollection(spec, opened.items, place.items, opened.contents)
  }
}

function isSame(a: Place, b: Place): boolean {
  return a.host === b.host && a.spec.dimension === b.spec.dimension && a.spec.metric === b.spec.metric
}
