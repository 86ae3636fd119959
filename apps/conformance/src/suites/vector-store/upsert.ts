import assert from 'node:assert/strict'
import type { VectorItem } from '@archon-db/core'
import { rejects } from '../../harness/index.ts'
import type { StoreSuiteBuilder } from '../../vector-stores/backend.ts'
import { assertVector, collection, idsOf, NAME, numbered, PRODUCTS, randomVector } from './fixtures.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** One bad item after a good one: what is asked of all of these is that nothing is stored. */
const BAD_ITEMS: Readonly<Record<string, unknown>> = {
  'shorter-vector': { vector: [1, 2] },
  'longer-vector': { vector: [1, 2, 3, 4] },
  'empty-vector': { vector: [] },
  'no-vector': {},
  'nan-component': { vector: [1, Number.NaN, 2] },
  'infinite-component': { vector: [1, Number.POSITIVE_INFINITY, 2] },
  'minus-infinite-component': { vector: [1, 2, Number.NEGATIVE_INFINITY] },
  'component-beyond-float32': { vector: [1, 2, 1e39] },
  'null-component': { vector: [1, null, 2] },
  'undefined-component': { vector: [1, undefined, 2] },
  'string-component': { vector: [1, '2', 3] },
  'missing-component': { vector: Object.assign(new Array(3), { 0: 1, 2: 3 }) },
  'string-for-vector': { vector: '1,2,3' },
  'object-for-vector': { vector: { 0: 1, 1: 2, 2: 3, length: 3 } },
  'integers-for-vector': { vector: new Int32Array([1, 2, 3]) },
  'empty-id': { id: '', vector: [1, 2, 3] },
  'number-for-id': { id: 7, vector: [1, 2, 3] },
  'null-for-id': { id: null, vector: [1, 2, 3] },
  'id-with-nul': { id: 'a\0b', vector: [1, 2, 3] },
  'id-with-half-a-pair': { id: 'a\ud800', vector: [1, 2, 3] },
  'array-for-metadata': { vector: [1, 2, 3], metadata: [1] },
  'string-for-metadata': { vector: [1, 2, 3], metadata: 'x' },
  'null-for-metadata': { vector: [1, 2, 3], metadata: null },
  'nan-in-metadata': { vector: [1, 2, 3], metadata: { n: Number.NaN } },
  'infinity-in-metadata': { vector: [1, 2, 3], metadata: { n: { deep: [Number.POSITIVE_INFINITY] } } },
  'bigint-in-metadata': { vector: [1, 2, 3], metadata: { n: 1n } },
  'function-in-metadata': { vector: [1, 2, 3], metadata: { f: () => 1 } },
  'symbol-in-metadata': { vector: [1, 2, 3], metadata: { s: Symbol('s') } },
  'undefined-in-array': { vector: [1, 2, 3], metadata: { list: [1, undefined] } },
  'map-in-metadata': { vector: [1, 2, 3], metadata: { map: new Map([['a', 1]]) } },
  'nul-in-metadata': { vector: [1, 2, 3], metadata: { text: 'a\0b' } },
  'nul-in-key': { vector: [1, 2, 3], metadata: { 'a\0b': 1 } },
  'half-a-pair-in-metadata': { vector: [1, 2, 3], metadata: { text: '\udc00' } },
  'nul-in-content': { vector: [1, 2, 3], content: 'a\0b' },
  'number-for-content': { vector: [1, 2, 3], content: 5 },
  'null-for-item': null,
}

export function upserts(t: StoreSuiteBuilder): void {
  t.behaviour('upsert.one', async ({ store }) => {
    await collection(store)
    assert.deepEqual(await store.upsert(NAME, [{ id: 'a', vector: [1, 2, 3], metadata: { n: 1 }, content: 'A' }]), [
      'a',
    ])
    const [record, ...rest] = await store.get(NAME, ['a'], { vector: true })
    assertVector(record?.vector, [1, 2, 3])
    assert.deepEqual({ ...record, vector: undefined }, { id: 'a', metadata: { n: 1 }, content: 'A', vector: undefined })
    assert.deepEqual(rest, [])
  })

  t.behaviour('upsert.batch-returns-ids-in-order', async ({ store }) => {
    await collection(store)
    const items = ['c', 'a', 'b'].map((id) => ({ id, vector: [1, 2, 3] }))
    assert.deepEqual(await store.upsert(NAME, items), ['c', 'a', 'b'])
    assert.equal(await store.count(NAME), 3)
  })

  t.behaviour('upsert.makes-ids', async ({ store }) => {
    await collection(store)
    const ids = await store.upsert(NAME, [
      { vector: [1, 0, 0] },
      { id: 'own', vector: [0, 1, 0] },
      { vector: [0, 0, 1] },
    ])
    assert.equal(ids.length, 3)
    assert.equal(ids[1], 'own')
    assert.match(ids[0]!, UUID)
    assert.match(ids[2]!, UUID)
    assert.notEqual(ids[0], ids[2])
    assert.deepEqual(
      (await store.get(NAME, ids)).map(({ id }) => id),
      ids,
    )
  })

  t.behaviour('upsert.without-metadata-or-content', async ({ store }) => {
    await collection(store, [{ id: 'bare', vector: [1, 2, 3] }])
    assert.deepEqual(await store.get(NAME, ['bare']), [{ id: 'bare', metadata: {}, content: null }])
  })

  t.behaviour('upsert.content-null-and-empty-are-two-things', async ({ store }) => {
    await collection(store, [
      { id: 'empty', vector: [1, 2, 3], content: '' },
      { id: 'null', vector: [1, 2, 3], content: null },
    ])
    assert.deepEqual(
      (await store.get(NAME, ['empty', 'null'])).map(({ content }) => content),
      ['', null],
    )
  })

  t.behaviour('upsert.content-comes-back-as-it-is', async ({ store }) => {
    const contents = [
      'naïve 日本 😀',
      'line\nbreak\ttab',
      '  spaces  ',
      '{"a":1}',
      '\'quoted\' "twice"',
      'x'.repeat(100_000),
    ]
    await collection(
      store,
      contents.map((content, i) => ({ id: `c${i}`, vector: [1, 2, i], content })),
    )
    const records = await store.get(
      NAME,
      contents.map((_, i) => `c${i}`),
    )
    assert.deepEqual(
      records.map(({ content }) => content),
      contents,
    )
  })

  t.behaviour('upsert.same-id-replaces-everything', async ({ store }) => {
    await collection(store, [{ id: 'a', vector: [1, 0, 0], metadata: { old: 1, both: 1 }, content: 'old' }])
    await store.upsert(NAME, [{ id: 'a', vector: [0, 0, 1], metadata: { both: 2 } }])
    assert.equal(await store.count(NAME), 1)
    const [record] = await store.get(NAME, ['a'], { vector: true })
    assert.deepEqual(record?.metadata, { both: 2 })
    assert.equal(record?.content, null)
    assertVector(record?.vector, [0, 0, 1])
    assert.equal(await store.count(NAME, { old: 1 }), 0)
    assert.equal(await store.count(NAME, { both: 2 }), 1)
  })

  t.behaviour('upsert.is-idempotent', async ({ store }) => {
    await collection(store, PRODUCTS)
    const before = await store.search(NAME, { topK: 100 })
    assert.deepEqual(
      await store.upsert(NAME, PRODUCTS),
      PRODUCTS.map(({ id }) => id),
    )
    assert.deepEqual(await store.search(NAME, { topK: 100 }), before)
  })

  t.behaviour('upsert.of-one-id-twice-the-last-counts', async ({ store }) => {
    await collection(store)
    const ids = await store.upsert(NAME, [
      { id: 't', vector: [1, 0, 0], metadata: { first: true }, content: 'first' },
      { id: 'u', vector: [1, 1, 0] },
      { id: 't', vector: [0, 1, 0], content: 'second' },
    ])
    assert.deepEqual(ids, ['t', 'u', 't'])
    assert.equal(await store.count(NAME), 2)
    const [record] = await store.get(NAME, ['t'], { vector: true })
    assert.equal(record?.content, 'second')
    assert.deepEqual(record?.metadata, {})
    assertVector(record?.vector, [0, 1, 0])
  })

  t.behaviour('upsert.ids-of-all-kinds', async ({ store }) => {
    const ids = [
      'A',
      'a',
      'a ',
      ' a',
      '1',
      '01',
      'ä',
      '日本',
      '😀',
      "it's",
      '"q"',
      'a/b',
      'a?b=c&d',
      '%41',
      '..',
      'x'.repeat(200),
    ]
    await collection(
      store,
      ids.map((id, i) => ({ id, vector: [1, i, 0], metadata: { i } })),
    )
    assert.equal(await store.count(NAME), ids.length)
    const records = await store.get(NAME, ids)
    assert.deepEqual(
      records.map(({ id, metadata }) => [id, metadata.i]),
      ids.map((id, i) => [id, i]),
    )
    assert.deepEqual(await store.delete(NAME, { ids: ['a', '%41'] }), { deleted: 2 })
    assert.deepEqual(await store.get(NAME, ['a', '%41']), [])
    assert.equal(await store.count(NAME), ids.length - 2)
  })

  t.behaviour('upsert.neither-input-nor-output-is-shared', async ({ store }) => {
    const item = { id: 'own', vector: Float32Array.of(1, 2, 3), metadata: { deep: { n: 1 }, list: [1] } }
    const copy = structuredClone(item)
    await collection(store, [item])
    assert.deepEqual(item, copy, 'the input is as it was')
    item.vector[0] = 99
    item.metadata.deep.n = 99
    item.metadata.list.push(2)
    const [record] = await store.get(NAME, ['own'], { vector: true })
    assertVector(record?.vector, [1, 2, 3])
    assert.deepEqual(record?.metadata, { deep: { n: 1 }, list: [1] })
    ;(record!.metadata as typeof item.metadata).deep.n = 7
    assert.deepEqual((await store.get(NAME, ['own']))[0]?.metadata, { deep: { n: 1 }, list: [1] })
  })

  t.behaviour('upsert.frozen-input', async ({ store }) => {
    await collection(store)
    const item = Object.freeze({ id: 'f', vector: Object.freeze([1, 2, 3]), metadata: Object.freeze({ a: 1 }) })
    assert.deepEqual(await store.upsert(NAME, Object.freeze([item])), ['f'])
  })

  t.behaviour('upsert.vectors-of-all-types', async ({ store }) => {
    await collection(store, [
      { id: 'array', vector: [0.1, 0.2, 0.3] },
      { id: 'float32', vector: Float32Array.of(0.1, 0.2, 0.3) },
      { id: 'float64', vector: Float64Array.of(0.1, 0.2, 0.3) },
      { id: 'part', vector: Float32Array.of(9, 0.1, 0.2, 0.3, 9).subarray(1, 4) },
    ])
    const records = await store.get(NAME, ['array', 'float32', 'float64', 'part'], { vector: true })
    assert.equal(records.length, 4)
    for (const { vector } of records) assertVector(vector, [0.1, 0.2, 0.3])
  })

  t.behaviour('upsert.float32-round-trip', async ({ store, random }) => {
    await collection(store, [], { dimension: 64 })
    const items = Array.from({ length: 20 }, (_, i) => ({ id: numbered(i), vector: randomVector(random, 64) }))
    await store.upsert(NAME, items)
    const records = await store.get(
      NAME,
      items.map(({ id }) => id),
      { vector: true },
    )
    for (const [i, { vector }] of items.entries()) assertVector(records[i]?.vector, vector)
  })

  for (const metric of ['cosine', 'dot', 'l2'] as const) {
    t.behaviour(`upsert.zero-and-extreme-vectors-${metric}`, async ({ store }) => {
      const vectors = { zero: [0, 0, 0], tiny: [1e-10, 0, 0], mixed: [-1000, 1000, 0], large: [1e6, 1e6, 1e6] }
      await collection(
        store,
        Object.entries(vectors).map(([id, vector]) => ({ id, vector })),
        { metric },
      )
      const records = await store.get(NAME, Object.keys(vectors), { vector: true })
      for (const [i, vector] of Object.values(vectors).entries()) assertVector(records[i]?.vector, vector)
      assert.deepEqual((await idsOf(store, { vector: [1, 0, 0] })).sort(), ['large', 'mixed', 'tiny', 'zero'])
    })
  }

  t.behaviour('upsert.nothing-is-refused', async ({ store }) => {
    await collection(store)
    await rejects(store.upsert(NAME, []), 'invalid_input', { messageIncludes: 'nothing to upsert' })
    await rejects(store.upsert(NAME, undefined as unknown as []), 'invalid_input')
    await rejects(store.upsert(NAME, { id: 'a', vector: [1, 2, 3] } as unknown as []), 'invalid_input')
  })

  for (const [what, item] of Object.entries(BAD_ITEMS)) {
    t.behaviour(`upsert.refused.${what}`, async ({ store }) => {
      await collection(store, [{ id: 'old', vector: [3, 2, 1], content: 'old' }])
      const batch = [{ id: 'new', vector: [1, 1, 1] }, { id: 'old', vector: [1, 1, 1] }, item as VectorItem]
      await rejects(store.upsert(NAME, batch), 'invalid_input')
      assert.deepEqual(await store.search(NAME, { topK: 9 }), [{ id: 'old', metadata: {}, content: 'old', score: 0 }])
    })
  }

  t.behaviour('upsert.refused.circular-metadata', async ({ store }) => {
    await collection(store)
    const metadata: Record<string, unknown> = { a: 1 }
    metadata.self = metadata
    await rejects(store.upsert(NAME, [{ vector: [1, 2, 3], metadata } as VectorItem]), 'invalid_input', {
      messageIncludes: 'circular',
    })
    assert.equal(await store.count(NAME), 0)
  })

  t.behaviour('upsert.errors-show-no-values', async ({ store }) => {
    await collection(store)
    const bad = { id: 'secret-id', vector: [1, 2], metadata: { key: 'secret-value' }, content: 'secret-content' }
    await rejects(store.upsert(NAME, [bad]), 'invalid_input', { messageExcludes: 'secret' })
    const worse = { vector: [1, 2, 3], metadata: { key: 'secret\0value' } }
    await rejects(store.upsert(NAME, [worse]), 'invalid_input', { messageExcludes: 'secret' })
  })

  t.behaviour('upsert.thousands-in-one-call', { limitMs: 60_000 }, async ({ store }) => {
    await collection(store, [], { dimension: 8 })
    const vector = Float32Array.from({ length: 8 }, (_, i) => i + 1)
    const items = Array.from({ length: 6000 }, (_, i) => ({ id: numbered(i), vector, metadata: { i } }))
    const ids = await store.upsert(NAME, items)
    assert.deepEqual(
      ids,
      items.map(({ id }) => id),
    )
    assert.equal(await store.count(NAME), 6000)
    assert.equal(await store.count(NAME, { i: { gte: 5990 } }), 10)
    const asked = [numbered(0), numbered(99), numbered(100), numbered(5999)]
    assert.deepEqual(
      (await store.get(NAME, asked)).map(({ id }) => id),
      asked,
    )
  })
}
