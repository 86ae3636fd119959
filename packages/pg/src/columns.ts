import type { Json } from '@archon-db/core'
import type { ColumnTraits, EmbeddingDimension } from '@archon-db/core/dialect'
import { is, sql } from '@archon-db/core/dialect'
import type { Column } from 'drizzle-orm'
import {
  customType,
  jsonb,
  PgBigSerial53,
  PgBoolean,
  PgCustomColumn,
  PgDoublePrecision,
  PgEnumColumn,
  PgInteger,
  PgJsonb,
  PgTimestamp,
  PgUUID,
  timestamp as timestamptz,
  uuid,
} from './drizzle-core.ts'

/** The column types of all tables, and the way back from a column to what it holds. */

/** Order by code point, whatever the collation of the database. Equality is by code point in any collation. */
const BY_CODE_POINT = 'COLLATE "C"'

export const text = customType<{ data: string }>({ dataType: () => `text ${BY_CODE_POINT}` })

/** `varchar` without a length is the reference's choice for addresses. */
export const varchar = customType<{ data: string; config: { length?: number } }>({
  dataType: (config) => `varchar${config?.length === undefined ? '' : `(${config.length})`} ${BY_CODE_POINT}`,
})

export const uuidKey = (name: string) => uuid(name).primaryKey().defaultRandom()
/** Milliseconds are what a Date holds; finer times would be stored that no caller could ask for. */
export const timestamp = (name: string) => timestamptz(name, { withTimezone: true, precision: 3 })
export const timestampNow = (name: string) => timestamp(name).default(sql`now()`)
export const json = (name: string) => jsonb(name).$type<Json>()

export const embedding = customType<{
  data: Float32Array
  driverData: string
  config: { dimension: EmbeddingDimension }
  configRequired: true
}>({
  dataType: (config) => `vector(${config.dimension})`,
  toDriver: encodeVector,
  fromDriver: decodeVector,
})

/** Words and their places, for PostgreSQL's own full-text search. */
export const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** As pgvector reads it. */
export function encodeVector(vector: Float32Array): string {
  return `[${vector.join(',')}]`
}

/** `[1,2]` of pgvector, and `{1,2}` of an array of real where that extension is missing. */
export function decodeVector(text: string): Float32Array {
  return new Float32Array(JSON.parse(text.startsWith('{') ? `[${text.slice(1, -1)}]` : text))
}

/** Its length and two unused bytes stand before the numbers, whose highest byte comes first. */
const HEAD_BYTES = 4

/** What pgvector's `vector_send` gives. */
export function decodeVectorBytes(bytes: Uint8Array): Float32Array {
  const numbers = new Uint8Array(bytes.subarray(HEAD_BYTES))
  Buffer.from(numbers.buffer).swap32()
  return new Float32Array(numbers.buffer)
}

/** What a column holds, told by its Drizzle type alone. */
export function traitsOf(column: Column): ColumnTraits {
  if (is(column, PgCustomColumn)) return customTraits(column.getSQLType())
  if (is(column, PgEnumColumn)) return { kind: 'enum', values: column.enumValues }
  if (is(column, PgUUID)) return { kind: 'uuid' }
  if (is(column, PgTimestamp)) return { kind: 'timestamp' }
  if (is(column, PgJsonb)) return { kind: 'json' }
  if (is(column, PgBoolean)) return { kind: 'boolean' }
  if (is(column, PgInteger)) return { kind: 'integer' }
  if (is(column, PgBigSerial53)) return { kind: 'bigint', autoIncrement: true }
  if (is(column, PgDoublePrecision)) return { kind: 'double' }
  throw new Error(`Column ${column.name} is of a type that no table uses so far: teach traitsOf what it holds.`)
}

function customTraits(type: string): ColumnTraits {
  const [, name, length] = /^(\w+)(?:\((\d+)\))?/.exec(type) ?? []
  if (name === 'tsvector') return { kind: 'generated' }
  if (name === 'vector') return { kind: 'vector', dimension: Number(length) }
  return length === undefined ? { kind: 'text' } : { kind: 'text', maxLength: Number(length) }
}
