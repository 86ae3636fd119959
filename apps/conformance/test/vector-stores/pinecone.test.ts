import { inspect } from 'node:util'
import { DbError, type VectorItem } from '@archon-db/core'
import { openPineconeStore, type PineconeStoreOptions, type ServiceStore } from '@archon-db/vector/pinecone'
import { type Index, Pinecone } from '@pinecone-database/pinecone'
import { afterEach, expect, test } from 'vitest'
import {
  type FakePinecone,
  type FakePineconeOptions,
  startFakePinecone,
} from '../../src/vector-stores/fakes/pinecone/server.ts'

const SECRET = 'a-key-that-nobody-may-see'
const DOCS = { name: 'docs', dimension: 3, metric: 'cosine' } as const
const ends: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function fakeWith(options: Partial<FakePineconeOptions> = {}): Promise<FakePinecone> {
  const fake = await startFakePinecone({ apiKey: SECRET, ...options })
  ends.push(() => fake.stop())
  return fake
}

async function storeOn(fake: FakePinecone, options: Partial<PineconeStoreOptions> = {}): Promise<ServiceStore> {
  const store = await openPineconeStore({ apiKey: SECRET, controllerUrl: fake.url, ...options })
  ends.push(() => store.close())
  return store
}

/** A collection that is an index of its own. */
async function docsOn(fake: FakePinecone, options: Partial<PineconeStoreOptions> = {}): Promise<ServiceStore> {
  const store = await storeOn(fake, options)
  await store.createCollection(DOCS)
  return store
}

function clientOf(fake: FakePinecone): Pinecone {
  return new Pinecone({ apiKey: SECRET, controllerHostUrl: fake.url })
}

/** An index that somebody has made, of three dimensions by cosine; its address. */
async function indexOn(fake: FakePinecone, name = 'shared'): Promise<string> {
  const { indexes } = clientOf(fake)
  await indexes.create({
    name,
    schema: { fields: { _values: { type: 'dense_vector', dimension: 3, metric: 'cosine' } } },
    deployment: { deploymentType: 'managed', cloud: 'aws', region: 'us-east-1' },
  })
  for (;;) {
    const { status, host } = await indexes.describe(name)
    if (status.ready) return host
  }
}

/** Behind the store's back. */
async function namespaceOf(fake: FakePinecone, namespace: string): Promise<Index> {
  const client = clientOf(fake)
  const [index] = (await client.indexes.list()).indexes ?? []
  return client.index({ host: index!.host, namespace })
}

async function refusal(work: Promise<unknown>): Promise<DbError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DbError)
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET)
  return error as DbError
}

const ofRequests = (seen: readonly string[], request: string): number => seen.filter((one) => one === request).length

test('collections are indexes with tags that say which, and that another prefix does not see', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  await store.createCollection({ ...DOCS, name: 'Docs_of-2024', dimension: 2, metric: 'l2' })
  const { indexes = [] } = await clientOf(fake).indexes.list()
  expect(indexes.map(({ name, dimension, metric, tags }) => ({ name, dimension, metric, tags }))).toEqual([
    {
      name: expect.stringMatching(/^archon-docs-[0-9a-f]{12}$/),
      dimension: 3,
      metric: 'cosine',
      tags: { archon_collection: 'docs', archon_prefix: 'archon-' },
    },
    {
      name: expect.stringMatching(/^archon-docs-of-2024-[0-9a-f]{12}$/),
      dimension: 2,
      metric: 'euclidean',
      tags: { archon_collection: 'Docs_of-2024', archon_prefix: 'archon-' },
    },
  ])
  expect(await (await storeOn(fake, { prefix: 'archon' })).listCollections()).toEqual([])
  expect(await store.listCollections()).toEqual(['Docs_of-2024', 'docs'])
  const seen = fake.watch()
  expect(await store.createCollection(DOCS)).toEqual({ created: false })
  // A project at its limit would be refused another index, be it one that is there.
  expect(seen).not.toContain('POST /indexes')
})

test('a named index: its namespaces are collections', async () => {
  const fake = await fakeWith()
  await indexOn(fake)
  const [one, other] = [await storeOn(fake, { index: 'shared' }), await storeOn(fake, { index: 'shared' })]
  const made = await Promise.all([one, other].map((store) => store.createCollection(DOCS)))
  expect(made.filter(({ created }) => created)).toHaveLength(1)
  expect(await other.describe('docs')).toEqual({ ...DOCS, count: 0 })
  await one.upsert('docs', [{ id: 'ä', vector: [1, 2, 3], content: 'x'.repeat(100_000) }])
  expect((await one.get('docs', ['ä']))[0]?.content).toHaveLength(100_000)
  const { namespaces } = await (await namespaceOf(fake, 'any')).describeIndexStats()
  expect(namespaces).toEqual({ 'archon.docs': { recordCount: 1 }, 'archon.docs.contents': { recordCount: 3 } })
  expect(await one.listCollections()).toEqual(['docs'])
  expect(await (await storeOn(fake, { index: 'shared', prefix: 'mine.' })).listCollections()).toEqual([])
  expect(await other.dropCollection('docs')).toEqual({ existed: true })
  expect(await one.dropCollection('docs')).toEqual({ existed: false })
  expect((await (await namespaceOf(fake, 'any')).listNamespaces()).namespaces).toEqual([])
  expect(await refusal(one.count('docs'))).toMatchObject({ code: 'not_found' })
})

test('more namespaces than one page lists', async () => {
  const fake = await fakeWith()
  await indexOn(fake)
  const store = await storeOn(fake, { index: 'shared' })
  const names = Array.from({ length: 130 }, (_, i) => `n${String(i).padStart(3, '0')}`)
  for (const name of names) await store.createCollection({ ...DOCS, name })
  expect(await store.listCollections()).toEqual(names)
})

test('a named index fixes dimension and metric: what does not fit is told what to do', async () => {
  const fake = await fakeWith()
  await indexOn(fake)
  const store = await storeOn(fake, { index: 'shared' })
  for (const other of [{ dimension: 4 }, { metric: 'dot' as const }]) {
    const error = await refusal(store.createCollection({ ...DOCS, ...other }))
    expect(error.code).toBe('unsupported')
    expect(error.message).toContain('dimension 3 and metric cosine')
    expect(error.message).toContain('each collection gets its own')
  }
  expect(await store.listCollections()).toEqual([])
})

test('an index by its address; one that is not there is named by its variable', async () => {
  const fake = await fakeWith()
  const host = await indexOn(fake)
  const store = await storeOn(fake, { host })
  await store.createCollection(DOCS)
  expect(await store.describe('docs')).toEqual({ ...DOCS, count: 0 })
  const byName = await refusal((await storeOn(fake, { index: 'none' })).listCollections())
  expect(byName).toMatchObject({ code: 'not_found', message: expect.stringContaining('PINECONE_INDEX') })
  const byHost = await refusal((await storeOn(fake, { host: `${host}0` })).listCollections())
  expect(byHost).toMatchObject({ code: 'not_found', message: expect.stringContaining('PINECONE_HOST') })
})

test('an index of the same name that something else has made is left alone', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  const { indexes: [known] = [] } = await clientOf(fake).indexes.list()
  await store.dropCollection('docs')
  await indexOn(fake, known!.name)
  const error = await refusal(store.createCollection(DOCS))
  expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('something else') })
})

test.each([true, false])(
  'reads wait for what was written, with the numbers of writes or without (%s)',
  async (numbers) => {
    const fake = await fakeWith({ numbers })
    const store = await docsOn(fake)
    fake.delayWrites(5)
    await store.upsert('docs', [{ id: 'a', vector: [1, 0, 0], metadata: { n: 1 } }])
    expect(await store.count('docs')).toBe(1)
    await store.updateMetadata('docs', 'a', { n: 2 })
    expect(await store.search('docs', { vector: [1, 0, 0], topK: 1, filter: { n: 2 } })).toHaveLength(1)
    await store.delete('docs', { ids: ['a'] })
    expect(await store.get('docs', ['a'])).toEqual([])
  },
)

test('a read that has nothing to wait for asks for nothing else', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  await store.upsert('docs', [{ id: 'a', vector: [1, 0, 0] }])
  await store.get('docs', ['a'])
  const seen = fake.watch()
  await store.get('docs', ['a'])
  expect(seen).toEqual(['GET /vectors/fetch'])
})

test('a service that does not show a write in time is told so, and shows it later', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake, { freshWithinMs: 20 })
  fake.delayWrites(40)
  await store.upsert('docs', [{ id: 'a', vector: [1, 0, 0] }])
  const error = await refusal(store.get('docs', ['a']))
  expect(error).toMatchObject({ code: 'query_timeout', message: expect.stringContaining('20 ms') })
  const probe = await namespaceOf(fake, 'items')
  for (let i = 0; i < 40; i++) await probe.fetch({ ids: ['a'] })
  expect(await store.get('docs', ['a'])).toHaveLength(1)
})

test('without the numbers of writes the wait ends, and what is there is the answer', async () => {
  const fake = await fakeWith({ numbers: false })
  const store = await docsOn(fake, { freshWithinMs: 20 })
  fake.delayWrites(1000)
  await store.upsert('docs', [{ id: 'a', vector: [1, 0, 0] }])
  expect(await store.get('docs', ['a'])).toEqual([])
})

test('who wants no waiting has none', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake, { freshWithinMs: 0 })
  fake.delayWrites(1000)
  await store.upsert('docs', [{ id: 'a', vector: [1, 0, 0] }])
  const seen = fake.watch()
  expect(await store.get('docs', ['a'])).toEqual([])
  expect(seen).toEqual(['GET /vectors/fetch'])
})

test('requests keep to what Pinecone takes', { timeout: 30_000 }, async () => {
  const fake = await fakeWith()
  const store = await storeOn(fake)
  const seen = fake.watch()
  await store.createCollection({ name: 'wide', dimension: 16_000, metric: 'dot' })
  const wide = Array.from({ length: 20 }, (_, i) => ({
    id: `w${i}`,
    vector: Float32Array.from({ length: 16_000 }, (_value, at) => Math.sin(at + i)),
  }))
  await store.upsert('wide', wide)
  expect(ofRequests(seen, 'POST /vectors/upsert')).toBe(3)
  const found = await store.search('wide', { vector: wide[7]!.vector, topK: 20, include: { vector: true } })
  expect(found).toHaveLength(20)
  expect(found[0]).toMatchObject({ id: 'w7', vector: wide[7]!.vector })
  await store.createCollection(DOCS)
  const before = ofRequests(seen, 'POST /vectors/upsert')
  const ids = Array.from({ length: 2500 }, (_, i) => `é${i}`)
  await store.upsert(
    'docs',
    ids.map((id, i) => ({ id, vector: [1, i, 0], metadata: { i } })),
  )
  expect(ofRequests(seen, 'POST /vectors/upsert') - before).toBe(3)
  const hits = await store.search('docs', { vector: [0, 1, 0], topK: 2500 })
  expect(hits.map(({ id }) => id).sort()).toEqual(ids.toSorted())
  expect(await store.delete('docs', { filter: { i: { gte: 10 } } })).toEqual({ deleted: 2490 })
  expect(await store.count('docs')).toBe(10)
})

test('ids that Pinecone would not take, however long', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  const ids = ['日本', '😀'.repeat(40), 'x'.repeat(512), 'x'.repeat(513), 'ä'.repeat(3000), ' ', '~u', 'a/../b']
  await store.upsert(
    'docs',
    ids.map((id, i) => ({ id, vector: [1, i, 0] })),
  )
  const sorted = ids.toSorted()
  expect((await store.search('docs', { topK: 20 })).map(({ id }) => id)).toEqual(sorted)
  expect((await store.get('docs', ids)).map(({ id }) => id)).toEqual(ids)
  expect((await store.search('docs', { vector: [1, 0, 0], topK: 20 })).map(({ id }) => id)).toEqual(ids)
  expect(await store.delete('docs', { ids: ids.slice(0, 5) })).toEqual({ deleted: 5 })
  expect(await store.count('docs')).toBe(3)
})

test('long contents have records of their own, and take them along', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  const parts = async (): Promise<number> =>
    (await (await namespaceOf(fake, 'any')).describeIndexStats()).namespaces?.contents?.recordCount ?? 0
  const contentOf = async (id: string) => (await store.get('docs', [id]))[0]?.content
  const [long, longer] = ['"\u0001\n😀'.repeat(20_000), '日本語'.repeat(50_000)]
  await store.upsert('docs', [
    { id: 'a', vector: [1, 0, 0], metadata: { n: 1 }, content: long },
    { id: 'b', vector: [0, 1, 0], content: longer },
    { id: 'c', vector: [0, 0, 1], content: 'short' },
  ])
  expect([await contentOf('a'), await contentOf('b'), await contentOf('c')]).toEqual([long, longer, 'short'])
  const hits = await store.search('docs', { vector: [1, 0, 0], topK: 3, filter: { n: 1 } })
  expect(hits.map(({ content }) => content)).toEqual([long])
  await store.updateMetadata('docs', 'a', { n: 2 })
  expect(await contentOf('a')).toBe(long)
  await store.upsert('docs', [{ id: 'b', vector: [0, 1, 0], content: 'short now' }])
  expect(await contentOf('b')).toBe('short now')
  await store.delete('docs', { filter: { n: 2 } })
  // Whoever waits for the last change of the parts sees them gone.
  await expect.poll(parts).toBe(0)
  expect(await store.count('docs')).toBe(2)
})

test('a long content is read whole or not at all while others replace it', { timeout: 30_000 }, async () => {
  const fake = await fakeWith({ seed: 7 })
  const [writer, reader] = [await docsOn(fake), await storeOn(fake)]
  const version = (n: number): VectorItem => ({
    id: 'a',
    vector: [1, 0, 0],
    metadata: { n },
    content: `${n}`.repeat(90_000),
  })
  await writer.upsert('docs', [version(0)])
  await writer.get('docs', ['a'])
  let writing = true
  const writes = (async () => {
    for (let n = 1; n < 10; n++) await writer.upsert('docs', [version(n)])
    writing = false
  })()
  let met = 0
  while (writing) {
    const [record] = await reader.get('docs', ['a'])
    expect(record?.content === version(record?.metadata.n as number).content).toBe(true)
    met++
  }
  await writes
  expect(met).toBeGreaterThan(0)
  expect((await writer.get('docs', ['a']))[0]?.metadata).toEqual({ n: 9 })
})

test('an item is stored once its content can be seen', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  fake.delayWrites(2)
  const seen = fake.watch()
  await store.upsert('docs', [{ id: 'a', vector: [1, 0, 0], content: 'x'.repeat(50_000) }])
  const [upsert, query] = ['POST /vectors/upsert', 'POST /query']
  expect(seen.filter((one) => one === upsert || one === query)).toEqual([upsert, query, query, query, upsert])
})

test('metadata that has no room is refused before anything is stored', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  const deep = { ['k'.repeat(900)]: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`n${i}`, i])) }
  const seen = fake.watch()
  const error = await refusal(
    store.upsert('docs', [
      { id: 'a', vector: [1, 2, 3] },
      { id: 'b', vector: [1, 2, 3], metadata: deep },
    ]),
  )
  expect(error).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('metadata') })
  expect(ofRequests(seen, 'POST /vectors/upsert')).toBe(0)
  expect(await store.count('docs')).toBe(0)
})

test('vectors that float32 cannot bring to length 1 are ranked as the contract says', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  await store.upsert('docs', [
    { id: 'tiny', vector: [1e-30, 0, 0] },
    { id: 'zero', vector: [0, 0, 0] },
    { id: 'huge', vector: [1e30, 1e30, 0] },
    { id: 'back', vector: [-1, 0, 0] },
  ])
  const hits = await store.search('docs', { vector: [1e-20, 0, 0], topK: 4 })
  expect(hits.map(({ id }) => id)).toEqual(['tiny', 'huge', 'zero', 'back'])
  expect(hits.map(({ score }) => score)).toEqual([1, Math.fround(Math.SQRT1_2), 0, -1])
})

test('a collection that another process has dropped or made anew is looked up again', async () => {
  const fake = await fakeWith()
  const [one, other] = [await docsOn(fake), await storeOn(fake)]
  await one.upsert('docs', [{ id: 'a', vector: [1, 2, 3] }])
  expect((await other.describe('docs')).dimension).toBe(3)
  await other.dropCollection('docs')
  expect(await refusal(one.upsert('docs', [{ id: 'a', vector: [1, 2, 3] }]))).toMatchObject({ code: 'not_found' })
  await one.createCollection(DOCS)
  await other.count('docs')
  await one.dropCollection('docs')
  await one.createCollection({ ...DOCS, dimension: 2, metric: 'l2' })
  expect(await other.upsert('docs', [{ id: 'b', vector: [1, 2] }])).toEqual(['b'])
  expect(await refusal(other.upsert('docs', [{ vector: [1, 2, 3] }]))).toMatchObject({ code: 'invalid_input' })
  expect((await other.describe('docs')).metric).toBe('l2')
})

test('too many requests are sent again; so are those that the service failed at', { timeout: 20_000 }, async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  fake.failNext(429, 1)
  expect(await store.count('docs')).toBe(0)
  fake.failNext(503, 1)
  expect(await store.upsert('docs', [{ id: 'a', vector: [1, 2, 3] }])).toEqual(['a'])
})

test('errors say what to do, and never show the key', async () => {
  const fake = await fakeWith()
  const store = await docsOn(fake)
  fake.failNext(401, 1)
  expect(await refusal(store.upsert('docs', [{ id: 'a', vector: [1, 2, 3] }]))).toMatchObject({
    code: 'permission_denied',
    message: expect.stringContaining('PINECONE_API_KEY'),
  })
  const stranger = await storeOn(fake, { apiKey: `${SECRET}2` })
  expect(await refusal(stranger.listCollections())).toMatchObject({ code: 'permission_denied' })
  await fake.stop()
  for (const call of [() => store.count('docs'), () => store.listCollections()]) {
    expect(await refusal(call())).toMatchObject({ code: 'connection_failed', retryable: true })
  }
})
