import { describe, expect, test } from 'vitest'
import { compareIds, type FusedHit, fuse, type Ranked, type RowId } from '../../src/search/fuse.ts'
import { seededRandom } from './random.ts'

function list(...ids: RowId[]): Ranked[] {
  return ids.map((id, index) => ({ id, score: 1 - index / 10 }))
}

function brief(hits: readonly FusedHit[]): unknown[] {
  return hits.map(({ id, score, matchType }) => [id, score, matchType])
}

describe('fuse', () => {
  test('sums 1 / (60 + rank), tells where a hit came from and keeps both scores', () => {
    const vector = [
      { id: 'a', score: 0.9 },
      { id: 'b', score: 0.8 },
      { id: 'c', score: 0.7 },
    ]
    const keyword = [
      { id: 'c', score: 0.6 },
      { id: 'd', score: 0.5 },
    ]
    expect(fuse(vector, keyword, { limit: 10 })).toEqual([
      { id: 'c', score: 1 / 63 + 1 / 61, matchType: 'hybrid', vectorScore: 0.7, keywordScore: 0.6 },
      { id: 'a', score: 1 / 61, matchType: 'vector', vectorScore: 0.9, keywordScore: null },
      { id: 'b', score: 1 / 62, matchType: 'vector', vectorScore: 0.8, keywordScore: null },
      { id: 'd', score: 1 / 62, matchType: 'keyword', vectorScore: null, keywordScore: 0.5 },
    ])
  })

  test('takes either list alone, or none', () => {
    expect(brief(fuse(list('a', 'b'), [], { limit: 5 }))).toEqual([
      ['a', 1 / 61, 'vector'],
      ['b', 1 / 62, 'vector'],
    ])
    expect(brief(fuse([], list('a', 'b'), { limit: 5 }))).toEqual([
      ['a', 1 / 61, 'keyword'],
      ['b', 1 / 62, 'keyword'],
    ])
    expect(fuse([], [], { limit: 5 })).toEqual([])
  })

  test('k and weights', () => {
    expect(brief(fuse(list(1), list(2), { k: 0, limit: 5, weights: { vector: 0.1, keyword: 0.9 } }))).toEqual([
      [2, 0.9, 'keyword'],
      [1, 0.1, 'vector'],
    ])
    expect(
      brief(fuse(list(1), list(2), { limit: 5, weights: { vector: 0.9, keyword: 0.1 } })).map(
        (hit) => (hit as RowId[])[0],
      ),
    ).toEqual([1, 2])
    expect(
      fuse(list(1, 2), list(2), { limit: 5, weights: { keyword: 0 } }).map(({ id, score }) => [id, score]),
    ).toEqual([
      [1, 1 / 61],
      [2, 1 / 62],
    ])
  })

  test('ties go to the lower id, numbers by value, and the limit cuts after the order', () => {
    expect(brief(fuse(list(10), list(9), { limit: 1 }))).toEqual([[9, 1 / 61, 'keyword']])
    expect(brief(fuse(list('10'), list('9'), { limit: 1 }))).toEqual([['10', 1 / 61, 'vector']])
    const [huge, next] = [2n ** 53n + 1n, 2n ** 53n + 2n]
    expect(fuse(list(next), list(huge), { limit: 2 }).map(({ id }) => id)).toEqual([huge, next])
    expect(fuse(list(1), list(2), { limit: 0 })).toEqual([])
  })

  test('knows one row by its number and its bigint, not by its digits as text', () => {
    expect(brief(fuse(list(5), list(5n), { limit: 5 }))).toEqual([[5, 1 / 61 + 1 / 61, 'hybrid']])
    expect(fuse(list(5), list('5'), { limit: 5 })).toHaveLength(2)
  })

  test('of an id that a list holds twice the first place counts', () => {
    const twice = [
      { id: 'a', score: 0.9 },
      { id: 'a', score: 0.1 },
      { id: 'b', score: 0.05 },
    ]
    expect(fuse(twice, [], { limit: 5 }).map(({ id, score, vectorScore }) => [id, score, vectorScore])).toEqual([
      ['a', 1 / 61, 0.9],
      ['b', 1 / 63, 0.05],
    ])
  })

  test.each([
    { limit: -1 },
    { limit: 1.5 },
    { limit: Number.NaN },
    { limit: 1, k: -1 },
    { limit: 1, weights: { vector: Number.NaN } },
    { limit: 1, weights: { keyword: -0.1 } },
  ])('refuses %j', (options) => {
    expect(() => fuse([], [], options)).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  })

  test('equals the sum taken id by id, in a total order, over random lists', () => {
    const random = seededRandom()
    for (let i = 0; i < 1_000; i++) {
      const make = (): Ranked[] => list(...Array.from({ length: random.below(12) }, () => random.below(15)))
      const [vector, keyword] = [make(), make()]
      const limit = random.below(20)
      const part = (ranked: Ranked[], id: number): number => 1 / (61 + ranked.findIndex((hit) => hit.id === id))
      const rank = (ranked: Ranked[], id: number): number =>
        ranked.some((hit) => hit.id === id) ? part(ranked, id) : 0
      const all = Array.from({ length: 15 }, (_, id) => ({ id, score: rank(vector, id) + rank(keyword, id) }))
      const expected = all.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || a.id - b.id)
      expect(fuse(vector, keyword, { limit }).map(({ id, score }) => ({ id, score }))).toEqual(expected.slice(0, limit))
    }
  })
})

test('compareIds orders strings by code point and numbers by value', () => {
  const sorted: RowId[] = [-1, 2, 10n, 2n ** 60n, '', '10', '9', 'A', 'a', 'ab', 'é', '\uff5e', '😀']
  expect(sorted.toReversed().sort(compareIds)).toEqual(sorted)
  expect([compareIds('a', 'a'), compareIds(1, 1n)]).toEqual([0, 0])
})
