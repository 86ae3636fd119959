import type { CompareOp } from '@archon-db/core/dialect'
import { flatKey, flatListKey, isFlat } from './flat.ts'
import type { FilterSpeech, Leaf, Said } from './push-down.ts'

type Scalar = string | number | boolean
type OrderOp = Exclude<CompareOp, 'eq' | 'ne'>

/** What a service with flat keys can say of one key. */
export interface FlatWords<Native> {
  and(parts: readonly Native[]): Native
  or(parts: readonly Native[]): Native
  equals(key: string, value: Scalar): Native
  /** Lets items without the key through. Absent where the service has no such words. */
  differs?(key: string, value: Scalar): Native
  /** Of numbers. */
  ordered(key: string, op: OrderOp, value: number): Native
  /** The values are of one type, and there are some, but no more than `maxList`. */
  oneOf(key: string, values: readonly Scalar[]): Native
  /** As `differs`. */
  noneOf?(key: string, values: readonly Scalar[]): Native
  listHas(key: string, text: string): Native
  readonly maxList: number
  /** Keys of earlier versions of an item never linger: a key that matches is a match. */
  readonly trusted: boolean
}

const OPPOSITE: Readonly<Record<CompareOp, CompareOp>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'lte',
  gte: 'lt',
  lt: 'gte',
  lte: 'gt',
}

/** The filter language as far as flat keys can carry it: see `flatten`. */
export function flatSpeech<Native>(words: FlatWords<Native>): FilterSpeech<Native> {
  return {
    and: words.and,
    or: words.or,
    leaf(leaf, values, negated) {
      const key = flatKey(leaf.field.path ?? [])
      const said = key === null ? null : sayLeaf(words, key, leaf, values, negated)
      return said && { native: said.native, exact: said.exact && words.trusted }
    },
  }
}

function sayLeaf<Native>(
  words: FlatWords<Native>,
  key: string,
  leaf: Leaf,
  values: readonly unknown[],
  negated: boolean,
): Said<Native> | null {
  switch (leaf.type) {
    case 'compare':
      return sayCompare(words, key, negated ? OPPOSITE[leaf.op] : leaf.op, values[leaf.value])
    case 'distinct':
      return sayCompare(words, key, negated ? 'eq' : 'ne', values[leaf.value])
    case 'in':
      return sayList(words, key, values[leaf.values] as readonly unknown[], negated)
    case 'jsonContains':
      return negated ? null : sayContains(words, key, values[leaf.value], true)
    default:
      return null
  }
}

function sayCompare<Native>(words: FlatWords<Native>, key: string, op: CompareOp, value: unknown): Said<Native> | null {
  if (!isFlat(value)) return null
  if (op === 'eq') return { native: words.equals(key, value), exact: true }
  if (op === 'ne') return words.differs ? { native: words.differs(key, value), exact: false } : null
  return typeof value === 'number' ? { native: words.ordered(key, op, value), exact: true } : null
}

function sayList<Native>(
  words: FlatWords<Native>,
  key: string,
  list: readonly unknown[],
  negated: boolean,
): Said<Native> | null {
  if (list.length === 0 || list.length > words.maxList || !list.every(isFlat)) return null
  if (!negated) return { native: words.oneOf(key, list), exact: true }
  return words.noneOf ? { native: words.noneOf(key, list), exact: false } : null
}

/** A text may also stand alone in a list, but only at the top of what is looked for. */
function sayContains<Native>(
  words: FlatWords<Native>,
  key: string,
  wanted: unknown,
  top: boolean,
): Said<Native> | null {
  if (Array.isArray(wanted))
    return sayAll(
      words,
      wanted.map((item) => sayElement(words, key, item)),
    )
  if (typeof wanted === 'object' && wanted !== null) {
    const parts = Object.entries(wanted).map(([name, item]) => sayMember(words, key, name, item))
    // That there is a document at all is not said by its members.
    return sayAll(words, parts)
  }
  if (!isFlat(wanted) || (top && typeof wanted !== 'string')) return null
  const alone: Native = words.equals(key, wanted)
  if (!top) return { native: alone, exact: true }
  return { native: words.or([alone, words.listHas(flatListKey(key), wanted as string)]), exact: true }
}

function sayMember<Native>(words: FlatWords<Native>, key: string, name: string, item: unknown): Said<Native> | null {
  return sayContains(words, `${key}.${flatKey([name])}`, item, false)
}

function sayElement<Native>(words: FlatWords<Native>, key: string, item: unknown): Said<Native> | null {
  if (typeof item !== 'string' || !isFlat(item)) return null
  return { native: words.listHas(flatListKey(key), item), exact: true }
}

function sayAll<Native>(words: FlatWords<Native>, parts: readonly (Said<Native> | null)[]): Said<Native> | null {
  const said = parts.filter((part) => part !== null)
  if (said.length === 0) return null
  const exact = said.length === parts.length && said.every((part) => part.exact)
  return { native: said.length === 1 ? said[0]!.native : words.and(said.map(({ native }) => native)), exact }
}
