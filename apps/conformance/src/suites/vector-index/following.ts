import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataAccess, Database } from '@archon-db/core'
import { type SuiteBuilder, startTogether } from '../../harness/index.ts'
import type { Random } from '../../harness/random.ts'
import { addChunks, CHUNKS, pad } from '../search/fixtures.ts'
import { direction, near, nearestByTable, randomVector, sameAsTable } from './fixtures.ts'

export function following(t: SuiteBuilder): void {
  t.behaviour('delete.the-next-ones-move-up', async ({ db }) => {
    const seeds = Array.from({ length: 60 }, (_, n) => ({ vector: direction(n), source_id: n < 45 ? 'x' : 'y' }))
    const all = await addChunks(db, seeds)
    assert.deepEqual(await near(db, direction(0)), all.slice(0, 10))
    await db.delete(CHUNKS, { where: { id: { in: all.slice(0, 5) } } })
    assert.deepEqual(await near(db, direction(0)), all.slice(5, 15))
    await db.delete('archon_sources', { where: { source_id: 'x' } })
    assert.deepEqual(await near(db, direction(0)), all.slice(45, 55))
  })

  t.behaviour('update.to-another-dimension-and-back', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: direction(1) }, { vector: direction(2) }])
    const wide = direction(0, 768)
    assert.deepEqual([await near(db, direction(0)), await near(db, wide)], [[a, b], []])
    const where = { id: a as number }
    await db.update(CHUNKS, { embedding_384: null, embedding_768: wide }, { where })
    assert.deepEqual([await near(db, direction(0)), await near(db, wide)], [[b], [a]])
    await db.update(CHUNKS, { embedding_384: direction(0) }, { where })
    assert.deepEqual([await near(db, direction(0)), await near(db, wide)], [[a, b], [a]])
    await db.update(CHUNKS, { embedding_768: null }, { where })
    assert.deepEqual([await near(db, direction(0)), await near(db, wide)], [[a, b], []])
  })

  t.behaviour('upsert.of-a-row-with-another-vector', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: direction(1) }, { vector: direction(2) }])
    assert.deepEqual(await near(db, direction(0)), [a, b])
    const row = { url: 'https://example.org/a', chunk_number: 1, content: 'x', source_id: 's' }
    const onConflict = ['url', 'chunk_number']
    await db.upsert(CHUNKS, { ...row, embedding_384: direction(0) }, { onConflict })
    assert.deepEqual(await near(db, direction(0)), [b, a])
  })

  t.behaviour('filter.on-rows-written-since', async ({ db }) => {
    const all = await addChunks(
      db,
      Array.from({ length: 30 }, (_, n) => ({ vector: direction(n) })),
    )
    const even = { filter: { chunk_number: { in: Array.from({ length: 15 }, (_, i) => 2 * i) } }, limit: 3 }
    assert.deepEqual(await near(db, direction(0), even), [all[0], all[2], all[4]])
    await db.delete(CHUNKS, { where: { id: all[0] as number } })
    await db.update(CHUNKS, { embedding_384: null }, { where: { id: all[2] as number } })
    await db.update(CHUNKS, { embedding_384: direction(0) }, { where: { id: all[28] as number } })
    assert.deepEqual(await near(db, direction(0), even), [all[28], all[4], all[6]])
  })

  t.behaviour('handles.each-sees-what-the-others-commit', { needs: 'shareable' }, async ({ db, open }) => {
    const handles = [db, await open(), await open()]
    const expected: number[] = []
    for (let n = 12; n > 0; n--) {
      const writer = handles[n % 3] as Database
      const [id] = await addChunks(writer, [{ vector: direction(n) }], `https://example.org/${n}`)
      expected.unshift(id as number)
      for (const handle of handles) assert.deepEqual(await near(handle, direction(0), { limit: 20 }), expected)
      if (n % 4 !== 0) continue
      await writer.delete(CHUNKS, { where: { id: expected.shift() as number } })
      for (const handle of handles) assert.deepEqual(await near(handle, direction(0), { limit: 20 }), expected)
    }
  })

  t.behaviour('handles.a-slow-transaction-is-not-missed', { needs: 'concurrentWrites' }, async ({ db, open }) => {
    const [other, reader] = [await open(), await open()]
    const [first] = await addChunks(db, [{ vector: direction(9) }])
    assert.deepEqual(await near(reader, direction(0)), [first])
    const expected: unknown[] = []
    await db.transaction(async (tx) => {
      // Given lower numbers than the quick one, and committed after it.
      expected.push(await addChunk(tx, 1), await addChunk(tx, 3))
      expected.splice(1, 0, await addChunk(other, 2))
      assert.deepEqual(await near(reader, direction(0)), [expected[1], first])
      expected.push(await addChunk(tx, 4), first)
    })
    assert.deepEqual(await near(reader, direction(0)), expected)
  })

  t.behaviour('restart.finds-everything', { needs: 'durable' }, async ({ db, open, random }) => {
    await addChunks(
      db,
      Array.from({ length: 900 }, () => ({ vector: randomVector(random) })),
    )
    for (let round = 0; round < 3; round++) {
      const handle = await open()
      await sameAsTable(handle, true, random)
      await handle.close()
      await change(db, random)
    }
    await sameAsTable(await open(), true, random)
  })

  t.behaviour('random.same-as-the-table', { limitMs: 60_000 }, async ({ db, open, backend, random, note }) => {
    const { shareable, vectorSearch } = backend.traits
    const handles = shareable ? [db, await open()] : [db]
    await addChunks(
      db,
      Array.from({ length: 60 }, () => ({ vector: randomVector(random) })),
    )
    for (let step = 0; step < 60; step++) {
      await change(random.pick(handles), random)
      await sameAsTable(random.pick(handles), vectorSearch, random, 1)
    }
    note(`60 changes through ${handles.length} handles`)
  })

  t.behaviour('together.searches-while-others-write', { needs: 'shareable' }, async ({ db, open, random }) => {
    const kept = await addChunks(
      db,
      Array.from({ length: 10 }, (_, n) => ({ vector: direction(n) })),
    )
    const writers = [await open(), await open()]
    const seeds = writers.map(() => random.integer(1, 1_000_000))
    let writing = writers.length
    const write = async (i: number): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        const url = `https://example.org/${seeds[i]}/${round}`
        const vectors = [pad([0, 0, 1]), pad([0, 0, -1])].map((vector) => ({ vector, source_id: `w${i}` }))
        const added = await addChunks(writers[i] as Database, vectors, url)
        await (writers[i] as Database).delete(CHUNKS, { where: { id: { in: added } } })
      }
      writing--
    }
    const search = async (): Promise<void> => {
      while (writing > 0) {
        assert.deepEqual(await near(db, direction(0)), kept)
        await sleep(1)
      }
    }
    await startTogether(3, (i) => (i === 2 ? search() : write(i)))
    assert.deepEqual(await near(db, direction(0), { limit: 50 }), kept)
  })
}

/** Locks nothing but the row itself. */
async function addChunk(db: DataAccess, n: number): Promise<unknown> {
  const row = { url: `https://example.org/${n}`, chunk_number: 0, content: 'x', source_id: 's' }
  const { rows } = await db.insert(CHUNKS, { ...row, embedding_384: direction(n) }, { returning: ['id'] })
  return rows[0]?.id
}

/** One change of some kind, through the library. */
async function change(db: Database, random: Random): Promise<void> {
  const ids = await nearestByTable(db, randomVector(random), 5)
  const where = { id: { in: ids } }
  switch (random.integer(0, 4)) {
    case 0:
      await addChunks(db, [{ vector: randomVector(random) }, {}], `https://example.org/${random.integer(1, 1e9)}`)
      return
    case 1:
      await db.update(CHUNKS, { embedding_384: randomVector(random) }, { where })
      return
    case 2:
      await db.update(CHUNKS, { embedding_384: null, embedding_768: direction(0, 768) }, { where: { id: ids[0] ?? 0 } })
      return
    case 3:
      await db.delete(CHUNKS, { where: { id: { in: ids.slice(0, 2) } } })
      return
    default:
      await assert.rejects(
        db.transaction(async (tx) => {
          await tx.delete(CHUNKS, { where })
          throw new Error('no')
        }),
      )
  }
}
