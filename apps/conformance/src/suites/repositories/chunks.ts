import assert from 'node:assert/strict'
import { type ChunkFilter, type Database, EMBEDDING_DIMENSIONS, type EmbeddingDimension } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { allPages, aSource, axis, chunkDraft, pageDraft, present } from './fixtures.ts'

/** The lengths of what the five columns hold, straight from the table. */
async function storedLengths(db: Database): Promise<(number | null)[]> {
  const columns = EMBEDDING_DIMENSIONS.map((dimension) => `embedding_${dimension}`)
  const { rows } = await db.select<Record<string, Float32Array | null>>('archon_crawled_pages', { columns })
  return columns.map((column) => rows[0]?.[column]?.length ?? null)
}

function onlyIn(dimension: EmbeddingDimension): (number | null)[] {
  return EMBEDDING_DIMENSIONS.map((other) => (other === dimension ? other : null))
}

async function numbers(db: Database, filter: ChunkFilter): Promise<number[]> {
  return (await db.repositories.chunks.list(filter)).items.map(({ chunkNumber }) => chunkNumber)
}

export function chunkEmbeddings(t: SuiteBuilder): void {
  for (const dimension of EMBEDDING_DIMENSIONS) {
    t.behaviour(`chunks.embedding.of-${dimension}-goes-into-its-column`, async ({ db, random }) => {
      await aSource(db)
      const embedding = Float32Array.from({ length: dimension }, () => random.next() - 0.5)
      const { id } = await db.repositories.chunks.create(chunkDraft('u', 0, { embedding }))
      const chunk = present(await db.repositories.chunks.get(id))
      assert.deepEqual(chunk.embedding, embedding)
      assert.equal(chunk.embeddingDimension, dimension)
      assert.deepEqual(await storedLengths(db), onlyIn(dimension))
    })
  }

  t.behaviour('chunks.embedding.may-be-an-array-of-numbers', async ({ db }) => {
    await aSource(db)
    const chunk = await db.repositories.chunks.create(chunkDraft('u', 0, { embedding: [...axis(384, 3)] }))
    assert.deepEqual(chunk.embedding, axis(384, 3))
  })

  t.behaviour('chunks.embedding.of-another-length-is-refused', async ({ db }) => {
    await aSource(db)
    for (const length of [0, 3, 383, 1537]) {
      await rejects(
        () => db.repositories.chunks.create(chunkDraft('u', 0, { embedding: new Float32Array(length) })),
        'invalid_input',
        { messageIncludes: ['384', '768', '1024', '1536', '3072'] },
      )
    }
    assert.equal(await db.repositories.chunks.count(), 0)
  })

  t.behaviour('chunks.embedding.must-be-finite', async ({ db }) => {
    await aSource(db)
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e39]) {
      const embedding = [...axis(384)].with(7, value)
      await rejects(() => db.repositories.chunks.create(chunkDraft('u', 0, { embedding })), 'invalid_input')
    }
  })

  t.behaviour('chunks.embedding.may-be-absent', async ({ db }) => {
    await aSource(db)
    for (const [i, embedding] of [undefined, null].entries()) {
      const chunk = await db.repositories.chunks.create(chunkDraft('u', i, { embedding }))
      assert.deepEqual([chunk.embedding, chunk.embeddingDimension], [null, null])
    }
  })

  t.behaviour('chunks.embedding.keeps-a-given-dimension', async ({ db }) => {
    await aSource(db)
    const draft = chunkDraft('u', 0, { embedding: axis(768), embeddingDimension: 512 })
    assert.equal((await db.repositories.chunks.create(draft)).embeddingDimension, 512)
  })

  t.behaviour('chunks.update.replaces-an-embedding-of-another-length', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const { id } = await chunks.create(chunkDraft('u', 0, { embedding: axis(1536) }))
    const updated = present(await chunks.update(id, { embedding: axis(384, 5), embeddingModel: 'small' }))
    assert.deepEqual(
      [updated.embedding, updated.embeddingDimension, updated.embeddingModel],
      [axis(384, 5), 384, 'small'],
    )
    assert.deepEqual(await storedLengths(db), onlyIn(384))
  })

  t.behaviour('chunks.update.removes-an-embedding', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const { id } = await chunks.create(chunkDraft('u', 0, { embedding: axis(384) }))
    const updated = present(await chunks.update(id, { embedding: null }))
    assert.deepEqual([updated.embedding, updated.embeddingDimension], [null, null])
    assert.deepEqual(await storedLengths(db), [null, null, null, null, null])
  })

  t.behaviour('chunks.update.leaves-the-embedding-alone', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const { id } = await chunks.create(chunkDraft('u', 0, { embedding: axis(1024) }))
    const updated = present(await chunks.update(id, { title: 'A title' }))
    assert.deepEqual([updated.title, updated.embedding, updated.embeddingDimension], ['A title', axis(1024), 1024])
    assert.equal(await chunks.update(999_999, { title: 'x' }), null)
    await rejects(() => chunks.update(id, { embedding: axis(5) }), 'invalid_input')
  })
}

export function chunkLists(t: SuiteBuilder): void {
  t.behaviour('chunks.create.returns-what-is-stored', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const chunk = await chunks.create(chunkDraft('u', 3, { metadata: { a: [1] }, title: 'T', totalChunks: 9 }))
    const { id, createdAt, ...rest } = chunk
    assert.deepEqual(rest, {
      url: 'u',
      chunkNumber: 3,
      content: 'Chunk 3 of u',
      metadata: { a: [1] },
      sourceId: 'source-1',
      embedding: null,
      llmChatModel: null,
      embeddingModel: null,
      embeddingDimension: null,
      pageId: null,
      title: 'T',
      totalChunks: 9,
    })
    assert.deepEqual(await chunks.get(id), { id, createdAt, ...rest })
    assert.equal(await chunks.get(Number(id) + 1), null)
  })

  t.behaviour('chunks.list.brings-embeddings-only-when-asked', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const { embedding, ...rest } = await chunks.create(chunkDraft('u', 0, { embedding: axis(768, 1) }))
    assert.deepEqual((await chunks.list()).items, [rest])
    assert.deepEqual((await chunks.list({}, { withEmbedding: true })).items, [{ ...rest, embedding }])
  })

  t.behaviour('chunks.list.filters', async ({ db }) => {
    await aSource(db)
    await aSource(db, 'source-2')
    const { chunks, pages } = db.repositories
    const page = await pages.create(pageDraft('https://Go.dev/a_b'))
    await chunks.create(chunkDraft('https://Go.dev/a_b', 1, { pageId: page.id, embedding: axis(384) }))
    await chunks.create(chunkDraft('https://go.dev/axb', 2, { metadata: { tags: ['x', 'y'] }, embeddingModel: 'm' }))
    await chunks.create(chunkDraft('https://zig.org', 3, { sourceId: 'source-2' }))
    assert.deepEqual(await numbers(db, { sourceId: 'source-1' }), [1, 2])
    assert.deepEqual(await numbers(db, { sourceIds: ['source-2', 'none'] }), [3])
    assert.deepEqual(await numbers(db, { sourceIds: [] }), [])
    assert.deepEqual(await numbers(db, { url: 'https://zig.org' }), [3])
    assert.deepEqual(await numbers(db, { urls: ['https://zig.org', 'https://go.dev/axb'] }), [2, 3])
    assert.deepEqual(await numbers(db, { urlContains: 'GO.DEV' }), [1, 2])
    assert.deepEqual(await numbers(db, { urlContains: 'a_b' }), [1])
    assert.deepEqual(await numbers(db, { pageId: page.id }), [1])
    assert.deepEqual(await numbers(db, { pageId: null }), [2, 3])
    assert.deepEqual(await numbers(db, { metadata: { tags: ['y'] } }), [2])
    assert.deepEqual(await numbers(db, { embeddingModel: 'm' }), [2])
    assert.deepEqual(await numbers(db, { embeddingDimension: 384 }), [1])
    assert.deepEqual(await numbers(db, { sourceId: 'source-2', urlContains: 'go' }), [])
  })

  t.behaviour('chunks.list.is-by-url-and-id-and-pages', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    for (const [url, n] of [
      ['b', 1],
      ['a', 2],
      ['a', 1],
      ['b', 0],
    ] as const)
      await chunks.create(chunkDraft(url, n))
    const listed = await allPages((after) => chunks.list({ sourceId: 'source-1' }, { limit: 3, after }))
    assert.deepEqual(
      listed.map((page) => page.map(({ url, chunkNumber }) => `${url}${chunkNumber}`)),
      [['a2', 'a1', 'b1'], ['b0']],
    )
  })

  t.behaviour('chunks.slice-and-count', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    for (const n of [0, 1, 2, 3, 4]) await chunks.create(chunkDraft('u', n))
    const { items, total } = await chunks.slice({ sourceId: 'source-1' }, { offset: 3, limit: 10 })
    assert.deepEqual([items.map(({ chunkNumber }) => chunkNumber), total], [[3, 4], 5])
    assert.deepEqual(await chunks.slice({ url: 'none' }, { limit: 10 }), { items: [], total: 0 })
    assert.equal(await chunks.count({ urlContains: 'U' }), 5)
  })

  t.behaviour('chunks.count-by-source', async ({ db }) => {
    for (const id of ['a', 'b', 'c']) await aSource(db, id)
    const { chunks } = db.repositories
    for (const [i, sourceId] of ['a', 'a', 'b'].entries()) await chunks.create(chunkDraft(sourceId, i, { sourceId }))
    const counts = (entries: [string, number][]) => new Map(entries)
    assert.deepEqual(
      await chunks.countBySource(['a', 'c', 'none']),
      counts([
        ['a', 2],
        ['c', 0],
        ['none', 0],
      ]),
    )
    assert.deepEqual(
      await chunks.countBySource(),
      counts([
        ['a', 2],
        ['b', 1],
      ]),
    )
    assert.deepEqual(await chunks.countBySource([]), counts([]))
  })

  t.behaviour('chunks.first-url-by-source', async ({ db }) => {
    for (const id of ['a', 'b', 'c']) await aSource(db, id)
    const { chunks } = db.repositories
    await chunks.create(chunkDraft('a/z', 0, { sourceId: 'a' }))
    await chunks.create(chunkDraft('a/a', 0, { sourceId: 'a' }))
    await chunks.create(chunkDraft('b/x', 0, { sourceId: 'b' }))
    assert.deepEqual(await chunks.firstUrlBySource(['a', 'c']), new Map([['a', 'a/z']]))
    assert.deepEqual(await chunks.firstUrlBySource([]), new Map())
  })

  t.behaviour('chunks.delete', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const { id } = await chunks.create(chunkDraft('u', 0))
    assert.equal(await chunks.delete(id), true)
    assert.equal(await chunks.delete(id), false)
  })

  t.behaviour('chunks.delete-by-urls-and-source', async ({ db }) => {
    await aSource(db)
    await aSource(db, 'source-2')
    const { chunks } = db.repositories
    for (const [i, url] of ['a', 'a', 'b', 'c'].entries()) await chunks.create(chunkDraft(url, i))
    await chunks.create(chunkDraft('d', 0, { sourceId: 'source-2' }))
    assert.equal(await chunks.deleteByUrls([]), 0)
    assert.equal(await chunks.deleteByUrls(['a', 'none']), 2)
    assert.equal(await chunks.deleteBySource('source-1'), 2)
    assert.equal(await chunks.deleteBySource('source-1'), 0)
    assert.equal(await chunks.count(), 1)
  })
}
