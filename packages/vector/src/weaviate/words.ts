import type { CompareOp } from '@archon-db/core/dialect'
import type { FilterValue } from 'weaviate-client'
import { type FlatWords, flatSpeech } from '../shared/flat-speech.ts'
import type { FilterSpeech } from '../shared/push-down.ts'
import { crowdedFact, factOf, numberFact, slotOf } from './encode.ts'
import { numberProperty, PROPERTY } from './schema.ts'

type OrderOp = Exclude<CompareOp, 'eq' | 'ne'>

const OPERATORS = {
  gt: 'GreaterThan',
  gte: 'GreaterThanEqual',
  lt: 'LessThan',
  lte: 'LessThanEqual',
} as const satisfies Record<OrderOp, FilterValue['operator']>

/** Weaviate's filters as data, over the properties that `encode` fills. */
export const weaviateWords: FlatWords<FilterValue> = {
  and: (filters) => ({ operator: 'And', filters: [...filters], value: null }),
  or: (filters) => ({ operator: 'Or', filters: [...filters], value: null }),
  equals: (key, value) => factsHave([factOf(key, value)]),
  oneOf: (key, values) => factsHave(values.map((value) => factOf(key, value))),
  listHas: (key, text) => factsHave([factOf(key, text)]),
  ordered,
  maxList: 5000,
  // An object is replaced as a whole, so its facts are those of its metadata.
  trusted: true,
}

const flat = flatSpeech(weaviateWords)

/** Facts are exact; comparing numbers is not, as keys share the properties that hold them. */
export const weaviateSpeech: FilterSpeech<FilterValue> = {
  ...flat,
  leaf(leaf, values, negated) {
    const said = flat.leaf(leaf, values, negated)
    const exact = leaf.type !== 'compare' || leaf.op === 'eq' || leaf.op === 'ne'
    return said && { native: said.native, exact: said.exact && exact }
  },
}

export function isOrdered(op: OrderOp, property: string, value: number): FilterValue {
  return { operator: OPERATORS[op], target: { property }, value }
}

export function isTrue(property: string): FilterValue<boolean> {
  return { operator: 'Equal', target: { property }, value: true }
}

export function idAmong(uuids: readonly string[]): FilterValue<string[]> {
  return { operator: 'ContainsAny', target: { property: '_id' }, value: [...uuids] }
}

function factsHave(facts: readonly string[]): FilterValue<string[]> {
  return { operator: 'ContainsAny', target: { property: PROPERTY.facts }, value: [...facts] }
}

function ordered(key: string, op: OrderOp, value: number): FilterValue {
  const slot = slotOf(key)
  const isNumber = factsHave([numberFact(key)])
  const bound = boundOf(op, value)
  if (bound === null) return isNumber
  const matches = isOrdered(bound.op, numberProperty(slot), bound.value)
  return weaviateWords.and([isNumber, weaviateWords.or([matches, factsHave([crowdedFact(slot)])])])
}

/** The client sends whole numbers as 64-bit integers, and not all of those it can tell apart. */
function boundOf(op: OrderOp, value: number): { readonly op: OrderOp; readonly value: number } | null {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return { op, value }
  const isLower = op === 'gt' || op === 'gte'
  if (isLower !== value > 0) return null
  return isLower ? { op: 'gte', value: Number.MAX_SAFE_INTEGER } : { op: 'lte', value: Number.MIN_SAFE_INTEGER }
}
