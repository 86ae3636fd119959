import { type Database, openDatabase } from '@archon-db/core'
import { sql } from '@archon-db/core/dialect'
import { connectPglite } from '@archon-db/pg'
import { connectSqlite } from '@archon-db/sqlite'
import { openSqlStore, type SqlStore } from '@archon-db/vector/sql'
import { afterEach, expect, test } from 'vitest'

let db: Database | undefined

afterEach(async () => {
  await db?.close()
  db = undefined
})

async function open(maxMemoryBytes?: number): Promise<SqlStore> {
  db ??= await openDatabase(await connectSqlite({ url: ':memory:' }))
  const store = await openSqlStore(db, maxMemoryBytes === undefined ? {} : { maxMemoryBytes })
  await store.createCollection({ name: 'some', dimension: 16, metric: 'l2' })
  return store
}

function items(from: number, to: number): { id: string; vector: Float32Array; metadata: { even: boolean } }[] {
  return Array.from({ length: to - from }, (_, i) => ({
    id: String(from + i).padStart(5, '0'),
    vector: new Float32Array(16).fill(from + i),
    metadata: { even: (from + i) % 2 === 0 },
  }))
}

async function idsNear(store: SqlStore, n: number, filter = {}): Promise<string[]> {
  const hits = await store.search('some', { vector: new Float32Array(16).fill(n), topK: 3, filter })
  return hits.map(({ id }) => id)
}

test('the index in this process tells what it holds', async () => {
  const store = await open()
  expect(await store.indexes()).toEqual([])
  await store.upsert('some', items(0, 100))
  await idsNear(store, 0)
  expect(await store.indexes()).toMatchObject([{ collection: 'some', size: 100, engine: 'exact', maxBytes: undefined }])
  await store.close()
})

test('a collection that does not fit into memory is compared row by row, until it fits', async () => {
  const store = await open(400_000)
  await store.upsert('some', items(0, 8000))
  expect(await idsNear(store, 7000)).toEqual(['07000', '06999', '07001'])
  expect(await idsNear(store, 7000, { even: true })).toEqual(['07000', '06998', '07002'])
  const [held] = await store.indexes()
  expect(held?.size).toBe(0)
  expect(held?.bytes.total).toBeLessThan(400_000)

  await store.upsert('some', items(8000, 8100))
  expect(await idsNear(store, 8050)).toEqual(['08050', '08049', '08051'])
  await store.delete('some', { filter: { even: true } })
  await store.delete('some', { ids: items(1000, 8000).map(({ id }) => id) })
  expect(await idsNear(store, 999)).toEqual(['00999', '00997', '00995'])
  expect((await store.indexes())[0]?.size).toBe(550)
  await store.close()
})

test('the database that has an index for vectors is asked by it, also before it knows how large the table is', async () => {
  db = await openDatabase(await connectPglite({}))
  await db.migrate()
  const store = await openSqlStore(db)
  await store.createCollection({ name: 'some', dimension: 64, metric: 'cosine' })
  const vectors = Array.from({ length: 1000 }, (_, i) =>
    Float32Array.from({ length: 64 }, (_, n) => Math.sin(i * n + i)),
  )
  await store.upsert(
    'some',
    vectors.map((vector, i) => ({ id: String(i), vector })),
  )
  const hits = await store.search('some', { vector: vectors[500] as Float32Array, topK: 10 })
  expect(hits).toHaveLength(10)
  expect(hits[0]).toMatchObject({ id: '500', score: 1 })
  await db.execute(sql`select pg_stat_force_next_flush()`)
  const { rows } = await db.execute(
    sql`select idx_scan as scans from pg_stat_user_indexes where indexrelname like 'archon_vectors_%_nearest'`,
  )
  expect(rows).toEqual([{ scans: 1 }])
  await store.close()
})
