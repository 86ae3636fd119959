import type { BigIntId, Json } from '@archon-db/core'
import type { ColumnTraits, EmbeddingDimension } from '@archon-db/core/dialect'
import { is, sql } from '@archon-db/core/dialect'
import type { Column, SQL } from 'drizzle-orm'
import {
  bigint,
  char,
  customType,
  datetime,
  int,
  MySqlBigInt53,
  MySqlBoolean,
  MySqlChar,
  MySqlCustomColumn,
  MySqlDateTime,
  MySqlDouble,
  MySqlEnumColumn,
  MySqlInt,
} from './drizzle-core.ts'

/** The column types of all tables, and the way back from a column to what it holds. */

const UUID_LENGTH = 36

/**
 * The longest text that may be a key of other tables: foreign keys need an index on the whole value, and an index holds
 * 3072 bytes. Four of them go to a character.
 */
const KEY_LENGTH = 512

/** The moment as a DATETIME in UTC, whatever the time zone of the session. */
const NOW = '(utc_timestamp(3))'

export const text = customType<{ data: string }>({ dataType: () => 'longtext' })
export const varchar = customType<{ data: string; config: { length: number }; configRequired: true }>({
  dataType: ({ length }) => `varchar(${length})`,
})
export const keyText = (name: string) => varchar(name, { length: KEY_LENGTH })
export const uuid = (name: string) => char(name, { length: UUID_LENGTH })
export const uuidKey = (name: string) => uuid(name).primaryKey().default(sql`(uuid())`)
export const numberedKey = () => bigint('id', { mode: 'number' }).autoincrement().primaryKey().$type<BigIntId>()
export const timestamp = (name: string) => datetime(name, { mode: 'date', fsp: 3 })
export const timestampNow = (name: string) => timestamp(name).default(sql.raw(NOW))

/** JSON on MySQL, text on MariaDB; see flavour.ts. */
export const json = customType<{ data: Json; driverData: unknown }>({
  dataType: () => '{{json}}',
  toDriver: (value) => JSON.stringify(value),
  // Under Drizzle on a connection of mysql2's own, MySQL's JSON arrives parsed.
  fromDriver: (value) => (typeof value === 'string' ? JSON.parse(value) : (value as Json)),
})

export const BYTES_PER_FLOAT = 4

/** An embedding as its float32 values, little-endian, one after the other. */
const embedding = customType<{
  data: Float32Array
  driverData: Uint8Array
  config: { dimension: EmbeddingDimension }
  configRequired: true
}>({
  dataType: ({ dimension }) => `blob(${dimension * BYTES_PER_FLOAT})`,
  toDriver: encodeVector,
  fromDriver: decodeVector,
})

/** What chunks and code examples share. */
export const embeddingColumns = () => ({
  embedding384: embedding('embedding_384', { dimension: 384 }),
  embedding768: embedding('embedding_768', { dimension: 768 }),
  embedding1024: embedding('embedding_1024', { dimension: 1024 }),
  embedding1536: embedding('embedding_1536', { dimension: 1536 }),
  embedding3072: embedding('embedding_3072', { dimension: 3072 }),
  llmChatModel: text('llm_chat_model'),
  embeddingModel: text('embedding_model'),
  embeddingDimension: int('embedding_dimension'),
})

/** A view of the vector's own bytes; nothing is copied. */
export function encodeVector(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
}

/** Copies: the driver's bytes are a window into a packet, at any place of it. */
export function decodeVector(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer)
}

/** The SHA-256 of a text of any length: what stands in a unique key where the text itself would be too long. */
export const hashOf = (name: string, column: string) => digest(name).generatedAlwaysAs(hashSql(column), STORED)

/** The words of texts, as the full-text index is to see them: its own idea of a word holds `_`, `'` and one sign more. */
export const wordsOf = (name: string, text: SQL) => words(name).generatedAlwaysAs(wordsSql(text), STORED)

const STORED = { mode: 'stored' } as const
const digest = customType<{ data: Uint8Array }>({ dataType: () => 'binary(32)' })
const words = customType<{ data: string }>({ dataType: () => 'longtext' })
const hashSql = (column: string) => sql.raw(`unhex(sha2(\`${column}\`, 256))`)
const wordsSql = (text: SQL) => sql`replace(replace(replace(lower(${text}), '_', ' '), '''', ' '), '۞', ' ')`

/** What a column holds, told by its Drizzle type alone. */
export function traitsOf(column: Column): ColumnTraits {
  if (column.generated) return { kind: 'generated' }
  if (is(column, MySqlCustomColumn)) return customTraits(column.getSQLType())
  if (is(column, MySqlChar)) return { kind: 'uuid' }
  if (is(column, MySqlEnumColumn)) return { kind: 'enum', values: column.enumValues ?? [] }
  if (is(column, MySqlDateTime)) return { kind: 'timestamp' }
  if (is(column, MySqlBoolean)) return { kind: 'boolean' }
  if (is(column, MySqlInt)) return { kind: 'integer' }
  if (is(column, MySqlBigInt53)) return { kind: 'bigint', autoIncrement: true }
  if (is(column, MySqlDouble)) return { kind: 'double' }
  throw new Error(`Column ${column.name} is of a type that no table uses so far: teach traitsOf what it holds.`)
}

function customTraits(type: string): ColumnTraits {
  const [, name, length] = /^(\w+|\{\{json\}\})(?:\((\d+)\))?$/.exec(type) ?? []
  if (name === '{{json}}') return { kind: 'json' }
  if (name === 'blob') return { kind: 'vector', dimension: Number(length) / BYTES_PER_FLOAT }
  // A key's length is what an index can hold, no rule of the table.
  const isVarchar = length !== undefined && Number(length) !== KEY_LENGTH
  return isVarchar ? { kind: 'text', maxLength: Number(length) } : { kind: 'text' }
}
