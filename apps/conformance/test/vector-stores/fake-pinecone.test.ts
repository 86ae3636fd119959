import { type Index, Pinecone } from '@pinecone-database/pinecone'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakePinecone, startFakePinecone } from '../../src/vector-stores/fakes/pinecone/server.ts'

/** What the fake refuses, as the service does: it would be no use if it took anything. */
let fake: FakePinecone
let client: Pinecone
let index: Index

const deployment = { deploymentType: 'managed', cloud: 'aws', region: 'us-east-1' } as const
const vectorOf = (metric: 'cosine', dimension: number) => ({
  fields: { _values: { type: 'dense_vector' as const, dimension, metric } },
})

beforeAll(async () => {
  fake = await startFakePinecone({ apiKey: 'key' })
  fake.delayWrites(0)
  client = new Pinecone({ apiKey: 'key', controllerHostUrl: fake.url })
  await client.indexes.create({ name: 'things', schema: vectorOf('cosine', 3), deployment })
  index = client.index({ host: await readyHost('things'), namespace: 'n' })
  await index.upsert({ records: [{ id: 'a', values: [1, 2, 3], metadata: { tags: ['x', 'y'], n: 1 } }] })
})

afterAll(() => fake.stop())

/** An index needs a while, counted in questions, until it is ready. */
async function readyHost(name: string): Promise<string> {
  for (let asked = 0; asked < 5; asked++) {
    const { status, host } = await client.indexes.describe(name)
    if (status.ready) return host
  }
  throw new Error(`${name} is not ready`)
}

const record = (rest: object) => ({ id: 'b', values: [1, 2, 3], ...rest })

test.each([
  ['zeros alone', record({ values: [0, 0, 0] }), 'not zero'],
  ['another dimension', record({ values: [1, 2] }), 'dimension'],
  ['numbers beyond float32', record({ values: [1, 2, 1e39] }), '32-bit'],
  ['an id beyond ASCII', record({ id: 'ä' }), 'ASCII'],
  ['an id that is too long', record({ id: 'x'.repeat(513) }), '512'],
  ['null in metadata', record({ metadata: { n: null } }), 'must be a string'],
  ['an object in metadata', record({ metadata: { n: { a: 1 } } }), 'must be a string'],
  ['a list of numbers in metadata', record({ metadata: { n: [1] } }), 'must be a string'],
  ['a key that begins with $', record({ metadata: { $n: 1 } }), '$'],
  ['more than 40 KB of metadata', record({ metadata: { n: 'x'.repeat(41_000) } }), '40960'],
])('%s', async (_, wrong, word) => {
  const upserting = index.upsert({ records: [wrong as unknown as { id: string; values: number[] }] })
  await expect(upserting).rejects.toThrow(word)
})

test('too many records, too large a request, too many ids', async () => {
  const records = Array.from({ length: 1001 }, (_, i) => ({ id: `i${i}`, values: [1, 2, 3] }))
  await expect(index.upsert({ records })).rejects.toThrow('1000')
  const large = records.slice(0, 60).map((one) => ({ ...one, metadata: { text: 'x'.repeat(40_000) } }))
  await expect(index.upsert({ records: large })).rejects.toThrow('2097152 bytes')
  await expect(index.deleteMany({ ids: records.map(({ id }) => id) })).rejects.toThrow('1000')
})

test('queries that ask for too much', async () => {
  const vector = [1, 2, 3]
  await expect(index.query({ vector, topK: 10_001 })).rejects.toThrow('10000')
  await expect(index.query({ vector: [1, 2], topK: 1 })).rejects.toThrow('dimension')
  await expect(index.query({ vector: [0, 0, 0], topK: 1 })).rejects.toThrow('not zero')
  const records = Array.from({ length: 120 }, (_, i) => ({
    id: `l${i}`,
    values: vector,
    metadata: { t: 'x'.repeat(39_000) },
  }))
  const many = client.index({ host: await readyHost('things'), namespace: 'large' })
  for (let start = 0; start < 120; start += 40) await many.upsert({ records: records.slice(start, start + 40) })
  await expect(many.query({ vector, topK: 120, includeMetadata: true })).rejects.toThrow('4194304')
  expect((await many.query({ vector, topK: 120 })).matches).toHaveLength(120)
})

test.each([
  [{ n: null }],
  [{ n: { $gt: '1' } }],
  [{ n: { $in: [] } }],
  [{ n: { $in: [true] } }],
  [{ n: { $in: [1, 'a'] } }],
  [{ n: { $like: 'a' } }],
  [{ $not: { n: 1 } }],
  [{ $or: [] }],
])('a filter that it does not know: %j', async (filter) => {
  await expect(index.query({ vector: [1, 2, 3], topK: 1, filter })).rejects.toThrow(/needs|not a filter|string/)
})

test.each([
  [{ tags: 'x' }, true],
  [{ tags: { $in: ['z', 'y'] } }, true],
  [{ n: 1, tags: { $eq: 'x' } }, true],
  [{ n: { $gte: 1, $lt: 2 } }, true],
  [{ n: '1' }, false],
  [{ m: { $exists: false } }, true],
  [{ m: { $ne: 1 } }, false],
  [{ n: { $nin: [2] } }, true],
  [{ $or: [{ n: 2 }, { $and: [{ n: 1 }, { tags: 'y' }] }] }, true],
])('a filter that it knows: %j', async (filter, matches) => {
  const { records } = await index.fetchByMetadata({ filter })
  expect(Object.keys(records)).toEqual(matches ? ['a'] : [])
})

test('pages: a hundred at most, in the order of bytes, each id once', async () => {
  const many = client.index({ host: await readyHost('things'), namespace: 'pages' })
  const ids = Array.from({ length: 250 }, (_, i) => `p${i}`)
  await many.upsert({ records: ids.map((id) => ({ id, values: [1, 2, 3], metadata: { p: 1 } })) })
  await expect(many.listPaginated({ limit: 101 })).rejects.toThrow('100')
  const [listed, fetched]: [string[], string[]] = [[], []]
  for (let paginationToken: string | undefined, first = true; first || paginationToken; first = false) {
    const page = await many.listPaginated(paginationToken ? { paginationToken } : {})
    listed.push(...(page.vectors ?? []).map(({ id }) => id!))
    paginationToken = page.pagination?.next
  }
  for (let paginationToken: string | undefined, first = true; first || paginationToken; first = false) {
    const page = await many.fetchByMetadata({ filter: { p: 1 }, ...(paginationToken && { paginationToken }) })
    fetched.push(...Object.keys(page.records))
    paginationToken = page.pagination?.next
  }
  expect(listed).toEqual(ids.toSorted())
  expect(fetched).toEqual(ids.toSorted())
})

test('a write is seen by reads only after some others, and never before an earlier one', async () => {
  const late = client.index({ host: await readyHost('things'), namespace: 'late' })
  const seen = async (): Promise<string[]> => Object.keys((await late.fetch({ ids: ['a', 'b'] })).records)
  fake.delayWrites(3)
  await late.upsert({ records: [{ id: 'a', values: [1, 0, 0] }] })
  fake.delayWrites(0)
  await late.upsert({ records: [{ id: 'b', values: [1, 0, 0] }] })
  expect([await seen(), await seen(), await seen(), await seen()]).toEqual([[], [], [], ['a', 'b']])
  await late.deleteMany({ ids: ['a'] })
  expect(await seen()).toEqual(['b'])
})

test('deletes: of one kind at a time, and of namespaces that are there', async () => {
  const none = client.index({ host: await readyHost('things'), namespace: 'none' })
  await expect(none.deleteMany({ ids: ['a'] })).rejects.toMatchObject({ name: 'PineconeNotFoundError' })
  await expect(none.deleteAll()).rejects.toMatchObject({ name: 'PineconeNotFoundError' })
  expect((await none.query({ vector: [1, 2, 3], topK: 1 })).matches).toEqual([])
  expect((await none.fetch({ ids: ['a'] })).records).toEqual({})
})

test('deletes by filter', async () => {
  const some = client.index({ host: await readyHost('things'), namespace: 'some' })
  await some.upsert({ records: ['a', 'b'].map((id) => ({ id, values: [1, 2, 3], metadata: { id } })) })
  await some.deleteMany({ filter: { id: { $in: ['a', 'c'] } } })
  expect(Object.keys((await some.fetch({ ids: ['a', 'b'] })).records)).toEqual(['b'])
  await some.deleteAll()
  expect((await some.describeIndexStats()).namespaces?.some?.recordCount).toBe(0)
})

test('a namespace is made once, and is gone when it was deleted', async () => {
  await index.createNamespace({ name: 'made' })
  await expect(index.createNamespace({ name: 'made' })).rejects.toMatchObject({ name: 'PineconeConflictError' })
  await expect(index.createNamespace({ name: '__default__' })).rejects.toThrow('reserved')
  expect((await index.listNamespaces({ prefix: 'mad' })).namespaces?.map(({ name }) => name)).toEqual(['made'])
  await index.deleteNamespace('made')
  await expect(index.describeNamespace('made')).rejects.toMatchObject({ name: 'PineconeNotFoundError' })
})

test('indexes: names, dimensions and metrics; a name is taken until the index is gone for good', async () => {
  const make = (name: string, dimension = 2) =>
    client.indexes.create({ name, schema: vectorOf('cosine', dimension), deployment })
  for (const name of ['Upper', 'a_b', '-a', 'x'.repeat(46)]) await expect(make(name)).rejects.toThrow('Index names')
  await expect(make('huge', 20_001)).rejects.toThrow('dimension')
  await expect(make('things')).rejects.toMatchObject({ name: 'PineconeConflictError' })
  const { host, status } = await make('short')
  expect(status.ready).toBe(false)
  await expect(client.index({ host }).describeIndexStats()).rejects.toMatchObject({ name: 'PineconeNotFoundError' })
  await readyHost('short')
  await client.indexes.delete('short')
  await expect(make('short')).rejects.toMatchObject({ name: 'PineconeConflictError' })
  expect((await client.indexes.describe('short')).status.state).toBe('Terminating')
  await client.indexes.list()
  await expect(client.indexes.describe('short')).rejects.toMatchObject({ name: 'PineconeNotFoundError' })
})

test('another key, and another version of the interface', async () => {
  const stranger = new Pinecone({ apiKey: 'other', controllerHostUrl: fake.url })
  await expect(stranger.indexes.list()).rejects.toMatchObject({ name: 'PineconeAuthorizationError' })
  const headers = { 'api-key': 'key', 'x-pinecone-api-version': '2024-07' }
  expect((await fetch(`${fake.url}/indexes`, { headers })).status).toBe(400)
})
