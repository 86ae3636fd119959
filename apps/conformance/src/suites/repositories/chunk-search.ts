import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { aSource, axis, chunkDraft, present } from './fixtures.ts'

export function chunkSearch(t: SuiteBuilder): void {
  t.behaviour('chunks.search.by-nearness-gives-entities', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    for (const i of [0, 1, 2]) await chunks.create(chunkDraft('u', i, { embedding: axis(384, i) }))
    const { embedding: _, ...expected } = present((await chunks.list({ url: 'u' }, { withEmbedding: true })).items[1])
    const hits = await chunks.search({ embedding: axis(384, 1), limit: 1 })
    assert.deepEqual(
      hits.map(({ row, matchType }) => [row, matchType]),
      [[expected, 'vector']],
    )
    assert.ok(Math.abs((hits[0]?.similarity ?? 0) - 1) < 1e-6)
  })

  t.behaviour('chunks.search.brings-embeddings-when-asked', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const chunk = await chunks.create(chunkDraft('u', 0, { embedding: axis(384) }))
    const [hit] = await chunks.search({ embedding: axis(384), withEmbedding: true })
    assert.deepEqual(hit?.row, chunk)
  })

  t.behaviour('chunks.search.filters-by-entity-keys', async ({ db }) => {
    await aSource(db)
    await aSource(db, 'source-2')
    const { chunks } = db.repositories
    await chunks.create(chunkDraft('a', 0, { embedding: axis(384), metadata: { knowledge_type: 'technical' } }))
    await chunks.create(chunkDraft('b', 0, { embedding: axis(384), sourceId: 'source-2' }))
    const urls = async (filter: Parameters<typeof chunks.search>[0]['filter']) =>
      (await chunks.search({ embedding: axis(384), ...(filter && { filter }) })).map(({ row }) => row.url)
    assert.deepEqual(await urls({ sourceId: 'source-2' }), ['b'])
    assert.deepEqual(await urls({ metadata: { knowledge_type: 'technical' } }), ['a'])
    assert.deepEqual((await urls(undefined)).sort(), ['a', 'b'])
  })

  t.behaviour('chunks.search.by-words-and-by-both', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    await chunks.create(chunkDraft('a', 0, { content: 'A pool of connections', embedding: axis(384, 0) }))
    await chunks.create(chunkDraft('b', 0, { content: 'Something else', embedding: axis(384, 1) }))
    const words = await chunks.search({ text: 'connection pool' })
    assert.deepEqual(
      words.map(({ row, matchType }) => [row.url, matchType]),
      [['a', 'keyword']],
    )
    const both = await chunks.search({ text: 'connection pool', embedding: axis(384, 0) })
    assert.deepEqual([both[0]?.row.url, both[0]?.matchType], ['a', 'hybrid'])
  })

  t.behaviour('chunks.search.refuses-another-length', async ({ db }) => {
    await rejects(db.repositories.chunks.search({ embedding: axis(5) }), 'invalid_input', { messageIncludes: '384' })
  })
}
