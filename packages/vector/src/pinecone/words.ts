import type { FlatWords } from '../shared/flat-speech.ts'

/** Pinecone's metadata filter, over keys made by `flatten`. */
export type PineconeFilter = Readonly<Record<string, unknown>>

export const pineconeWords: FlatWords<PineconeFilter> = {
  and: (parts) => ({ $and: [...parts] }),
  or: (parts) => ({ $or: [...parts] }),
  equals: (key, value) => ({ [key]: { $eq: value } }),
  differs: (key, value) => orMissing(key, { [key]: { $ne: value } }),
  ordered: (key, op, value) => ({ [key]: { [`$${op}`]: value } }),
  // Lists are of texts or of numbers; booleans are compared one by one.
  oneOf(key, values) {
    if (typeof values[0] !== 'boolean') return { [key]: { $in: [...values] } }
    return { $or: values.map((value) => ({ [key]: { $eq: value } })) }
  },
  noneOf(key, values) {
    if (typeof values[0] !== 'boolean') return orMissing(key, { [key]: { $nin: [...values] } })
    return orMissing(key, { $and: values.map((value) => ({ [key]: { $ne: value } })) })
  },
  listHas: (key, text) => ({ [key]: { $in: [text] } }),
  maxList: 10_000,
  // An upsert replaces all keys of a record.
  trusted: true,
}

/** Whether $ne and $nin let a record without the key through is said outright, so that it does not matter. */
function orMissing(key: string, present: PineconeFilter): PineconeFilter {
  return { $or: [present, { [key]: { $exists: false } }] }
}
