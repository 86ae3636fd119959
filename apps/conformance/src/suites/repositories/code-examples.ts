import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { allPages, aSource, axis, exampleDraft, present } from './fixtures.ts'

export function codeExamples(t: SuiteBuilder): void {
  t.behaviour('code-examples.create.returns-what-is-stored', async ({ db }) => {
    await aSource(db)
    const { codeExamples } = db.repositories
    const draft = exampleDraft('u', 1, { language: 'python', functionName: 'main', embedding: axis(1536, 9) })
    const { id, createdAt, ...rest } = await codeExamples.create(draft)
    assert.deepEqual(rest, {
      url: 'u',
      chunkNumber: 1,
      content: 'print(1)',
      summary: 'Prints 1',
      metadata: {},
      sourceId: 'source-1',
      embedding: axis(1536, 9),
      llmChatModel: null,
      embeddingModel: null,
      embeddingDimension: 1536,
      filePath: null,
      functionName: 'main',
      className: null,
      language: 'python',
    })
    assert.deepEqual(await codeExamples.get(id), { id, createdAt, ...rest })
  })

  t.behaviour('code-examples.list.filters-and-pages-by-id', async ({ db }) => {
    await aSource(db)
    const { codeExamples } = db.repositories
    for (const [i, language] of ['go', 'zig', 'go', 'go'].entries()) {
      await codeExamples.create(exampleDraft(`u${9 - i}`, i, { language, className: i === 3 ? 'Pool' : null }))
    }
    const listed = await allPages((after) => codeExamples.list({ language: 'go' }, { limit: 2, after }))
    assert.deepEqual(
      listed.map((page) => page.map(({ chunkNumber }) => chunkNumber)),
      [[0, 2], [3]],
    )
    assert.equal(await codeExamples.count({ className: 'Pool' }), 1)
    assert.equal(await codeExamples.count({ className: null, language: 'go' }), 2)
    assert.equal(await codeExamples.count({ filePath: 'x' }), 0)
  })

  t.behaviour('code-examples.list-by-source.by-position', async ({ db }) => {
    await aSource(db)
    await aSource(db, 'source-2')
    const { codeExamples } = db.repositories
    for (const i of [0, 1, 2]) await codeExamples.create(exampleDraft('u', i))
    await codeExamples.create(exampleDraft('v', 0, { sourceId: 'source-2', embedding: axis(384) }))
    const { items, total } = await codeExamples.listBySource('source-1', { offset: 1, limit: 1 })
    assert.deepEqual([items.map(({ chunkNumber }) => chunkNumber), total], [[1], 3])
    const all = await codeExamples.allBySource('source-2')
    assert.deepEqual(
      all.map(({ url }) => url),
      ['v'],
    )
    assert.ok(all[0] && !('embedding' in all[0]) && !('embedding384' in all[0]))
    assert.deepEqual(await codeExamples.allBySource('none'), [])
  })

  t.behaviour('code-examples.count-by-source', async ({ db }) => {
    await aSource(db)
    const { codeExamples } = db.repositories
    for (const i of [0, 1]) await codeExamples.create(exampleDraft('u', i))
    assert.deepEqual(
      await codeExamples.countBySource(['none', 'source-1']),
      new Map([
        ['none', 0],
        ['source-1', 2],
      ]),
    )
  })

  t.behaviour('code-examples.insert-many.tells-each-refused-row', async ({ db }) => {
    await aSource(db)
    const { codeExamples } = db.repositories
    const drafts = [exampleDraft('u', 0), exampleDraft('u', 0), exampleDraft('u', 1, { embedding: axis(10) })]
    const { inserted, errors } = await codeExamples.insertMany(drafts)
    assert.equal(inserted, 1)
    assert.deepEqual(
      errors.map(({ index, error }) => [index, error.code]),
      [
        [1, 'unique_violation'],
        [2, 'invalid_input'],
      ],
    )
  })

  t.behaviour('code-examples.replace-and-delete-by-urls', async ({ db }) => {
    await aSource(db)
    const { codeExamples } = db.repositories
    for (const i of [0, 1, 2]) await codeExamples.create(exampleDraft('u', i))
    const replaced = await codeExamples.replaceForUrls(['u'], [exampleDraft('u', 0), exampleDraft('v', 0)])
    assert.deepEqual(replaced, { deleted: 3, inserted: 2 })
    assert.equal(await codeExamples.deleteByUrls(['u']), 1)
    assert.equal(await codeExamples.deleteBySource('source-1'), 1)
  })

  t.behaviour('code-examples.update-and-delete', async ({ db }) => {
    await aSource(db)
    const { codeExamples } = db.repositories
    const { id } = await codeExamples.create(exampleDraft('u', 0, { embedding: axis(768) }))
    const updated = present(await codeExamples.update(id, { summary: 'New', embedding: axis(3072, 1) }))
    assert.deepEqual([updated.summary, updated.embedding, updated.embeddingDimension], ['New', axis(3072, 1), 3072])
    assert.equal(await codeExamples.delete(id), true)
    assert.equal(await codeExamples.delete(id), false)
    assert.equal(await codeExamples.update(id, { summary: 'x' }), null)
    assert.equal(await codeExamples.get(id), null)
  })

  t.behaviour('code-examples.search.reads-code-and-summary', async ({ db }) => {
    await aSource(db)
    const { codeExamples } = db.repositories
    await codeExamples.create(exampleDraft('a', 0, { content: 'listen(8080)', summary: 'Starts a server' }))
    await codeExamples.create(exampleDraft('b', 0, { content: 'quicksort(xs)', summary: 'Sorts a list' }))
    const urls = async (text: string) => (await codeExamples.search({ text })).map(({ row }) => row.url)
    assert.deepEqual(await urls('server'), ['a'])
    assert.deepEqual(await urls('quicksort'), ['b'])
    await rejects(codeExamples.search({}), 'invalid_input')
  })
}
