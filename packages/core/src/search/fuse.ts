import { invalidInput } from '../errors.ts'

export type RowId = string | number | bigint

/** A row in a list that is ordered best first. */
export interface Ranked {
  readonly id: RowId
  readonly score: number
}

/** Which list a hit came from; `hybrid` is both. */
export type MatchType = 'vector' | 'keyword' | 'hybrid'

export interface FusedHit {
  readonly id: RowId
  /** The fused score; the lists' own scores stand beside it. */
  readonly score: number
  readonly matchType: MatchType
  readonly vectorScore: number | null
  readonly keywordScore: number | null
}

export interface FuseOptions {
  readonly limit: number
  /** How little the first ranks stand out; 60 by custom. */
  readonly k?: number
  /** 1 each unless told. */
  readonly weights?: { readonly vector?: number; readonly keyword?: number }
}

/**
 * Reciprocal rank fusion: a hit scores the sum of weight / (k + rank) over the lists it is in, ranks counted from 1.
 * Scores of different kinds need not be comparable, only each list's order counts. Ties go to the lower id; of an id
 * that a list holds twice, the first place counts.
 */
export function fuse(vector: readonly Ranked[], keyword: readonly Ranked[], options: FuseOptions): FusedHit[] {
  const { k = 60, limit, weights = {} } = options
  const { vector: vectorWeight = 1, keyword: keywordWeight = 1 } = weights
  checkOptions(limit, [k, vectorWeight, keywordWeight])
  const hits = new Map<string, FusedHit>()
  for (const [key, { id, score, rank }] of firstPlaces(vector)) {
    const fused = vectorWeight / (k + rank)
    hits.set(key, { id, score: fused, matchType: 'vector', vectorScore: score, keywordScore: null })
  }
  for (const [key, { id, score, rank }] of firstPlaces(keyword)) {
    const fused = keywordWeight / (k + rank)
    const both = hits.get(key)
    hits.set(
      key,
      both
        ? { ...both, score: both.score + fused, matchType: 'hybrid', keywordScore: score }
        : { id, score: fused, matchType: 'keyword', vectorScore: null, keywordScore: score },
    )
  }
  return [...hits.values()].sort((a, b) => b.score - a.score || compareIds(a.id, b.id)).slice(0, limit)
}

function checkOptions(limit: number, numbers: readonly number[]): void {
  if (!Number.isInteger(limit) || limit < 0) throw invalidInput('limit takes a whole number that is not negative.')
  if (!numbers.every((number) => Number.isFinite(number) && number >= 0)) {
    throw invalidInput('k and weights take finite numbers that are not negative.')
  }
}

function firstPlaces(list: readonly Ranked[]): Map<string, Ranked & { rank: number }> {
  const places = new Map<string, Ranked & { rank: number }>()
  list.forEach(({ id, score }, index) => {
    // A driver may hand out one id as a number here and as a bigint there.
    const key = typeof id === 'string' ? `'${id}` : String(id)
    if (!places.has(key)) places.set(key, { id, score, rank: index + 1 })
  })
  return places
}

/** Numbers by value, strings by code point as the databases order them. */
export function compareIds(a: RowId, b: RowId): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b)
  if (typeof a === 'string' || typeof b === 'string') return typeof a === 'string' ? 1 : -1
  return a < b ? -1 : a > b ? 1 : 0
}

function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return surrogatesLast(x) - surrogatesLast(y)
  }
  return a.length - b.length
}

/** Code units order as code points do, but for surrogates, which stand for the characters above all others. */
function surrogatesLast(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
