import type { DbError, VectorFilter } from '@archon-db/core'
import { openWeaviateStore, type ServiceStore } from '@archon-db/vector/weaviate'
import { afterEach, expect, test } from 'vitest'
import weaviate, { type WeaviateClient } from 'weaviate-client'
import {
  type FakeWeaviate,
  type FakeWeaviateOptions,
  startFakeWeaviate,
} from '../../src/vector-stores/fakes/weaviate/index.ts'

const SECRET = 'a-key-that-nobody-may-see'
const ends: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function fakeWith(options: FakeWeaviateOptions = {}): Promise<FakeWeaviate> {
  const fake = await startFakeWeaviate(options)
  ends.push(() => fake.stop())
  return fake
}

async function storeOn(fake: FakeWeaviate, options: { apiKey?: string } = {}): Promise<ServiceStore> {
  const store = await openWeaviateStore({ ...fake, ...options })
  ends.push(() => store.close())
  return store
}

async function clientOf(fake: FakeWeaviate): Promise<WeaviateClient> {
  const client = await weaviate.connectToLocal({
    host: '127.0.0.1',
    port: Number(new URL(fake.url).port),
    grpcPort: Number(new URL(fake.grpcUrl).port),
  })
  ends.push(() => client.close())
  return client
}

function shown(error: unknown): string {
  return error instanceof Error ? `${error.message} ${error.stack} ${shown(error.cause)}` : String(error)
}

const numbered = (count: number, rest: object = {}) =>
  Array.from({ length: count }, (_, i) => ({
    id: `i${i}`,
    vector: [1, i],
    metadata: { i, even: i % 2 === 0 },
    ...rest,
  }))

test('a wrong key is refused on both ways in, and shown nowhere', async () => {
  const fake = await fakeWith({ apiKey: 'right' })
  const error: DbError = await openWeaviateStore({ ...fake, apiKey: SECRET }).catch((reason) => reason)
  expect(error).toMatchObject({ code: 'permission_denied' })
  expect(shown(error)).not.toContain(SECRET)
  const open = await fakeWith()
  const mixed = await openWeaviateStore({ url: open.url, grpcUrl: fake.grpcUrl, apiKey: SECRET })
  ends.push(() => mixed.close())
  await mixed.createCollection({ name: 'docs', dimension: 2, metric: 'dot' })
  const refused: DbError = await mixed.upsert('docs', [{ vector: [1, 2] }]).catch((reason) => reason)
  expect(refused).toMatchObject({ code: 'permission_denied' })
  expect(shown(refused)).not.toContain(SECRET)
  const store = await storeOn(fake, { apiKey: 'right' })
  await store.createCollection({ name: 'docs', dimension: 2, metric: 'dot' })
  expect(await store.upsert('docs', [{ id: 'a', vector: [1, 2] }])).toEqual(['a'])
})

test('more than one query gives is listed, counted, found and deleted', { timeout: 60_000 }, async () => {
  const store = await storeOn(await fakeWith())
  await store.createCollection({ name: 'docs', dimension: 2, metric: 'l2' })
  await store.upsert('docs', numbered(10_400))
  expect((await store.search('docs', { topK: 30_000 })).length).toBe(10_400)
  expect(await store.count('docs', { even: true })).toBe(5200)
  expect(await store.count('docs', { i: { gte: 300, lt: 10_350 } })).toBe(10_050)
  const hits = await store.search('docs', { vector: [1, 0], topK: 10_100, filter: { i: { gte: 10 } } })
  expect(hits.map(({ id }) => id)).toEqual(Array.from({ length: 10_100 }, (_, i) => `i${i + 10}`))
  expect(await store.delete('docs', { filter: { even: true } })).toEqual({ deleted: 5200 })
  expect(await store.count('docs')).toBe(5200)
})

test('what is too large for one message goes in several', { timeout: 60_000 }, async () => {
  const store = await storeOn(await fakeWith({ maxMessageBytes: 100_000 }))
  await store.createCollection({ name: 'docs', dimension: 2, metric: 'cosine' })
  const content = 'x'.repeat(4000)
  const items = numbered(20, { content }).map((item) => ({ ...item, metadata: { ...item.metadata, long: content } }))
  await store.upsert('docs', items)
  expect(await store.count('docs', { even: false })).toBe(10)
  expect(await store.count('docs', { long: { contains: 'xx' } })).toBe(20)
  const hits = await store.search('docs', { vector: [1, 0], topK: 20, include: { vector: true } })
  expect(hits.map(({ id, vector }) => [id, vector?.[1]])).toEqual(items.map(({ id, vector }) => [id, vector[1]]))
  const [huge] = numbered(1, { content: 'x'.repeat(100_000) })
  await expect(store.upsert('docs', [huge!])).rejects.toMatchObject({ code: 'invalid_input' })
})

test('vectors without a direction that float32 can tell are found by cosine', async () => {
  const store = await storeOn(await fakeWith())
  await store.createCollection({ name: 'docs', dimension: 2, metric: 'cosine' })
  const lengths = { short: 1e-30, plain: 1, long: 1e30 }
  for (const [id, length] of Object.entries(lengths)) await store.upsert('docs', [{ id, vector: [length, length] }])
  await store.upsert(
    'docs',
    numbered(40).map((item) => ({ ...item, vector: [-1, item.metadata.i] })),
  )
  for (const length of Object.values(lengths)) {
    const hits = await store.search('docs', { vector: [length, length], topK: 3 })
    expect(hits.map(({ id, score }) => [id, score])).toEqual([
      ['long', 1],
      ['plain', 1],
      ['short', 1],
    ])
  }
})

test('numbers under many keys are told apart', async () => {
  const store = await storeOn(await fakeWith())
  await store.createCollection({ name: 'docs', dimension: 1, metric: 'dot' })
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`)
  await store.upsert('docs', [
    { id: 'all', vector: [1], metadata: Object.fromEntries(keys.map((key, i) => [key, i])) },
    ...keys.map((key, i) => ({ id: key, vector: [1], metadata: { [key]: i } })),
    { id: 'text', vector: [1], metadata: { k7: '7' } },
  ])
  const idsOf = async (filter: VectorFilter): Promise<string[]> =>
    (await store.search('docs', { topK: 99, filter })).map(({ id }) => id)
  expect(await idsOf({ k7: { gte: 7 } })).toEqual(['all', 'k7'])
  expect(await idsOf({ k7: { gt: 7 } })).toEqual([])
  expect(await idsOf({ k7: { lt: 1e21 }, k8: { gt: -1e21 } })).toEqual(['all'])
})

test('classes of others are left alone, and in the way they are named', async () => {
  const fake = await fakeWith()
  const [store, client] = [await storeOn(fake), await clientOf(fake)]
  await client.collections.createFromSchema({ class: 'Archon_docs' })
  await client.collections.createFromSchema({ class: 'ARCHON_notes' })
  const spec = { dimension: 2, metric: 'dot' } as const
  expect(await store.listCollections()).toEqual([])
  await expect(store.createCollection({ name: 'docs', ...spec })).rejects.toMatchObject({ code: 'unsupported' })
  await expect(store.describe('docs')).rejects.toMatchObject({ code: 'unsupported' })
  await expect(store.createCollection({ name: 'notes', ...spec })).rejects.toMatchObject({ code: 'unsupported' })
  await expect(store.dropCollection('docs')).rejects.toMatchObject({ code: 'unsupported' })
})

test('a server that goes away is a failed connection; closing goes on', async () => {
  const fake = await startFakeWeaviate()
  const store = await openWeaviateStore({ ...fake, apiKey: SECRET })
  await store.createCollection({ name: 'docs', dimension: 2, metric: 'dot' })
  await fake.stop()
  const error: DbError = await store.upsert('docs', [{ vector: [1, 2] }]).catch((reason) => reason)
  expect(error).toMatchObject({ code: 'connection_failed', retryable: true })
  expect(shown(error)).not.toContain(SECRET)
  await store.close()
})
