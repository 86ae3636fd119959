import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addChunks, CHUNKS, ids, pad } from './fixtures.ts'

const K = 60

export function hybrid(t: SuiteBuilder): void {
  t.behaviour('hybrid.fuses-by-rank', async ({ db }) => {
    const [a, b, c, d] = await addChunks(db, [
      { vector: [1, 0], content: 'nothing of interest' },
      { vector: [1, 0.5], content: 'the pool' },
      { content: 'pool pool pool' },
      { vector: [0, 1], content: 'far away' },
    ])
    const hits = await db.search(CHUNKS, { embedding: pad([1, 0]), text: 'pool', columns: ['id'] })
    // By nearness a, b, d; by words c, b.
    assert.deepEqual(
      hits.map((hit) => [hit.row.id, hit.matchType, hit.score]),
      [
        [b, 'hybrid', 1 / (K + 2) + 1 / (K + 2)],
        ...[
          [a, 'vector', 1 / (K + 1)],
          [c, 'keyword', 1 / (K + 1)],
        ],
        [d, 'vector', 1 / (K + 3)],
      ],
    )
    assert.deepEqual(
      hits.map((hit) => hit.similarity === null),
      [false, false, true, false],
    )
    assert.deepEqual(
      hits.map((hit) => hit.keywordScore === null),
      [false, true, false, true],
    )
  })

  t.behaviour('hybrid.is-the-default-with-both', async ({ db }) => {
    await addChunks(db, [{ vector: [1], content: 'pool' }])
    const [hit] = await db.search(CHUNKS, { embedding: pad([1]), text: 'pool' })
    assert.equal(hit?.matchType, 'hybrid')
    assert.equal(hit?.score, 2 / (K + 1))
  })

  t.behaviour('hybrid.ties-by-id', async ({ db }) => {
    const all = await addChunks(db, [{ vector: [1] }, { content: 'pool' }])
    const hits = await db.search(CHUNKS, { embedding: pad([1]), text: 'pool', columns: ['id'] })
    assert.deepEqual(ids(hits), all)
    assert.equal(hits[0]?.score, hits[1]?.score)
  })

  t.behaviour('hybrid.filter-applies-to-both', async ({ db }) => {
    const [, , c, d] = await addChunks(db, [
      { vector: [1], source_id: 'x' },
      { content: 'pool', source_id: 'x' },
      { vector: [1], source_id: 'y' },
      { content: 'pool', source_id: 'y' },
    ])
    assert.deepEqual(
      ids(await db.search(CHUNKS, { embedding: pad([1]), text: 'pool', filter: { source_id: 'y' }, columns: ['id'] })),
      [c, d],
    )
  })

  t.behaviour('hybrid.limit', async ({ db }) => {
    await addChunks(
      db,
      Array.from({ length: 20 }, (_, i) => ({ vector: [1, i], content: i % 2 ? 'pool' : 'none' })),
    )
    const all = await db.search(CHUNKS, { embedding: pad([1, 0]), text: 'pool', limit: 20, columns: ['id'] })
    assert.equal(all.length, 20)
    const few = await db.search(CHUNKS, { embedding: pad([1, 0]), text: 'pool', limit: 4, columns: ['id'] })
    assert.deepEqual(ids(few), ids(all).slice(0, 4))
  })

  t.behaviour('hybrid.min-score-holds-for-nearness', async ({ db }) => {
    const [, b] = await addChunks(db, [{ vector: [0, 1] }, { content: 'pool' }])
    assert.deepEqual(
      ids(await db.search(CHUNKS, { embedding: pad([1, 0]), text: 'pool', minScore: 0.5, columns: ['id'] })),
      [b],
    )
  })

  t.behaviour('hybrid.no-words-is-nearness', async ({ db }) => {
    const [a] = await addChunks(db, [{ vector: [1] }, { content: 'pool' }])
    assert.deepEqual(ids(await db.search(CHUNKS, { embedding: pad([1]), text: 'the', columns: ['id'] })), [a])
  })

  t.behaviour('hybrid.mode-chooses', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ vector: [1] }, { content: 'pool' }])
    const both = { embedding: pad([1]), text: 'pool', columns: ['id'] }
    assert.deepEqual(ids(await db.search(CHUNKS, { ...both, mode: 'vector' })), [a])
    assert.deepEqual(ids(await db.search(CHUNKS, { ...both, mode: 'keyword' })), [b])
    await rejects(db.search(CHUNKS, { embedding: pad([1]), mode: 'hybrid' }), 'invalid_input')
    await rejects(db.search(CHUNKS, { text: 'pool', mode: 'hybrid' }), 'invalid_input')
  })
}
