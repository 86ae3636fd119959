import { type ColumnInfo, jsonNull, WORK_ORDER_STATUSES } from '@archon-db/core'
import fc, { type Arbitrary } from 'fast-check'

/** Few values, so that rows collide, and each of them a trap somewhere: case, accents, wildcards, blanks, surrogates. */
const TEXTS = [
  '', 'a', 'A', 'b', 'á', 'ä', 'Ä', 'a\u0301', 'ss', 'ß', 'i', 'I', 'İ', 'ı', 'ſ', 'K', 'k', 'Σ', 'σ', 'ς',
  'a ', ' a', 'a\t', '%', '_', '\\', 'a%b', 'a_b', 'a\\b', '100%', '[a]', '*', '?', '^a',
  "O'Brien", '"quoted"', '$1', ':a', '--', '日本語', '日本', '\uFFFD', '𐍈', '😀', '\u200b', '5', '05', '1e3', 'null', 'true',
] as const // biome-ignore format: a list

const PATTERNS = ['%', '_', 'a%', '%A', '%b%', 'a_b', 'a\\%b', '\\_', '\\\\', '%\\\\%', 'Á%', 'SS', 'ß', '%ı', 'K', 'ς', '日%', '_😀', '', '%%', '__', '[a]', '*'] as const // biome-ignore format: a list

const TIMES = ['2024-02-29T23:59:59.999Z', '2024-03-01T00:00:00.000Z', '1999-12-31T12:00:00.001Z', '1000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'].map((text) => new Date(text)) // biome-ignore format: a list

const BIGINTS = [1, 2, 3, 7, 2147483648, Number.MAX_SAFE_INTEGER, 9007199254740993n, 9223372036854775807n] as const
const INTEGERS = [-2147483648, -7, -1, 0, 1, 2, 3, 10, 2147483647] as const
/** Multiples of a power of two: sums come out the same in any order. */
const DOUBLES = [0, -1.5, 0.25, 3, 1024.125, -1e10] as const

const SCALARS = [0, 1, 5, '5', '', 'a', 'A', 'é', true, false, 1.5, -3, 9007199254740991] as const
export const JSON_KEYS = ['a', 'b', 'A', 'x.y', 'é', "o'k"] as const

export const scalarInJson: Arbitrary<unknown> = fc.constantFrom<unknown>(...SCALARS)

/** Documents over a few keys, two levels deep: paths into them hit as often as they miss. */
export const anyJson: Arbitrary<unknown> = fc.letrec<{ value: unknown; object: unknown; list: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: scalarInJson },
    fc.constant(null),
    tie('object'),
    tie('list'),
  ),
  object: fc
    .dictionary(fc.constantFrom(...JSON_KEYS), tie('value'), { maxKeys: 3 })
    .map((document) => ({ ...document })),
  list: fc.array(tie('value'), { maxLength: 3 }),
})).value

export const jsonObject: Arbitrary<object> = fc
  .dictionary(fc.constantFrom(...JSON_KEYS), anyJson, { maxKeys: 3 })
  .map((document) => ({ ...document }))

export const anyText: Arbitrary<string> = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...TEXTS) },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', maxLength: 4 })
      .filter((text) => !text.includes('\0') && text.isWellFormed()),
  },
)

export const anyPattern: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...PATTERNS),
  fc.constantFrom(...TEXTS).filter((text) => !text.endsWith('\\')),
)

/** `ids[3]` of every table, so that operations meet the rows of earlier ones. */
const KEYS = 6

function keyNumber(number: number): string {
  return `0198c1d2-7a5e-7c3b-9f10-00000000000${number}`
}

/** A value the column takes, null aside. */
export function valueFor(column: ColumnInfo): Arbitrary<unknown> {
  switch (column.kind) {
    case 'uuid':
      return fc.integer({ min: 1, max: KEYS }).map(keyNumber)
    case 'enum':
      return fc.constantFrom(...(column.values ?? []))
    case 'integer':
      return COUNTED.has(column.name) ? fc.integer({ min: -3, max: 9 }) : fc.constantFrom(...INTEGERS)
    case 'bigint':
      return fc.constantFrom(...BIGINTS)
    case 'double':
      return fc.constantFrom(...DOUBLES)
    case 'boolean':
      return fc.boolean()
    case 'timestamp':
      return fc.constantFrom(...TIMES)
    case 'json':
      return MERGED.has(column.name) ? jsonObject : anyJson.map((value) => value ?? jsonNull)
    default:
      if (column.name === 'status') return fc.constantFrom(...WORK_ORDER_STATUSES, 'unheard-of')
      return TEXT_KEYS.has(column.name) ? fc.constantFrom('s1', 'S1', 's1 ', 'ś1') : anyText
  }
}

/** Columns that operations count up: far from where an integer ends. */
export const COUNTED: ReadonlySet<string> = new Set(['task_order', 'step_order'])
/** Columns that operations merge into: always objects. */
export const MERGED: ReadonlySet<string> = new Set(['metadata'])
/** Text that others refer to: few values. */
const TEXT_KEYS: ReadonlySet<string> = new Set(['source_id', 'agent_work_order_id', 'key'])
