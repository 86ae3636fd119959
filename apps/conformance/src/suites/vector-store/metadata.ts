import assert from 'node:assert/strict'
import type { MetadataValue } from '@archon-db/core'
import { rejects } from '../../harness/index.ts'
import type { StoreSuiteBuilder } from '../../vector-stores/backend.ts'
import { collection, idsOf, NAME } from './fixtures.ts'

const ROUND_TRIPS: Readonly<Record<string, MetadataValue>> = {
  strings: ['', ' ', 'a', 'naïve', '日本', '😀', 'a\tb\nc', '"quoted"', "it's", '\\', '%_*.', '\u2028'],
  numbers: [0, 1, -1, 1.5, -0.1, 5, 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1, 1e21, 1e-7, 1.7976931348623157e308, 5e-324],
  booleans: [true, false],
  'a-null': null,
  'an-empty-list': [],
  'an-empty-document': {},
  'a-mixed-list': [1, 'a', null, true, [2, ['b']], { c: [] }],
  'nested-documents': { a: { b: { c: { d: [{ e: null }] } } } },
  'looks-like-a-date': '2024-01-15T00:00:00.000Z',
  'looks-like-a-uuid': '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12',
  'looks-like-json': '{"a":1}',
  'keys-of-all-kinds': {
    '': 1,
    ' ': 2,
    'a.b': 3,
    'a"b': 4,
    "a'b": 5,
    $a: 6,
    '#a': 7,
    _a: 8,
    '~a': 9,
    'a[0]': 10,
    ünï: 11,
  },
  'keys-of-stores': { id: 'x', _id: 'y', vector: 'z', content: 'c', document: 'd', metadata: 'm', score: 1, '0': 2 },
}

export function metadataRoundTrips(t: StoreSuiteBuilder): void {
  for (const [what, value] of Object.entries(ROUND_TRIPS)) {
    t.behaviour(`upsert.metadata.${what}`, async ({ store }) => {
      const values = Array.isArray(value) && what !== 'a-mixed-list' ? value : []
      const metadata = { value, ...Object.fromEntries(values.map((item, i) => [`v${i}`, item])) }
      await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata }])
      assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, metadata)
      assert.deepEqual((await store.search(NAME, { vector: [1, 2, 3], topK: 1 }))[0]?.metadata, metadata)
      assert.deepEqual((await store.search(NAME, { topK: 1 }))[0]?.metadata, metadata)
    })
  }

  t.behaviour('upsert.metadata.keys-of-stores-on-top', async ({ store }) => {
    const metadata = ROUND_TRIPS['keys-of-stores'] as Record<string, MetadataValue>
    await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata }])
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, metadata)
    assert.equal(await store.count(NAME, { id: 'x', vector: 'z', score: 1, '0': 2 }), 1)
  })

  t.behaviour('upsert.metadata.keys-of-all-kinds-on-top', async ({ store }) => {
    const metadata = ROUND_TRIPS['keys-of-all-kinds'] as Record<string, MetadataValue>
    await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata }])
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, metadata)
  })

  t.behaviour('upsert.metadata.dates-become-text', async ({ store }) => {
    const metadata = { when: new Date(0) as unknown as string, gone: undefined as unknown as string }
    await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata }])
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, { when: '1970-01-01T00:00:00.000Z' })
  })

  t.behaviour('upsert.metadata.one-key-of-changing-type', async ({ store }) => {
    const values: MetadataValue[] = ['0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12', 1, 1.5, true, null, [1], { a: 1 }, 'text']
    await collection(store)
    for (const [i, value] of values.entries()) {
      await store.upsert(NAME, [{ id: `v${i}`, vector: [1, 2, 3], metadata: { value } }])
    }
    const records = await store.get(
      NAME,
      values.map((_, i) => `v${i}`),
    )
    assert.deepEqual(
      records.map(({ metadata }) => metadata.value),
      values,
    )
    assert.deepEqual(await idsOf(store, { filter: { value: 1 } }), ['v1'])
    assert.deepEqual(await idsOf(store, { filter: { value: 'text' } }), ['v7'])
  })

  t.behaviour('upsert.metadata.many-keys', async ({ store }) => {
    const metadata = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`key_${i}`, i % 2 ? i : `text ${i}`]))
    await collection(store, [{ id: 'a', vector: [1, 2, 3], metadata }])
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, metadata)
    assert.equal(await store.count(NAME, { key_199: 199, key_198: 'text 198' }), 1)
  })

  t.behaviour('upsert.metadata.a-megabyte-or-the-declared-limit', async ({ store, traits }) => {
    await collection(store)
    const limit = traits.maxMetadataBytes
    const items = [{ id: 'a', vector: [1, 2, 3], metadata: { text: 'x'.repeat(limit ? limit / 2 : 1_000_000) } }]
    await store.upsert(NAME, items)
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, items[0]?.metadata)
    if (limit === null) return
    const tooMuch = [{ id: 'a', vector: [1, 2, 3], metadata: { text: 'y'.repeat(limit + 1) } }]
    await rejects(store.upsert(NAME, tooMuch), 'invalid_input', { messageIncludes: 'metadata' })
    assert.deepEqual((await store.get(NAME, ['a']))[0]?.metadata, items[0]?.metadata)
  })
}
