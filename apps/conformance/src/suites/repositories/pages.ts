import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { allPages, aSource, at, chunkDraft, NO_ID, pageDraft, present } from './fixtures.ts'

export function pages(t: SuiteBuilder): void {
  t.behaviour('pages.create.returns-what-is-stored', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    const { id, createdAt, updatedAt, ...rest } = await pages.create(pageDraft('u', { metadata: { a: 1 } }))
    assert.deepEqual(rest, {
      sourceId: 'source-1',
      url: 'u',
      content: 'The text of u',
      sectionTitle: null,
      sectionOrder: 0,
      wordCount: 4,
      charCount: 20,
      chunkCount: 0,
      metadata: { a: 1 },
    })
    assert.deepEqual(await pages.get(id), { id, createdAt, updatedAt, ...rest })
    assert.deepEqual(await pages.getByUrl('u'), { id, createdAt, updatedAt, ...rest })
  })

  t.behaviour('pages.get.absent-is-null', async ({ db }) => {
    assert.equal(await db.repositories.pages.get(NO_ID), null)
    assert.equal(await db.repositories.pages.getByUrl('u'), null)
    await rejects(db.repositories.pages.get('not a uuid'), 'invalid_input')
  })

  t.behaviour('pages.create.needs-its-source', async ({ db }) => {
    await rejects(db.repositories.pages.create(pageDraft('u')), 'foreign_key_violation')
  })

  t.behaviour('pages.list.leaves-the-text-out', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    await pages.create(pageDraft('u'))
    const [item] = (await pages.list()).items
    assert.ok(item && !('content' in item))
    assert.deepEqual([item.url, item.wordCount], ['u', 4])
  })

  t.behaviour('pages.list.is-by-section-and-age', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    await pages.create(pageDraft('c', { sectionOrder: 2, createdAt: at(1) }))
    await pages.create(pageDraft('b', { sectionOrder: 1, createdAt: at(3), sectionTitle: 'Intro' }))
    await pages.create(pageDraft('a', { sectionOrder: 1, createdAt: at(2) }))
    const listed = await allPages((after) => pages.list({ sourceId: 'source-1' }, { limit: 2, after }))
    assert.deepEqual(
      listed.map((page) => page.map(({ url }) => url)),
      [['a', 'b'], ['c']],
    )
    assert.deepEqual(
      (await pages.list({ sectionTitle: 'Intro' })).items.map(({ url }) => url),
      ['b'],
    )
    assert.deepEqual(
      (await pages.list({ urls: ['c', 'a'], sectionTitle: null })).items.map(({ url }) => url),
      ['a', 'c'],
    )
  })

  t.behaviour('pages.slice-and-count', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    for (const [i, url] of ['a', 'b', 'c', 'd'].entries()) await pages.create(pageDraft(url, { sectionOrder: i }))
    const slice = await pages.slice({ sourceId: 'source-1' }, { offset: 1, limit: 2 })
    assert.deepEqual([slice.items.map(({ url }) => url), slice.total], [['b', 'c'], 4])
    assert.equal(await pages.count({ urls: ['a', 'x'] }), 1)
  })

  t.behaviour('pages.list-by-ids.brings-the-text', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    const { id } = await pages.create(pageDraft('a'))
    await pages.create(pageDraft('b'))
    assert.deepEqual(
      (await pages.listByIds([id, NO_ID])).map(({ content }) => content),
      ['The text of a'],
    )
    assert.deepEqual(await pages.listByIds([]), [])
  })

  t.behaviour('pages.upsert-many.tells-ids-in-input-order', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    const { id } = await pages.create(pageDraft('b'))
    const stored = await pages.upsertMany([pageDraft('c'), pageDraft('b', { content: 'new' }), pageDraft('a')])
    assert.deepEqual(
      stored.map(({ url }) => url),
      ['c', 'b', 'a'],
    )
    assert.equal(stored[1]?.id, id)
    assert.equal(present(await pages.get(id)).content, 'new')
    for (const page of stored) {
      assert.deepEqual(Object.keys(page).sort(), ['id', 'url'])
      assert.equal(present(await pages.get(page.id)).url, page.url)
    }
  })

  t.behaviour('pages.upsert-many.all-or-none', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    const bad = [pageDraft('a'), pageDraft('b', { sourceId: 'none' })]
    await rejects(pages.upsertMany(bad), 'foreign_key_violation')
    assert.equal(await pages.count(), 0)
    assert.deepEqual(await pages.upsertMany([]), [])
  })

  t.behaviour('pages.upsert-many.takes-a-whole-crawl', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    const drafts = Array.from({ length: 700 }, (_, i) => pageDraft(`https://docs.dev/${i}`, { sectionOrder: i }))
    const first = await pages.upsertMany(drafts)
    const second = await pages.upsertMany(drafts)
    assert.deepEqual(second, first)
    assert.equal(await pages.count(), 700)
  })

  t.behaviour('pages.update.returns-the-row-or-null', async ({ db }) => {
    await aSource(db)
    const { pages } = db.repositories
    const { id } = await pages.create(pageDraft('a'))
    assert.equal(present(await pages.update(id, { sectionTitle: 'Intro' })).sectionTitle, 'Intro')
    assert.equal(present(await pages.updateChunkCount(id, 3)).chunkCount, 3)
    assert.equal(await pages.update(NO_ID, { sectionTitle: 'Intro' }), null)
    assert.equal(await pages.updateChunkCount(NO_ID, 3), null)
  })

  t.behaviour('pages.recalculate-chunk-counts', async ({ db }) => {
    await aSource(db)
    await aSource(db, 'source-2')
    const { pages, chunks } = db.repositories
    const two = await pages.create(pageDraft('two'))
    const right = await pages.create(pageDraft('right', { chunkCount: 1 }))
    const none = await pages.create(pageDraft('none', { chunkCount: 9 }))
    const other = await pages.create(pageDraft('other', { sourceId: 'source-2', chunkCount: 9 }))
    await chunks.create(chunkDraft('two', 0, { pageId: two.id }))
    await chunks.create(chunkDraft('two', 1, { pageId: two.id }))
    await chunks.create(chunkDraft('right', 0, { pageId: right.id }))
    assert.equal(await pages.recalculateChunkCounts('source-1'), 2)
    const counts = await Promise.all([two, right, none, other].map(async ({ id }) => present(await pages.get(id))))
    assert.deepEqual(
      counts.map(({ chunkCount }) => chunkCount),
      [2, 1, 0, 9],
    )
    assert.deepEqual(counts[1]?.updatedAt, right.updatedAt, 'what was right is not written')
    assert.equal(await pages.recalculateChunkCounts('source-1'), 0)
    assert.equal(await pages.recalculateChunkCounts('none'), 0)
  })

  t.behaviour('pages.delete.leaves-the-chunks', async ({ db }) => {
    await aSource(db)
    const { pages, chunks } = db.repositories
    const page = await pages.create(pageDraft('a'))
    const chunk = await chunks.create(chunkDraft('a', 0, { pageId: page.id }))
    assert.equal(await pages.delete(page.id), true)
    assert.equal(await pages.delete(page.id), false)
    assert.equal(present(await chunks.get(chunk.id)).pageId, null)
  })
}
