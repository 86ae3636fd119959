import { DbError, type VectorMetric } from '@archon-db/core'
import { expect, test } from 'vitest'
import { FlatIndex, type FlatSearch } from '../src/local/flat.ts'
import type { IndexKey } from '../src/local/keys.ts'
import { compareHits, type IndexHit } from '../src/local/top-k.ts'
import { pickSeed, randomVector, seededRandom } from './support.ts'

const seed = pickSeed('flat')
const METRICS = ['cosine', 'dot', 'l2'] as const

/** What the index must answer, the slow and plain way. */
function bruteForce(
  metric: VectorMetric,
  items: ReadonlyMap<IndexKey, Float32Array>,
  query: ArrayLike<number>,
  { topK, filter, among, minScore = Number.NEGATIVE_INFINITY }: FlatSearch,
): IndexHit[] {
  const named = among && new Set(among)
  const hits = [...items]
    .filter(([key]) => (!named || named.has(key)) && (!filter || filter(key)))
    .map(([key, vector]) => ({ key, score: score(metric, Float32Array.from(query), vector) }))
  return hits
    .filter((hit) => hit.score >= minScore)
    .sort(compareHits)
    .slice(0, topK)
}

function score(metric: VectorMetric, a: Float32Array, b: Float32Array): number {
  let product = 0
  let [squaresA, squaresB, differences] = [0, 0, 0]
  a.forEach((x, i) => {
    product += x * b[i]!
    squaresA += x * x
    squaresB += b[i]! * b[i]!
    differences += (x - b[i]!) ** 2
  })
  if (metric === 'dot') return Number.isFinite(Math.fround(product)) ? Math.fround(product) : product
  if (metric === 'l2') return Math.fround(1 / (1 + Math.sqrt(differences)))
  if (squaresA === 0 || squaresB === 0) return 0
  return Math.fround(Math.max(-1, Math.min(1, product / Math.sqrt(squaresA) / Math.sqrt(squaresB))))
}

function expectSame(
  index: FlatIndex,
  items: ReadonlyMap<IndexKey, Float32Array>,
  query: Float32Array,
  search: FlatSearch,
): void {
  const comparable = (hits: IndexHit[]): IndexHit[] =>
    hits.map(({ key, score }) => ({ key, score: withinFloat64(score) }))
  expect(comparable(index.search(query, search))).toEqual(comparable(bruteForce(index.metric, items, query, search)))
}

/** Sums beyond float32 are not rounded to it, so their last digits depend on the order of the additions. */
function withinFloat64(score: number): number {
  return Number.isFinite(Math.fround(score)) ? score : Number(score.toPrecision(10))
}

for (const metric of METRICS) {
  for (const simd of [true, false]) {
    test(`${metric} (simd: ${simd}): equals brute force through adds, replacements and removals`, () => {
      for (const dimension of [1, 3, 16, 33, 128]) {
        const random = seededRandom(seed + dimension)
        const index = new FlatIndex({ dimension, metric, simd, blockBytes: 20_000 })
        const items = new Map<IndexKey, Float32Array>()
        for (let step = 0; step < 900; step++) {
          const key = Math.floor(random() * 400)
          if (random() < 0.3) expect(index.delete(key)).toBe(items.delete(key))
          else {
            const vector = randomVector(dimension, random)
            index.set(key, vector)
            items.set(key, vector)
          }
        }
        expect(index.size).toBe(items.size)
        for (let i = 0; i < 5; i++) {
          const query = randomVector(dimension, random)
          expectSame(index, items, query, { topK: 10 })
          expectSame(index, items, query, { topK: 1000 })
          expectSame(index, items, query, { topK: 7, filter: (key) => (key as number) % 100 === 1 })
          expectSame(index, items, query, { topK: 7, minScore: index.search(query, { topK: 4 })[3]!.score })
          expectSame(index, items, query, { topK: 3, among: [1, 2, 3, 4, 5, 6, 7, 8, 9999] })
          expectSame(index, items, query, { topK: 9, among: [...items.keys()], filter: (key) => (key as number) > 200 })
        }
      }
    })
  }

  test(`${metric}: a filter at 1 % and at 0.1 % returns every match there is`, () => {
    const random = seededRandom(seed + 1)
    const index = new FlatIndex({ dimension: 24, metric })
    const items = new Map<IndexKey, Float32Array>()
    for (let key = 0; key < 6000; key++) {
      const vector = randomVector(24, random)
      index.set(key, vector)
      items.set(key, vector)
    }
    for (let key = 0; key < 6000; key += 7) {
      index.delete(key)
      items.delete(key)
    }
    for (const modulus of [100, 1000]) {
      const filter = (key: IndexKey): boolean => (key as number) % modulus === 3
      const matches = [...items.keys()].filter(filter).length
      const query = randomVector(24, random)
      expectSame(index, items, query, { topK: 10, filter })
      expect(index.search(query, { topK: 10, filter })).toHaveLength(Math.min(10, matches))
    }
  })

  test(`${metric}: vectors near and beyond the edge of float32 sums are ranked all the same`, () => {
    const random = seededRandom(seed + 2)
    const index = new FlatIndex({ dimension: 8, metric })
    const items = new Map<IndexKey, Float32Array>()
    const scales = [1e-30, 1e-20, 1e-10, 1, 1000, 1e14, 1e16, 1e25, 1e30]
    for (let key = 0; key < 180; key++) {
      const scale = scales[key % scales.length] as number
      const vector = randomVector(8, random).map((x) => x * scale)
      index.set(key, vector)
      items.set(key, vector)
    }
    for (const scale of scales) {
      expectSame(
        index,
        items,
        randomVector(8, random).map((x) => x * scale),
        { topK: 12 },
      )
    }
  })

  test(`${metric}: equal scores come by key, numbers before texts, and the same way every time`, () => {
    const index = new FlatIndex({ dimension: 3, metric })
    const keys = ['b', 10, '\u{10000}', 'a', 2, '\uffff', -5, 2n ** 60n, 'B']
    for (const key of keys) index.set(key, Float32Array.of(1, 2, 3))
    const sorted = [-5, 2, 10, 2n ** 60n, 'B', 'a', 'b', '\uffff', '\u{10000}']
    for (const topK of [1, 4, 9, 20]) {
      expect(index.search([3, 2, 1], { topK }).map((hit) => hit.key)).toEqual(sorted.slice(0, topK))
    }
    index.delete(2)
    expect(index.search([3, 2, 1], { topK: 3 }).map((hit) => hit.key)).toEqual([-5, 10, 2n ** 60n])
  })
}

test('scores: cosine from -1 to 1, dot as it is, l2 from near to far', () => {
  const scores = (metric: VectorMetric): number[] => {
    const index = new FlatIndex({ dimension: 2, metric })
    for (const [key, vector] of [
      [3, 4],
      [-3, -4],
      [4, -3],
      [6, 8],
    ].entries())
      index.set(key, Float32Array.from(vector))
    const hits = index.search([3, 4], { topK: 4 })
    return [0, 1, 2, 3].map((key) => hits.find((hit) => hit.key === key)!.score)
  }
  expect(scores('cosine')).toEqual([1, -1, 0, 1])
  expect(scores('dot')).toEqual([25, -25, 0, 50])
  expect(scores('l2')).toEqual([1, Math.fround(1 / 11), Math.fround(1 / (1 + Math.sqrt(50))), Math.fround(1 / 6)])
})

test('a vector finds itself with cosine 1, whatever its length', () => {
  const random = seededRandom(seed + 3)
  for (const dimension of [2, 384, 1536]) {
    const index = new FlatIndex({ dimension, metric: 'cosine' })
    const vector = randomVector(dimension, random)
    index.set('self', vector)
    index.set(
      'scaled',
      vector.map((x) => x * 0.001),
    )
    index.set('other', randomVector(dimension, random))
    expect(index.search(vector, { topK: 2 })).toEqual([
      { key: 'scaled', score: 1 },
      { key: 'self', score: 1 },
    ])
  }
})

test('a zero vector has cosine 0 with everything', () => {
  const index = new FlatIndex({ dimension: 2, metric: 'cosine' })
  index.set('zero', Float32Array.of(0, 0))
  index.set('up', Float32Array.of(0, 1))
  index.set('down', Float32Array.of(0, -1))
  expect(index.search([0, 2], { topK: 3 })).toEqual([
    { key: 'up', score: 1 },
    { key: 'zero', score: 0 },
    { key: 'down', score: -1 },
  ])
  expect(index.search([0, 0], { topK: 2 })).toEqual([
    { key: 'down', score: 0 },
    { key: 'up', score: 0 },
  ])
})

test('a scan in slices answers for the moment it ends', async () => {
  for (const metric of METRICS) {
    const random = seededRandom(seed + 4)
    const index = new FlatIndex({ dimension: 16_000, metric })
    const items = new Map<IndexKey, Float32Array>()
    const put = (key: number, vector: Float32Array = randomVector(16_000, random)): void => {
      index.set(key, vector)
      items.set(key, vector)
    }
    const drop = (key: number): void => {
      index.delete(key)
      items.delete(key)
    }
    for (let key = 0; key < 24; key++) put(key)
    const query = randomVector(16_000, random)
    let pauses = 0
    const prepared = index.prepare(query, { topK: 4 })
    const hits = await index.scanInSlices(
      prepared,
      async () => {
        pauses++
        for (const key of [0, 1, 22, 5]) drop(key)
        for (const key of [2, 30, 31]) put(key)
        // One that is nearest of all comes where the scan has been, one by being written and one by being moved.
        put(3, query)
        put(100 + pauses, query)
        drop(6 + pauses)
      },
      10 * 16_000,
    )
    expect(pauses).toBe(2)
    expect(hits).toEqual(bruteForce(metric, items, query, { topK: 4 }))
  }
})

test('keys: a bigint that a number can hold is that number', () => {
  const index = new FlatIndex({ dimension: 1, metric: 'dot' })
  index.set(1, Float32Array.of(5))
  expect(index.search([1], { topK: 1, among: [1n, 1] })).toEqual([{ key: 1, score: 5 }])
  expect(index.get(1n)).toEqual(Float32Array.of(5))
})

test('what a search refuses', () => {
  const index = new FlatIndex({ dimension: 3, metric: 'cosine' })
  const refuse = (run: () => unknown, message: RegExp): void => {
    expect(run).toThrow(DbError)
    expect(run).toThrow(expect.objectContaining({ code: 'invalid_input', message: expect.stringMatching(message) }))
  }
  refuse(() => index.search([1, 2], { topK: 1 }), /2 components where 3/)
  refuse(() => index.search([1, Number.NaN, 2], { topK: 1 }), /element 1 is not a finite number/)
  refuse(() => index.search([1, 1e39, 2], { topK: 1 }), /element 1 is not a finite number/)
  refuse(() => index.search(['1', 2, 3] as unknown as number[], { topK: 1 }), /element 0 is not a finite number/)
  refuse(() => index.search('123' as unknown as number[], { topK: 1 }), /Float32Array or an array of numbers/)
  for (const topK of [0, -1, 1.5, Number.NaN]) refuse(() => index.search([1, 2, 3], { topK }), /topK/)
  refuse(() => index.search([1, 2, 3], { topK: 1, minScore: Number.NaN }), /minScore/)
  refuse(() => index.search([1, 2, 3], { topK: 1, among: [1.5] }), /whole number/)
  expect(index.search([1, 2, 3], { topK: 5 })).toEqual([])
})

test('a subarray is the vector it shows, not the buffer behind it', () => {
  const index = new FlatIndex({ dimension: 2, metric: 'dot' })
  const buffer = Float32Array.of(9, 1, 2, 9)
  index.set('a', buffer.subarray(1, 3))
  expect(index.get('a')).toEqual(Float32Array.of(1, 2))
  expect(index.search(buffer.subarray(1, 3), { topK: 1 })).toEqual([{ key: 'a', score: 5 }])
})
