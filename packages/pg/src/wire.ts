import { jsonNull, narrowBigint } from '@archon-db/core/dialect'
import { decodeVector } from './columns.ts'

/** Values as PostgreSQL writes them, and back: text in both directions, told apart by the OIDs of their types. */

type Parse = (text: string) => unknown
type Serialize = (value: unknown) => string

const BOOL = 16
const INT8 = 20
const JSON_TEXT = 114
const JSONB = 3802
const DATE = 1082
const TIMESTAMP = 1114
const TIMESTAMPTZ = 1184

const SCALARS: Readonly<Record<number, Parse>> = {
  [BOOL]: parseBoolean,
  [INT8]: parseBigint,
  [JSON_TEXT]: parseJson,
  [JSONB]: parseJson,
  // A day has no place in time; as a Date it would turn into the day before somewhere.
  [DATE]: (text) => text,
  [TIMESTAMP]: (text) => parseTime(`${text}+00`),
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

export const PARSERS: Readonly<Record<number, Parse>> = {
  ...SCALARS,
  ...Object.fromEntries(Object.entries(ARRAYS).map(([oid, parse]) => [oid, (text: string) => parseArray(text, parse)])),
  // Stands in for a vector, where the server has none.
  [REALS]: decodeVector,
}

/** Most values are encoded by their column and come as text already; raw SQL may bind the rest. */
export const SERIALIZERS: Readonly<Record<number, Serialize>> = {
  ...Object.fromEntries([...Object.keys(ARRAYS), REALS].map((oid) => [oid, serializeArray])),
  [BOOL]: String,
  [INT8]: String,
  [JSON_TEXT]: serializeJson,
  [JSONB]: serializeJson,
  [DATE]: serializeTime,
  [TIMESTAMP]: serializeTime,
  [TIMESTAMPTZ]: serializeTime,
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

/** `2025-01-31 12:34:56.789+00`, read by its places: Date's own parser takes several times as long for this form. */
function parseTime(text: string): Date {
  const end = text.length - 3
  if (text.charCodeAt(4) !== DASH || end < 19 || text.slice(end) !== '+00')
    return new Date(text.replace(/([+-]\d\d)$/, '$1:00'))
  const year = pair(text, 0) * 100 + pair(text, 2)
  const time = Date.UTC(year, pair(text, 5) - 1, pair(text, 8), pair(text, 11), pair(text, 14), pair(text, 17))
  return new Date(time + (end === 19 ? 0 : milliseconds(text, end, year)))
}

/** Microseconds, which databases made by others may hold, are rounded as `::timestamptz(3)` does: away from the year 2000. */
function milliseconds(text: string, end: number, year: number): number {
  let micros = 0
  for (let i = 20, unit = 100_000; i < end; i++, unit /= 10) micros += digit(text, i) * unit
  const rest = micros % 1000
  return (micros - rest) / 1000 + (rest > 500 || (rest === 500 && year >= 2000) ? 1 : 0)
}

const DASH = 45
const ZERO = 48

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - ZERO
}

function pair(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1)
}

const ELEMENT = /"((?:[^"\\]|\\.)*)"|([^{},]+)/gs

/** `{1,"a \"b\"",NULL}`. Arrays of arrays become one list, as nobody here stores such. */
function parseArray(text: string, parse: Parse): unknown[] {
  return Array.from(text.matchAll(ELEMENT), ([, quoted, plain]) => {
    if (quoted !== undefined) return parse(quoted.replace(/\\(.)/gs, '$1'))
    return plain === 'NULL' ? null : parse(plain as string)
  })
}
