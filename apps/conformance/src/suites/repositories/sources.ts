import assert from 'node:assert/strict'
import type { Database, SourceFilter } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { allPages, aSource, at, chunkDraft, exampleDraft, pageDraft, present } from './fixtures.ts'

async function threeSources(db: Database): Promise<void> {
  await aSource(db, 'go', {
    title: 'Go docs',
    summary: 'A language',
    metadata: { knowledge_type: 'technical', tags: ['a'] },
  })
  await aSource(db, 'plan', { title: 'The 50% plan', summary: 'Money', metadata: { knowledge_type: 'business' } })
  await aSource(db, 'zig', { title: 'ZIG', summary: 'Another language', metadata: {}, status: 'completed' })
}

async function ids(db: Database, filter: SourceFilter): Promise<string[]> {
  return (await db.repositories.sources.list(filter, { orderBy: 'id' })).items.map(({ id }) => id)
}

export function sources(t: SuiteBuilder): void {
  t.behaviour('sources.create.is-pending', async ({ db }) => {
    const source = await db.repositories.sources.create({ id: 'docs', url: 'https://go.dev', title: 'Go' })
    const { createdAt, updatedAt, ...rest } = source
    assert.deepEqual(rest, {
      id: 'docs',
      url: 'https://go.dev',
      displayName: null,
      summary: null,
      totalWordCount: 0,
      title: 'Go',
      metadata: {},
      sourceType: null,
      status: 'pending',
      errorMessage: null,
      crawledAt: null,
    })
    assert.deepEqual(await db.repositories.sources.get('docs'), { createdAt, updatedAt, ...rest })
  })

  t.behaviour('sources.create.keeps-a-given-status', async ({ db }) => {
    assert.equal((await aSource(db, 'docs', { status: 'completed' })).status, 'completed')
  })

  t.behaviour('sources.create.twice-is-refused', async ({ db }) => {
    await aSource(db, 'docs')
    await rejects(aSource(db, 'docs'), 'unique_violation', { table: 'archon_sources' })
  })

  t.behaviour('sources.upsert.is-completed-unless-said-otherwise', async ({ db }) => {
    assert.equal((await db.repositories.sources.upsert({ id: 'docs' })).status, 'completed')
  })

  t.behaviour('sources.upsert.changes-only-what-is-given', async ({ db }) => {
    const { sources } = db.repositories
    const first = await sources.upsert({ id: 'docs', title: 'Go', summary: 'A language', createdAt: at(1) })
    const second = await sources.upsert({ id: 'docs', title: 'Golang' })
    assert.deepEqual({ ...second, updatedAt: 0 }, { ...first, title: 'Golang', updatedAt: 0 })
    assert.deepEqual(second.createdAt, at(1))
  })

  t.behaviour('sources.start-crawl.sets-pending-and-forgets-the-error', async ({ db }) => {
    const { sources } = db.repositories
    await sources.upsert({ id: 'docs', title: 'Go', status: 'failed', errorMessage: 'unreachable' })
    const again = await sources.startCrawl({ id: 'docs' })
    assert.deepEqual([again.status, again.errorMessage, again.title], ['pending', null, 'Go'])
    assert.equal((await sources.startCrawl({ id: 'new' })).status, 'pending')
  })

  t.behaviour('sources.finish-crawl.completes-or-fails', async ({ db }) => {
    const { sources } = db.repositories
    await sources.startCrawl({ id: 'docs' })
    const failed = present(await sources.finishCrawl('docs', { error: 'unreachable' }))
    assert.deepEqual([failed.status, failed.errorMessage], ['failed', 'unreachable'])
    const done = present(await sources.finishCrawl('docs'))
    assert.deepEqual([done.status, done.errorMessage], ['completed', null])
    assert.ok(done.crawledAt instanceof Date)
    assert.equal(await sources.finishCrawl('none'), null)
  })

  t.behaviour('sources.get-and-exists', async ({ db }) => {
    const { sources } = db.repositories
    await aSource(db, 'docs')
    assert.equal(await sources.get('DOCS'), null)
    assert.deepEqual([await sources.exists('docs'), await sources.exists('DOCS')], [true, false])
  })

  t.behaviour('sources.list-by-ids', async ({ db }) => {
    await threeSources(db)
    const { sources } = db.repositories
    assert.deepEqual(
      (await sources.listByIds(['zig', 'go', 'none'])).map(({ id }) => id),
      ['go', 'zig'],
    )
    assert.deepEqual(await sources.listByIds([]), [])
  })

  t.behaviour('sources.list.filters', async ({ db }) => {
    await threeSources(db)
    assert.deepEqual(await ids(db, { knowledgeType: 'technical' }), ['go'])
    assert.deepEqual(await ids(db, { status: 'completed' }), ['zig'])
    assert.deepEqual(await ids(db, { ids: ['plan', 'zig'] }), ['plan', 'zig'])
    assert.deepEqual(await ids(db, { ids: [] }), [])
    assert.deepEqual(await ids(db, { metadata: { tags: ['a'] } }), ['go'])
    assert.deepEqual(await ids(db, { knowledgeType: 'technical', status: 'completed' }), [])
    assert.deepEqual(await ids(db, {}), ['go', 'plan', 'zig'])
  })

  t.behaviour('sources.list.search-ignores-case', async ({ db }) => {
    await threeSources(db)
    assert.deepEqual(await ids(db, { search: 'LANGUAGE' }), ['go', 'zig'])
    assert.deepEqual(await ids(db, { search: 'zig' }), ['zig'])
    assert.deepEqual(await ids(db, { search: 'PLAN' }), ['plan'])
  })

  t.behaviour('sources.list.search-takes-wildcards-as-data', async ({ db }) => {
    await threeSources(db)
    assert.deepEqual(await ids(db, { search: '50%' }), ['plan'])
    assert.deepEqual(await ids(db, { search: '%' }), ['plan'])
    assert.deepEqual(await ids(db, { search: '_' }), [])
    assert.deepEqual(await ids(db, { search: '\\' }), [])
  })

  t.behaviour('sources.list.search-looks-into-the-fields-named', async ({ db }) => {
    await threeSources(db)
    await aSource(db, 'url', { url: 'https://language.dev', displayName: 'Tongues' })
    assert.deepEqual(await ids(db, { search: 'language', searchFields: ['title'] }), [])
    assert.deepEqual(await ids(db, { search: 'language', searchFields: ['url'] }), ['url'])
    assert.deepEqual(await ids(db, { search: 'tongues', searchFields: ['displayName', 'title'] }), ['url'])
  })

  t.behaviour('sources.list.has-the-latest-change-first', async ({ db }) => {
    const { sources } = db.repositories
    for (const [i, id] of ['a', 'b', 'c'].entries()) await aSource(db, id, { updatedAt: at(i) })
    await sources.update('a', { title: 'changed' })
    assert.deepEqual(
      (await sources.list()).items.map(({ id }) => id),
      ['a', 'c', 'b'],
    )
    assert.deepEqual(
      (await sources.listAll()).map(({ id }) => id),
      ['a', 'c', 'b'],
    )
    assert.deepEqual(
      (await sources.listAll({ orderBy: 'desc(id)' })).map(({ id }) => id),
      ['c', 'b', 'a'],
    )
  })

  t.behaviour('sources.list.pages-by-cursor', async ({ db }) => {
    const { sources } = db.repositories
    const updatedAt = at(1)
    for (const id of ['d', 'b', 'a', 'c']) await aSource(db, id, { updatedAt })
    const pages = await allPages((after) => sources.list({}, { limit: 3, after }))
    assert.deepEqual(
      pages.map((page) => page.map(({ id }) => id)),
      [['a', 'b', 'c'], ['d']],
    )
  })

  t.behaviour('sources.list.a-cursor-needs-its-own-order', async ({ db }) => {
    const { sources } = db.repositories
    await threeSources(db)
    const { nextCursor } = await sources.list({}, { limit: 1, orderBy: 'id' })
    await rejects(sources.list({}, { limit: 1, after: nextCursor }), 'invalid_input')
    await rejects(sources.list({}, { limit: 1, after: 'nonsense' }), 'invalid_input')
    await rejects(sources.list({}, { after: nextCursor, orderBy: 'id' }), 'invalid_input', { messageIncludes: 'limit' })
  })

  t.behaviour('sources.page.tells-how-many-there-are', async ({ db }) => {
    const { sources } = db.repositories
    for (const id of ['a', 'b', 'c', 'd', 'e']) await aSource(db, id)
    const page = await sources.page({}, { page: 2, perPage: 2, orderBy: 'id' })
    assert.deepEqual(
      { ...page, items: page.items.map(({ id }) => id) },
      { items: ['c', 'd'], total: 5, page: 2, perPage: 2, pages: 3 },
    )
    const beyond = await sources.page({}, { page: 4, perPage: 2, orderBy: 'id' })
    assert.deepEqual([beyond.items, beyond.total], [[], 5])
    const none = await sources.page({ status: 'failed' })
    assert.deepEqual(none, { items: [], total: 0, page: 1, perPage: 20, pages: 0 })
  })

  t.behaviour('sources.page.refuses-page-0', async ({ db }) => {
    await rejects(() => db.repositories.sources.page({}, { page: 0 }), 'invalid_input')
    await rejects(() => db.repositories.sources.page({}, { perPage: 1.5 }), 'invalid_input')
  })

  t.behaviour('sources.recent.has-the-newest-first', async ({ db }) => {
    for (const [i, id] of ['a', 'b', 'c'].entries()) await aSource(db, id, { createdAt: at(i) })
    assert.deepEqual(
      (await db.repositories.sources.recent(2)).map(({ id }) => id),
      ['c', 'b'],
    )
  })

  t.behaviour('sources.count.uses-the-same-filter', async ({ db }) => {
    await threeSources(db)
    assert.equal(await db.repositories.sources.count(), 3)
    assert.equal(await db.repositories.sources.count({ search: 'language' }), 2)
  })

  t.behaviour('sources.knowledge-type-distribution', async ({ db }) => {
    await threeSources(db)
    await aSource(db, 'more', { metadata: { knowledge_type: 'technical' } })
    const found = await db.repositories.sources.knowledgeTypeDistribution()
    assert.deepEqual(
      found,
      new Map([
        ['technical', 2],
        ['business', 1],
        [null, 1],
      ]),
    )
  })

  t.behaviour('sources.update.returns-the-row-or-null', async ({ db }) => {
    const { sources } = db.repositories
    await aSource(db, 'docs', { title: 'Go', summary: 'kept' })
    const updated = present(await sources.update('docs', { title: 'Golang', totalWordCount: 7 }))
    assert.deepEqual([updated.title, updated.totalWordCount, updated.summary], ['Golang', 7, 'kept'])
    assert.equal(await sources.update('none', { title: 'x' }), null)
  })

  t.behaviour('sources.update-metadata.merges', async ({ db }) => {
    const { sources } = db.repositories
    await aSource(db, 'docs', { metadata: { keep: 1, change: { a: 1 } } })
    const updated = present(await sources.updateMetadata('docs', { change: { b: 2 }, add: [3] }))
    assert.deepEqual(updated.metadata, { keep: 1, change: { b: 2 }, add: [3] })
    assert.equal(await sources.updateMetadata('none', { a: 1 }), null)
  })

  t.behaviour('sources.update-metadata.loses-nothing-under-concurrency', async ({ db }) => {
    const { sources } = db.repositories
    await aSource(db, 'docs', { metadata: {} })
    await startTogether(10, (i) => sources.updateMetadata('docs', { [`key${i}`]: i }))
    const { metadata } = present(await sources.get('docs'))
    assert.deepEqual(metadata, Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`key${i}`, i])))
  })

  t.behaviour('sources.delete.takes-everything-of-it-along', async ({ db }) => {
    const { sources, pages, chunks, codeExamples } = db.repositories
    for (const id of ['source-1', 'source-2']) {
      await aSource(db, id)
      await pages.create(pageDraft(`${id}/p`, { sourceId: id }))
      await chunks.create(chunkDraft(`${id}/p`, 0, { sourceId: id }))
      await codeExamples.create(exampleDraft(`${id}/p`, 0, { sourceId: id }))
    }
    assert.equal(await sources.delete('source-1'), true)
    assert.equal(await sources.delete('source-1'), false)
    const left = [pages, chunks, codeExamples].map((repository) => repository.count())
    assert.deepEqual(await Promise.all(left), [1, 1, 1])
    assert.equal(await chunks.count({ sourceId: 'source-2' }), 1)
  })
}
