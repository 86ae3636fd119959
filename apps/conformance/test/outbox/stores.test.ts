import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@archon-db/core'
import { connectSqlite } from '@archon-db/sqlite'
import { type Outbox, openOutbox } from '@archon-db/vector/outbox'
import { expect, onTestFinished, test } from 'vitest'
import { addChunks, CHUNKS, pad } from '../../src/suites/search/fixtures.ts'
import { direction, near } from '../../src/suites/vector-index/fixtures.ts'
import type { StoreBackend, StoreHandle } from '../../src/vector-stores/backend.ts'
import { pinecone } from '../../src/vector-stores/pinecone.ts'
import { weaviate } from '../../src/vector-stores/weaviate.ts'

const LIMIT_MS = 60_000

/** Chroma runs whole suites; of these it is shown that they take what the outbox sends, and give it back. */
test.each([weaviate, pinecone])('embeddings of two lengths live in $label', { timeout: LIMIT_MS }, async (backend) => {
  const handle = await freshStore(backend)
  const { db, outbox } = await openWith(handle)
  const seeds = Array.from({ length: 30 }, (_, n) => ({ vector: direction(n) }))
  const all = (await addChunks(db, seeds)) as [number, number, ...number[]]
  const [wide] = await addChunks(db, [{ vector: pad([1], 768), dimension: 768 }], 'https://example.org/wide')
  expect(await near(db, direction(0), { limit: 5 })).toEqual(all.slice(0, 5))
  expect(await near(db, pad([1], 768))).toEqual([wide])
  await db.delete(CHUNKS, { where: { id: all[0] } })
  await db.update(CHUNKS, { embedding_384: direction(90) }, { where: { id: all[1] } })
  expect(await near(db, direction(0), { limit: 3 })).toEqual(all.slice(2, 5))
  expect(await outbox.verify()).toEqual({ compared: 30, differences: [] })
  const before = await handle.store.listCollections()
  await outbox.rebuild()
  const after = await handle.store.listCollections()
  expect([before.length, after.length, after.filter((name) => before.includes(name))]).toEqual([2, 2, []])
  expect(await outbox.verify()).toEqual({ compared: 30, differences: [] })
})

async function freshStore(backend: StoreBackend): Promise<StoreHandle> {
  const running = await backend.start()
  onTestFinished(() => running.stop())
  const handle = await running.fresh()
  onTestFinished(() => handle.drop())
  return handle
}

async function openWith(handle: StoreHandle): Promise<{ db: Database; outbox: Outbox }> {
  const folder = await mkdtemp(join(tmpdir(), 'archon-outbox-stores-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const connection = await connectSqlite({ url: join(folder, 'archon.db') })
  const outbox = openOutbox(connection, { name: 'test', open: () => handle.open(), pollMs: 0 })
  const db = await openDatabase(connection, { vectors: outbox })
  onTestFinished(() => db.close())
  await db.migrate()
  return { db, outbox }
}
