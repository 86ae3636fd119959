import { jsonNull, narrowBigint } from '@archon-db/core/dialect'
import { decodeVector } from './columns.ts'

/** Values as PostgreSQL writes them, and back: text in both directions, told apart by the OIDs of their types. */

type Parse = (text: string) => unknown
type Serialize = (value: unknown) => string
/** Reads a value where it lies among others. */
export type Decode = (bytes: Buffer, start: number, end: number) => unknown

const BOOL = 16
const BYTES = 17
const INT8 = 20
const INT2 = 21
const INT4 = 23
const OID = 26
const FLOAT4 = 700
const FLOAT8 = 701
const JSON_TEXT = 114
const JSONB = 3802
const DATE = 1082
const TIMESTAMP = 1114
const TIMESTAMPTZ = 1184

const SCALARS: Readonly<Record<number, Parse>> = {
  [BOOL]: parseBoolean,
  [INT8]: parseBigint,
  [FLOAT4]: Number,
  [FLOAT8]: Number,
  [JSON_TEXT]: parseJson,
  [JSONB]: parseJson,
  // A day has no place in time; as a Date it would turn into the day before somewhere.
  [DATE]: (text) => text,
  [TIMESTAMP]: (text) => decodeTime(Buffer.from(`${text}+00`), 0, text.length + 3),
  [TIMESTAMPTZ]: parseTime,
}

/** OIDs of arrays and of what they hold. */
const ARRAYS: Readonly<Record<number, Parse>> = {
  1000: parseBoolean,
  1005: Number,
  1007: Number,
  1016: parseBigint,
  1009: String,
  1015: String,
  1022: Number,
  1185: parseTime,
  2951: String,
  3807: parseJson,
}
const REALS = 1021

const PARSERS: Readonly<Record<number, Parse>> = {
  ...SCALARS,
  ...Object.fromEntries(Object.entries(ARRAYS).map(([oid, parse]) => [oid, (text: string) => parseArray(text, parse)])),
  // Stands in for a vector, where the server has none.
  [REALS]: decodeVector,
}

/** What is read straight from the bytes, as it is in most rows. */
const DECODERS: Readonly<Record<number, Decode>> = {
  [BOOL]: (bytes, start) => bytes[start] === LETTER_T,
  [INT2]: decodeInteger,
  [INT4]: decodeInteger,
  [OID]: decodeInteger,
  [INT8]: (bytes, start, end) =>
    end - start < 16 ? decodeInteger(bytes, start, end) : parseBigint(decodeText(bytes, start, end)),
  [TIMESTAMPTZ]: decodeTime,
  [BYTES]: (bytes, start, end) => Buffer.from(bytes.toString('latin1', start + 2, end), 'hex'),
}

/** Types that are not known are texts. */
export function decoderOf(oid: number): Decode {
  const decode = DECODERS[oid]
  if (decode) return decode
  const parse = PARSERS[oid]
  return parse ? (bytes, start, end) => parse(decodeText(bytes, start, end)) : decodeText
}

function decodeText(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end)
}

function decodeInteger(bytes: Buffer, start: number, end: number): number {
  const isNegative = bytes[start] === DASH
  let number = 0
  for (let at = isNegative ? start + 1 : start; at < end; at++) number = number * 10 + digit(bytes, at)
  return isNegative ? -number : number
}

/** Most values are encoded by their column and come as text already; raw SQL may bind the rest. */
const SERIALIZERS: Readonly<Record<number, Serialize>> = {
  ...Object.fromEntries([...Object.keys(ARRAYS), REALS].map((oid) => [oid, serializeArray])),
  [BYTES]: (value) => `\\x${Buffer.from(value as Uint8Array).toString('hex')}`,
  [JSON_TEXT]: serializeJson,
  [JSONB]: serializeJson,
  [TIMESTAMPTZ]: serializeTime,
}

/** The type that a value says by itself; 0 leaves it to the server, as for all that columns have made text. */
export function typeOf(value: unknown): number {
  switch (typeof value) {
    case 'object':
      if (value instanceof Date) return TIMESTAMPTZ
      if (value instanceof Uint8Array) return BYTES
      return Array.isArray(value) ? typeOf(value[0]) : 0
    case 'boolean':
      return BOOL
    case 'bigint':
      return INT8
    default:
      return 0
  }
}

/** A value for a parameter of this type. Only objects are told apart by it: all others have one text. */
export function serialize(value: unknown, oid: number): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return String(value)
  return (SERIALIZERS[oid] ?? String)(value)
}

function parseBoolean(text: string): boolean {
  return text === 't'
}

function parseBigint(text: string): number | bigint {
  return text.length < 16 ? Number(text) : narrowBigint(BigInt(text))
}

/** JSON's own null is told from SQL's. */
function parseJson(text: string): unknown {
  return JSON.parse(text) ?? jsonNull
}

function serializeArray(value: unknown): string {
  return Array.isArray(value) ? arrayLiteral(value.map(String)) : String(value)
}

export function arrayLiteral(elements: readonly string[]): string {
  return `{${elements.map((element) => `"${element.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}

/** A string is a JSON text already. */
function serializeJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function serializeTime(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

function parseTime(text: string): Date {
  return decodeTime(Buffer.from(text), 0, text.length)
}

/** `2025-01-31 12:34:56.789+00`, read by its places: Date's own parser takes several times as long for this form. */
function decodeTime(bytes: Buffer, start: number, end: number): Date {
  const zone = end - 3
  if (bytes[start + 4] !== DASH || zone < start + 19 || !isUtc(bytes, zone))
    return new Date(decodeText(bytes, start, end).replace(/([+-]\d\d)$/, '$1:00'))
  const year = pair(bytes, start) * 100 + pair(bytes, start + 2)
  const time = Date.UTC(
    year,
    pair(bytes, start + 5) - 1,
    pair(bytes, start + 8),
    pair(bytes, start + 11),
    pair(bytes, start + 14),
    pair(bytes, start + 17),
  )
  return new Date(time + (zone === start + 19 ? 0 : milliseconds(bytes, start + 20, zone, year)))
}

function isUtc(bytes: Buffer, at: number): boolean {
  return bytes[at] === PLUS && bytes[at + 1] === ZERO && bytes[at + 2] === ZERO
}

/** Microseconds, which databases made by others may hold, are rounded as `::timestamptz(3)` does: away from the year 2000. */
function milliseconds(bytes: Buffer, start: number, end: number, year: number): number {
  let micros = 0
  for (let at = start, unit = 100_000; at < end; at++, unit /= 10) micros += digit(bytes, at) * unit
  const rest = micros % 1000
  return (micros - rest) / 1000 + (rest > 500 || (rest === 500 && year >= 2000) ? 1 : 0)
}

const PLUS = 43
const DASH = 45
const ZERO = 48
const LETTER_T = 116

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] as number) - ZERO
}

function pair(bytes: Buffer, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1)
}

const ELEMENT = /"((?:[^"\\]|\\.)*)"|([^{},]+)/gs

/** `{1,"a \"b\"",NULL}`. Arrays of arrays become one list, as nobody here stores such. */
function parseArray(text: string, parse: Parse): unknown[] {
  return Array.from(text.matchAll(ELEMENT), ([, quoted, plain]) => {
    if (quoted !== undefined) return parse(quoted.replace(/\\(.)/gs, '$1'))
    return plain === 'NULL' ? null : parse(plain as string)
  })
}
