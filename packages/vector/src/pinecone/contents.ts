import type { PineconeRecord } from '@pinecone-database/pinecone'
import { inBatches } from '../shared/batches.ts'
import type { PineconeAccess } from './access.ts'
import { DELETE_BATCH, fetchRecords, UPSERTS } from './batches.ts'
import { isGone } from './errors.ts'
import { FreshNamespace, somewhere } from './namespace.ts'
import { type Parts, sizeOf, WRITE } from './record.ts'

const TEXT = '_text'
const MAX_PART_BYTES = 36_000
const QUOTES = 2
/** How long it is believed that no other process has begun to store long contents. */
const UNUSED_FOR_MS = 60_000

/**
 * Contents that do not fit into a record, in records of a namespace of their own. Parts are never written over: a
 * reader that has an earlier version of an item finds the parts of that version, or none.
 */
export class LongContents {
  readonly #namespace: FreshNamespace
  readonly #name: string
  readonly #values: number[]
  #used = false
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(access: PineconeAccess, host: string, name: string, dimension: number) {
    this.#namespace = new FreshNamespace(access, host, name, dimension)
    this.#name = name
    this.#values = somewhere(dimension)
  }

  /** Whether there may be parts that a change of items leaves behind. */
  async areUsed(): Promise<boolean> {
    if (this.#used || performance.now() - this.#askedAt < UNUSED_FOR_MS) return this.#used
    const { namespaces = {} } = await this.#namespace.read((index) => index.describeIndexStats())
    this.#used = (namespaces[this.#name]?.recordCount ?? 0) > 0
    this.#askedAt = performance.now()
    return this.#used
  }

  /** Visible when it returns, so that whoever finds an item finds its content. */
  async store(contents: readonly { readonly prefix: string; readonly text: string }[]): Promise<Parts[]> {
    if (contents.length === 0) return []
    this.#used = true
    const stored = contents.map(({ prefix, text }) => ({ prefix, texts: cut(text) }))
    const records = stored.flatMap(({ prefix, texts }) => texts.map((text, i) => this.#part(prefix, i, text)))
    for (const batch of inBatches(records, UPSERTS, sizeOf)) {
      // The parts of a content are marked by their ids.
      const { id } = batch.at(-1)!
      await this.#namespace.write({ id, write: id }, (index) => index.upsert({ records: [...batch] }))
    }
    await this.#namespace.settle()
    return stored.map(({ prefix, texts }) => ({ prefix, count: texts.length }))
  }

  /** By prefix; null where a part is missing. */
  async read(contents: readonly Parts[]): Promise<ReadonlyMap<string, string | null>> {
    const records = await this.#namespace.read((index) => fetchRecords(index, contents.flatMap(idsOf)))
    const textOf = (id: string): string | null => textIn(records.get(id))
    return new Map(
      contents.map((parts) => {
        const texts = idsOf(parts).map(textOf)
        return [parts.prefix, texts.includes(null) ? null : texts.join('')]
      }),
    )
  }

  async remove(contents: readonly Parts[]): Promise<void> {
    for (const batch of inBatches(contents.flatMap(idsOf), DELETE_BATCH, () => 0)) {
      await this.#namespace
        .write({ id: batch.at(-1)!, write: null }, (index) => index.deleteMany({ ids: [...batch] }))
        .catch(unlessGone)
    }
  }

  #part(prefix: string, i: number, text: string): Part {
    const id = partId(prefix, i)
    return { id, values: this.#values, metadata: { [TEXT]: text, [WRITE]: id } }
  }
}

type Part = { readonly id: string; readonly values: number[]; readonly metadata: Record<string, string> }

function idsOf({ prefix, count }: Parts): string[] {
  return Array.from({ length: count }, (_, i) => partId(prefix, i))
}

function partId(prefix: string, i: number): string {
  return `${prefix}.${i}`
}

function textIn(record: PineconeRecord | undefined): string | null {
  const text = record?.metadata?.[TEXT]
  return typeof text === 'string' ? text : null
}

function unlessGone(error: unknown): void {
  if (!isGone(error)) throw error
}

/** Into texts that fit, no character cut in two. */
function cut(text: string): string[] {
  const parts: string[] = []
  for (let start = 0; start < text.length; ) {
    let length = Math.min(MAX_PART_BYTES - QUOTES, text.length - start)
    while (sizeOf(text.slice(start, start + length)) > MAX_PART_BYTES) length = Math.ceil(length / 2)
    if (start + length < text.length && isHighSurrogate(text.charCodeAt(start + length - 1))) length--
    parts.push(text.slice(start, start + length))
    start += length
  }
  return parts
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}
