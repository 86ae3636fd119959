import assert from 'node:assert/strict'
import { rejects } from '../../harness/index.ts'
import type { StoreSuiteBuilder } from '../../vector-stores/backend.ts'
import { assertVector, collection, idsOf, NAME, numbered, PRODUCTS } from './fixtures.ts'

/** Listings and items by id. */
export function readings(t: StoreSuiteBuilder): void {
  t.behaviour('listing.by-id-with-score-zero', async ({ store }) => {
    await collection(store, PRODUCTS.toReversed())
    const hits = await store.search(NAME, { topK: 3 })
    assert.deepEqual(hits, [
      { id: 'p01', score: 0, metadata: PRODUCTS[0]?.metadata, content: 'A book' },
      { id: 'p02', score: 0, metadata: PRODUCTS[1]?.metadata, content: 'Another book' },
      { id: 'p03', score: 0, metadata: PRODUCTS[2]?.metadata, content: null },
    ])
  })

  t.behaviour('listing.pages-meet-every-item-once', async ({ store, random }) => {
    await collection(store)
    const ids = Array.from({ length: 57 }, (_, i) => numbered(i))
    await store.upsert(
      NAME,
      random.shuffle(ids).map((id) => ({ id, vector: [1, 1, 1] })),
    )
    const met: string[] = []
    for (let after: string | undefined; ; after = met.at(-1)) {
      const page = await idsOf(store, { topK: 10, ...(after === undefined ? {} : { after }) })
      met.push(...page)
      if (page.length < 10) break
    }
    assert.deepEqual(met, ids)
  })

  t.behaviour('listing.pages-with-a-filter', async ({ store }) => {
    await collection(store, PRODUCTS)
    const filter = { price: { exists: true } }
    assert.deepEqual(await idsOf(store, { topK: 3, filter }), ['p01', 'p02', 'p03'])
    assert.deepEqual(await idsOf(store, { topK: 3, filter, after: 'p03' }), ['p04', 'p05', 'p06'])
    assert.deepEqual(await idsOf(store, { topK: 3, filter, after: 'p06' }), ['p07', 'p08'])
  })

  t.behaviour('listing.after-an-id-that-is-not-there', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await idsOf(store, { topK: 2, after: 'p025' }), ['p03', 'p04'])
    assert.deepEqual(await idsOf(store, { topK: 2, after: 'z' }), [])
  })

  t.behaviour('listing.include', async ({ store }) => {
    await collection(store, PRODUCTS)
    const include = { vector: true, content: false, metadata: false }
    const [hit] = await store.search(NAME, { topK: 1, include })
    assertVector(hit?.vector, [1, 0, 0])
    assert.deepEqual({ ...hit, vector: undefined }, { id: 'p01', score: 0, metadata: {}, vector: undefined })
  })

  t.behaviour('listing.min-score-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    await rejects(store.search(NAME, { topK: 1, minScore: 0 }), 'invalid_input', { messageIncludes: 'minScore' })
  })

  t.behaviour('listing.after-with-a-vector-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    await rejects(store.search(NAME, { topK: 1, vector: [1, 2, 3], after: 'p01' }), 'invalid_input', {
      messageIncludes: 'after',
    })
  })

  t.behaviour('get.in-the-order-asked-for', async ({ store }) => {
    await collection(store, PRODUCTS)
    const records = await store.get(NAME, ['p03', 'p01', 'p02'])
    assert.deepEqual(
      records.map(({ id }) => id),
      ['p03', 'p01', 'p02'],
    )
  })

  t.behaviour('get.unknown-ids-left-out', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(
      (await store.get(NAME, ['none', 'p02', 'nothing'])).map(({ id }) => id),
      ['p02'],
    )
    assert.deepEqual(await store.get(NAME, ['none']), [])
  })

  t.behaviour('get.one-id-twice', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(
      (await store.get(NAME, ['p02', 'p01', 'p02'])).map(({ id }) => id),
      ['p02', 'p01', 'p02'],
    )
  })

  t.behaviour('get.nothing', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await store.get(NAME, []), [])
  })

  t.behaviour('get.include', async ({ store }) => {
    await collection(store, PRODUCTS)
    const [bare] = await store.get(NAME, ['p01'], { metadata: false, content: false })
    assert.deepEqual(bare, { id: 'p01', metadata: {} })
    const [withVector] = await store.get(NAME, ['p04'], { vector: true })
    assertVector(withVector?.vector, [1, 1, 0])
  })

  t.behaviour('get.wrong-ids-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    await rejects(store.get(NAME, ['']), 'invalid_input')
    await rejects(store.get(NAME, [5 as unknown as string]), 'invalid_input')
    await rejects(store.get(NAME, 'p01' as unknown as string[]), 'invalid_input')
  })

  t.behaviour('get.a-thousand-ids', async ({ store }) => {
    await collection(store)
    const ids = Array.from({ length: 1500 }, (_, i) => numbered(i))
    await store.upsert(
      NAME,
      ids.map((id) => ({ id, vector: [1, 1, 1] })),
    )
    const asked = ids.toReversed()
    assert.deepEqual(
      (await store.get(NAME, asked)).map(({ id }) => id),
      asked,
    )
  })
}
