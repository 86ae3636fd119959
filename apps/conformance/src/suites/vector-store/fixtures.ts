import assert from 'node:assert/strict'
import type {
  CollectionSpec,
  Metadata,
  VectorFilter,
  VectorHit,
  VectorItem,
  VectorMetric,
  VectorSearch,
  VectorStore,
} from '@archon-db/core'
import type { Random } from '../../harness/random.ts'

/** The collection that most behaviours use. */
export const NAME = 'things'

export async function collection(
  store: VectorStore,
  items: readonly VectorItem[] = [],
  spec: Partial<CollectionSpec> = {},
): Promise<void> {
  await store.createCollection({ name: NAME, dimension: 3, metric: 'cosine', ...spec })
  if (items.length > 0) await store.upsert(spec.name ?? NAME, items)
}

export async function idsOf(store: VectorStore, search: Partial<VectorSearch>): Promise<string[]> {
  const hits = await store.search(NAME, { topK: 1000, ...search })
  return hits.map(({ id }) => id)
}

/** A filter lets these through, whichever way it is asked: a search by vector, a listing, a count. */
export async function assertMatches(store: VectorStore, filter: VectorFilter, ids: readonly string[]): Promise<void> {
  const sorted = [...ids].sort()
  assert.deepEqual(await idsOf(store, { filter }), sorted, 'a listing')
  assert.deepEqual((await idsOf(store, { filter, vector: [1, 2, 3] })).sort(), sorted, 'a search by vector')
  assert.equal(await store.count(NAME, filter), sorted.length, 'a count')
}

/** Stores may differ in the last bit of a float32. */
export function assertScores(hits: readonly VectorHit[], expected: readonly number[]): void {
  assert.equal(hits.length, expected.length, 'the number of hits')
  for (const [i, score] of expected.entries()) assertNear(hits[i]!.score, score, `the score of hit ${i}`)
}

export function assertNear(actual: number, expected: number, what = 'the number'): void {
  const tolerance = 1e-6 * Math.max(1, Math.abs(expected))
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} is ${actual}, expected ${expected}`)
}

export function assertVector(actual: Float32Array | undefined, expected: ArrayLike<number>): void {
  assert.ok(actual instanceof Float32Array, 'a vector is a Float32Array')
  assert.equal(actual.length, expected.length, 'the length of the vector')
  for (let i = 0; i < expected.length; i++) assertNear(actual[i]!, expected[i]!, `component ${i}`)
}

/** What the metric says, in double precision. */
export function scoreOf(metric: VectorMetric, a: ArrayLike<number>, b: ArrayLike<number>): number {
  const sum = (term: (i: number) => number): number => Array.from(a, (_, i) => term(i)).reduce((x, y) => x + y, 0)
  const dot = sum((i) => a[i]! * b[i]!)
  if (metric === 'dot') return dot
  if (metric === 'l2') return 1 / (1 + Math.sqrt(sum((i) => (a[i]! - b[i]!) ** 2)))
  const norms = Math.sqrt(sum((i) => a[i]! ** 2)) * Math.sqrt(sum((i) => b[i]! ** 2))
  return norms === 0 ? 0 : dot / norms
}

export function randomVector(random: Random, dimension: number): Float32Array {
  return Float32Array.from({ length: dimension }, () => random.next() * 2 - 1)
}

/** `i0007`: ids whose order is the order of their numbers. */
export function numbered(n: number): string {
  return `i${String(n).padStart(4, '0')}`
}

function product(id: string, vector: readonly number[], metadata: Metadata, content?: string): VectorItem {
  return { id, vector, metadata, ...(content === undefined ? {} : { content }) }
}

/** Ten products: every type of value, a null, a missing key, nested documents and names that need quoting. */
export const PRODUCTS: readonly VectorItem[] = [
  product(
    'p01',
    [1, 0, 0],
    {
      kind: 'book',
      price: 10,
      rating: 4.5,
      available: true,
      tags: ['new', 'sale'],
      author: { name: 'Ada', born: 1815 },
      reviews: [{ stars: 5, by: 'x' }],
      day: '2024-01-15T00:00:00.000Z',
    },
    'A book',
  ),
  product(
    'p02',
    [0, 1, 0],
    {
      kind: 'book',
      price: 25.5,
      rating: 3,
      available: false,
      tags: ['sale'],
      author: { name: 'Bob', born: 1920 },
      reviews: [
        { stars: 1, by: 'y' },
        { stars: 5, by: 'z' },
      ],
      day: '2024-06-01T00:00:00.000Z',
    },
    'Another book',
  ),
  product('p03', [0, 0, 1], { kind: 'pen', price: 3, rating: null, available: true, tags: [], note: null }),
  product('p04', [1, 1, 0], { kind: 'pen', price: '3', available: false, tags: ['new'] }),
  product('p05', [1, 0, 1], { kind: 'Book', price: -5, rating: 0, available: 1 }),
  product('p06', [0, 1, 1], { kind: 'book ', price: 9007199254740991, rating: -0.5, available: 'true' }),
  product('p07', [1, 1, 1], { kind: '100% _cotton_', price: 0, 'a.b': 1, 'quote"d': 'q', $money: 5, ünï: 'ö' }),
  product('p08', [-1, 0, 0], { kind: 'naïve 日本 😀', price: 1e21, a: { b: 2, c: { d: null } }, empty: {} }),
  product('p09', [0, -1, 0], { kind: '', '5': true, tags: ['a', 1, null, true, ['nested']], author: 'plain text' }),
  product('p10', [0, 0, -1], {}),
]

export const ALL: readonly string[] = PRODUCTS.map(({ id }) => id!)

/** All products but these. */
export function allBut(...ids: readonly string[]): string[] {
  return ALL.filter((id) => !ids.includes(id))
}
