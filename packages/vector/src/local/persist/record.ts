import type { VectorMetric } from '@archon-db/core'
import type { GraphRecord } from '../approximate.ts'
import type { Place } from '../kernel/file-rows.ts'
import type { IndexKey } from '../keys.ts'
import { DamagedFile } from './frames.ts'

/** What the files are of. Files with another head belong to something else, or to an earlier form of it. */
export interface LogHead {
  readonly type: 'head'
  readonly kind: 'index' | 'collection'
  readonly dimension: number
  readonly metric: VectorMetric
  readonly fingerprint: string
}

export interface LogEntry {
  readonly key: IndexKey
  readonly vector: Float32Array
  readonly tag?: number
  /** Whatever else belongs to the key, as JSON. */
  readonly payload?: unknown
  /** Where the vector stands, when it was read from a file. */
  readonly place?: Place
}

/** Everything of one call, so that it is there as a whole or not at all. */
export interface LogBatch {
  readonly type: 'batch'
  /** Empties the index first. */
  readonly clear?: boolean
  readonly set: readonly LogEntry[]
  readonly remove: readonly IndexKey[]
  readonly mark?: string | undefined
}

/** The last record of a snapshot; one without it was never finished. */
export interface LogEnd {
  readonly type: 'end'
  readonly mark?: string | undefined
  readonly graph?: GraphRecord | undefined
}

export type LogRecord = LogHead | LogBatch | LogEnd

/** A bigint as JSON; plain numbers and strings are themselves. */
type JsonKey = number | string | { readonly big: string }

interface JsonBatch {
  readonly type: 'batch'
  readonly clear?: true
  readonly keys: readonly JsonKey[]
  readonly tags?: readonly number[]
  readonly payloads?: readonly unknown[]
  readonly remove: readonly JsonKey[]
  readonly mark?: string
}

/** u32 length of the JSON, the JSON, then the vectors as little-endian float32 one after the other. */
export function encodeRecord(record: LogRecord): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(record.type === 'batch' ? toJson(record) : record), 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.byteLength)
  const vectors = record.type === 'batch' ? record.set.map(({ vector }) => bytesOf(vector)) : []
  return [length, json, ...vectors]
}

/** `place` is that of the payload; with it the entries say where their vectors stand. */
export function decodeRecord(payload: Buffer, dimension: number, place?: Place): LogRecord {
  try {
    const length = payload.readUInt32LE(0)
    const json = JSON.parse(payload.toString('utf8', 4, 4 + length)) as LogHead | LogEnd | JsonBatch
    if (json.type !== 'batch') return json
    const batch = fromJson(json, payload.subarray(4 + length), dimension)
    return place ? withPlaces(batch, { file: place.file, at: place.at + 4 + length }) : batch
  } catch (error) {
    throw new DamagedFile('a record cannot be read', { cause: error })
  }
}

function toJson({ clear, set, remove, mark }: LogBatch): JsonBatch {
  return {
    type: 'batch',
    ...(clear ? { clear: true as const } : {}),
    keys: set.map(({ key }) => toJsonKey(key)),
    ...(set.some(({ tag }) => tag !== undefined) ? { tags: set.map(({ tag }) => tag ?? 0) } : {}),
    ...(set.some(({ payload }) => payload !== undefined)
      ? { payloads: set.map(({ payload }) => payload ?? null) }
      : {}),
    remove: remove.map(toJsonKey),
    ...(mark === undefined ? {} : { mark }),
  }
}

function fromJson(json: JsonBatch, bytes: Buffer, dimension: number): LogBatch {
  // A copy of its own, because float32 needs an address that four divides.
  const vectors = new Float32Array(new Uint8Array(bytes).buffer)
  if (vectors.length !== json.keys.length * dimension) throw new DamagedFile('a record has vectors missing')
  const set = json.keys.map((key, i) => ({
    key: fromJsonKey(key),
    vector: vectors.subarray(i * dimension, (i + 1) * dimension),
    ...(json.tags ? { tag: json.tags[i] as number } : {}),
    ...(json.payloads ? { payload: json.payloads[i] } : {}),
  }))
  return { type: 'batch', clear: json.clear ?? false, set, remove: json.remove.map(fromJsonKey), mark: json.mark }
}

function withPlaces(batch: LogBatch, { file, at }: Place): LogBatch {
  const set = batch.set.map((entry, i) => ({ ...entry, place: { file, at: at + i * entry.vector.byteLength } }))
  return { ...batch, set }
}

function toJsonKey(key: IndexKey): JsonKey {
  return typeof key === 'bigint' ? { big: String(key) } : key
}

function fromJsonKey(key: JsonKey): IndexKey {
  return typeof key === 'object' ? BigInt(key.big) : key
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
}
