import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { allPages, aProject, NO_ID, present } from './fixtures.ts'

export function documentVersions(t: SuiteBuilder): void {
  t.behaviour('document-versions.create.returns-what-is-stored', async ({ db }) => {
    const { documentVersions } = db.repositories
    const { id: projectId } = await aProject(db)
    const draft = { projectId, fieldName: 'docs', content: [{ id: 'a' }], changeSummary: 'First', documentId: 'a' }
    const { id, createdAt, ...rest } = await documentVersions.create(draft)
    assert.deepEqual(rest, { ...draft, taskId: null, versionNumber: 1, changeType: 'update', createdBy: 'system' })
    assert.deepEqual(await documentVersions.get(projectId, 'docs', 1), { id, createdAt, ...rest })
    assert.equal(await documentVersions.get(projectId, 'docs', 2), null)
  })

  t.behaviour('document-versions.create.numbers-each-field-of-each-project', async ({ db }) => {
    const { documentVersions } = db.repositories
    const [a, b] = [await aProject(db), await aProject(db)]
    const create = async (projectId: string, fieldName: string) =>
      (await documentVersions.create({ projectId, fieldName, content: {} })).versionNumber
    assert.deepEqual([await create(a.id, 'docs'), await create(a.id, 'docs')], [1, 2])
    assert.deepEqual([await create(a.id, 'data'), await create(b.id, 'docs')], [1, 1])
    assert.equal(await create(a.id, 'docs'), 3)
    assert.equal(await documentVersions.nextVersion(a.id, 'docs'), 4)
    assert.equal(await documentVersions.nextVersion(NO_ID, 'docs'), 1)
  })

  t.behaviour('document-versions.create.at-once-gives-no-number-twice', async ({ db }) => {
    const { documentVersions } = db.repositories
    const { id: projectId } = await aProject(db)
    const made = await startTogether(10, (i) => documentVersions.create({ projectId, fieldName: 'docs', content: i }))
    assert.deepEqual(
      made.map(({ versionNumber }) => versionNumber).sort((x, y) => x - y),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    )
    assert.equal(await documentVersions.count({ projectId }), 10)
  })

  t.behaviour(
    'document-versions.create.from-two-handles-gives-no-number-twice',
    { needs: 'shareable' },
    async ({ db, open }) => {
      const { id: projectId } = await aProject(db)
      const handles = [db, await open()]
      const made = await startTogether(12, (i) =>
        present(handles[i % 2]).repositories.documentVersions.create({ projectId, fieldName: 'docs', content: i }),
      )
      assert.deepEqual(
        made.map(({ versionNumber }) => versionNumber).sort((x, y) => x - y),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      )
    },
  )

  t.behaviour('document-versions.create.takes-null-for-content', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    const { content } = await db.repositories.documentVersions.create({ projectId, fieldName: 'data', content: null })
    assert.equal(content, null)
  })

  t.behaviour('document-versions.create.needs-a-project', async ({ db }) => {
    const draft = { projectId: NO_ID, fieldName: 'docs', content: [] }
    await rejects(db.repositories.documentVersions.create(draft), 'foreign_key_violation')
  })

  t.behaviour('document-versions.list.has-the-latest-first', async ({ db }) => {
    const { documentVersions } = db.repositories
    const { id: projectId } = await aProject(db)
    for (const documentId of ['a', 'b', 'a']) {
      await documentVersions.create({ projectId, fieldName: 'docs', content: [], documentId })
    }
    await documentVersions.create({ projectId, fieldName: 'data', content: [], changeType: 'create' })
    const pages = await allPages((after) =>
      documentVersions.list({ projectId, fieldName: 'docs' }, { limit: 2, after }),
    )
    assert.deepEqual(
      pages.map((page) => page.map(({ versionNumber }) => versionNumber)),
      [[3, 2], [1]],
    )
    assert.equal(await documentVersions.count({ documentId: 'a' }), 2)
    assert.equal(await documentVersions.count({ changeType: 'create' }), 1)
    assert.deepEqual((await documentVersions.list({ taskId: NO_ID })).items, [])
  })

  t.behaviour('document-versions.restore.backs-up-and-records', async ({ db }) => {
    const { documentVersions, projects } = db.repositories
    const { id } = await aProject(db, 'Atlas', { features: ['now'], data: ['kept'] })
    await documentVersions.create({ projectId: id, fieldName: 'features', content: ['then'] })
    const restored = present(await documentVersions.restore(id, 'features', 1, 'ann'))
    assert.deepEqual(await projects.get(id), restored.project)
    assert.deepEqual([restored.project.features, restored.project.data], [['then'], ['kept']])
    const about = ({ backup, record }: typeof restored) =>
      [backup, record].map((v) => [v.versionNumber, v.content, v.changeType, v.createdBy])
    assert.deepEqual(about(restored), [
      [2, ['now'], 'backup', 'ann'],
      [3, ['then'], 'restore', 'ann'],
    ])
    assert.equal(await documentVersions.count({ projectId: id }), 3)
  })

  t.behaviour('document-versions.restore.can-be-undone', async ({ db }) => {
    const { documentVersions, projects } = db.repositories
    const { id } = await aProject(db, 'Atlas', { prd: { goal: 'now' } })
    await documentVersions.create({ projectId: id, fieldName: 'prd', content: { goal: 'then' } })
    const { backup } = present(await documentVersions.restore(id, 'prd', 1))
    await documentVersions.restore(id, 'prd', backup.versionNumber)
    assert.deepEqual(await projects.getField(id, 'prd'), { goal: 'now' })
  })

  t.behaviour('document-versions.restore.of-null', async ({ db }) => {
    const { documentVersions, projects } = db.repositories
    const { id } = await aProject(db, 'Atlas', { data: null })
    await documentVersions.create({ projectId: id, fieldName: 'data', content: [1] })
    const { backup } = present(await documentVersions.restore(id, 'data', 1))
    assert.equal(backup.content, null)
    assert.deepEqual(await projects.getField(id, 'data'), [1])
    await documentVersions.restore(id, 'data', backup.versionNumber)
    assert.equal(await projects.getField(id, 'data'), null)
  })

  t.behaviour('document-versions.restore.of-none-changes-nothing', async ({ db }) => {
    const { documentVersions, projects } = db.repositories
    const project = await aProject(db)
    assert.equal(await documentVersions.restore(project.id, 'docs', 1), null)
    assert.equal(await documentVersions.restore(NO_ID, 'docs', 1), null)
    assert.deepEqual(await projects.get(project.id), project)
    assert.equal(await documentVersions.count(), 0)
  })

  t.behaviour('document-versions.restore.refuses-other-fields', async ({ db }) => {
    const { id } = await aProject(db)
    for (const field of ['title', 'id', 'constructor']) {
      await rejects(() => db.repositories.documentVersions.restore(id, field, 1), 'invalid_input')
    }
  })

  t.behaviour('document-versions.restore.takes-part-in-a-transaction', async ({ db }) => {
    const { documentVersions, projects } = db.repositories
    const project = await aProject(db, 'Atlas', { docs: ['now'] })
    await documentVersions.create({ projectId: project.id, fieldName: 'docs', content: ['then'] })
    const attempt = db.transaction(async (tx) => {
      present(await tx.repositories.documentVersions.restore(project.id, 'docs', 1))
      throw new Error('changed my mind')
    })
    await assert.rejects(attempt, /changed my mind/)
    assert.deepEqual(await projects.get(project.id), project)
    assert.equal(await documentVersions.count(), 1)
  })
}
