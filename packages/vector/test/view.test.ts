import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLocalStore, openVectorIndex, type VectorIndex, type VectorIndexOptions } from '../src/local/index.ts'
import { temporaryFolders } from './folders.ts'
import { clusteredVectors, pickSeed, randomVector, seededRandom } from './support.ts'

const seed = pickSeed('view')
const newFolder = temporaryFolders('view')

/** Random changes, some of them in a snapshot and the others in the journal behind it. */
async function fill(index: VectorIndex, random: () => number): Promise<void> {
  const { dimension } = index
  const change = async (): Promise<void> => {
    const key = Math.floor(random() * 400)
    if (random() < 0.3) await index.remove([key, `k${key}`])
    else {
      const upsert = [key, `k${key}`, 2n ** 53n + BigInt(key)].map((each) => ({
        key: each,
        vector: randomVector(dimension, random),
      }))
      await index.apply({ upsert, mark: String(key) })
    }
  }
  for (let i = 0; i < 600; i++) await change()
  await index.snapshot()
  for (let i = 0; i < 200; i++) await change()
}

for (const metric of ['cosine', 'dot', 'l2'] as const) {
  for (const dimension of [3, 16, 100]) {
    test(`what is read from files is what is in memory: ${metric}, ${dimension}`, async () => {
      const random = seededRandom(seed + dimension)
      const options: VectorIndexOptions = { dimension, metric, path: await newFolder(), sync: false }
      const index = await openVectorIndex(options)
      await fill(index, random)
      const view = await openVectorIndex({ ...options, readOnly: true })
      expect(view.recovery).toEqual({ status: 'restored' })
      expect([view.size, view.mark]).toEqual([index.size, index.mark])
      for (const key of index.keys()) expect(view.get(key)).toEqual(index.get(key))
      for (let round = 0; round < 20; round++) {
        const query = randomVector(dimension, random)
        const search = round % 2 === 0 ? { topK: 20 } : { topK: 5, filter: (key: unknown) => typeof key === 'string' }
        expect(await view.search(query, search)).toEqual(await index.search(query, search))
        const among = Array.from({ length: 30 }, () => Math.floor(random() * 400))
        expect(await view.search(query, { topK: 5, among })).toEqual(await index.search(query, { topK: 5, among }))
      }
      const plain = await openVectorIndex({ ...options, readOnly: true, simd: false })
      const query = randomVector(dimension, random)
      expect(await plain.search(query, { topK: 50 })).toEqual(await index.search(query, { topK: 50 }))
      for (const each of [plain, view, index]) await each.close()
    })
  }
}

test('who reads sees what was there, whatever the writer does meanwhile', async () => {
  const random = seededRandom(seed + 1)
  const options = { dimension: 24, metric: 'cosine', path: await newFolder(), sync: false } as const
  const index = await openVectorIndex(options)
  await fill(index, random)
  const view = await openVectorIndex({ ...options, readOnly: true })
  const before = new Map([...index.keys()].map((key) => [key, index.get(key)]))
  await index.clear()
  await index.upsert([{ key: 'new', vector: randomVector(24, random) }])
  await index.snapshot()
  await index.snapshot()
  expect(new Map([...view.keys()].map((key) => [key, view.get(key)]))).toEqual(before)
  const hits = await view.search(randomVector(24, random), { topK: 5000 })
  expect(new Set(hits.map(({ key }) => key))).toEqual(new Set(before.keys()))
  const later = await openVectorIndex({ ...options, readOnly: true })
  expect([...later.keys()]).toEqual(['new'])
  for (const each of [later, view, index]) await each.close()
})

test('files that are replaced while they are opened are opened all the same', async () => {
  const random = seededRandom(seed + 2)
  const options = { dimension: 8, metric: 'cosine', path: await newFolder(), sync: false } as const
  const index = await openVectorIndex(options)
  await index.upsert([{ key: 0, vector: randomVector(8, random) }])
  let writing = true
  const writer = (async () => {
    for (let n = 1; writing; n++) {
      await index.upsert([{ key: n, vector: randomVector(8, random) }])
      if (n % 3 === 0) await index.snapshot()
    }
  })()
  for (let round = 0; round < 30; round++) {
    const [least, view] = [index.size, await openVectorIndex({ ...options, readOnly: true })]
    expect(view.size).toBeGreaterThanOrEqual(least)
    expect(view.size).toBe(Math.max(...([...view.keys()] as number[])) + 1)
    await view.close()
  }
  writing = false
  await writer
  await index.close()
})

test('writes are refused, and so is reading where nothing is', async () => {
  const path = await newFolder()
  const options = { dimension: 2, metric: 'cosine', path, sync: false } as const
  const index = await openVectorIndex(options)
  await index.upsert([{ key: 1, vector: [1, 0] }])
  await index.close()
  const view = await openVectorIndex({ ...options, readOnly: true })
  const refused = { code: 'invalid_input', message: expect.stringContaining('readOnly') }
  await expect(view.upsert([{ key: 2, vector: [0, 1] }])).rejects.toMatchObject(refused)
  await expect(view.remove([1])).rejects.toMatchObject(refused)
  await expect(view.clear()).rejects.toMatchObject(refused)
  await expect(view.snapshot()).rejects.toMatchObject(refused)
  expect([...view.keys()]).toEqual([1])
  await view.close()
  await expect(view.search([1, 0], { topK: 1 })).rejects.toMatchObject({ code: 'closed' })

  const { path: _, ...nowhere } = options
  await expect(openVectorIndex({ ...nowhere, readOnly: true })).rejects.toMatchObject({ code: 'invalid_input' })
  const missing = openVectorIndex({ ...options, path: join(path, 'none'), readOnly: true })
  await expect(missing).rejects.toMatchObject({ code: 'not_found' })
  const stale = openVectorIndex({ ...options, dimension: 3, readOnly: true })
  await expect(stale).rejects.toMatchObject({ code: 'unknown', message: expect.stringContaining('dimension') })
  const again = await openVectorIndex(options)
  expect([...again.keys()]).toEqual([1])
  await again.close()
})

test('a saved graph is mapped and answers; rows written after it are found, removed ones are not', async () => {
  const vectors = clusteredVectors(3000, 64, seededRandom(seed + 3))
  const options = { dimension: 64, metric: 'cosine', graphFloats: 1000, path: await newFolder(), sync: false } as const
  const index = await openVectorIndex(options)
  await index.upsert(vectors.slice(0, 2500).map((vector, key) => ({ key, vector })))
  await index.ready()
  await index.snapshot()
  await index.upsert(vectors.slice(2500).map((vector, i) => ({ key: 2500 + i, vector })))
  await index.remove([0, 1, 2])
  const held = index.stats().bytes
  const view = await openVectorIndex({ ...options, readOnly: true })
  await view.search(vectors[0]!, { topK: 1, engine: 'hnsw' })
  expect(view.stats()).toMatchObject({ graph: 'serving', engine: 'hnsw', size: 2997, failure: undefined })
  for (const key of [0, 1, 3, 1234, 2600, 2999]) {
    const [hit] = await view.search(vectors[key]!, { topK: 1 })
    expect(hit!.key === key).toBe(key > 2)
  }
  let found = 0
  for (const query of clusteredVectors(50, 64, seededRandom(seed + 3))) {
    const exact = new Set((await view.search(query, { topK: 10, engine: 'exact' })).map(({ key }) => key))
    found += (await view.search(query, { topK: 10 })).filter(({ key }) => exact.has(key)).length
  }
  expect(found / 500).toBeGreaterThanOrEqual(0.98)
  const { bytes, mapped } = view.stats()
  expect(bytes.graph).toBe(0)
  expect(bytes.vectors).toBeLessThan(held.vectors / 2 + (1 << 20) * 2 + 200_000)
  expect(mapped).toBeGreaterThan(2997 * 64 * 4)
  await view.close()
  await index.close()
})

test('a store that is read only: everything but writes, beside the one that writes', async () => {
  const path = await newFolder()
  const random = seededRandom(seed + 4)
  const store = await openLocalStore({ path, sync: false })
  await store.createCollection({ name: 'docs', dimension: 32, metric: 'cosine' })
  const items = Array.from({ length: 300 }, (_, i) => ({
    id: `k${i}`,
    vector: randomVector(32, random),
    metadata: { even: i % 2 === 0, list: [i, null] },
    content: `text ${i}`,
  }))
  await store.upsert('docs', items)
  await store.updateMetadata('docs', 'k7', { more: { deep: true } })
  const view = await openLocalStore({ path, readOnly: true })
  expect(await view.listCollections()).toEqual(['docs'])
  expect(await view.describe('docs')).toEqual(await store.describe('docs'))
  const search = { vector: randomVector(32, random), topK: 20, filter: { even: true }, include: { vector: true } }
  expect(await view.search('docs', search)).toEqual(await store.search('docs', search))
  expect(await view.get('docs', ['k7', 'k8'])).toEqual(await store.get('docs', ['k7', 'k8']))
  expect(await view.count('docs', { even: false })).toBe(150)
  const refused = { code: 'invalid_input', message: expect.stringContaining('readOnly') }
  await expect(view.createCollection({ name: 'more', dimension: 2, metric: 'l2' })).rejects.toMatchObject(refused)
  await expect(view.dropCollection('docs')).rejects.toMatchObject(refused)
  await expect(view.upsert('docs', items)).rejects.toMatchObject(refused)
  await expect(view.delete('docs', { ids: ['k1'] })).rejects.toMatchObject(refused)
  await expect(view.updateVector('docs', 'k1', items[0]!.vector)).rejects.toMatchObject(refused)
  await expect(view.updateMetadata('docs', 'k1', { a: 1 })).rejects.toMatchObject(refused)
  await view.close()
  await store.close()
  await expect(openLocalStore({ path: join(path, 'none'), readOnly: true })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(openLocalStore({ readOnly: true })).rejects.toMatchObject({ code: 'invalid_input' })
})
