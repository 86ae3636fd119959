import type { MetadataValue, RecordMetadata } from './filter.ts'
import { isObject, Refusal, requireThat } from './refusal.ts'

export interface FakeRecord {
  readonly id: string
  readonly values: Float32Array
  readonly metadata: RecordMetadata | undefined
}

export const LIMITS = {
  requestBytes: 2 * 1024 * 1024,
  resultBytes: 4 * 1024 * 1024,
  metadataBytes: 40 * 1024,
  records: 1000,
  topK: 10_000,
  page: 100,
  id: 512,
} as const

export function checkRecords(records: unknown, dimension: number): FakeRecord[] {
  requireThat(Array.isArray(records) && records.length > 0, 'No vectors to upsert')
  const list = records as unknown[]
  requireThat(list.length <= LIMITS.records, `Too many vectors: ${list.length}, the limit is ${LIMITS.records}`)
  return list.map((record) => checkRecord(record, dimension))
}

function checkRecord(record: unknown, dimension: number): FakeRecord {
  if (!isObject(record)) throw new Refusal(400, 'A vector must be an object')
  const id = checkId(record.id)
  const values = checkVector(record.values, dimension)
  requireThat(
    values.some((component) => component !== 0),
    `Dense vectors must have a value that is not zero; vector ${id} has none`,
  )
  return { id, values, metadata: record.metadata === undefined ? undefined : checkMetadata(record.metadata) }
}

export function checkId(id: unknown): string {
  if (typeof id !== 'string' || id === '') throw new Refusal(400, 'An id must be a string that is not empty')
  requireThat(/^[ -~]*$/.test(id), 'An id must be ASCII')
  requireThat(id.length <= LIMITS.id, `An id has up to ${LIMITS.id} characters`)
  return id
}

export function checkIds(ids: unknown): string[] {
  requireThat(Array.isArray(ids) && ids.length > 0, 'No ids')
  const list = ids as unknown[]
  requireThat(list.length <= LIMITS.records, `Too many ids: ${list.length}, the limit is ${LIMITS.records}`)
  return list.map(checkId)
}

export function checkVector(values: unknown, dimension: number): Float32Array {
  if (!Array.isArray(values)) throw new Refusal(400, 'A vector must be a list of numbers')
  requireThat(
    values.length === dimension,
    `Vector dimension ${values.length} does not match the dimension of the index ${dimension}`,
  )
  const vector = Float32Array.from(values as number[])
  requireThat(
    values.every((component) => typeof component === 'number') && vector.every(Number.isFinite),
    'A vector must be a list of 32-bit numbers',
  )
  return vector
}

function checkMetadata(metadata: unknown): RecordMetadata {
  if (!isObject(metadata)) throw new Refusal(400, 'Metadata must be an object')
  for (const [key, value] of Object.entries(metadata)) {
    requireThat(!key.startsWith('$'), `Metadata keys must not begin with $: ${key}`)
    requireThat(isMetadataValue(value), `Metadata value of ${key} must be a string, number, boolean or list of strings`)
  }
  const bytes = Buffer.byteLength(JSON.stringify(metadata))
  requireThat(bytes <= LIMITS.metadataBytes, `Metadata has ${bytes} bytes, the limit is ${LIMITS.metadataBytes}`)
  return metadata as RecordMetadata
}

function isMetadataValue(value: unknown): value is MetadataValue {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string')
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

export function checkNamespace(name: unknown): string {
  if (typeof name !== 'string' || !/^[ -~]{1,512}$/.test(name)) {
    throw new Refusal(400, 'A namespace is named by 1 to 512 ASCII characters')
  }
  return name
}

/** A page size as it came in a query string or a body. */
export function checkLimit(limit: unknown): number {
  if (limit === undefined || limit === null) return LIMITS.page
  const number = Number(limit)
  requireThat(Number.isInteger(number) && number >= 1 && number <= LIMITS.page, `limit is 1 to ${LIMITS.page}`)
  return number
}
