import { DbError, invalidInput, type Metadata, type VectorMetric } from '@archon-db/core'
import type { PineconeRecord, RecordMetadata } from '@pinecone-database/pinecone'
import { flatten } from '../shared/flat.ts'
import type { CheckedItem } from '../shared/input.ts'
import { keepsDirection, lengthOf } from '../shared/score.ts'
import type { StoredVector } from '../shared/service.ts'
import { decodeId, encodeId } from './ids.ts'

/** Keys that no flat key can have: the metadata as it is, the content or where its parts are, and what else is needed. */
const DOCUMENT = '_metadata'
const CONTENT = '_content'
const PARTS = '_parts'
const ID = '_id'
/** The call that wrote a record. */
export const WRITE = '_write'
/** Of vectors that Pinecone stores or ranks otherwise than the contract: see `vectorOf`. */
export const ODD = '_odd'

/** 40 KB, as Pinecone has it, with a margin. */
const MAX_RECORD_METADATA = 40_000
/** So small that no order of nearness changes by it. */
const NEARLY_ZERO = 1e-30

export interface EncodedRecord {
  readonly record: PineconeRecord & { readonly values: number[]; readonly metadata: RecordMetadata }
  /** Content that has no room in the record. */
  readonly long: string | null
}

/** Parts of one content: the beginning of their ids, and how many there are. */
export interface Parts {
  readonly prefix: string
  readonly count: number
}

/** `write` is told apart from all other writings. */
export function encodeItem(item: CheckedItem, metric: VectorMetric, write: string): EncodedRecord {
  const id = encodeId(item.id)
  const { values, odd } = vectorOf(item.vector, metric)
  const metadata: RecordMetadata = {
    ...flatten(item.metadata),
    [DOCUMENT]: JSON.stringify(item.metadata),
    [WRITE]: write,
    ...(odd && { [ODD]: odd }),
    ...(decodeId(id) === null && { [ID]: item.id }),
  }
  const size = sizeOf(metadata)
  if (size > MAX_RECORD_METADATA) throw tooLarge()
  const { content } = item
  if (content === null) return { record: { id, values, metadata }, long: null }
  const fits = size + sizeOf(content) + CONTENT.length + 4 <= MAX_RECORD_METADATA
  return fits
    ? { record: { id, values, metadata: { ...metadata, [CONTENT]: content } }, long: null }
    : { record: { id, values, metadata }, long: content }
}

export function withParts({ record }: EncodedRecord, { prefix, count }: Parts): EncodedRecord['record'] {
  const metadata = { ...record.metadata, [PARTS]: `${count}:${prefix}` }
  if (sizeOf(metadata) > MAX_RECORD_METADATA) throw tooLarge()
  return { ...record, metadata }
}

export function partsOf({ metadata }: PineconeRecord): Parts | null {
  const said = metadata?.[PARTS]
  if (typeof said !== 'string') return null
  const colon = said.indexOf(':')
  return { count: Number(said.slice(0, colon)), prefix: said.slice(colon + 1) }
}

/** `content` is that of the record's parts, where it has some. */
export function decodeRecord(record: PineconeRecord, content: string | null): StoredVector {
  const { metadata = {}, values = [] } = record
  const own = metadata[CONTENT]
  return {
    id: idOf(record),
    metadata: documentOf(metadata),
    content: content ?? (typeof own === 'string' ? own : null),
    vector: metadata[ODD] === 'zero' ? new Float32Array(values.length) : Float32Array.from(values),
  }
}

export function idOf({ id, metadata }: PineconeRecord): string {
  const decoded = decodeId(id) ?? metadata?.[ID]
  if (typeof decoded === 'string') return decoded
  throw foreign()
}

function documentOf(metadata: RecordMetadata): Metadata {
  const document = metadata[DOCUMENT]
  if (typeof document === 'string') return JSON.parse(document) as Metadata
  throw foreign()
}

/**
 * Zeros alone are refused: something stands in for them. By cosine such a vector, and one whose length leaves the range
 * of float32, has a place of Pinecone's making, so that it is marked and looked at in any case.
 */
function vectorOf(vector: Float32Array, metric: VectorMetric): { values: number[]; odd?: 'zero' | 'length' } {
  if (lengthOf(vector) === 0) return { values: standIn(vector.length, metric), odd: 'zero' }
  const values = toNumbers(vector)
  return metric === 'cosine' && !keepsDirection(vector) ? { values, odd: 'length' } : { values }
}

/** Nine digits tell all float32 apart; the seventeen that JavaScript would write only make requests longer. */
export function toNumbers(vector: Float32Array): number[] {
  return Array.from(vector, (component) => Number(component.toPrecision(9)))
}

/** A query by cosine has a direction alone. */
export function toQuery(vector: Float32Array, metric: VectorMetric): number[] {
  const length = lengthOf(vector)
  if (length === 0) return standIn(vector.length, metric)
  return toNumbers(metric === 'cosine' ? vector.map((component) => component / length) : vector)
}

function standIn(dimension: number, metric: VectorMetric): number[] {
  const values = new Array<number>(dimension).fill(0)
  values[0] = metric === 'cosine' ? 1 : NEARLY_ZERO
  return values
}

/** Bytes of a value in a request. */
export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function tooLarge(): DbError {
  return invalidInput(
    `The metadata of an item, its id and its keys written out take more than the ${MAX_RECORD_METADATA} bytes that Pinecone has for them. Shorten it, or keep long texts in the content.`,
  )
}

function foreign(): DbError {
  return new DbError('unknown', 'A record of this Pinecone collection was written by something else. Delete it there.')
}
