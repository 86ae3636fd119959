import assert from 'node:assert/strict'
import { type DataAccess, EMBEDDING_DIMENSIONS } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { addChunks, CHUNKS, EXAMPLES, ids, pad } from './fixtures.ts'

const near = async (db: DataAccess, embedding: Float32Array, options: object = {}): Promise<unknown[]> =>
  ids(await db.search(CHUNKS, { embedding, columns: ['id'], ...options }))

const close = (actual: number | null | undefined, expected: number): void => {
  assert.ok(typeof actual === 'number' && Math.abs(actual - expected) < 1e-5, `${actual} is not ${expected}`)
}

export function vectors(t: SuiteBuilder): void {
  for (const dimension of EMBEDDING_DIMENSIONS) {
    t.behaviour(`vector.dimension.${dimension}`, async ({ db }) => {
      const [a, b, c] = await addChunks(db, [
        { vector: [1, 0], dimension },
        { vector: [1, 1], dimension },
        { vector: [0, 1], dimension },
      ])
      const hits = await db.search(CHUNKS, { embedding: pad([1, 0], dimension), columns: ['id'] })
      assert.deepEqual(ids(hits), [a, b, c])
      for (const [i, expected] of [1, Math.SQRT1_2, 0].entries()) close(hits[i]?.score, expected)
      assert.ok(
        hits.every((hit) => hit.matchType === 'vector' && hit.similarity === hit.score && hit.keywordScore === null),
      )
    })
  }

  t.behaviour('vector.dimensions-do-not-mix', async ({ db }) => {
    const [, b] = await addChunks(db, [
      { vector: [1], dimension: 384 },
      { vector: [1], dimension: 768 },
    ])
    assert.deepEqual(await near(db, pad([1], 768)), [b])
  })

  t.behaviour('vector.negative-scores', async ({ db }) => {
    await addChunks(db, [{ vector: [-1, 0] }])
    const [hit] = await db.search(CHUNKS, { embedding: pad([1, 0]) })
    close(hit?.score, -1)
  })

  t.behaviour('vector.length-does-not-matter', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: [0.001, 0] }, { vector: [1000, 100] }])
    assert.deepEqual(await near(db, pad([5, 0])), [a, b])
  })

  t.behaviour('vector.ties-by-id', async ({ db }) => {
    const all = await addChunks(
      db,
      Array.from({ length: 6 }, () => ({ vector: [1, 2, 3] })),
    )
    assert.deepEqual(await near(db, pad([1, 2, 3])), all)
  })

  t.behaviour('vector.limit', async ({ db }) => {
    const all = await addChunks(
      db,
      Array.from({ length: 15 }, (_, i) => ({ vector: [1, i / 10] })),
    )
    assert.deepEqual(await near(db, pad([1, 0])), all.slice(0, 10))
    assert.deepEqual(await near(db, pad([1, 0]), { limit: 1 }), all.slice(0, 1))
    assert.deepEqual(await near(db, pad([1, 0]), { limit: 100 }), all)
    assert.deepEqual(await near(db, pad([1, 0]), { limit: 0 }), [])
  })

  t.behaviour('vector.rows-without-embedding-are-left-out', async ({ db }) => {
    const [, b] = await addChunks(db, [{ content: 'no vector' }, { vector: [1] }])
    assert.deepEqual(await near(db, pad([1])), [b])
  })

  t.behaviour('vector.empty-table', async ({ db }) => {
    assert.deepEqual(await near(db, pad([1])), [])
  })

  t.behaviour('vector.min-score-inclusive', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: [1, 0] }, { vector: [0.8, 0.6] }, { vector: [0, 1] }])
    assert.deepEqual(await near(db, pad([1, 0]), { minScore: 0.79 }), [a, b])
    assert.deepEqual(await near(db, pad([1, 0]), { minScore: 0.81 }), [a])
    assert.deepEqual(await near(db, pad([0, -1]), { minScore: 0.5 }), [])
  })

  t.behaviour('vector.filter', async ({ db }) => {
    const all = await addChunks(
      db,
      Array.from({ length: 30 }, (_, i) => ({
        vector: [1, i / 10],
        source_id: i % 3 === 0 ? 'x' : 'y',
        metadata: { n: i },
      })),
    )
    const every3 = all.filter((_, i) => i % 3 === 0)
    assert.deepEqual(await near(db, pad([1, 0]), { filter: { source_id: 'x' } }), every3)
    assert.deepEqual(await near(db, pad([1, 0]), { filter: { 'metadata.n': { gte: 28 } } }), all.slice(28))
    assert.deepEqual(await near(db, pad([1, 0]), { filter: { source_id: 'nobody' } }), [])
  })

  t.behaviour('vector.filter-never-costs-results', async ({ db, random }) => {
    const wanted = new Set([137, 481, 812, 999])
    const seeds = Array.from({ length: 1000 }, (_, i) => ({
      vector: Array.from({ length: 16 }, () => random.next() - 0.5),
      metadata: { rare: wanted.has(i) },
    }))
    const all = await addChunks(db, seeds)
    const found = await near(db, pad(Array.from({ length: 16 }, () => random.next() - 0.5)), {
      filter: { metadata: { rare: true } },
      limit: 10,
    })
    assert.deepEqual(new Set(found), new Set([...wanted].map((i) => all[i])))
  })

  t.behaviour('vector.equals-brute-force', async ({ db, random }) => {
    const seeds = Array.from({ length: 400 }, () => ({ vector: Array.from({ length: 24 }, () => random.next() - 0.5) }))
    const all = await addChunks(db, seeds)
    const query = pad(Array.from({ length: 24 }, () => random.next() - 0.5))
    const scored = seeds
      .map(({ vector }, i) => ({ id: all[i], score: cosine(pad(vector), query) }))
      .sort((a, b) => b.score - a.score)
    const hits = await db.search(CHUNKS, { embedding: query, limit: 20, exact: true, columns: ['id'] })
    assert.deepEqual(
      ids(hits),
      scored.slice(0, 20).map(({ id }) => id),
    )
    for (const [i, hit] of hits.entries()) close(hit.score, scored[i]?.score as number)
  })

  t.behaviour('vector.follows-writes', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: [1, 0] }, { vector: [0, 1] }])
    assert.deepEqual(await near(db, pad([1, 0]), { limit: 1 }), [a])
    await db.update(CHUNKS, { embedding_384: pad([1, 0]) }, { where: { id: b as number } })
    await db.update(CHUNKS, { embedding_384: pad([0, 1]) }, { where: { id: a as number } })
    assert.deepEqual(await near(db, pad([1, 0])), [b, a])
    await db.delete(CHUNKS, { where: { id: b as number } })
    assert.deepEqual(await near(db, pad([1, 0])), [a])
    await db.update(CHUNKS, { embedding_384: null }, { where: { id: a as number } })
    assert.deepEqual(await near(db, pad([1, 0])), [])
  })

  t.behaviour('vector.twins-one-deleted', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: [1, 2] }, { vector: [1, 2] }])
    await db.delete(CHUNKS, { where: { id: a as number } })
    assert.deepEqual(await near(db, pad([1, 2])), [b])
  })

  t.behaviour('vector.cascaded-deletes-are-gone', async ({ db }) => {
    await addChunks(db, [{ vector: [1] }])
    assert.equal((await near(db, pad([1]))).length, 1)
    await db.delete('archon_sources', { where: { source_id: 's' } })
    assert.deepEqual(await near(db, pad([1])), [])
  })

  t.behaviour('vector.rolled-back-rows-never-appear', async ({ db }) => {
    const [a] = await addChunks(db, [{ vector: [0, 1] }])
    await near(db, pad([1]))
    await assert.rejects(
      db.transaction(async (tx) => {
        await addChunks(tx, [{ vector: [1] }], 'https://example.org/b')
        throw new Error('no')
      }),
    )
    assert.deepEqual(await near(db, pad([1])), [a])
  })

  t.behaviour('vector.inside-a-transaction', async ({ db }) => {
    await addChunks(db, [{ vector: [0, 1] }])
    await db.transaction(async (tx) => {
      const [b] = await addChunks(tx, [{ vector: [1, 0] }], 'https://example.org/b')
      assert.deepEqual(await near(tx, pad([1, 0]), { limit: 1 }), [b])
    })
  })

  t.behaviour('vector.other-handles-see-it-by-the-next-search', { needs: 'shareable' }, async ({ db, open }) => {
    const other = await open()
    const [a] = await addChunks(db, [{ vector: [1] }])
    assert.deepEqual(await near(other, pad([1])), [a])
    await db.delete(CHUNKS, { where: { id: a as number } })
    assert.deepEqual(await near(other, pad([1])), [])
    const [b] = await addChunks(other, [{ vector: [1] }], 'https://example.org/c')
    assert.deepEqual(await near(db, pad([1])), [b])
  })

  t.behaviour('vector.concurrent-writes-and-searches', async ({ db }) => {
    await startTogether(10, async (i) => {
      await addChunks(db, [{ vector: [1, i] }], `https://example.org/${i}`)
      await near(db, pad([1, i]))
    })
    assert.equal((await near(db, pad([1, 0]), { limit: 50 })).length, 10)
  })

  t.behaviour('vector.plain-arrays', async ({ db }) => {
    const [a] = await addChunks(db, [{ vector: [1] }])
    assert.deepEqual(ids(await db.search(CHUNKS, { embedding: [...pad([1])], columns: ['id'] })), [a])
  })

  t.behaviour('vector.subarray-views', async ({ db }) => {
    const buffer = new Float32Array(1000).fill(9)
    const view = buffer.subarray(300, 684)
    view.fill(0)
    view[0] = 1
    const [a, b] = await addChunks(db, [{ vector: view }, { vector: [0, 1] }])
    assert.deepEqual(await near(db, view), [a, b])
    const { rows } = await db.select<{ embedding_384: Float32Array }>(CHUNKS, {
      columns: ['embedding_384'],
      where: { id: a as number },
    })
    assert.deepEqual(rows[0]?.embedding_384, pad([1]))
  })

  t.behaviour('vector.code-examples', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const { rows } = await db.insert<{ id: number }>(
      EXAMPLES,
      [
        { url: 'u', chunk_number: 0, content: 'a', summary: 'a', source_id: 's', embedding_768: pad([0, 1], 768) },
        { url: 'u', chunk_number: 1, content: 'b', summary: 'b', source_id: 's', embedding_768: pad([1, 0], 768) },
      ],
      { returning: ['id'] },
    )
    assert.deepEqual(ids(await db.search(EXAMPLES, { embedding: pad([1, 0], 768), columns: ['id'] })), [
      rows[1]?.id,
      rows[0]?.id,
    ])
  })

  t.behaviour('vector.inputs-refused', async ({ db }) => {
    for (const embedding of [
      new Float32Array(5),
      new Float32Array(0),
      [1, 2],
      pad([Number.NaN]),
      pad([Number.POSITIVE_INFINITY]),
      'abc',
      [...pad([1]).slice(1), 'x'],
      null,
    ]) {
      await rejects(db.search(CHUNKS, { embedding: embedding as Float32Array }), 'invalid_input')
    }
    await rejects(db.search(CHUNKS, { embedding: new Float32Array(5) }), 'invalid_input', {
      messageIncludes: '384, 768, 1024, 1536, 3072',
    })
    await rejects(db.search(CHUNKS, { embedding: pad([1]), minScore: Number.NaN }), 'invalid_input')
    await rejects(db.search(CHUNKS, { mode: 'vector', text: 'x' }), 'invalid_input')
  })

  t.behaviour('vector.zeros-are-near-to-nothing', async ({ db }) => {
    const [, b] = await addChunks(db, [{ vector: [0] }, { vector: [1] }])
    assert.deepEqual(await near(db, pad([1])), [b])
    assert.deepEqual(await near(db, pad([1]), { exact: true }), [b])
    await db.transaction(async (tx) => assert.deepEqual(await near(tx, pad([1])), [b]))
    await rejects(db.search(CHUNKS, { embedding: pad([0]) }), 'invalid_input', { messageIncludes: 'zeros' })
  })
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    dot += (a[i] as number) * (b[i] as number)
    aa += (a[i] as number) ** 2
    bb += (b[i] as number) ** 2
  }
  return dot / Math.sqrt(aa * bb)
}
