import { expect, test } from 'vitest'
import { RowStore, type ScanKind } from '../src/local/kernel/rows.ts'
import { gaussian, pickSeed, seededRandom } from './support.ts'

const seed = pickSeed('kernel')

function fill(store: RowStore, dimension: number, rows: number): Float32Array {
  const random = seededRandom(seed + dimension)
  // Magnitudes far apart, so that a different order of additions shows.
  const value = (): number => gaussian(random) * 10 ** Math.floor(random() * 6 - 3)
  store.reserve(rows)
  for (let i = 0; i < rows; i++) {
    const row = store.row(i)
    for (let j = 0; j < dimension; j++) row[j] = value()
  }
  return Float32Array.from({ length: store.stride }, (_, j) => (j < dimension ? value() : 0))
}

function scan(store: RowStore, kind: ScanKind, query: Float32Array, rows: number): Float32Array {
  const scores = new Float32Array(rows)
  store.scan(kind, query, 0, rows, scores)
  return scores
}

for (const dimension of [1, 2, 3, 15, 16, 17, 31, 33, 100, 384, 1000, 1537]) {
  for (const kind of ['dot', 'l2'] as const) {
    test(`${kind} over ${dimension} dimensions: the SIMD and the plain kernel agree to the bit`, () => {
      const rows = 37
      const simd = new RowStore(dimension)
      const plain = new RowStore(dimension, { simd: false })
      const query = fill(simd, dimension, rows)
      fill(plain, dimension, rows)
      expect(simd.simd).toBe(true)
      expect(plain.simd).toBe(false)
      const scores = scan(simd, kind, query, rows)
      expect(new Uint32Array(scores.buffer)).toEqual(new Uint32Array(scan(plain, kind, query, rows).buffer))
      for (let i = 0; i < rows; i++) {
        const { sum, magnitude } = reference(kind, query, simd.row(i))
        expect(Math.abs(scores[i]! - sum)).toBeLessThanOrEqual(magnitude * 1e-5)
      }
    })
  }
}

function reference(kind: ScanKind, query: Float32Array, row: Float32Array): { sum: number; magnitude: number } {
  const terms = Array.from(query, (q, i) => (kind === 'dot' ? q * row[i]! : (q - row[i]!) ** 2))
  const add = (a: number, b: number): number => a + b
  return { sum: terms.reduce(add, 0), magnitude: terms.map(Math.abs).reduce(add, 0) }
}

for (const simd of [true, false]) {
  test(`rows keep their values while memory grows over several blocks (simd: ${simd})`, () => {
    const store = new RowStore(20, { simd, blockBytes: 32 * 4 * 100 })
    for (let i = 0; i < 1050; i++) {
      store.reserve(i + 1)
      store.row(i).fill(i, 0, 20)
    }
    const query = new Float32Array(store.stride).fill(1, 0, 20)
    expect(scan(store, 'dot', query, 1050)).toEqual(Float32Array.from({ length: 1050 }, (_, i) => 20 * i))
    const part = new Float32Array(1050)
    store.scan('dot', query, 95, 210, part)
    expect(part).toEqual(Float32Array.from({ length: 1050 }, (_, i) => (i >= 95 && i < 305 ? 20 * i : 0)))
  })
}

test('more rows than one call of the kernel takes', () => {
  const store = new RowStore(1)
  store.reserve(5000)
  for (let i = 0; i < 5000; i++) store.row(i)[0] = i
  const query = new Float32Array(store.stride)
  query[0] = 2
  expect(scan(store, 'dot', query, 5000)).toEqual(Float32Array.from({ length: 5000 }, (_, i) => 2 * i))
})
