import { compareCodePoints, describeValue, invalidInput } from '@archon-db/core'

/** What names a vector: a whole number or a text. A bigint that a number can hold is that number. */
export type IndexKey = number | bigint | string

/** The one form of a key, so that `1` and `1n` are one entry. */
export function toKey(key: unknown): IndexKey {
  if (typeof key === 'string') return key
  if (typeof key === 'number' && Number.isSafeInteger(key)) return key === 0 ? 0 : key
  if (typeof key === 'bigint') return Number.isSafeInteger(Number(key)) ? Number(key) : key
  throw invalidInput(`A key is a whole number, a bigint or a string, not ${describeValue(key)}.`)
}

/** Numbers by size before texts by code point. */
export function compareKeys(a: IndexKey, b: IndexKey): number {
  if (typeof a === 'string') return typeof b === 'string' ? compareCodePoints(a, b) : 1
  if (typeof b === 'string') return -1
  return a < b ? -1 : a > b ? 1 : 0
}
