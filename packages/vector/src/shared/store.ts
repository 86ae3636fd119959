import {
  type CollectionInfo,
  type CollectionSpec,
  checkCollectionSpec,
  checkMinScore,
  checkTopK,
  compareCodePoints,
  DbError,
  invalidInput,
  type Metadata,
  type MetadataPatch,
  toFloat32,
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
import { copyJson, type MetadataFilter, parseMetadataFilter, patched, toPatch } from '../metadata.ts'
import { CallsInFlight } from './calls.ts'
import { type CheckedItem, type CheckedTarget, checkIds, checkItems, checkTarget } from './input.ts'
import { searchNearest } from './nearest.ts'
import { type FilterExplanation, type FilterPlan, planFilter } from './push-down.ts'
import type { ServiceCollection, StoredItem, StoredVector, VectorService } from './service.ts'

/** A store that can say which part of a filter it decides by itself. */
export interface ServiceStore extends VectorStore {
  /** `{ native, pushed, here }`: the filter in the service's own language, and what is evaluated here. */
  explain(filter: VectorFilter): FilterExplanation
}

/** The contract over any service: checks, scores, orders, and evaluates what the service cannot. */
export class ServiceVectorStore<Native> implements ServiceStore {
  readonly #service: VectorService<Native>
  readonly #calls = new CallsInFlight()

  constructor(service: VectorService<Native>) {
    this.#service = service
  }

  async createCollection(spec: CollectionSpec): Promise<{ created: boolean }> {
    return await this.#call(async () => {
      checkCollectionSpec(spec)
      const { name, dimension, metric } = spec
      const result = await this.#calls.inTurn('', () => this.#service.create({ name, dimension, metric }))
      return result.created ? { created: true } : requireSame(result.known, spec)
    })
  }

  async dropCollection(name: string): Promise<{ existed: boolean }> {
    return await this.#call(() =>
      this.#calls.inTurn('', () => this.#calls.inTurn(name, async () => ({ existed: await this.#service.drop(name) }))),
    )
  }

  async listCollections(): Promise<string[]> {
    return await this.#call(async () => (await this.#service.list()).sort(compareCodePoints))
  }

  async describe(name: string): Promise<CollectionInfo> {
    return await this.#read(name, async (collection) => ({ ...collection.spec, count: await collection.count() }))
  }

  async upsert(name: string, items: readonly VectorItem[]): Promise<string[]> {
    return await this.#write(name, async (collection) => {
      const checked = checkItems(items, collection.spec.dimension)
      await this.#store(collection, checked)
      return checked.map(({ id }) => id)
    })
  }

  async search(name: string, search: VectorSearch): Promise<VectorHit[]> {
    search.signal?.throwIfAborted()
    const hits = this.#read(name, (collection) =>
      search.vector === undefined ? this.#list(collection, search) : this.#nearest(collection, search, search.vector),
    )
    return await (search.signal ? abortable(hits, search.signal) : hits)
  }

  async get(name: string, ids: readonly string[], include?: VectorInclude): Promise<VectorRecord[]> {
    return await this.#read(name, async (collection) => {
      checkIds(ids)
      const found = await readInOrder(collection, ids)
      return found.map((item) => toRecord(item, include))
    })
  }

  async delete(name: string, target: VectorTarget): Promise<{ deleted: number }> {
    return await this.#write(name, async (collection) => {
      const ids = await this.#idsOf(collection, checkTarget(target))
      if (ids.length > 0) await collection.remove(ids)
      return { deleted: ids.length }
    })
  }

  async updateMetadata(
    name: string,
    target: string | VectorTarget,
    patch: MetadataPatch,
  ): Promise<{ updated: number }> {
    return await this.#write(name, async (collection) => {
      const checked = checkTarget(typeof target === 'string' ? { ids: [target] } : target)
      const change = toPatch(patch)
      return await this.#update(collection, await this.#idsOf(collection, checked), (item) => ({
        ...item,
        metadata: patched(item.metadata, change),
      }))
    })
  }

  async updateVector(name: string, id: string, vector: VectorInput): Promise<{ updated: number }> {
    return await this.#write(name, async (collection) => {
      checkIds([id])
      const checked = toFloat32(vector, collection.spec.dimension)
      return await this.#update(collection, [id], (item) => ({ ...item, vector: checked }))
    })
  }

  async count(name: string, filter?: VectorFilter): Promise<number> {
    return await this.#read(name, async (collection) => {
      const parsed = parseMetadataFilter(filter)
      return parsed ? (await this.#matching(collection, parsed)).length : await collection.count()
    })
  }

  explain(filter: VectorFilter): FilterExplanation {
    const { native, pushed, here, rechecked } = planFilter(parseMetadataFilter(filter), this.#service.speech)
    return { native, pushed, here, rechecked }
  }

  async close(): Promise<void> {
    await this.#calls.close(() => this.#service.close())
  }

  async #nearest(
    collection: ServiceCollection<Native>,
    { topK, filter, minScore, after, include }: VectorSearch,
    vector: VectorInput,
  ): Promise<VectorHit[]> {
    if (after !== undefined) throw invalidInput('`after` continues a listing; a search by vector has no pages.')
    checkTopK(topK)
    checkMinScore(minScore)
    const query = toFloat32(vector, collection.spec.dimension)
    const parsed = parseMetadataFilter(filter)
    const plan = planFilter(parsed, this.#service.speech)
    if (plan.none) return []
    const hits = await searchNearest(collection, {
      vector: query,
      topK,
      minScore: minScore ?? Number.NEGATIVE_INFINITY,
      plan,
      matches: (metadata) => parsed === null || parsed.matches(metadata),
      maxNearest: this.#service.maxNearest,
    })
    return hits.map((hit) => ({ ...toRecord(hit, include), score: hit.score }))
  }

  /** Without a vector there is no order of nearness: by id, page by page. */
  async #list(
    collection: ServiceCollection<Native>,
    { topK, minScore, filter, after, include }: VectorSearch,
  ): Promise<VectorHit[]> {
    checkTopK(topK)
    if (minScore !== undefined) throw invalidInput('minScore needs a vector to score against.')
    const ids = await this.#matching(collection, parseMetadataFilter(filter))
    const rest = after === undefined ? ids : ids.filter((id) => compareCodePoints(id, after) > 0)
    const page = await readInOrder(collection, rest.sort(compareCodePoints).slice(0, topK))
    return page.map((item) => ({ ...toRecord(item, include), score: 0 }))
  }

  async #matching(collection: ServiceCollection<Native>, filter: MetadataFilter | null): Promise<string[]> {
    const plan = planFilter(filter, this.#service.speech)
    if (plan.none) return []
    const ids: string[] = []
    for await (const part of collection.scan(plan.native, plan.rechecked ? 'items' : 'ids')) {
      for (const item of part) if (isMatch(item, filter, plan)) ids.push(item.id)
    }
    return ids
  }

  async #idsOf(collection: ServiceCollection<Native>, { ids, filter }: CheckedTarget): Promise<string[]> {
    if (filter) return await this.#matching(collection, filter)
    return (await collection.read(ids)).map(({ id }) => id)
  }

  async #update(
    collection: ServiceCollection<Native>,
    ids: readonly string[],
    change: (item: StoredVector) => CheckedItem,
  ): Promise<{ updated: number }> {
    if (ids.length === 0) return { updated: 0 }
    const items = (await collection.read(ids)).map(change)
    if (items.length > 0) await this.#store(collection, items)
    return { updated: items.length }
  }

  async #store(collection: ServiceCollection<Native>, items: readonly CheckedItem[]): Promise<void> {
    const { maxMetadataBytes } = this.#service
    if (maxMetadataBytes !== undefined) for (const { metadata } of items) checkSize(metadata, maxMetadataBytes)
    // Of one id given twice the last item counts.
    await collection.write([...new Map(items.map((item) => [item.id, item])).values()])
  }

  async #read<T extends object | number>(
    name: string,
    work: (collection: ServiceCollection<Native>) => Promise<T>,
  ): Promise<T> {
    return await this.#call(async () => known(name, await this.#service.reading(name, work)))
  }

  /** Changes of one collection take turns in this process, so that none is lost between its reading and its writing. */
  async #write<T extends object>(
    name: string,
    work: (collection: ServiceCollection<Native>) => Promise<T>,
  ): Promise<T> {
    const change = (): Promise<T | null> => this.#service.writing(name, work)
    return await this.#call(async () => known(name, await this.#calls.inTurn(name, change)))
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    return await this.#calls.run(async () => {
      try {
        return await work()
      } catch (error) {
        throw error instanceof DbError ? error : this.#service.toDbError(error)
      }
    })
  }
}

function known<T>(name: string, result: T | null): T {
  if (result !== null) return result
  throw new DbError('not_found', `There is no vector collection ${JSON.stringify(name)}. Create it first.`)
}

function requireSame(known: CollectionSpec, wanted: CollectionSpec): { created: boolean } {
  if (known.dimension === wanted.dimension && known.metric === wanted.metric) return { created: false }
  throw invalidInput(
    `The vector collection ${known.name} exists with dimension ${known.dimension} and metric ${known.metric}. Drop it first, or take another name.`,
  )
}

async function readInOrder<Native>(
  collection: ServiceCollection<Native>,
  ids: readonly string[],
): Promise<StoredVector[]> {
  if (ids.length === 0) return []
  const found = new Map((await collection.read([...new Set(ids)])).map((item) => [item.id, item]))
  return ids.flatMap((id) => found.get(id) ?? [])
}

function toRecord({ id, metadata, content, vector }: StoredVector, include: VectorInclude = {}): VectorRecord {
  return {
    id,
    metadata: include.metadata === false ? {} : copyJson(metadata),
    ...(include.content === false ? {} : { content }),
    ...(include.vector ? { vector } : {}),
  }
}

function checkSize(metadata: Metadata, limit: number): void {
  if (Buffer.byteLength(JSON.stringify(metadata)) <= limit) return
  throw invalidInput(`The metadata of one item may have ${limit} bytes as JSON here. Keep long texts in its content.`)
}

/** Lets the caller go on at once; what was asked of the service may still come and is dropped. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function isMatch<Native>(item: StoredItem, filter: MetadataFilter | null, plan: FilterPlan<Native>): boolean {
  return !plan.rechecked || filter === null || filter.matches(item.metadata)
}
