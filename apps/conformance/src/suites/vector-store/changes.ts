import assert from 'node:assert/strict'
import type { Metadata, MetadataPatch, VectorTarget } from '@archon-db/core'
import { rejects } from '../../harness/index.ts'
import type { StoreSuiteBuilder } from '../../vector-stores/backend.ts'
import { ALL, allBut, assertMatches, assertVector, collection, idsOf, NAME, numbered, PRODUCTS } from './fixtures.ts'

export function changes(t: StoreSuiteBuilder): void {
  t.behaviour('delete.by-ids', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.delete(NAME, { ids: ['p01', 'p05'] }), { deleted: 2 })
    assert.deepEqual(await idsOf(store, {}), allBut('p01', 'p05'))
    assert.deepEqual((await idsOf(store, { vector: [1, 0, 0] })).sort(), allBut('p01', 'p05'))
    assert.deepEqual(await store.get(NAME, ['p01', 'p05']), [])
    assert.equal((await store.describe(NAME)).count, 8)
  })

  t.behaviour('delete.unknown-ids', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.delete(NAME, { ids: ['none', 'p02', 'nothing'] }), { deleted: 1 })
    assert.deepEqual(await store.delete(NAME, { ids: ['none'] }), { deleted: 0 })
    assert.equal(await store.count(NAME), 9)
  })

  t.behaviour('delete.one-id-twice-counts-once', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.delete(NAME, { ids: ['p01', 'p01'] }), { deleted: 1 })
    assert.deepEqual(await store.delete(NAME, { ids: ['p01'] }), { deleted: 0 })
  })

  t.behaviour('delete.no-ids-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    await rejects(store.delete(NAME, { ids: [] }), 'invalid_input', { messageIncludes: 'empty' })
    assert.equal(await store.count(NAME), 10)
  })

  for (const [what, [filter, ids]] of Object.entries({
    'one-key': [{ kind: 'book' }, ['p01', 'p02']],
    and: [{ and: [{ kind: 'book' }, { available: true }] }, ['p01']],
    or: [{ or: [{ kind: 'pen' }, { price: -5 }] }, ['p03', 'p04', 'p05']],
    in: [{ price: { in: [3, 10, 99] } }, ['p01', 'p03']],
    not: [{ not: { available: true } }, ['p02', 'p04', 'p05', 'p06']],
    text: [{ kind: { ilike: '%OO%' } }, ['p01', 'p02', 'p05', 'p06']],
    nothing: [{ kind: 'none' }, []],
  } as const)) {
    t.behaviour(`delete.by-filter-${what}`, async ({ store }) => {
      await collection(store, PRODUCTS)
      assert.deepEqual(await store.delete(NAME, { filter }), { deleted: ids.length })
      assert.deepEqual(await idsOf(store, {}), allBut(...ids))
      assert.deepEqual(await store.delete(NAME, { filter }), { deleted: 0 })
    })
  }

  t.behaviour('delete.empty-filter-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    for (const filter of [{}, { and: [] }, { and: [{}] }, { or: [{}] }]) {
      await rejects(store.delete(NAME, { filter }), 'invalid_filter')
      await rejects(store.updateMetadata(NAME, { filter }, { x: 1 }), 'invalid_filter')
    }
    const error = await rejects(store.delete(NAME, { filter: {} }), 'invalid_filter')
    assert.match(error.message, /empty filter/i)
    assert.equal(await store.count(NAME), 10)
  })

  t.behaviour('delete.ids-and-filter-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    const both = { ids: ['p01'], filter: { kind: 'pen' } } as unknown as VectorTarget
    await rejects(store.delete(NAME, both), 'invalid_input', { messageIncludes: 'ids or a filter' })
    await rejects(store.updateMetadata(NAME, both, { x: 1 }), 'invalid_input', { messageIncludes: 'ids or a filter' })
    assert.equal(await store.count(NAME), 10)
  })

  t.behaviour('delete.neither-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    for (const target of [{}, undefined, null]) {
      await rejects(store.delete(NAME, target as unknown as VectorTarget), 'invalid_input')
    }
    assert.equal(await store.count(NAME), 10)
  })

  t.behaviour('delete.wrong-ids-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    for (const ids of [[''], [5], 'p01', [null]]) {
      await rejects(store.delete(NAME, { ids } as unknown as VectorTarget), 'invalid_input')
    }
    assert.equal(await store.count(NAME), 10)
  })

  t.behaviour('delete.and-add-again', async ({ store }) => {
    await collection(store, PRODUCTS)
    await store.delete(NAME, { ids: ['p01'] })
    await store.upsert(NAME, [{ id: 'p01', vector: [0, 0, 5], metadata: { kind: 'again' } }])
    assert.deepEqual(await idsOf(store, {}), ALL)
    assert.deepEqual(await store.get(NAME, ['p01']), [{ id: 'p01', metadata: { kind: 'again' }, content: null }])
    assert.deepEqual(await idsOf(store, { vector: [0, 0, 1], topK: 2 }), ['p01', 'p03'])
    assert.equal(await store.count(NAME, { kind: 'book' }), 1)
  })

  t.behaviour('delete.never-comes-back', async ({ store }) => {
    await collection(store, PRODUCTS)
    await store.delete(NAME, { filter: { kind: 'book' } })
    await store.upsert(NAME, [{ id: 'new', vector: [1, 1, 1] }])
    await store.updateMetadata(NAME, 'p03', { touched: true })
    await store.delete(NAME, { ids: ['new'] })
    assert.deepEqual(await idsOf(store, { vector: [1, 0, 0] }).then((ids) => ids.sort()), allBut('p01', 'p02'))
    assert.deepEqual(await store.updateMetadata(NAME, 'p01', { x: 1 }), { updated: 0 })
    assert.deepEqual(await store.updateVector(NAME, 'p01', [1, 2, 3]), { updated: 0 })
    assert.deepEqual(await store.get(NAME, ['p01']), [])
  })

  t.behaviour('delete.everything-then-search', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.delete(NAME, { ids: ALL }), { deleted: 10 })
    assert.deepEqual(await store.search(NAME, { vector: [1, 2, 3], topK: 5 }), [])
    assert.equal(await store.count(NAME), 0)
  })

  t.behaviour('delete.half-of-a-thousand', { limitMs: 60_000 }, async ({ store }) => {
    await collection(store)
    const items = Array.from({ length: 1000 }, (_, i) => ({
      id: numbered(i),
      vector: [1, i, 0],
      metadata: { half: i % 2 },
    }))
    await store.upsert(NAME, items)
    assert.deepEqual(await store.delete(NAME, { filter: { half: 1 } }), { deleted: 500 })
    const rest = items.filter((_, i) => i % 2 === 0).map(({ id }) => id)
    assert.deepEqual(await idsOf(store, {}), rest)
    assert.deepEqual((await idsOf(store, { vector: [0, 1, 0] })).sort(), rest)
  })

  t.behaviour('delete.re-index-a-document', async ({ store }) => {
    const chunks = (source: string, count: number, version: number) =>
      Array.from({ length: count }, (_, i) => ({
        id: `${source}-${version}-${i}`,
        vector: [1, i, version],
        metadata: { source, version },
      }))
    await collection(store, [...chunks('guide', 5, 1), ...chunks('faq', 3, 1)])
    assert.deepEqual(await store.delete(NAME, { filter: { source: 'guide' } }), { deleted: 5 })
    await store.upsert(NAME, chunks('guide', 4, 2))
    await assertMatches(store, { source: 'guide' }, ['guide-2-0', 'guide-2-1', 'guide-2-2', 'guide-2-3'])
    assert.equal(await store.count(NAME, { source: 'faq' }), 3)
    assert.equal(await store.count(NAME, { version: 1 }), 3)
  })

  t.behaviour('update.merges-keys', async ({ store }) => {
    await collection(store, [
      { id: 'a', vector: [1, 2, 3], metadata: { keep: 1, change: 'x', doc: { a: 1, b: 2 } }, content: 'C' },
    ])
    assert.deepEqual(await store.updateMetadata(NAME, 'a', { change: 'y', add: [1, null] }), { updated: 1 })
    const [record] = await store.get(NAME, ['a'], { vector: true })
    assert.deepEqual(record?.metadata, { keep: 1, change: 'y', doc: { a: 1, b: 2 }, add: [1, null] })
    assert.equal(record?.content, 'C')
    assertVector(record?.vector, [1, 2, 3])
    assert.equal(await store.count(NAME, { change: 'y' }), 1)
    assert.equal(await store.count(NAME, { change: 'x' }), 0)
  })

  t.behaviour('update.replaces-nested-documents-whole', async ({ store }) => {
    await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata: { doc: { a: 1, b: 2 } } }])
    await store.updateMetadata(NAME, 'a', { doc: { a: 3 } })
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, { doc: { a: 3 } })
    assert.equal(await store.count(NAME, { 'doc.b': { exists: true } }), 0)
  })

  t.behaviour('update.undefined-removes-a-key', async ({ store }) => {
    await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata: { x: 1, y: 2 } }])
    const patch: MetadataPatch = { x: undefined, none: undefined }
    assert.deepEqual(await store.updateMetadata(NAME, 'a', patch), { updated: 1 })
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, { y: 2 })
    assert.equal(await store.count(NAME, { x: { exists: true } }), 0)
  })

  t.behaviour('update.null-stays-null', async ({ store }) => {
    await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata: { x: 1 } }])
    await store.updateMetadata(NAME, 'a', { x: null })
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, { x: null })
    assert.equal(await store.count(NAME, { x: { exists: true } }), 1)
  })

  t.behaviour('update.changes-the-type-of-a-key', async ({ store }) => {
    await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata: { x: 1 } }])
    const values: Metadata[string][] = ['one', true, ['list'], { doc: 1 }, 1.5]
    for (const x of values) {
      await store.updateMetadata(NAME, 'a', { x })
      assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, { x })
    }
    assert.equal(await store.count(NAME, { x: 1.5 }), 1)
    assert.equal(await store.count(NAME, { x: 1 }), 0)
  })

  t.behaviour('update.unknown-id', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.updateMetadata(NAME, 'none', { x: 1 }), { updated: 0 })
    assert.equal(await store.count(NAME), 10)
  })

  t.behaviour('update.several-ids', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.updateMetadata(NAME, { ids: ['p01', 'p10', 'p01', 'none'] }, { sold: true }), {
      updated: 2,
    })
    await assertMatches(store, { sold: true }, ['p01', 'p10'])
  })

  t.behaviour('update.by-filter', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.updateMetadata(NAME, { filter: { kind: 'book' } }, { sold: true }), { updated: 2 })
    await assertMatches(store, { sold: true }, ['p01', 'p02'])
    await assertMatches(store, { kind: 'book', sold: true }, ['p01', 'p02'])
  })

  t.behaviour('update.by-filter-on-what-it-changes', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.updateMetadata(NAME, { filter: { kind: 'pen' } }, { kind: 'pencil' }), { updated: 2 })
    assert.deepEqual(await store.updateMetadata(NAME, { filter: { kind: 'pen' } }, { kind: 'pencil' }), { updated: 0 })
    await assertMatches(store, { kind: 'pencil' }, ['p03', 'p04'])
  })

  t.behaviour('update.by-complex-filter', async ({ store }) => {
    await collection(store, PRODUCTS)
    const filter = { or: [{ kind: { ilike: 'BOOK%' } }, { and: [{ price: { lte: 0 } }, { not: { rating: 0 } }] }] }
    assert.deepEqual(await store.updateMetadata(NAME, { filter }, { hit: 1 }), { updated: 4 })
    await assertMatches(store, { hit: 1 }, ['p01', 'p02', 'p05', 'p06'])
  })

  t.behaviour('update.by-filter-without-a-match', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.updateMetadata(NAME, { filter: { kind: 'none' } }, { sold: true }), { updated: 0 })
    assert.equal(await store.count(NAME, { sold: true }), 0)
  })

  t.behaviour('update.no-ids-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    await rejects(store.updateMetadata(NAME, { ids: [] }, { x: 1 }), 'invalid_input', { messageIncludes: 'empty' })
    await rejects(store.updateMetadata(NAME, '', { x: 1 }), 'invalid_input')
  })

  t.behaviour('update.wrong-patch-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    for (const patch of [{ f: () => 1 }, { n: Number.NaN }, [1], null, 'x', { text: 'a\0b' }]) {
      await rejects(store.updateMetadata(NAME, 'p01', patch as unknown as MetadataPatch), 'invalid_input')
    }
    assert.deepEqual((await store.get(NAME, ['p01']))[0]?.metadata, PRODUCTS[0]?.metadata)
  })

  t.behaviour('update.vector-alone', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.updateVector(NAME, 'p02', [5, 0, 0]), { updated: 1 })
    const [record] = await store.get(NAME, ['p02'], { vector: true })
    assert.deepEqual(record?.metadata, PRODUCTS[1]?.metadata)
    assert.equal(record?.content, 'Another book')
    assertVector(record?.vector, [5, 0, 0])
    assert.deepEqual(await idsOf(store, { vector: [1, 0, 0], topK: 2 }), ['p01', 'p02'])
    assert.equal(await store.count(NAME), 10)
  })

  t.behaviour('update.vector-of-an-unknown-id', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.updateVector(NAME, 'none', [5, 0, 0]), { updated: 0 })
    assert.equal(await store.count(NAME), 10)
  })

  t.behaviour('update.wrong-vector-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    for (const vector of [[1, 2], [], [1, 2, Number.NaN], 'x']) {
      await rejects(store.updateVector(NAME, 'p01', vector as number[]), 'invalid_input')
    }
    await rejects(store.updateVector(NAME, '', [1, 2, 3]), 'invalid_input')
    assertVector((await store.get(NAME, ['p01'], { vector: true }))[0]?.vector, [1, 0, 0])
  })
}
