import type { Json } from '@archon-db/core'
import type { ColumnTraits, EmbeddingDimension } from '@archon-db/core/dialect'
import { is, sql } from '@archon-db/core/dialect'
import type { Column } from 'drizzle-orm'
import {
  customType,
  integer,
  real,
  SQLiteBoolean,
  SQLiteCustomColumn,
  SQLiteInteger,
  SQLiteReal,
  SQLiteText,
  SQLiteTextJson,
  SQLiteTimestamp,
  text,
} from './drizzle-core.ts'

/**
 * The column types of all tables, and the way back from a column to what it holds. SQLite's own types say little
 * (a boolean, a date and a count are all `integer`), so each type here carries what tells it from the others.
 */

export const UUID_LENGTH = 36

/** Milliseconds since 1970. Rounded, because a product of seconds may fall just short of the whole millisecond. */
export const NOW = "(cast(round(unixepoch('subsec') * 1000) as integer))"

/** A random UUID (version 4), for rows that raw SQL writes without one. */
const RANDOM_UUID = `(lower(${[
  'hex(randomblob(4))',
  'hex(randomblob(2))',
  "'4' || substr(hex(randomblob(2)), 2)",
  "substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2)",
  'hex(randomblob(6))',
].join(" || '-' || ")}))`

export const uuid = (name: string) => text(name, { length: UUID_LENGTH })
export const uuidKey = (name: string) => uuid(name).primaryKey().default(sql.raw(RANDOM_UUID))
export const timestamp = (name: string) => integer(name, { mode: 'timestamp_ms' })
export const timestampNow = (name: string) => timestamp(name).default(sql.raw(NOW))
export const boolean = (name: string) => integer(name, { mode: 'boolean' })
export const json = (name: string) => text(name, { mode: 'json' }).$type<Json>()
export const varchar = (name: string, length: number) => text(name, { length })
export const double = (name: string) => real(name)

export const BYTES_PER_FLOAT = 4

/** An embedding as its float32 values, little-endian, one after the other: libSQL's own form of a vector. */
export const embedding = customType<{
  data: Float32Array
  driverData: ArrayBuffer | Uint8Array
  config: { dimension: EmbeddingDimension }
  configRequired: true
}>({
  dataType: (config) => `F32_BLOB(${config.dimension})`,
  toDriver: encodeVector,
  fromDriver: decodeVector,
})

/** Copies: the driver would send the whole buffer that a subarray is a window of. */
export function encodeVector(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.slice().buffer)
}

/** Copies when the bytes do not start at a multiple of four, which a Float32Array must. */
export function decodeVector(bytes: ArrayBuffer | Uint8Array): Float32Array {
  if (bytes instanceof ArrayBuffer) return new Float32Array(bytes)
  const aligned = bytes.byteOffset % BYTES_PER_FLOAT === 0 ? bytes : bytes.slice()
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / BYTES_PER_FLOAT)
}

/** What a column holds, told by its Drizzle type alone. */
export function traitsOf(column: Column): ColumnTraits {
  if (is(column, SQLiteText)) return textTraits(column)
  if (is(column, SQLiteTextJson)) return { kind: 'json' }
  if (is(column, SQLiteTimestamp)) return { kind: 'timestamp' }
  if (is(column, SQLiteBoolean)) return { kind: 'boolean' }
  // Only the keys that the database numbers are 64 bits wide.
  if (is(column, SQLiteInteger))
    return column.autoIncrement ? { kind: 'bigint', autoIncrement: true } : { kind: 'integer' }
  if (is(column, SQLiteReal)) return { kind: 'double' }
  if (is(column, SQLiteCustomColumn))
    return { kind: 'vector', dimension: Number(/\d+(?=\))/.exec(column.getSQLType())) }
  throw new Error(`Column ${column.name} is of a type that no table uses so far: teach traitsOf what it holds.`)
}

interface TextColumn {
  readonly enumValues?: readonly string[] | undefined
  readonly length?: number | undefined
}

function textTraits(column: TextColumn): ColumnTraits {
  if (column.enumValues) return { kind: 'enum', values: column.enumValues }
  if (column.length === UUID_LENGTH) return { kind: 'uuid' }
  return column.length === undefined ? { kind: 'text' } : { kind: 'text', maxLength: column.length }
}
