import assert from 'node:assert/strict'
import type { CollectionSpec } from '@archon-db/core'
import { rejects } from '../../harness/index.ts'
import type { StoreSuiteBuilder } from '../../vector-stores/backend.ts'
import { collection, NAME, PRODUCTS } from './fixtures.ts'

const SPEC: CollectionSpec = { name: 'docs', dimension: 3, metric: 'cosine' }

export function collections(t: StoreSuiteBuilder): void {
  t.behaviour('collections.none-at-first', async ({ store }) => {
    assert.deepEqual(await store.listCollections(), [])
  })

  t.behaviour('collections.created-appears', async ({ store }) => {
    assert.deepEqual(await store.createCollection(SPEC), { created: true })
    assert.deepEqual(await store.listCollections(), ['docs'])
  })

  t.behaviour('collections.described', async ({ store }) => {
    await collection(store, PRODUCTS, { metric: 'l2' })
    assert.deepEqual(await store.describe(NAME), { name: NAME, dimension: 3, metric: 'l2', count: 10 })
  })

  for (const metric of ['cosine', 'dot', 'l2'] as const) {
    t.behaviour(`collections.metric-${metric}-kept`, async ({ store }) => {
      await store.createCollection({ ...SPEC, metric })
      assert.deepEqual(await store.describe('docs'), { name: 'docs', dimension: 3, metric, count: 0 })
    })
  }

  for (const dimension of [1, 2, 2048, 4096, 16_000]) {
    t.behaviour(`collections.dimension-${dimension}`, async ({ store }) => {
      await store.createCollection({ ...SPEC, dimension })
      const vector = Float32Array.from({ length: dimension }, (_, i) => (i === dimension - 1 ? 2 : 0))
      await store.upsert('docs', [{ id: 'last', vector }])
      const [hit] = await store.search('docs', { vector, topK: 1, include: { vector: true } })
      assert.equal(hit?.id, 'last')
      assert.deepEqual(hit?.vector, vector)
    })
  }

  t.behaviour('collections.same-spec-again-is-a-no-op', async ({ store }) => {
    await store.createCollection(SPEC)
    await store.upsert('docs', [{ id: 'kept', vector: [1, 2, 3] }])
    assert.deepEqual(await store.createCollection(SPEC), { created: false })
    assert.equal(await store.count('docs'), 1)
  })

  t.behaviour('collections.other-dimension-refused', async ({ store }) => {
    await store.createCollection(SPEC)
    await rejects(store.createCollection({ ...SPEC, dimension: 4 }), 'invalid_input', {
      messageIncludes: 'dimension 3',
    })
    assert.equal((await store.describe('docs')).dimension, 3)
  })

  t.behaviour('collections.other-metric-refused', async ({ store }) => {
    await store.createCollection(SPEC)
    await rejects(store.createCollection({ ...SPEC, metric: 'dot' }), 'invalid_input', { messageIncludes: 'cosine' })
    assert.equal((await store.describe('docs')).metric, 'cosine')
  })

  for (const [what, dimension] of Object.entries({
    zero: 0,
    negative: -100,
    fraction: 2.5,
    huge: 16_001,
    nan: Number.NaN,
  })) {
    t.behaviour(`collections.dimension-${what}-refused`, async ({ store }) => {
      await rejects(store.createCollection({ ...SPEC, dimension }), 'invalid_input', { messageIncludes: 'dimension' })
      assert.deepEqual(await store.listCollections(), [])
    })
  }

  t.behaviour('collections.dimension-of-another-type-refused', async ({ store }) => {
    const dimension = '3' as unknown as number
    await rejects(store.createCollection({ ...SPEC, dimension }), 'invalid_input', { messageIncludes: 'dimension' })
  })

  t.behaviour('collections.unknown-metric-refused', async ({ store }) => {
    const metric = 'hamming' as 'l2'
    await rejects(store.createCollection({ ...SPEC, metric }), 'invalid_input', { messageIncludes: 'cosine, dot, l2' })
    assert.deepEqual(await store.listCollections(), [])
  })

  t.behaviour('collections.names-that-are-refused', async ({ store }) => {
    for (const name of ['', '1a', '_a', '-a', 'a b', 'a/b', '../x', 'a.b', 'ä', '日本', "a';--", 'a'.repeat(64)]) {
      await rejects(store.createCollection({ ...SPEC, name }), 'invalid_input', { messageIncludes: 'collection name' })
    }
    await rejects(store.createCollection({ ...SPEC, name: 5 as unknown as string }), 'invalid_input')
    assert.deepEqual(await store.listCollections(), [])
  })

  t.behaviour('collections.names-that-are-taken', async ({ store }) => {
    const names = ['a', 'A-b_c-', 'select', 'a'.repeat(63), 'a_b', 'a-b', 'a--b', 'a__b']
    for (const name of names) assert.deepEqual(await store.createCollection({ ...SPEC, name }), { created: true })
    for (const [i, name] of names.entries()) await store.upsert(name, [{ id: `own-${i}`, vector: [1, 2, 3] }])
    for (const [i, name] of names.entries()) {
      assert.deepEqual(
        (await store.search(name, { topK: 9 })).map(({ id }) => id),
        [`own-${i}`],
        name,
      )
    }
  })

  t.behaviour('collections.names-differ-by-case', async ({ store }) => {
    await store.createCollection({ ...SPEC, name: 'docs' })
    assert.deepEqual(await store.createCollection({ ...SPEC, name: 'Docs', dimension: 2 }), { created: true })
    assert.deepEqual(await store.listCollections(), ['Docs', 'docs'])
    assert.equal((await store.describe('Docs')).dimension, 2)
    await store.dropCollection('Docs')
    assert.deepEqual(await store.listCollections(), ['docs'])
  })

  t.behaviour('collections.listed-by-code-point', async ({ store }) => {
    for (const name of ['b', 'B', 'a_', 'a-', 'aa', 'a1']) await store.createCollection({ ...SPEC, name })
    assert.deepEqual(await store.listCollections(), ['B', 'a-', 'a1', 'a_', 'aa', 'b'])
  })

  t.behaviour('collections.dropped-disappears', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.dropCollection(NAME), { existed: true })
    assert.deepEqual(await store.listCollections(), [])
    await rejects(store.describe(NAME), 'not_found', { messageIncludes: NAME })
  })

  t.behaviour('collections.dropped-twice', async ({ store }) => {
    await collection(store)
    assert.deepEqual(await store.dropCollection(NAME), { existed: true })
    assert.deepEqual(await store.dropCollection(NAME), { existed: false })
  })

  t.behaviour('collections.dropping-an-unknown-one', async ({ store }) => {
    assert.deepEqual(await store.dropCollection('nowhere'), { existed: false })
  })

  t.behaviour('collections.made-again-is-empty-and-may-differ', async ({ store }) => {
    await collection(store, PRODUCTS)
    await store.dropCollection(NAME)
    await store.createCollection({ name: NAME, dimension: 2, metric: 'dot' })
    assert.deepEqual(await store.describe(NAME), { name: NAME, dimension: 2, metric: 'dot', count: 0 })
    assert.deepEqual(await store.search(NAME, { vector: [1, 1], topK: 5 }), [])
    assert.deepEqual(await store.get(NAME, ['p01']), [])
  })

  t.behaviour('collections.unknown-one-says-so', async ({ store }) => {
    const calls = [
      () => store.describe('nowhere'),
      () => store.upsert('nowhere', [{ vector: [1, 2, 3] }]),
      () => store.search('nowhere', { vector: [1, 2, 3], topK: 1 }),
      () => store.search('nowhere', { topK: 1 }),
      () => store.get('nowhere', ['a']),
      () => store.delete('nowhere', { ids: ['a'] }),
      () => store.updateMetadata('nowhere', 'a', { x: 1 }),
      () => store.updateVector('nowhere', 'a', [1, 2, 3]),
      () => store.count('nowhere'),
    ]
    for (const call of calls) await rejects(call(), 'not_found', { messageIncludes: 'nowhere' })
  })

  t.behaviour('collections.created-at-once-by-several', async ({ store }) => {
    const results = await Promise.all(Array.from({ length: 5 }, () => store.createCollection(SPEC)))
    assert.equal(results.filter(({ created }) => created).length, 1)
    assert.deepEqual(await store.listCollections(), ['docs'])
  })

  t.behaviour('collections.created-at-once-by-two-stores', { needs: 'shared' }, async ({ store, open }) => {
    const other = await open()
    const results = await Promise.all([store, other, store, other].map((one) => one.createCollection(SPEC)))
    assert.equal(results.filter(({ created }) => created).length, 1)
    assert.deepEqual(await other.listCollections(), ['docs'])
  })

  t.behaviour('collections.keep-their-items-apart', async ({ store }) => {
    await store.createCollection({ ...SPEC, name: 'one' })
    await store.createCollection({ ...SPEC, name: 'two' })
    await store.upsert('one', [{ id: 'a', vector: [1, 0, 0], content: 'one' }])
    await store.upsert('two', [
      { id: 'a', vector: [1, 0, 0], content: 'two' },
      { id: 'b', vector: [0, 1, 0] },
    ])
    assert.equal((await store.get('one', ['a']))[0]?.content, 'one')
    assert.equal((await store.get('two', ['a']))[0]?.content, 'two')
    await store.delete('two', { ids: ['a'] })
    assert.equal(await store.count('one'), 1)
    await store.dropCollection('two')
    assert.equal(await store.count('one'), 1)
  })

  t.behaviour('collections.empty-one-answers', async ({ store }) => {
    await collection(store)
    assert.deepEqual(await store.search(NAME, { vector: [1, 2, 3], topK: 5 }), [])
    assert.deepEqual(await store.search(NAME, { vector: [1, 2, 3], topK: 5, filter: { kind: 'book' } }), [])
    assert.deepEqual(await store.search(NAME, { topK: 5 }), [])
    assert.deepEqual(await store.get(NAME, ['a']), [])
    assert.equal(await store.count(NAME), 0)
    assert.equal(await store.count(NAME, { kind: 'book' }), 0)
    assert.deepEqual(await store.delete(NAME, { ids: ['a'] }), { deleted: 0 })
    assert.deepEqual(await store.delete(NAME, { filter: { kind: 'book' } }), { deleted: 0 })
  })
}
