import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { aSource, axis, chunkDraft } from './fixtures.ts'

export function chunkBulk(t: SuiteBuilder): void {
  t.behaviour('chunks.insert-many.stores-all', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const drafts = Array.from({ length: 300 }, (_, i) => chunkDraft('u', i, { embedding: axis(384, i) }))
    assert.deepEqual(await chunks.insertMany(drafts), { inserted: 300, errors: [] })
    const { items } = await chunks.list({}, { withEmbedding: true })
    assert.deepEqual(
      items.map(({ chunkNumber, embedding }) => [chunkNumber, embedding]),
      drafts.map((_, i) => [i, axis(384, i)]),
    )
  })

  t.behaviour('chunks.insert-many.of-nothing', async ({ db }) => {
    assert.deepEqual(await db.repositories.chunks.insertMany([]), { inserted: 0, errors: [] })
  })

  t.behaviour('chunks.insert-many.tells-each-refused-row', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    await chunks.create(chunkDraft('taken', 0))
    const { inserted, errors } = await chunks.insertMany([
      chunkDraft('a', 0),
      chunkDraft('taken', 0),
      chunkDraft('b', 0, { sourceId: 'none' }),
      chunkDraft('c', 0, { embedding: axis(5) }),
      chunkDraft('d', 0, { content: 'a\0b' }),
      chunkDraft('e', 0),
    ])
    assert.equal(inserted, 2)
    assert.deepEqual(
      errors.map(({ index, error }) => [index, error.code]),
      [
        [1, 'unique_violation'],
        [2, 'foreign_key_violation'],
        [3, 'invalid_input'],
        [4, 'invalid_input'],
      ],
    )
    assert.deepEqual(
      (await chunks.list()).items.map(({ url }) => url),
      ['a', 'e', 'taken'],
    )
  })

  t.behaviour('chunks.insert-many.keeps-the-first-of-two-alike', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const drafts = ['first', 'second', 'third'].map((content) => chunkDraft('u', 0, { content }))
    const { inserted, errors } = await chunks.insertMany([chunkDraft('v', 0), ...drafts])
    assert.deepEqual([inserted, errors.map(({ index }) => index)], [2, [2, 3]])
    assert.equal((await chunks.list({ url: 'u' })).items[0]?.content, 'first')
  })

  t.behaviour('chunks.insert-many.finds-few-bad-among-many', async ({ db, random }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const bad = new Set(random.shuffle(Array.from({ length: 200 }, (_, i) => i)).slice(0, 5))
    const drafts = Array.from({ length: 200 }, (_, i) => chunkDraft('u', i, bad.has(i) ? { sourceId: 'none' } : {}))
    const { inserted, errors } = await chunks.insertMany(drafts)
    assert.equal(inserted, 195)
    assert.deepEqual(
      errors.map(({ index }) => index),
      [...bad].sort((a, b) => a - b),
    )
    assert.equal(await chunks.count(), 195)
  })

  t.behaviour('chunks.insert-many.takes-part-in-a-transaction', async ({ db }) => {
    await aSource(db)
    const failure = new Error('changed my mind')
    const attempt = db.transaction(async (tx) => {
      const drafts = [chunkDraft('a', 0), chunkDraft('b', 0, { sourceId: 'none' })]
      const { inserted } = await tx.repositories.chunks.insertMany(drafts)
      assert.equal(inserted, 1)
      assert.equal(await tx.repositories.chunks.count(), 1)
      throw failure
    })
    await assert.rejects(attempt, failure)
    assert.equal(await db.repositories.chunks.count(), 0)
  })

  t.behaviour('chunks.replace-for-urls.puts-new-in-place-of-old', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    for (const n of [0, 1, 2]) await chunks.create(chunkDraft('a', n, { content: 'old' }))
    await chunks.create(chunkDraft('b', 0, { content: 'stays' }))
    const drafts = [
      chunkDraft('a', 0, { content: 'new' }),
      chunkDraft('a', 1, { content: 'new', embedding: axis(384) }),
    ]
    assert.deepEqual(await chunks.replaceForUrls(['a', 'none'], drafts), { deleted: 3, inserted: 2 })
    assert.deepEqual(
      (await chunks.list()).items.map(({ url, content, embeddingDimension }) => [url, content, embeddingDimension]),
      [
        ['a', 'new', null],
        ['a', 'new', 384],
        ['b', 'stays', null],
      ],
    )
  })

  t.behaviour('chunks.replace-for-urls.changes-nothing-when-it-fails', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    const old = await chunks.create(chunkDraft('a', 0, { content: 'old' }))
    await rejects(chunks.replaceForUrls(['a'], [chunkDraft('a', 0), chunkDraft('a', 0)]), 'unique_violation')
    await rejects(chunks.replaceForUrls(['a'], [chunkDraft('a', 0, { embedding: axis(5) })]), 'invalid_input')
    await rejects(chunks.replaceForUrls(['a'], [chunkDraft('a', 0, { sourceId: 'none' })]), 'foreign_key_violation')
    assert.deepEqual((await chunks.list({}, { withEmbedding: true })).items, [old])
  })

  t.behaviour('chunks.replace-for-urls.by-nothing-deletes', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    await chunks.create(chunkDraft('a', 0))
    assert.deepEqual(await chunks.replaceForUrls(['a'], []), { deleted: 1, inserted: 0 })
    assert.deepEqual(await chunks.replaceForUrls([], [chunkDraft('a', 0)]), { deleted: 0, inserted: 1 })
  })

  t.behaviour('chunks.replace-for-urls.at-once-leaves-one-whole-set', async ({ db }) => {
    await aSource(db)
    const { chunks } = db.repositories
    await startTogether(8, (i) =>
      chunks.replaceForUrls(
        ['a'],
        [0, 1, 2].map((n) => chunkDraft('a', n, { content: `by ${i}` })),
      ),
    )
    const contents = (await chunks.list()).items.map(({ content }) => content)
    assert.equal(contents.length, 3)
    assert.equal(new Set(contents).size, 1)
  })
}
