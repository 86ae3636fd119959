import type { Where } from 'chromadb'
import type { FlatWords } from '../shared/flat-speech.ts'

type Scalar = string | number | boolean

/** Chroma's `where`, over keys made by `flatten`. */
export const chromaWords: FlatWords<Where> = {
  and: (parts) => ({ $and: [...parts] }),
  or: (parts) => ({ $or: [...parts] }),
  equals: (key, value) => ({ [key]: value }),
  ordered,
  oneOf,
  // Chroma merges the keys of an item with those it had before, so what a key says may be out of date: whatever it
  // lets through is checked once more, and what it would leave out because of a key is not asked of it.
  trusted: false,
  listHas: (key, text) => ({ [key]: { $contains: text } }) as Where,
  maxList: 5000,
}

/** Chroma cuts a fraction off before it compares with whole numbers, so it is asked for the next whole number out. */
function ordered(key: string, op: 'gt' | 'gte' | 'lt' | 'lte', value: number): Where {
  if (Number.isInteger(value)) return { [key]: { [`$${op}`]: value } } as Where
  return op === 'gt' || op === 'gte' ? { [key]: { $gte: Math.floor(value) } } : { [key]: { $lte: Math.ceil(value) } }
}

/** A list that mixes whole and other numbers is refused. */
function oneOf(key: string, values: readonly Scalar[]): Where {
  const whole = values.filter((value) => Number.isInteger(value))
  const rest = values.filter((value) => !Number.isInteger(value))
  const lists = [whole, rest]
    .filter((list) => list.length > 0)
    .map((list): Where => ({ [key]: { $in: list as string[] } }))
  return lists.length === 1 ? lists[0]! : { $or: lists }
}
