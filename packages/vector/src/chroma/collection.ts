import { type CollectionSpec, compareCodePoints, DbError, type Metadata } from '@archon-db/core'
import type { Metadata as ChromaMetadata, Collection, Where } from 'chromadb'
import { type BatchLimits, batchesOf } from '../shared/batches.ts'
import { flatten } from '../shared/flat.ts'
import type { CheckedItem } from '../shared/input.ts'
import type { ServiceCollection, StoredItem, StoredVector } from '../shared/service.ts'

/** The metadata as it is, and whether there is content: keys that no flat key can have. */
const DOCUMENT = '_metadata'
const CONTENT = '_content'
/** A vector of zeros has no direction: Chroma's index by cosine may never come upon it. */
const ZERO = '_zero'
const READ_BATCH = 1000
const EVERYTHING: ('documents' | 'embeddings' | 'metadatas')[] = ['documents', 'embeddings', 'metadatas']

export class ChromaCollection implements ServiceCollection<Where> {
  readonly spec: CollectionSpec
  readonly #collection: Collection
  readonly #limits: BatchLimits

  constructor(collection: Collection, spec: CollectionSpec, maxBatch: number) {
    this.#collection = collection
    this.spec = spec
    this.#limits = { items: maxBatch, bytes: 8_000_000 }
  }

  count(): Promise<number> {
    return this.#collection.count()
  }

  async write(items: readonly CheckedItem[]): Promise<void> {
    for (const batch of batchesOf(items, this.#limits)) {
      await this.#collection.upsert({
        ids: batch.map(({ id }) => id),
        embeddings: batch.map(({ vector }) => Array.from(vector)),
        metadatas: batch.map((item) => this.#encode(item)),
        documents: batch.map(({ content }) => content ?? ''),
      })
    }
  }

  #encode({ metadata, content, vector }: CheckedItem): ChromaMetadata {
    return {
      ...flatten(metadata),
      [DOCUMENT]: JSON.stringify(metadata),
      [CONTENT]: content !== null,
      [ZERO]: vector.every((component) => component === 0),
    }
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      await this.#collection.delete({ ids: ids.slice(start, start + READ_BATCH) })
    }
  }

  async read(ids: readonly string[]): Promise<StoredVector[]> {
    const found: StoredVector[] = []
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      const part = await this.#collection.get({ ids: ids.slice(start, start + READ_BATCH), include: EVERYTHING })
      found.push(...part.ids.map((id, i) => decode(id, part.metadatas[i], part.documents[i], part.embeddings[i])))
    }
    return found
  }

  async nearest(vector: Float32Array, limit: number, filter: Where | null): Promise<StoredVector[]> {
    const [near, zeros] = await Promise.all([
      this.#nearest(vector, limit, filter),
      this.spec.metric === 'cosine' ? this.#zeros(limit, filter) : [],
    ])
    const known = new Set(near.map(({ id }) => id))
    return [...near, ...zeros.filter(({ id }) => !known.has(id))]
  }

  async #zeros(limit: number, filter: Where | null): Promise<StoredVector[]> {
    const zero: Where = { [ZERO]: true }
    const { ids } = await this.#collection.get({ where: filter ? { $and: [zero, filter] } : zero, include: [] })
    return await this.read(ids.sort(compareCodePoints).slice(0, limit))
  }

  async #nearest(vector: Float32Array, limit: number, filter: Where | null): Promise<StoredVector[]> {
    const { ids, metadatas, documents, embeddings } = await this.#collection.query({
      queryEmbeddings: [Array.from(vector)],
      nResults: limit,
      include: EVERYTHING,
      ...(filter && { where: filter }),
    })
    const [own = [], found = [], texts = [], vectors = []] = [ids[0], metadatas[0], documents[0], embeddings[0]]
    return own.map((id, i) => decode(id, found[i], texts[i], vectors[i]))
  }

  /** All ids come in one answer: pages by offset would skip items while others are deleted. */
  async *scan(filter: Where | null, what: 'ids' | 'items'): AsyncGenerator<readonly StoredItem[]> {
    const { ids } = await this.#collection.get({ include: [], ...(filter && { where: filter }) })
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      const part = ids.slice(start, start + READ_BATCH)
      yield what === 'ids' ? part.map((id) => ({ id, metadata: {}, content: null })) : await this.#metadataOf(part)
    }
  }

  async #metadataOf(ids: string[]): Promise<StoredItem[]> {
    const part = await this.#collection.get({ ids, include: ['metadatas'] })
    return part.ids.map((id, i) => ({ id, metadata: metadataOf(part.metadatas[i]), content: null }))
  }
}

function decode(
  id: string,
  own: ChromaMetadata | null | undefined,
  text: string | null | undefined,
  vector: number[] | null | undefined,
): StoredVector {
  const content = own?.[CONTENT] === true ? (text ?? '') : null
  return { id, metadata: metadataOf(own), content, vector: Float32Array.from(vector ?? []) }
}

function metadataOf(own: ChromaMetadata | null | undefined): Metadata {
  const document = own?.[DOCUMENT]
  if (typeof document === 'string') return JSON.parse(document) as Metadata
  throw new DbError('unknown', 'An item of this Chroma collection was written by something else. Delete it there.')
}
