import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DbErrorCode, VectorFilter, VectorItem, VectorSearch, VectorStore, VectorTarget } from '@archon-db/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLocalStore } from '../src/local/index.ts'
import { temporaryFolders } from './folders.ts'

const PRODUCTS: VectorItem[] = [
  {
    id: 'a',
    vector: [1, 0, 0],
    metadata: { kind: 'book', price: 10, tags: ['x', 'y'], author: { name: 'Ada' } },
    content: 'A',
  },
  { id: 'b', vector: [0, 1, 0], metadata: { kind: 'book', price: 20, tags: ['y'], note: null } },
  { id: 'c', vector: [0, 0, 1], metadata: { kind: 'pen', price: 3, '5': true, 'a.b': 1 } },
  { id: 'd', vector: [1, 1, 0], metadata: { kind: 'pen', price: '3' }, content: 'D' },
  { id: 'e', vector: [1, 1, 1] },
]

const newFolder = temporaryFolders('store')
const stores: VectorStore[] = []

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

async function openStore(path?: string): Promise<VectorStore> {
  const store = await openLocalStore(path === undefined ? {} : { path, sync: false })
  stores.push(store)
  return store
}

async function refused(call: Promise<unknown>, code: DbErrorCode, message?: RegExp): Promise<void> {
  await expect(call).rejects.toMatchObject({ code, message: expect.stringMatching(message ?? /./) })
}

for (const place of ['memory', 'disk']) {
  describe(`a local store in ${place}`, () => {
    let store: VectorStore

    beforeEach(async () => {
      store = await openStore(place === 'disk' ? await newFolder() : undefined)
      await store.createCollection({ name: 'products', dimension: 3, metric: 'cosine' })
      await store.upsert('products', PRODUCTS)
    })

    async function idsOf(search: Partial<VectorSearch>): Promise<string[]> {
      return (await store.search('products', { topK: 100, ...search })).map((hit) => hit.id)
    }

    test('collections: created once, described, listed in order, dropped', async () => {
      expect(await store.createCollection({ name: 'products', dimension: 3, metric: 'cosine' })).toEqual({
        created: false,
      })
      await refused(
        store.createCollection({ name: 'products', dimension: 4, metric: 'cosine' }),
        'invalid_input',
        /dimension 3/,
      )
      await refused(
        store.createCollection({ name: 'products', dimension: 3, metric: 'l2' }),
        'invalid_input',
        /metric cosine/,
      )
      expect(await store.createCollection({ name: 'Products', dimension: 2, metric: 'l2' })).toEqual({ created: true })
      expect(await store.listCollections()).toEqual(['Products', 'products'])
      expect(await store.describe('products')).toEqual({ name: 'products', dimension: 3, metric: 'cosine', count: 5 })
      expect(await store.describe('Products')).toEqual({ name: 'Products', dimension: 2, metric: 'l2', count: 0 })
      expect(await store.dropCollection('products')).toEqual({ existed: true })
      expect(await store.dropCollection('products')).toEqual({ existed: false })
      await refused(store.describe('products'), 'not_found', /"products"/)
      await store.createCollection({ name: 'products', dimension: 3, metric: 'cosine' })
      expect(await store.count('products')).toBe(0)
    })

    test('what a collection cannot be', async () => {
      for (const name of ['', '1a', 'a b', 'a/b', '../x', 'ä', 'a'.repeat(64)]) {
        await refused(
          store.createCollection({ name, dimension: 3, metric: 'cosine' }),
          'invalid_input',
          /collection name/,
        )
      }
      for (const dimension of [0, -100, 2.5]) {
        await refused(store.createCollection({ name: 'x', dimension, metric: 'cosine' }), 'invalid_input', /dimension/)
      }
      await refused(
        store.createCollection({ name: 'x', dimension: 3, metric: 'hamming' as 'l2' }),
        'invalid_input',
        /metric/,
      )
    })

    test('created at once by several: one creates it', async () => {
      const spec = { name: 'once', dimension: 2, metric: 'dot' } as const
      const results = await Promise.all(Array.from({ length: 5 }, () => store.createCollection(spec)))
      expect(results.filter(({ created }) => created)).toHaveLength(1)
    })

    test('search: hits by score, then id, with what was asked for', async () => {
      expect(await store.search('products', { vector: [1, 0, 0], topK: 3 })).toEqual([
        { id: 'a', score: 1, content: 'A', metadata: PRODUCTS[0]!.metadata },
        { id: 'd', score: Math.fround(Math.SQRT1_2), content: 'D', metadata: PRODUCTS[3]!.metadata },
        { id: 'e', score: Math.fround(1 / Math.sqrt(3)), content: null, metadata: {} },
      ])
      const include = { content: false, metadata: false, vector: true }
      expect(await store.search('products', { vector: [1, 0, 0], topK: 1, include })).toEqual([
        { id: 'a', score: 1, metadata: {}, vector: Float32Array.of(1, 0, 0) },
      ])
      expect(await idsOf({ vector: [0, 0, 2], minScore: 1 })).toEqual(['c'])
      expect(await idsOf({ vector: [1, 1, 0], filter: { kind: 'book' } })).toEqual(['a', 'b'])
      await refused(store.search('products', { vector: [1, 0], topK: 1 }), 'invalid_input', /2 components/)
      for (const topK of [0, -1, 0.5]) {
        await refused(store.search('products', { vector: [1, 0, 0], topK }), 'invalid_input', /topK/)
        await refused(store.search('products', { topK }), 'invalid_input', /topK/)
      }
      await refused(store.search('nowhere', { vector: [1, 0, 0], topK: 1 }), 'not_found')
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(store.search('products', { vector: [1, 0, 0], topK: 1, signal })).rejects.toThrow('enough')
    })

    test('without a vector: a listing by id, page by page', async () => {
      expect(await store.search('products', { topK: 2, include: { metadata: false } })).toEqual([
        { id: 'a', score: 0, metadata: {}, content: 'A' },
        { id: 'b', score: 0, metadata: {}, content: null },
      ])
      expect(await idsOf({ topK: 2, after: 'b' })).toEqual(['c', 'd'])
      expect(await idsOf({ after: 'd' })).toEqual(['e'])
      expect(await idsOf({ filter: { kind: 'pen' }, after: 'c' })).toEqual(['d'])
      await refused(store.search('products', { topK: 1, minScore: 0 }), 'invalid_input', /minScore/)
      await refused(store.search('products', { topK: 1, vector: [1, 0, 0], after: 'a' }), 'invalid_input', /after/)
    })

    const FILTERS: [VectorFilter, string[]][] = [
      [{}, ['a', 'b', 'c', 'd', 'e']],
      [{ kind: 'book' }, ['a', 'b']],
      [{ kind: { ne: 'book' } }, ['c', 'd']],
      [{ kind: { distinctFrom: 'book' } }, ['c', 'd', 'e']],
      [{ price: 3 }, ['c']],
      [{ price: '3' }, ['d']],
      [{ price: { gte: 10, lt: 20 } }, ['a']],
      [{ price: { in: [3, 20] } }, ['b', 'c']],
      [{ price: { in: [] } }, []],
      [{ price: { notIn: [] } }, ['a', 'b', 'c', 'd', 'e']],
      [{ 'author.name': 'Ada' }, ['a']],
      [{ 'tags[0]': 'y' }, ['b']],
      [{ tags: { jsonContains: ['y'] } }, ['a', 'b']],
      [{ note: null }, ['a', 'b', 'c', 'd', 'e']],
      [{ note: { exists: true } }, ['b']],
      [{ note: { isNull: false } }, []],
      [{ '"a.b"': 1 }, ['c']],
      [{ '5': true }, ['c']],
      [{ not: { kind: 'book' } }, ['c', 'd']],
      [{ or: [{ kind: 'pen' }, { price: 10 }] }, ['a', 'c', 'd']],
      [{ and: [{ kind: 'pen' }, { not: { price: 3 } }] }, ['d']],
      [{ kind: { contains: 'oo' } }, ['a', 'b']],
    ]

    test('filters: in searches, listings and counts alike', async () => {
      for (const [filter, ids] of FILTERS) {
        expect(await idsOf({ filter }), JSON.stringify(filter)).toEqual(ids)
        expect((await idsOf({ filter, vector: [1, 2, 3] })).sort(), JSON.stringify(filter)).toEqual(ids)
        expect(await store.count('products', filter)).toBe(ids.length)
      }
      await refused(store.count('products', { kind: { $like: 'x' } }), 'invalid_filter', /\$like/)
      await refused(
        store.search('products', { topK: 1, filter: { kind: { eq: 'x', near: 'y' } } }),
        'invalid_filter',
        /near/,
      )
      await refused(store.count('products', { and: {} as [] }), 'invalid_filter')
    })

    test('get: in the order asked for, unknown ids left out', async () => {
      expect(await store.get('products', ['d', 'none', 'a', 'd'])).toEqual([
        { id: 'd', content: 'D', metadata: PRODUCTS[3]!.metadata },
        { id: 'a', content: 'A', metadata: PRODUCTS[0]!.metadata },
        { id: 'd', content: 'D', metadata: PRODUCTS[3]!.metadata },
      ])
      expect(await store.get('products', ['b'], { vector: true, content: false, metadata: false })).toEqual([
        { id: 'b', metadata: {}, vector: Float32Array.of(0, 1, 0) },
      ])
      expect(await store.get('products', [])).toEqual([])
    })

    test('upsert replaces all of an item, makes ids, and takes nothing of a bad batch', async () => {
      const [made, ...given] = await store.upsert('products', [{ vector: [1, 2, 3] }, { id: 'a', vector: [5, 0, 0] }])
      expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
      expect(given).toEqual(['a'])
      expect(await store.get('products', ['a'], { vector: true })).toEqual([
        { id: 'a', metadata: {}, content: null, vector: Float32Array.of(5, 0, 0) },
      ])
      expect(await store.count('products')).toBe(6)
      const circular: Record<string, unknown> = {}
      circular.self = circular
      const bad: unknown[] = [
        { vector: [1, 2] },
        { vector: [] },
        { vector: [1, Number.NaN, 2] },
        { vector: [1, null, 2] },
        { vector: 'abc' },
        { id: '', vector: [1, 2, 3] },
        { id: 7, vector: [1, 2, 3] },
        { id: 'x\0', vector: [1, 2, 3] },
        { vector: [1, 2, 3], metadata: ['no'] },
        { vector: [1, 2, 3], metadata: circular },
        { vector: [1, 2, 3], metadata: { f: () => 1 } },
        { vector: [1, 2, 3], metadata: { n: Number.NaN } },
        { vector: [1, 2, 3], metadata: { n: 1n } },
        { vector: [1, 2, 3], content: 'a\0b' },
        { vector: [1, 2, 3], content: 5 },
      ]
      for (const item of bad) {
        await refused(store.upsert('products', [{ id: 'new', vector: [1, 1, 1] }, item as VectorItem]), 'invalid_input')
      }
      await refused(store.upsert('products', []), 'invalid_input', /nothing to upsert/)
      expect(await store.get('products', ['new'])).toEqual([])
      const twice = [
        { id: 't', vector: [1, 0, 0], content: 'first' },
        { id: 't', vector: [0, 1, 0], content: 'second' },
      ]
      expect(await store.upsert('products', twice)).toEqual(['t', 't'])
      expect(await store.get('products', ['t'])).toEqual([{ id: 't', metadata: {}, content: 'second' }])
    })

    test('neither what was handed in nor what was handed out is shared', async () => {
      const item = {
        id: 'own',
        vector: Float32Array.of(1, 2, 3),
        metadata: { deep: { n: 1, when: new Date(0) as unknown as string } },
      }
      await store.upsert('products', [item])
      item.vector[0] = 99
      item.metadata.deep.n = 99
      const [record] = await store.get('products', ['own'], { vector: true })
      expect(record).toEqual({
        id: 'own',
        content: null,
        metadata: { deep: { n: 1, when: '1970-01-01T00:00:00.000Z' } },
        vector: Float32Array.of(1, 2, 3),
      })
      ;(record!.metadata as { deep: { n: number } }).deep.n = 5
      expect(await store.count('products', { 'deep.n': 1 })).toBe(1)
    })

    test('delete: by ids or by filter, never by accident', async () => {
      expect(await store.delete('products', { ids: ['a', 'a', 'none'] })).toEqual({ deleted: 1 })
      expect(await store.delete('products', { filter: { kind: 'pen' } })).toEqual({ deleted: 2 })
      expect(await store.delete('products', { filter: { kind: 'pen' } })).toEqual({ deleted: 0 })
      expect(await idsOf({})).toEqual(['b', 'e'])
      for (const filter of [{}, { and: [] }, { and: [{}] }]) {
        await refused(store.delete('products', { filter }), 'invalid_filter', /empty filter/i)
        await refused(store.updateMetadata('products', { filter }, { x: 1 }), 'invalid_filter', /empty filter/i)
      }
      for (const target of [{}, { ids: ['b'], filter: { kind: 'x' } }, undefined]) {
        await refused(store.delete('products', target as VectorTarget), 'invalid_input', /ids or a filter/)
      }
      await refused(store.delete('products', { ids: [] }), 'invalid_input', /empty/)
      await store.upsert('products', [PRODUCTS[0]!])
      expect(await idsOf({ vector: [1, 0, 0] })).toEqual(['a', 'e', 'b'])
    })

    test('metadata is merged by key, a vector alone is replaced', async () => {
      expect(await store.updateMetadata('products', 'a', { price: 11, kind: undefined, extra: { n: null } })).toEqual({
        updated: 1,
      })
      expect(await store.get('products', ['a'])).toEqual([
        {
          id: 'a',
          content: 'A',
          metadata: { price: 11, tags: ['x', 'y'], author: { name: 'Ada' }, extra: { n: null } },
        },
      ])
      expect(await store.updateMetadata('products', { filter: { kind: 'pen' } }, { sold: true })).toEqual({
        updated: 2,
      })
      expect(await store.count('products', { sold: true })).toBe(2)
      expect(await store.updateMetadata('products', { ids: ['none', 'b', 'b'] }, { sold: false })).toEqual({
        updated: 1,
      })
      expect(await store.updateMetadata('products', 'none', { sold: true })).toEqual({ updated: 0 })
      await refused(store.updateMetadata('products', 'a', { f: (() => 1) as unknown as string }), 'invalid_input')
      expect(await store.updateVector('products', 'c', [3, 0, 0])).toEqual({ updated: 1 })
      expect(await store.updateVector('products', 'none', [3, 0, 0])).toEqual({ updated: 0 })
      expect(await idsOf({ vector: [1, 0, 0], topK: 2 })).toEqual(['a', 'c'])
      expect(await store.count('products', { sold: true, '5': true })).toBe(1)
      await refused(store.updateVector('products', 'c', [3, 0]), 'invalid_input')
    })

    test('many at once: no write is lost, and each read-modify-write sees the one before', async () => {
      await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.upsert('products', [{ id: `p${i}`, vector: [i + 1, 1, 1] }])),
      )
      await Promise.all(Array.from({ length: 10 }, (_, i) => store.updateMetadata('products', 'e', { [`k${i}`]: i })))
      expect(await store.count('products')).toBe(15)
      const [record] = await store.get('products', ['e'])
      expect(Object.keys(record!.metadata)).toHaveLength(10)
    })

    test('after close every call says so', async () => {
      await store.close()
      await store.close()
      await refused(store.count('products'), 'closed')
      await refused(store.createCollection({ name: 'x', dimension: 1, metric: 'dot' }), 'closed')
      await refused(store.listCollections(), 'closed')
    })
  })
}

test('a store on disk: everything is there again, dropped collections are not', async () => {
  const path = await newFolder()
  const first = await openStore(path)
  await first.createCollection({ name: 'Docs', dimension: 3, metric: 'l2' })
  await first.createCollection({ name: 'gone', dimension: 3, metric: 'l2' })
  await first.upsert('Docs', PRODUCTS)
  await first.upsert('gone', PRODUCTS)
  await first.delete('Docs', { ids: ['b'] })
  await first.updateMetadata('Docs', 'a', { price: 99 })
  await first.dropCollection('gone')
  const everything = (store: VectorStore): Promise<unknown> =>
    store.search('Docs', { topK: 10, include: { vector: true } })
  const before = await everything(first)
  await first.close()
  for (let round = 0; round < 2; round++) {
    const store = await openStore(path)
    expect(await store.listCollections()).toEqual(['Docs'])
    expect(await everything(store)).toEqual(before)
    expect(await store.search('Docs', { vector: [1, 0, 0], topK: 1, filter: { price: 99 } })).toMatchObject([
      { id: 'a', score: 1 },
    ])
    await store.close()
  }
})

test('a damaged collection is never silently emptied; it can be dropped', async () => {
  const path = await newFolder()
  const first = await openStore(path)
  await first.createCollection({ name: 'docs', dimension: 3, metric: 'l2' })
  await first.upsert('docs', PRODUCTS)
  await first.close()
  const folder = join(path, 'c-docs')
  const snapshot = join(folder, (await readdir(folder)).find((name) => name.startsWith('snapshot')) as string)
  const bytes = await readFile(snapshot)
  bytes[bytes.byteLength - 20]! ^= 4
  await writeFile(snapshot, bytes)
  const store = await openStore(path)
  await refused(store.count('docs'), 'unknown', /collection docs cannot be read/)
  await refused(store.upsert('docs', PRODUCTS), 'unknown')
  expect(await readFile(snapshot)).toEqual(bytes)
  expect(await store.dropCollection('docs')).toEqual({ existed: true })
  await store.createCollection({ name: 'docs', dimension: 3, metric: 'l2' })
  expect(await store.upsert('docs', PRODUCTS.slice(0, 1))).toEqual(['a'])
})

test('one process at a time has a collection open', async () => {
  const path = await newFolder()
  const first = await openStore(path)
  await first.createCollection({ name: 'docs', dimension: 3, metric: 'l2' })
  await first.upsert('docs', PRODUCTS)
  const second = await openStore(path)
  await refused(second.count('docs'), 'lock_timeout', /in use/)
  await first.close()
  expect(await second.count('docs')).toBe(5)
})
