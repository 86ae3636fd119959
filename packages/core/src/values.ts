import { describeValue, invalidInput } from './errors.ts'
import type { ColumnInfo, ColumnKind } from './schema.ts'

/** Accepts a value for a column in the one form all dialects are given, or says what the column takes. Null passes. */
export function checkValue(column: ColumnInfo, value: unknown): unknown {
  if (value === null) return null
  return CHECKS[column.kind](value, column)
}

/** As `checkValue`, for comparing: text too long to be stored is no mistake there, it just equals nothing. */
export function checkOperand(column: ColumnInfo, value: unknown): unknown {
  return column.kind === 'text' && value !== null ? checkAnyText(value, column) : checkValue(column, value)
}

type Check = (value: unknown, column: ColumnInfo) => unknown

const CHECKS: Record<ColumnKind, Check> = {
  text: (value, column) => checkText(value, column),
  uuid: checkUuid,
  enum: checkEnum,
  integer: checkInteger,
  bigint: checkBigint,
  double: checkDouble,
  boolean: (value, column) => (typeof value === 'boolean' ? value : refuse(column, 'true or false', value)),
  timestamp: checkTimestamp,
  json: (value, column) => checkJson(value, column.name),
  vector: checkVector,
  generated: (_value, column) => {
    throw invalidInput(`Column ${column.name} is kept by the database and cannot be written.`, { column: column.name })
  },
}

function refuse(column: ColumnInfo, wanted: string, value: unknown): never {
  throw invalidInput(`Column ${column.name} takes ${wanted}, not ${describeValue(value)}.`, { column: column.name })
}

function checkText(value: unknown, column: ColumnInfo): string {
  const text = checkAnyText(value, column)
  const { maxLength } = column
  // A string has at most as many code points as code units, so most are settled without counting.
  if (maxLength !== undefined && text.length > maxLength && countCodePoints(text) > maxLength) {
    throw invalidInput(`Column ${column.name} takes at most ${maxLength} characters.`, { column: column.name })
  }
  return text
}

function checkAnyText(value: unknown, column: ColumnInfo): string {
  if (typeof value !== 'string') return refuse(column, 'a string', value)
  refuseBadCharacters(value, column.name)
  return value
}

function countCodePoints(value: string): number {
  let count = 0
  for (const _ of value) count++
  return count
}

/** PostgreSQL cannot store U+0000, and half a surrogate pair has no UTF-8: refused alike everywhere. */
function refuseBadCharacters(value: string, name: string): void {
  if (value.includes('\0'))
    throw invalidInput(`Column ${name}: text cannot hold the character U+0000; remove it first.`, { column: name })
  if (!value.isWellFormed())
    throw invalidInput(`Column ${name}: text holds half a surrogate pair; it is not valid Unicode.`, { column: name })
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function checkUuid(value: unknown, column: ColumnInfo): string {
  if (typeof value !== 'string') return refuse(column, 'a UUID', value)
  if (UUID.test(value)) return value
  const lower = value.toLowerCase()
  return UUID.test(lower) ? lower : refuse(column, 'a UUID such as 0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12', value)
}

function checkEnum(value: unknown, column: ColumnInfo): string {
  if (typeof value === 'string' && column.values?.includes(value)) return value
  throw invalidInput(`Column ${column.name} takes one of ${column.values?.join(', ')}.`, { column: column.name })
}

function checkInteger(value: unknown, column: ColumnInfo): number {
  const number = typeof value === 'bigint' && BigInt.asIntN(32, value) === value ? Number(value) : value
  if (typeof number === 'number' && (number | 0) === number) return number | 0
  return refuse(column, 'a whole number between -2147483648 and 2147483647', value)
}

function checkBigint(value: unknown, column: ColumnInfo): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value === 0 ? 0 : value
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return narrowBigint(value)
  return refuse(column, 'a whole number of 64 bits (a bigint when beyond 2^53)', value)
}

/** The form in which integers leave the layer: number while exact, bigint beyond. */
export function narrowBigint(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function checkDouble(value: unknown, column: ColumnInfo): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  return refuse(column, 'a finite number', value)
}

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i
/** Years all engines can store and print alike. */
const EARLIEST = Date.UTC(1000, 0, 1)
const LATEST = Date.UTC(10000, 0, 1) - 1

function checkTimestamp(value: unknown, column: ColumnInfo): Date {
  const date =
    value instanceof Date ? new Date(value.getTime()) : typeof value === 'string' ? parseTimestamp(value) : undefined
  const time = date?.getTime() ?? Number.NaN
  if (date && time >= EARLIEST && time <= LATEST) return date
  return refuse(column, 'a Date or an ISO 8601 string between the years 1000 and 9999', value)
}

/** Strings without an offset are UTC; finer than a millisecond is cut off. Undefined when it is no such date. */
export function parseTimestamp(text: string): Date | undefined {
  const match = TIMESTAMP.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match
  const millis = Number(fraction.padEnd(3, '0').slice(0, 3))
  const date = new Date(Date.UTC(+year!, +month! - 1, +day!, +hour, +minute, +second, millis))
  const exact =
    date.getUTCMonth() === +month! - 1 && date.getUTCDate() === +day! && +hour < 24 && +minute < 60 && +second < 60
  return exact ? new Date(date.getTime() - offsetMinutes(zone) * 60_000) : undefined
}

function offsetMinutes(zone: string | undefined): number {
  if (!zone || zone.toUpperCase() === 'Z') return 0
  const digits = zone.slice(1).replace(':', '')
  const minutes = +digits.slice(0, 2) * 60 + +(digits.slice(2) || '0')
  return zone.startsWith('-') ? -minutes : minutes
}

/** JSON's own null as a whole document; plain `null` is SQL NULL. Serialises as null. */
export const jsonNull: { readonly toJSON: () => null } = Object.freeze({ toJSON: () => null })

const MAX_JSON_DEPTH = 100

/** Refuses what JSON would drop or bend in silence: undefined in arrays, NaN, functions, cycles, broken text. */
export function checkJson(value: unknown, name: string, depth = 0): unknown {
  if (depth > MAX_JSON_DEPTH)
    throw invalidInput(`Column ${name}: JSON may be nested ${MAX_JSON_DEPTH} levels deep at most (is it circular?).`, {
      column: name,
    })
  switch (typeof value) {
    case 'string':
      refuseBadCharacters(value, name)
      return value
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw invalidInput(`Column ${name}: JSON has no NaN and no Infinity.`, { column: name })
    case 'object':
      return value === null ? null : checkJsonObject(value, name, depth)
    default:
      throw invalidInput(`Column ${name}: JSON cannot hold ${describeValue(value)}.`, { column: name })
  }
}

function checkJsonObject(value: object, name: string, depth: number): unknown {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkJson(value[i], name, depth + 1)
    return value
  }
  if (value === jsonNull) return value
  if (value instanceof Date) return isoText(value, name)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw invalidInput(`Column ${name}: JSON holds plain objects only, not ${describeValue(value)}.`, { column: name })
  }
  for (const [key, member] of Object.entries(value)) {
    refuseBadCharacters(key, name)
    if (member !== undefined) checkJson(member, name, depth + 1)
  }
  return value
}

/** How JSON spells a date. */
export function isoText(date: Date, name: string): string {
  if (!Number.isNaN(date.getTime())) return date.toISOString()
  throw invalidInput(`Column ${name}: this Date holds no time.`, { column: name })
}

function checkVector(value: unknown, column: ColumnInfo): Float32Array {
  const vector = toVector(value, column.name)
  if (vector.length === column.dimension) return vector
  throw invalidInput(
    `Column ${column.name} takes vectors of ${column.dimension} numbers; this one has ${vector.length}.`,
    { column: column.name },
  )
}

/** A vector of zeros points nowhere: it is near to nothing, and no index holds it. */
export function hasDirection(vector: Float32Array): boolean {
  for (let i = 0; i < vector.length; i++) if (vector[i] !== 0) return true
  return false
}

/** Any list of finite numbers as float32. */
export function toVector(value: unknown, name: string): Float32Array {
  if (!(value instanceof Float32Array) && !(value instanceof Float64Array) && !Array.isArray(value)) {
    throw invalidInput(`${name} takes a Float32Array or an array of numbers, not ${describeValue(value)}.`, {
      column: name,
    })
  }
  for (let i = 0; i < value.length; i++) {
    if (typeof value[i] !== 'number' || !Number.isFinite(Math.fround(value[i] as number))) {
      throw invalidInput(`${name}: element ${i} is not a finite number.`, { column: name })
    }
  }
  return value instanceof Float32Array ? value : Float32Array.from(value)
}
