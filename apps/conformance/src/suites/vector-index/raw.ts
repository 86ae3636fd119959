import assert from 'node:assert/strict'
import type { DataAccess, Database } from '@archon-db/core'
import { type SQL, sql } from 'drizzle-orm'
import type { SuiteBuilder } from '../../harness/index.ts'
import { addChunks } from '../search/fixtures.ts'
import { direction, near } from './fixtures.ts'

const needs = 'sql'

async function write(db: DataAccess, statement: SQL): Promise<void> {
  await (db as Database).execute(statement, { write: true })
}

/** Writes that no code of ours has passed on to an index. */
export function raw(t: SuiteBuilder): void {
  t.behaviour('raw.insert', { needs }, async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: direction(1) }, { vector: direction(3) }])
    assert.deepEqual(await near(db, direction(0)), [a, b])
    await write(
      db,
      sql`insert into archon_crawled_pages (url, chunk_number, content, source_id, embedding_384)
        select url, chunk_number + 100, content, source_id, embedding_384 from archon_crawled_pages where id = ${a}`,
    )
    const [, copy, ...others] = await near(db, direction(0))
    assert.deepEqual(others, [b])
    assert.ok(copy !== a && copy !== b)
  })

  t.behaviour('raw.update', { needs }, async ({ db }) => {
    const [a, b, c] = await addChunks(
      db,
      [1, 2, 3].map((n) => ({ vector: direction(n) })),
    )
    assert.deepEqual(await near(db, direction(0)), [a, b, c])
    await write(db, sql`update archon_crawled_pages set embedding_384 = null where id = ${b}`)
    assert.deepEqual(await near(db, direction(0)), [a, c])
    await write(db, sql`update archon_crawled_pages set id = 1000 where id = ${a}`)
    assert.deepEqual(await near(db, direction(0)), [1000, c])
    await write(db, sql`update archon_crawled_pages set content = 'other'`)
    assert.deepEqual(await near(db, direction(0)), [1000, c])
  })

  t.behaviour('raw.delete', { needs }, async ({ db }) => {
    const all = await addChunks(
      db,
      Array.from({ length: 40 }, (_, n) => ({ vector: direction(n) })),
    )
    assert.deepEqual(await near(db, direction(0)), all.slice(0, 10))
    await write(db, sql`delete from archon_crawled_pages where id <= ${all[24]}`)
    assert.deepEqual(await near(db, direction(0)), all.slice(25, 35))
    await write(db, sql`delete from archon_crawled_pages`)
    assert.deepEqual(await near(db, direction(0)), [])
  })

  t.behaviour('raw.delete-of-the-source', { needs }, async ({ db }) => {
    const seeds = Array.from({ length: 40 }, (_, n) => ({ vector: direction(n), source_id: n < 25 ? 'x' : 'y' }))
    const all = await addChunks(db, seeds)
    assert.deepEqual(await near(db, direction(0)), all.slice(0, 10))
    await write(db, sql`delete from archon_sources where source_id = 'x'`)
    assert.deepEqual(await near(db, direction(0)), all.slice(25, 35))
  })

  t.behaviour('raw.rolled-back', { needs }, async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: direction(1) }, { vector: direction(2) }])
    assert.deepEqual(await near(db, direction(0)), [a, b])
    await db.transaction(async (tx) => {
      await assert.rejects(
        tx.transaction(async (inner) => {
          await write(inner, sql`delete from archon_crawled_pages where id = ${a}`)
          throw new Error('no')
        }),
      )
      await write(tx, sql`update archon_crawled_pages set embedding_384 = null where id = ${b}`)
    })
    assert.deepEqual(await near(db, direction(0)), [a])
  })

  t.behaviour('raw.log-emptied', { needs: ['sql', 'ledger'] }, async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: direction(1) }, { vector: direction(2) }])
    assert.deepEqual(await near(db, direction(0)), [a, b])
    await write(db, sql`update archon_crawled_pages set embedding_384 = null where id = ${a}`)
    await write(db, sql`delete from archon_vector_changes`)
    assert.deepEqual(await near(db, direction(0)), [b])
    const [c] = await addChunks(db, [{ vector: direction(0) }], 'https://example.org/b')
    assert.deepEqual(await near(db, direction(0)), [c, b])
  })
}
