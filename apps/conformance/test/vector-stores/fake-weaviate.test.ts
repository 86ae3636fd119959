import { afterAll, beforeAll, expect, test } from 'vitest'
import weaviate, { type Collection, type WeaviateClass, type WeaviateClient } from 'weaviate-client'
import { type FakeWeaviate, startFakeWeaviate } from '../../src/vector-stores/fakes/weaviate/index.ts'

/** What the fake refuses, as the service does: it would be no use if it took anything. */
let fake: FakeWeaviate
let client: WeaviateClient
let made = 0

const UUID = '00000000-0000-8000-8000-000000000001'
const hnsw = { vectorizer: { none: {} }, vectorIndexType: 'hnsw', vectorIndexConfig: {} }

beforeAll(async () => {
  fake = await startFakeWeaviate()
  client = await weaviate.connectToLocal({
    host: '127.0.0.1',
    port: Number(new URL(fake.url).port),
    grpcPort: Number(new URL(fake.grpcUrl).port),
  })
})

afterAll(async () => {
  await client.close()
  await fake.stop()
})

async function collectionOf(
  properties: NonNullable<WeaviateClass['properties']>,
  rest: WeaviateClass = {},
): Promise<Collection> {
  const name = `Test${++made}`
  await client.collections.createFromSchema({ class: name, properties, vectorConfig: { default: hnsw }, ...rest })
  return client.collections.use(name)
}

async function errorsOf(collection: Collection, ...objects: object[]): Promise<string[]> {
  const { errors } = await collection.data.insertMany(objects as Parameters<Collection['data']['insertMany']>[0])
  return Object.values(errors).map(({ message }) => message)
}

test('ids that are no UUIDs, properties that were not declared and values of another type', async () => {
  const collection = await collectionOf([
    { name: 'title', dataType: ['text'] },
    { name: 'n', dataType: ['int'] },
  ])
  expect(await errorsOf(collection, { id: 'p01', properties: {} })).toEqual([expect.stringContaining('UUID')])
  expect(await errorsOf(collection, { properties: { other: 'x' } })).toEqual([expect.stringContaining("'other'")])
  expect(await errorsOf(collection, { properties: { title: 5 } })).toEqual([expect.stringContaining('text')])
  expect(await errorsOf(collection, { properties: { n: 1.5 } })).toEqual([expect.stringContaining('integer')])
  expect(await errorsOf(collection, { properties: { n: '1' } })).toEqual([expect.stringContaining('int')])
  expect(await collection.length()).toBe(0)
})

test('one bad object of a batch; the others are stored', async () => {
  const collection = await collectionOf([{ name: 'title', dataType: ['text'] }])
  const objects = [{ properties: { title: 'a' } }, { properties: { title: 1 } }, { properties: { title: 'c' } }]
  expect(await errorsOf(collection, ...objects)).toHaveLength(1)
  expect(await collection.length()).toBe(2)
})

test('vectors of another length than the first, in objects and in queries', async () => {
  const collection = await collectionOf([])
  expect(await errorsOf(collection, { id: UUID, vectors: { default: [1, 2, 3] } })).toEqual([])
  expect(await errorsOf(collection, { vectors: { default: [1, 2] } })).toEqual([expect.stringContaining('length 2')])
  expect(await errorsOf(collection, { vectors: { other: [1, 2, 3] } })).toEqual([expect.stringContaining('other')])
  await expect(collection.query.nearVector([1, 2])).rejects.toThrow("vector lengths don't match")
  expect((await collection.query.nearVector([1, 2, 3])).objects.map(({ uuid }) => uuid)).toEqual([UUID])
})

test('more than ten thousand results', async () => {
  const collection = await collectionOf([])
  await expect(collection.query.fetchObjects({ limit: 10_001 })).rejects.toThrow('query maximum results exceeded')
  await expect(collection.query.fetchObjects({ limit: 1, offset: 10_000 })).rejects.toThrow('maximum results')
  expect((await collection.query.fetchObjects({ limit: 10_000 })).objects).toEqual([])
})

test('a query without a limit gives ten', async () => {
  const collection = await collectionOf([])
  await collection.data.insertMany(Array.from({ length: 12 }, () => ({ properties: {} })))
  expect((await collection.query.fetchObjects()).objects).toHaveLength(10)
})

test('texts match by their tokens: as a whole only where they were declared so', async () => {
  const collection = await collectionOf([
    { name: 'words', dataType: ['text'] },
    { name: 'whole', dataType: ['text'], tokenization: 'field' },
    { name: 'hidden', dataType: ['text'], indexFilterable: false, indexSearchable: false },
  ])
  await collection.data.insertMany([{ properties: { words: 'A-b C', whole: ' A-b C ', hidden: 'x' } }])
  const matches = async (name: string, value: string): Promise<number> => {
    const filters = collection.filter.byProperty(name).equal(value)
    return (await collection.query.fetchObjects({ filters })).objects.length
  }
  expect([await matches('words', 'c a'), await matches('words', 'A-b C'), await matches('words', 'd')]).toEqual([
    1, 1, 0,
  ])
  expect([await matches('whole', 'A-b C'), await matches('whole', 'a-b c')]).toEqual([1, 0])
  await expect(matches('hidden', 'x')).rejects.toThrow('indexFilterable')
  await expect(matches('none', 'x')).rejects.toThrow("'none'")
})

test('null is asked for only where it was indexed', async () => {
  const plain = await collectionOf([{ name: 'n', dataType: ['int'] }])
  const filters = plain.filter.byProperty('n').isNull(true)
  await expect(plain.query.fetchObjects({ filters })).rejects.toThrow('indexNullState')
  const indexed = await collectionOf([{ name: 'n', dataType: ['int'] }], {
    invertedIndexConfig: { indexNullState: true },
  })
  await indexed.data.insertMany([{ id: UUID, properties: {} }, { properties: { n: 1 } }])
  const { objects } = await indexed.query.fetchObjects({ filters })
  expect(objects.map(({ uuid }) => uuid)).toEqual([UUID])
})

test('filters of another type than the property', async () => {
  const collection = await collectionOf([
    { name: 'n', dataType: ['number'] },
    { name: 'yes', dataType: ['boolean'] },
  ])
  const by = (name: string, value: string | number) => ({
    filters: collection.filter.byProperty(name).equal(value),
  })
  await expect(collection.query.fetchObjects(by('n', '1'))).rejects.toThrow('valueNumber')
  await expect(collection.query.fetchObjects(by('yes', 1))).rejects.toThrow('valueBoolean')
  expect((await collection.query.fetchObjects(by('n', 1))).objects).toEqual([])
})

test('names of classes: capitalised, once whatever their case', async () => {
  const create = (name: string) => client.collections.createFromSchema({ class: name })
  await create('lower')
  expect(await client.collections.exists('Lower')).toBe(true)
  await expect(create('Lower')).rejects.toThrow('already exists')
  await expect(create('LOWER')).rejects.toThrow('found similar class')
  await expect(create('with-hyphen')).rejects.toThrow('not a valid class name')
})

test('what it does not know is said, not guessed', async () => {
  const collection = await collectionOf([{ name: 'title', dataType: ['text'] }])
  await expect(collection.query.bm25('word')).rejects.toThrow('UNIMPLEMENTED')
  await expect(
    client.collections.createFromSchema({ class: 'Other', properties: [{ name: 'at', dataType: ['date'] }] }),
  ).rejects.toThrow('does not know')
})
