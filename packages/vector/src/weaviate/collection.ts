import { type CollectionSpec, compareCodePoints, DbError } from '@archon-db/core'
import type { Collection, FilterValue, WeaviateNonGenericObject } from 'weaviate-client'
import { batchesOf } from '../shared/batches.ts'
import type { CheckedItem } from '../shared/input.ts'
import { lengthOf } from '../shared/score.ts'
import type { ServiceCollection, StoredItem, StoredVector } from '../shared/service.ts'
import { decode, encode, PARTS, uuidOf } from './encode.ts'
import { isTooLarge } from './errors.ts'
import { PROPERTY, VECTOR } from './schema.ts'
import { idAmong, isOrdered, isTrue, weaviateWords } from './words.ts'

/** The most objects that one query gives, by Weaviate's default. */
export const MAX_RESULTS = 10_000
const READ_BATCH = 1000
const WRITE_BATCH = 200
const WRITE_BYTES = 8_000_000
/** No more than these go one by one: the client waits half a second in every request of several objects. */
const SINGLY = 64
/** Requests on their way at one time. */
const AT_ONCE = 16

const READ = [PROPERTY.id, PROPERTY.document, PROPERTY.content]
const EVERYTHING = { returnProperties: READ, includeVector: [VECTOR] }
const SCANNED = { ids: [PROPERTY.id], items: [PROPERTY.id, PROPERTY.document] } as const

export class WeaviateCollection implements ServiceCollection<FilterValue> {
  readonly spec: CollectionSpec
  readonly #collection: Collection

  constructor(collection: Collection, spec: CollectionSpec) {
    this.#collection = collection
    this.spec = spec
  }

  async count(): Promise<number> {
    return (await this.#collection.aggregate.overAll()).totalCount
  }

  async write(items: readonly CheckedItem[]): Promise<void> {
    const limits = { items: items.length <= SINGLY ? 1 : WRITE_BATCH, bytes: WRITE_BYTES }
    const batches = [...batchesOf(items, limits)]
    for (let start = 0; start < batches.length; start += AT_ONCE) {
      await Promise.all(
        batches.slice(start, start + AT_ONCE).map((batch) => inHalves(batch, (part) => this.#put(part))),
      )
    }
  }

  async #put(items: readonly CheckedItem[]): Promise<never[]> {
    const { errors, hasErrors } = await this.#collection.data.insertMany(
      items.map((item) => ({
        id: uuidOf(item.id),
        properties: encode(item),
        vectors: { [VECTOR]: Array.from(item.vector) },
      })),
    )
    if (!hasErrors) return []
    const [first] = Object.values(errors)
    throw new Error(first?.message)
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      const part = ids.slice(start, start + READ_BATCH)
      const { failed } = await this.#collection.data.deleteMany(idAmong(part.map(uuidOf)))
      if (failed > 0) throw new DbError('unknown', `Weaviate could not delete ${failed} of the items. Try again.`)
    }
  }

  async read(ids: readonly string[]): Promise<StoredVector[]> {
    return await this.#readAll(ids.map(uuidOf))
  }

  async #readAll(uuids: readonly string[]): Promise<StoredVector[]> {
    const found: StoredVector[] = []
    for (let start = 0; start < uuids.length; start += READ_BATCH) {
      found.push(...(await inHalves(uuids.slice(start, start + READ_BATCH), (part) => this.#readSome(part))))
    }
    return found
  }

  async #readSome(uuids: readonly string[]): Promise<StoredVector[]> {
    const filters = idAmong(uuids)
    const { objects } = await this.#collection.query.fetchObjects({ filters, limit: uuids.length, ...EVERYTHING })
    return objects.map(toItem)
  }

  async nearest(vector: Float32Array, limit: number, filter: FilterValue | null): Promise<StoredVector[]> {
    const [near, lost] = await Promise.all([
      this.#nearest(this.#queryOf(vector), limit, filter),
      this.spec.metric === 'cosine' ? this.#lost(limit, filter) : [],
    ])
    const known = new Set(near.map(({ id }) => id))
    return [...near, ...lost.filter(({ id }) => !known.has(id))]
  }

  async #nearest(vector: number[], limit: number, filters: FilterValue | null): Promise<StoredVector[]> {
    const { query } = this.#collection
    const options = { limit, targetVector: VECTOR, ...(filters && { filters }) }
    try {
      return (await query.nearVector(vector, { ...options, ...EVERYTHING })).objects.map(toItem)
    } catch (error) {
      if (!isTooLarge(error)) throw error
      const { objects } = await query.nearVector(vector, { ...options, returnProperties: [] })
      return await this.#readAll(objects.map(({ uuid }) => uuid))
    }
  }

  /** By cosine only the direction counts, and of very short and very long vectors it would be lost on the way. */
  #queryOf(vector: Float32Array): number[] {
    const length = this.spec.metric === 'cosine' ? lengthOf(vector) : 1
    return Array.from(vector, (component) => (length === 0 ? component : component / length))
  }

  /** A graph by cosine may never lead to vectors without a direction. */
  async #lost(limit: number, filter: FilterValue | null): Promise<StoredVector[]> {
    const lost = isTrue(PROPERTY.lost)
    const ids: string[] = []
    for await (const part of this.scan(filter ? weaviateWords.and([lost, filter]) : lost, 'ids')) {
      ids.push(...part.map(({ id }) => id))
    }
    return await this.read(ids.sort(compareCodePoints).slice(0, limit))
  }

  async *scan(filter: FilterValue | null, what: 'ids' | 'items'): AsyncGenerator<readonly StoredItem[]> {
    yield* this.#scanPart(filter, what, 0, PARTS)
  }

  /** Where there is more than one answer may hold, the collection is gone through in halves: no page is ever skipped. */
  async *#scanPart(
    filter: FilterValue | null,
    what: 'ids' | 'items',
    from: number,
    to: number,
  ): AsyncGenerator<readonly StoredItem[]> {
    const found = await this.#fetchPart(partFilter(filter, from, to), what)
    if (found) {
      yield found
      return
    }
    if (to - from === 1)
      throw new DbError('unsupported', 'Weaviate cannot list this collection: its limits are too low.')
    const middle = Math.floor((from + to) / 2)
    yield* this.#scanPart(filter, what, from, middle)
    yield* this.#scanPart(filter, what, middle, to)
  }

  /** Null when there may be more. */
  async #fetchPart(filters: FilterValue | null, what: 'ids' | 'items'): Promise<StoredItem[] | null> {
    const options = { limit: MAX_RESULTS, returnProperties: [...SCANNED[what]], ...(filters && { filters }) }
    try {
      const { objects } = await this.#collection.query.fetchObjects(options)
      return objects.length < MAX_RESULTS ? objects.map(({ properties }) => decode(properties)) : null
    } catch (error) {
      if (isTooLarge(error)) return null
      throw error
    }
  }
}

function partFilter(filter: FilterValue | null, from: number, to: number): FilterValue | null {
  if (to - from === PARTS) return filter
  const bounds = [isOrdered('gte', PROPERTY.part, from), isOrdered('lt', PROPERTY.part, to)]
  return weaviateWords.and(filter ? [...bounds, filter] : bounds)
}

/** What is too much for one request goes in two. */
async function inHalves<Item, Result>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<Result[]>,
): Promise<Result[]> {
  try {
    return await work(items)
  } catch (error) {
    if (items.length === 1 || !isTooLarge(error)) throw error
    const half = Math.ceil(items.length / 2)
    const first = await inHalves(items.slice(0, half), work)
    return [...first, ...(await inHalves(items.slice(half), work))]
  }
}

function toItem({ properties, vectors }: WeaviateNonGenericObject): StoredVector {
  return { ...decode(properties), vector: Float32Array.from(vectors[VECTOR] as number[]) }
}
