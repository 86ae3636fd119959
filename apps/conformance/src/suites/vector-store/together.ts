import assert from 'node:assert/strict'
import { isDbError, type VectorStore } from '@archon-db/core'
import { eventually, rejects } from '../../harness/index.ts'
import type { StoreSuiteBuilder } from '../../vector-stores/backend.ts'
import { ALL, collection, idsOf, NAME, numbered, PRODUCTS } from './fixtures.ts'

export function together(t: StoreSuiteBuilder): void {
  t.behaviour('together.ten-upserts', async ({ store }) => {
    await collection(store)
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => store.upsert(NAME, [{ id: numbered(i), vector: [1, i, 1] }])),
    )
    assert.deepEqual(
      await idsOf(store, {}),
      Array.from({ length: 10 }, (_, i) => numbered(i)),
    )
  })

  t.behaviour('together.ten-searches', async ({ store }) => {
    await collection(store, PRODUCTS)
    const results = await Promise.all(Array.from({ length: 10 }, () => idsOf(store, { vector: [1, 0, 0], topK: 4 })))
    for (const ids of results) assert.deepEqual(ids, ['p01', 'p04', 'p05', 'p07'])
  })

  t.behaviour('together.writes-and-searches', async ({ store }) => {
    await collection(store, PRODUCTS)
    const work = Array.from({ length: 10 }, async (_, i) => {
      await store.upsert(NAME, [{ id: numbered(i), vector: [1, 1, i], metadata: { made: i } }])
      const hits = await store.search(NAME, { vector: [1, 0, 0], topK: 5, filter: { kind: 'book' } })
      assert.deepEqual(
        hits.map(({ id }) => id),
        ['p01', 'p02'],
      )
      await store.delete(NAME, { ids: [numbered(i)] })
    })
    await Promise.all(work)
    assert.deepEqual(await idsOf(store, {}), ALL)
  })

  t.behaviour('together.a-search-meanwhile-sees-whole-items', async ({ store }) => {
    await collection(store, [{ id: 'a', vector: [1, 0, 0], metadata: { round: 0 }, content: '0' }])
    let writing = true
    const writes = (async () => {
      for (let round = 1; round <= 20; round++) {
        await store.upsert(NAME, [{ id: 'a', vector: [1, 0, 0], metadata: { round }, content: String(round) }])
      }
      writing = false
    })()
    while (writing) {
      const [hit] = await store.search(NAME, { vector: [1, 0, 0], topK: 1 })
      assert.equal(hit?.content, String(hit?.metadata.round))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await writes
  })

  t.behaviour('together.one-id-at-once-is-never-torn', async ({ store }) => {
    await collection(store)
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        store.upsert(NAME, [{ id: 'same', vector: [1, i, 0], metadata: { i }, content: String(i) }]),
      ),
    )
    const [record] = await store.get(NAME, ['same'], { vector: true })
    const i = record?.metadata.i as number
    assert.equal(record?.content, String(i))
    assert.ok(Math.abs(record!.vector![1]! - i) < 1e-5, 'the vector belongs to the metadata')
    assert.equal(await store.count(NAME), 1)
  })

  t.behaviour('together.updates-of-one-item-all-count', async ({ store }) => {
    await collection(store, [{ id: 'a', vector: [1, 2, 3] }])
    await Promise.all(Array.from({ length: 10 }, (_, i) => store.updateMetadata(NAME, 'a', { [`k${i}`]: i })))
    const [record] = await store.get(NAME, ['a'])
    assert.deepEqual(record?.metadata, Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, i])))
  })

  t.behaviour('together.deletes-count-each-item-once', async ({ store }) => {
    await collection(store, PRODUCTS)
    const results = await Promise.all(Array.from({ length: 5 }, () => store.delete(NAME, { filter: { kind: 'book' } })))
    assert.equal(
      results.reduce((sum, { deleted }) => sum + deleted, 0),
      2,
    )
    assert.equal(await store.count(NAME), 8)
  })

  t.behaviour('together.drops-existed-once', async ({ store }) => {
    await collection(store, PRODUCTS)
    const results = await Promise.all([store.dropCollection(NAME), store.dropCollection(NAME)])
    assert.equal(results.filter(({ existed }) => existed).length, 1)
    assert.deepEqual(await store.listCollections(), [])
  })

  t.behaviour('together.own-writes-are-seen-at-once', async ({ store }) => {
    await collection(store)
    for (let i = 0; i < 5; i++) {
      await store.upsert(NAME, [{ id: numbered(i), vector: [1, i, 0], metadata: { i } }])
      assert.equal((await store.get(NAME, [numbered(i)])).length, 1, 'get')
      assert.equal(await store.count(NAME), i + 1, 'count')
      assert.equal(await store.count(NAME, { i }), 1, 'count with a filter')
      assert.deepEqual(await idsOf(store, { vector: [1, i, 0], topK: 1 }), [numbered(i)], 'search')
    }
    await store.updateMetadata(NAME, numbered(2), { i: 99 })
    assert.deepEqual(await idsOf(store, { vector: [1, 2, 0], filter: { i: 99 } }), [numbered(2)])
    await store.delete(NAME, { ids: [numbered(3)] })
    assert.deepEqual(await idsOf(store, { vector: [1, 3, 0], filter: { i: 3 } }), [])
    assert.equal(await store.count(NAME), 4)
  })

  t.behaviour('together.another-store-sees-writes', { needs: 'shared' }, async ({ store, open, traits, note }) => {
    await collection(store)
    const other = await open()
    const started = performance.now()
    await store.upsert(NAME, [{ id: 'a', vector: [1, 2, 3], metadata: { n: 1 }, content: 'A' }])
    const within = traits.visibleWithinMs + 2000
    await eventually(async () => assert.equal(await other.count(NAME, { n: 1 }), 1), { within })
    note(`seen by another store after ${Math.round(performance.now() - started)} ms`)
    assert.deepEqual(await other.get(NAME, ['a']), [{ id: 'a', metadata: { n: 1 }, content: 'A' }])
    await other.delete(NAME, { ids: ['a'] })
    await eventually(async () => assert.deepEqual(await idsOf(store, { vector: [1, 2, 3] }), []), { within })
  })

  t.behaviour('together.another-store-sees-collections', { needs: 'shared' }, async ({ store, open }) => {
    const other = await open()
    await collection(store, PRODUCTS)
    assert.deepEqual(await other.listCollections(), [NAME])
    await other.dropCollection(NAME)
    assert.deepEqual(await store.listCollections(), [])
    await rejects(store.count(NAME), 'not_found')
    await store.createCollection({ name: NAME, dimension: 2, metric: 'dot' })
    await rejects(other.upsert(NAME, [{ vector: [1, 2, 3] }]), 'invalid_input', { messageIncludes: ['2', '3'] })
    assert.equal((await other.describe(NAME)).metric, 'dot')
  })

  t.behaviour('together.dropped-while-another-searches', { needs: 'shared' }, async ({ store, open }) => {
    const other = await open()
    for (let round = 0; round < 5; round++) {
      await collection(store, PRODUCTS)
      const search = async (): Promise<string[] | null> => {
        try {
          return await idsOf(other, { vector: [1, 0, 0], topK: 4 })
        } catch (error) {
          if (isDbError(error, 'not_found')) return null
          throw error
        }
      }
      const dropped = store.dropCollection(NAME)
      const found = await Promise.all(Array.from({ length: 10 }, search))
      assert.deepEqual(await dropped, { existed: true })
      for (const ids of found) if (ids !== null) assert.deepEqual(ids, ['p01', 'p04', 'p05', 'p07'])
    }
  })

  t.behaviour('together.two-stores-write-one-id', { needs: 'shared' }, async ({ store, open }) => {
    await collection(store)
    const other = await open()
    const write = (one: VectorStore, i: number): Promise<string[]> =>
      one.upsert(NAME, [{ id: 'same', vector: [1, i, 0], metadata: { i }, content: String(i) }])
    await Promise.all([write(store, 1), write(other, 2), write(store, 3), write(other, 4)])
    await eventually(async () => {
      const [mine] = await store.get(NAME, ['same'])
      const [theirs] = await other.get(NAME, ['same'])
      assert.deepEqual(mine, theirs)
      assert.equal(mine?.content, String(mine?.metadata.i))
    })
    assert.equal(await store.count(NAME), 1)
  })

  t.behaviour('close.later-calls-say-so', async ({ store }) => {
    await collection(store, PRODUCTS)
    await store.close()
    const calls = [
      () => store.listCollections(),
      () => store.createCollection({ name: 'x', dimension: 1, metric: 'dot' }),
      () => store.dropCollection(NAME),
      () => store.describe(NAME),
      () => store.upsert(NAME, [{ vector: [1, 2, 3] }]),
      () => store.search(NAME, { vector: [1, 2, 3], topK: 1 }),
      () => store.get(NAME, ['p01']),
      () => store.delete(NAME, { ids: ['p01'] }),
      () => store.updateMetadata(NAME, 'p01', { x: 1 }),
      () => store.updateVector(NAME, 'p01', [1, 2, 3]),
      () => store.count(NAME),
    ]
    for (const call of calls) await rejects(call(), 'closed')
  })

  t.behaviour('close.twice', async ({ store }) => {
    await store.close()
    await store.close()
  })

  t.behaviour('close.during-searches', async ({ store }) => {
    await collection(store, PRODUCTS)
    const searches = Array.from({ length: 5 }, () => store.search(NAME, { vector: [1, 0, 0], topK: 1 }))
    const closing = store.close()
    for (const result of await Promise.allSettled(searches)) {
      if (result.status === 'fulfilled') assert.equal(result.value[0]?.id, 'p01')
      else await rejects(Promise.reject(result.reason), 'closed')
    }
    await closing
  })

  t.behaviour('close.everything-is-there-again', { needs: 'durable' }, async ({ store, open }) => {
    await collection(store, PRODUCTS, { metric: 'l2' })
    await store.delete(NAME, { ids: ['p02'] })
    await store.updateMetadata(NAME, 'p03', { later: { n: [1, null] } })
    await store.updateVector(NAME, 'p04', [9, 9, 9])
    const before = await store.search(NAME, { vector: [1, 0, 0], topK: 20, include: { vector: true } })
    await store.close()
    const again = await open()
    assert.deepEqual(await again.listCollections(), [NAME])
    assert.deepEqual(await again.describe(NAME), { name: NAME, dimension: 3, metric: 'l2', count: 9 })
    assert.deepEqual(await again.search(NAME, { vector: [1, 0, 0], topK: 20, include: { vector: true } }), before)
    assert.deepEqual(await again.createCollection({ name: NAME, dimension: 3, metric: 'l2' }), { created: false })
    await again.dropCollection(NAME)
  })

  t.behaviour('close.dropped-stays-dropped', { needs: 'durable' }, async ({ store, open }) => {
    await collection(store, PRODUCTS)
    await store.dropCollection(NAME)
    await store.close()
    const again = await open()
    assert.deepEqual(await again.listCollections(), [])
    assert.deepEqual(await again.dropCollection(NAME), { existed: false })
  })

  t.behaviour('close.lets-work-finish', { needs: 'durable' }, async ({ store, open }) => {
    await collection(store)
    const writing = store.upsert(NAME, PRODUCTS)
    await Promise.allSettled([writing, store.close()])
    const stored = await writing.then(
      () => ALL,
      () => [],
    )
    const again = await open()
    assert.deepEqual(await idsOf(again, {}), stored)
    await again.dropCollection(NAME)
  })
}
