import type { FlatWords } from '../shared/flat-speech.ts'

type Scalar = string | number | boolean

/** Pinecone's metadata filter, over keys made by `flatten`. */
export type PineconeFilter = Readonly<Record<string, unknown>>

export const pineconeWords: FlatWords<PineconeFilter> = {
  and: (parts) => ({ $and: [...parts] }),
  or: (parts) => ({ $or: [...parts] }),
  equals: (key, value) => ({ [key]: { $eq: value } }),
  differs: (key, value) => orMissing(key, { [key]: { $ne: value } }),
  ordered: (key, op, value) => ({ [key]: { [`$${op}`]: value } }),
  oneOf(key, values) {
    const lists = byType(key, values, '$in', '$eq')
    return lists.length === 1 ? lists[0]! : { $or: lists }
  },
  noneOf: (key, values) => orMissing(key, ...byType(key, values, '$nin', '$ne')),
  listHas: (key, text) => ({ [key]: { $in: [text] } }),
  maxList: 10_000,
  // An upsert replaces all keys of a record.
  trusted: true,
}

/** Whether $ne and $nin let a record without the key through is said outright, so that it does not matter. */
function orMissing(key: string, ...parts: readonly PineconeFilter[]): PineconeFilter {
  const present = parts.length === 1 ? parts[0]! : { $and: parts }
  return { $or: [present, { [key]: { $exists: false } }] }
}

/** Lists are of texts or of numbers; booleans are compared one by one. */
function byType(
  key: string,
  values: readonly Scalar[],
  listed: '$in' | '$nin',
  alone: '$eq' | '$ne',
): readonly PineconeFilter[] {
  const of = (type: string): Scalar[] => values.filter((value) => typeof value === type)
  const lists = [of('string'), of('number')].filter((list) => list.length > 0)
  return [
    ...lists.map((list) => ({ [key]: { [listed]: list } })),
    ...of('boolean').map((value) => ({ [key]: { [alone]: value } })),
  ]
}
