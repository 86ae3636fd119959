import { randomBytes } from 'node:crypto'
import { type CollectionSpec, compareCodePoints, DbError } from '@archon-db/core'
import type { Index, PineconeRecord } from '@pinecone-database/pinecone'
import { inBatches } from '../shared/batches.ts'
import type { CheckedItem } from '../shared/input.ts'
import type { ServiceCollection, StoredItem, StoredVector } from '../shared/service.ts'
import { DELETE_BATCH, fetchRecords, UPSERTS } from './batches.ts'
import type { LongContents } from './contents.ts'
import { decodeId, encodeId } from './ids.ts'
import type { FreshNamespace } from './namespace.ts'
import { Pauses } from './pauses.ts'
import {
  decodeRecord,
  type EncodedRecord,
  encodeItem,
  idOf,
  ODD,
  partsOf,
  sizeOf,
  toQuery,
  withParts,
} from './record.ts'
import type { PineconeFilter } from './words.ts'

/** What an answer to a query may have, and what a record takes of it: a number's digits, and the metadata. */
const RESULT_BYTES = 4_000_000
const BYTES_OF_NUMBER = 20
const BYTES_OF_METADATA = 41_000
const PAGE = 100
/** How long an item is read again whose content is being replaced. */
const WHOLE_WITHIN_MS = 5000

export class PineconeCollection implements ServiceCollection<PineconeFilter> {
  readonly spec: CollectionSpec
  readonly #items: FreshNamespace
  readonly #itemsName: string
  readonly #contents: LongContents

  constructor(spec: CollectionSpec, items: FreshNamespace, itemsName: string, contents: LongContents) {
    this.spec = spec
    this.#items = items
    this.#itemsName = itemsName
    this.#contents = contents
  }

  async count(): Promise<number> {
    const { namespaces = {} } = await this.#items.read((index) => index.describeIndexStats())
    return namespaces[this.#itemsName]?.recordCount ?? 0
  }

  /** Everything is encoded, and so checked, before anything is sent. */
  async write(items: readonly CheckedItem[]): Promise<void> {
    const write = randomBytes(8).toString('hex')
    const encoded = items.map((item) => encodeItem(item, this.spec.metric, write))
    await this.#replacing(
      encoded.map(({ record }) => record.id),
      async () => {
        for (const batch of inBatches(await this.#storeContents(encoded, write), UPSERTS, sizeOf)) {
          const { id } = batch.at(-1)!
          await this.#items.write({ id, write }, (index) => index.upsert({ records: [...batch] }))
        }
      },
    )
  }

  async remove(ids: readonly string[]): Promise<void> {
    const stored = ids.map(encodeId)
    await this.#replacing(stored, async () => {
      for (const batch of inBatches(stored, DELETE_BATCH, () => 0)) {
        await this.#items.write({ id: batch.at(-1)!, write: null }, (index) => index.deleteMany({ ids: [...batch] }))
      }
    })
  }

  async read(ids: readonly string[]): Promise<StoredVector[]> {
    return await this.#whole([...(await this.#records(ids.map(encodeId))).values()])
  }

  async nearest(vector: Float32Array, limit: number, filter: PineconeFilter | null): Promise<StoredVector[]> {
    const [near, odd] = await Promise.all([
      this.#nearest(vector, limit, filter),
      this.spec.metric === 'cosine' ? this.#odd(limit, filter) : [],
    ])
    return await this.#whole([...new Map([...near, ...odd].map((record) => [record.id, record])).values()])
  }

  async *scan(filter: PineconeFilter | null, what: 'ids' | 'items'): AsyncGenerator<readonly StoredItem[]> {
    if (filter !== null) {
      for await (const records of this.#matching(filter)) yield records.map(toItem)
      return
    }
    for await (const stored of this.#allIds()) {
      const ids = stored.map(decodeId)
      // Ids that cannot be decoded stand in their records.
      if (what === 'ids' && !ids.includes(null)) yield ids.map((id) => ({ id: id!, metadata: {}, content: null }))
      else yield [...(await this.#records(stored)).values()].map(toItem)
    }
  }

  /** Ids alone where the vectors would make the answer too large. */
  async #nearest(vector: Float32Array, limit: number, filter: PineconeFilter | null): Promise<PineconeRecord[]> {
    const whole = limit * (this.spec.dimension * BYTES_OF_NUMBER + BYTES_OF_METADATA) <= RESULT_BYTES
    const { matches } = await this.#items.read((index) =>
      index.query({
        vector: toQuery(vector, this.spec.metric),
        topK: limit,
        includeValues: whole,
        includeMetadata: whole,
        ...(filter && { filter }),
      }),
    )
    return whole ? matches : [...(await this.#records(matches.map(({ id }) => id))).values()]
  }

  /** The first by id of those whose place among the nearest is not to be trusted. */
  async #odd(limit: number, filter: PineconeFilter | null): Promise<PineconeRecord[]> {
    const odd: PineconeFilter = { [ODD]: { $exists: true } }
    const found: PineconeRecord[] = []
    for await (const part of this.#matching(filter ? { $and: [odd, filter] } : odd)) found.push(...part)
    return found.sort((a, b) => compareCodePoints(idOf(a), idOf(b))).slice(0, limit)
  }

  async *#matching(filter: PineconeFilter): AsyncGenerator<PineconeRecord[]> {
    for (let paginationToken: string | undefined; ; ) {
      const page = await this.#items.read((index) =>
        index.fetchByMetadata({ filter, limit: PAGE, ...(paginationToken && { paginationToken }) }),
      )
      yield Object.values(page.records)
      paginationToken = page.pagination?.next
      if (!paginationToken) return
    }
  }

  async *#allIds(): AsyncGenerator<string[]> {
    for (let paginationToken: string | undefined; ; ) {
      const page = await this.#items.read((index) =>
        index.listPaginated({ limit: PAGE, ...(paginationToken && { paginationToken }) }),
      )
      yield (page.vectors ?? []).flatMap(({ id }) => id ?? [])
      paginationToken = page.pagination?.next
      if (!paginationToken) return
    }
  }

  async #records(stored: readonly string[]): Promise<Map<string, PineconeRecord>> {
    return await this.#items.read((index: Index) => fetchRecords(index, stored))
  }

  /** With their contents. Where these are gone meanwhile, the item was replaced, and is read again. */
  async #whole(records: readonly PineconeRecord[]): Promise<StoredVector[]> {
    const pauses = new Pauses(WHOLE_WITHIN_MS)
    const found: StoredVector[] = []
    for (let left = records; ; ) {
      const contents = await this.#contents.read(left.flatMap((record) => partsOf(record) ?? []))
      const torn: string[] = []
      for (const record of left) {
        const parts = partsOf(record)
        const content = parts && (contents.get(parts.prefix) ?? null)
        if (parts && content === null) torn.push(record.id)
        else found.push(decodeRecord(record, content))
      }
      if (torn.length === 0) return found
      if (!(await pauses.next())) {
        throw new DbError('serialization_failure', 'Contents in Pinecone changed while they were read. Read again.')
      }
      left = [...(await this.#records(torn)).values()]
    }
  }

  /** Removes the long contents of the records as they were before a change. */
  async #replacing(stored: readonly string[], change: () => Promise<void>): Promise<void> {
    const before = (await this.#contents.areUsed()) ? [...(await this.#records(stored)).values()] : []
    await change()
    await this.#contents.remove(before.flatMap((record) => partsOf(record) ?? []))
  }

  async #storeContents(encoded: readonly EncodedRecord[], write: string): Promise<EncodedRecord['record'][]> {
    const long = encoded.flatMap(({ long: text }, i) => (text === null ? [] : [{ prefix: `${write}.${i}`, text }]))
    const parts = new Map((await this.#contents.store(long)).map((stored) => [stored.prefix, stored]))
    return encoded.map((item, i) => {
      const own = parts.get(`${write}.${i}`)
      return own ? withParts(item, own) : item.record
    })
  }
}

function toItem(record: PineconeRecord): StoredItem {
  const { id, metadata } = decodeRecord(record, null)
  return { id, metadata, content: null }
}
