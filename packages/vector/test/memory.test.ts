import { isDbError } from '@archon-db/core'
import { expect, test } from 'vitest'
import { type IndexItem, openLocalStore, openVectorIndex } from '../src/local/index.ts'
import { temporaryFolders } from './folders.ts'
import { clusteredVectors, pickSeed, randomVector, seededRandom } from './support.ts'

const seed = pickSeed('memory')
const newFolder = temporaryFolders('memory')

const MEGABYTE = 1_000_000
const SHAPE = { dimension: 64, metric: 'cosine' } as const
/** How far a write may be from the limit when it is refused: pages are 64 kB, and lists grow by a half. */
const ROUNDING = 150_000

function items(from: number, count: number, random: () => number): IndexItem[] {
  return Array.from({ length: count }, (_, i) => ({ key: from + i, vector: randomVector(64, random) }))
}

test('an index is filled up to its limit and not beyond; what it holds stays, and room that was made is used', async () => {
  const random = seededRandom(seed)
  for (const simd of [true, false]) {
    const index = await openVectorIndex({ ...SHAPE, maxMemoryBytes: MEGABYTE, engine: 'exact', simd })
    let error: unknown
    for (let from = 0; error === undefined; from += 10) {
      await index.upsert(items(from, 10, random)).catch((cause) => {
        error = cause
      })
      expect(index.stats().bytes.total).toBeLessThanOrEqual(MEGABYTE)
    }
    expect(error).toMatchObject({ code: 'unsupported', message: expect.stringMatching(/1\.0 MB.*maxMemoryBytes/) })
    const { size } = index
    expect(size % 10).toBe(0)
    expect(index.stats()).toMatchObject({ maxBytes: MEGABYTE, size })
    expect(index.stats().bytes.total).toBeGreaterThan(MEGABYTE - ROUNDING)

    // Nothing of the refused write is there, and everything else is.
    const [first] = items(0, 1, seededRandom(seed))
    expect(index.has(size)).toBe(false)
    expect((await index.search(randomVector(64, random), { topK: size + 1 })).length).toBe(size)
    if (simd) expect(index.get(0)).toEqual(first?.vector)

    await index.upsert(items(0, 10, random))
    await index.remove([1, 2, 3])
    await index.upsert(items(size, 3, random))
    await expect(index.upsert(items(size + 3, 300, random))).rejects.toMatchObject({ code: 'unsupported' })
    expect(index.size).toBe(size)
    await index.close()
  }
})

test('writes that wait together are counted together', async () => {
  const random = seededRandom(seed + 1)
  const index = await openVectorIndex({ ...SHAPE, maxMemoryBytes: MEGABYTE, path: await newFolder(), sync: false })
  const writes = Array.from({ length: 100 }, (_, i) => index.upsert(items(i * 100, 100, random)))
  const results = await Promise.allSettled(writes)
  const made = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))
  expect(index.stats().bytes.total).toBeLessThanOrEqual(MEGABYTE)
  expect(index.size).toBe(made.length * 100)
  expect(made.length).toBeGreaterThan(20)
  expect(made.length).toBeLessThan(40)
  expect([...index.keys()].sort((a, b) => Number(a) - Number(b))).toEqual(
    made.flatMap((i) => Array.from({ length: 100 }, (_, j) => i * 100 + j)),
  )
  await index.close()
})

test('what goes with a vector counts, and is given back with it', async () => {
  const store = await openLocalStore({ maxMemoryBytes: MEGABYTE })
  await store.createCollection({ name: 'texts', dimension: 2, metric: 'cosine' })
  const text = 'x'.repeat(1000)
  const write = (id: string, size: number): Promise<string[]> =>
    store.upsert('texts', [{ id, vector: [1, 0], content: text.repeat(size), metadata: { list: [1, 'two', null] } }])
  await write('a', 400)
  await expect(write('b', 600)).rejects.toMatchObject({ code: 'unsupported' })
  await expect(write('a', 1000)).rejects.toMatchObject({ code: 'unsupported' })
  expect(await store.count('texts')).toBe(1)
  await write('a', 700)
  const { bytes, maxBytes, collections } = await store.stats()
  expect(maxBytes).toBe(MEGABYTE)
  expect(bytes).toEqual(collections[0]?.bytes)
  expect(collections[0]?.name).toBe('texts')
  expect(bytes.items).toBeGreaterThan(700_000)
  expect(bytes.items).toBeLessThan(702_000)
  await store.delete('texts', { ids: ['a'] })
  expect((await store.stats()).bytes.items).toBe(0)
  await write('b', 800)
  await store.close()
})

test('collections of a store share one limit; one that is too large to open is still whole', async () => {
  const path = await newFolder()
  const random = seededRandom(seed + 2)
  const open = (maxMemoryBytes?: number) =>
    openLocalStore({ path, sync: false, ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }) })
  const vectors = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `k${i}`, vector: randomVector(64, random), content: `text ${i}` }))
  const first = await open(MEGABYTE)
  for (const name of ['one', 'two']) await first.createCollection({ name, ...SHAPE })
  await first.upsert('one', vectors(1500))
  await expect(first.upsert('two', vectors(1500))).rejects.toMatchObject({ code: 'unsupported' })
  await first.upsert('two', vectors(100))
  await first.close()

  const small = await open(MEGABYTE / 4)
  expect(await small.count('two')).toBe(100)
  await expect(small.count('one')).rejects.toMatchObject({ code: 'unsupported' })
  expect((await small.stats()).collections.map(({ name }) => name)).toEqual(['two'])
  await small.close()

  const large = await open()
  expect([await large.count('one'), await large.count('two')]).toEqual([1500, 100])
  await large.close()
})

test('a graph is built where there is room for it, and gives way to vectors', async () => {
  const vectors = clusteredVectors(3000, 64, seededRandom(seed + 3))
  const write = (from: number, to: number): IndexItem[] =>
    vectors.slice(from, to).map((vector, i) => ({ key: from + i, vector }))
  const index = await openVectorIndex({ ...SHAPE, graphFloats: 1000, maxMemoryBytes: 1.5 * MEGABYTE })
  await index.upsert(write(0, 2000))
  await index.ready()
  expect(index.stats()).toMatchObject({ graph: 'serving', size: 2000 })
  expect(index.stats().bytes.graph).toBeGreaterThan(2000 * 128)
  await index.upsert(write(2000, 3000))
  expect(index.stats()).toMatchObject({ graph: 'idle', size: 3000, failure: undefined })
  const query = vectors[2500] as Float32Array
  expect((await index.search(query, { topK: 1 }))[0]?.key).toBe(2500)
  expect(index.stats().graph).toBe('idle')
  const forced = index.search(query, { topK: 1, engine: 'hnsw' })
  await expect(forced).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('hnsw') })
  await index.close()
})

test('a limit that is none is refused', async () => {
  for (const maxMemoryBytes of [0, -1, Number.NaN, '1' as unknown as number]) {
    const opening = openVectorIndex({ ...SHAPE, maxMemoryBytes })
    await expect(opening).rejects.toSatisfy((error) => isDbError(error, 'invalid_input'))
    await expect(openLocalStore({ maxMemoryBytes })).rejects.toMatchObject({ code: 'invalid_input' })
  }
})
