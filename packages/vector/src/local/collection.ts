import {
  type CollectionInfo,
  checkTopK,
  compareCodePoints,
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
  type VectorTarget,
} from '@archon-db/core'
import { copyJson, type MetadataFilter, parseMetadataFilter, patched, toPatch } from '../metadata.ts'
import { checkIds, checkItems, checkTarget } from '../shared/input.ts'
import type { LogBatch, LogEntry } from './persist/record.ts'
import { TopK } from './top-k.ts'
import type { LocalVectorIndex } from './vector-index.ts'

/** What a collection keeps of an item beside its vector. */
interface Stored {
  readonly metadata: Metadata
  readonly content: string | null
}

/** The items of one collection: their vectors in an index, metadata and content as the index's payloads. */
export class LocalCollection {
  readonly name: string
  readonly index: LocalVectorIndex

  constructor(name: string, index: LocalVectorIndex) {
    this.name = name
    this.index = index
  }

  describe(): CollectionInfo {
    const { dimension, metric, size } = this.index
    return { name: this.name, dimension, metric, count: size }
  }

  async upsert(items: readonly VectorItem[]): Promise<string[]> {
    const checked = checkItems(items, this.index.dimension)
    const set = checked.map(
      ({ id, vector, metadata, content }): LogEntry => ({
        key: id,
        vector,
        payload: { metadata, content } satisfies Stored,
      }),
    )
    await this.index.edit({ record: () => ({ type: 'batch', set, remove: [] }) })
    return checked.map(({ id }) => id)
  }

  async search(search: VectorSearch): Promise<VectorHit[]> {
    const filter = parseMetadataFilter(search.filter)
    if (search.vector === undefined) return this.#list(search, filter)
    if (search.after !== undefined) throw invalidInput('`after` continues a listing; a search by vector has no pages.')
    const hits = await this.index.search(search.vector, {
      topK: search.topK,
      minScore: search.minScore,
      filter: filter ? (key) => filter.matches(this.#stored(key as string).metadata) : undefined,
    })
    // One removed in the very moment the search ended is not shown any more.
    const present = hits.filter(({ key }) => this.index.has(key))
    return present.map(({ key, score }) => ({ ...this.#record(key as string, search.include), score }))
  }

  get(ids: readonly string[], include?: VectorInclude): VectorRecord[] {
    checkIds(ids)
    return ids.filter((id) => this.index.has(id)).map((id) => this.#record(id, include))
  }

  async delete(target: VectorTarget): Promise<{ deleted: number }> {
    const idsOf = this.#targetIds(target)
    const record = (): LogBatch => ({ type: 'batch', set: [], remove: idsOf() })
    return { deleted: await this.index.edit({ record, reads: true }) }
  }

  async updateMetadata(target: string | VectorTarget, patch: MetadataPatch): Promise<{ updated: number }> {
    const idsOf = this.#targetIds(typeof target === 'string' ? { ids: [target] } : target)
    const checked = toPatch(patch)
    return await this.#update(idsOf, (id, { metadata, content }) => ({
      key: id,
      vector: this.index.get(id) as Float32Array,
      payload: { metadata: patched(metadata, checked), content } satisfies Stored,
    }))
  }

  async updateVector(id: string, vector: VectorInput): Promise<{ updated: number }> {
    const checked = toFloat32(vector, this.index.dimension)
    const idsOf = this.#targetIds({ ids: [id] })
    return await this.#update(idsOf, (_, payload) => ({ key: id, vector: checked, payload }))
  }

  count(filter?: VectorFilter): number {
    const parsed = parseMetadataFilter(filter)
    return parsed ? this.#matching(parsed).length : this.index.size
  }

  async #update(idsOf: () => string[], change: (id: string, stored: Stored) => LogEntry): Promise<{ updated: number }> {
    let updated = 0
    const record = (): LogBatch | null => {
      const set = idsOf().map((id) => change(id, this.#stored(id)))
      updated = set.length
      return updated === 0 ? null : { type: 'batch', set, remove: [] }
    }
    await this.index.edit({ record, reads: true })
    return { updated }
  }

  /** The ids of a target, each once, at the moment they are asked for; those that are unknown are left out. */
  #targetIds(target: VectorTarget): () => string[] {
    const { ids, filter } = checkTarget(target)
    return filter ? () => this.#matching(filter) : () => ids.filter((id) => this.index.has(id))
  }

  #matching(filter: MetadataFilter): string[] {
    return this.#ids().filter((id) => filter.matches(this.#stored(id).metadata))
  }

  /** Without a vector there is no order of nearness: by id, page by page. */
  #list({ topK, minScore, after, include }: VectorSearch, filter: MetadataFilter | null): VectorHit[] {
    checkTopK(topK)
    if (minScore !== undefined) throw invalidInput('minScore needs a vector to score against.')
    const page = new TopK<string>(topK, compareCodePoints)
    for (const id of filter ? this.#matching(filter) : this.#ids()) {
      if (after === undefined || compareCodePoints(id, after) > 0) page.offer(id)
    }
    return page.sorted().map((id) => ({ ...this.#record(id, include), score: 0 }))
  }

  #ids(): string[] {
    return [...this.index.keys()] as string[]
  }

  #stored(id: string): Stored {
    return this.index.payloads.get(id) as Stored
  }

  #record(id: string, include: VectorInclude = {}): VectorRecord {
    const { metadata, content } = this.#stored(id)
    return {
      id,
      metadata: include.metadata === false ? {} : copyJson(metadata),
      ...(include.content === false ? {} : { content }),
      ...(include.vector ? { vector: this.index.get(id) as Float32Array } : {}),
    }
  }
}
