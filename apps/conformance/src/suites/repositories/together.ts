import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { aProject, aSource, aTask, chunkDraft } from './fixtures.ts'

/** Repositories among themselves and in transactions. */
export function together(t: SuiteBuilder): void {
  t.behaviour('metrics.counts.has-every-table', async ({ db }) => {
    const { metrics, chunks } = db.repositories
    const empty = await metrics.counts()
    assert.deepEqual(Object.keys(empty).length, db.schema.tables.size)
    assert.ok(Object.values(empty).every((count) => count === 0))
    await aSource(db)
    await chunks.create(chunkDraft('u', 0))
    await chunks.create(chunkDraft('u', 1))
    assert.deepEqual(await metrics.counts(), { ...empty, sources: 1, chunks: 2 })
  })

  t.behaviour('transaction.repositories-commit-together', async ({ db }) => {
    const project = await db.transaction(async (tx) => {
      const created = await tx.repositories.projects.create({ title: 'Atlas' })
      await tx.repositories.tasks.create({ title: 'First', projectId: created.id, order: 1 })
      await tx.repositories.documentVersions.create({ projectId: created.id, fieldName: 'docs', content: [] })
      return created
    })
    assert.deepEqual(await db.repositories.projects.get(project.id), project)
    assert.equal(await db.repositories.tasks.count({ projectId: project.id }), 1)
    assert.equal(await db.repositories.documentVersions.nextVersion(project.id, 'docs'), 2)
  })

  t.behaviour('transaction.repositories-roll-back-together', async ({ db }) => {
    const { id } = await aProject(db, 'Atlas', { docs: [] })
    const attempt = db.transaction(async (tx) => {
      await tx.repositories.projects.addDoc(id, { id: 'a' }, { version: {} })
      await tx.repositories.tasks.create({ title: 'First', projectId: id, order: 1 })
      await tx.repositories.projects.setPinned(id)
      await tx.repositories.projects.update(id, { title: 'a\0b' })
    })
    await rejects(attempt, 'invalid_input')
    const { projects, tasks, documentVersions } = db.repositories
    assert.deepEqual(await projects.getField(id, 'docs'), [])
    assert.deepEqual(
      [await tasks.count(), await documentVersions.count(), await projects.count({ pinned: true })],
      [0, 0, 0],
    )
  })

  t.behaviour('transaction.a-refused-write-in-it-can-be-caught', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    await db.transaction(async (tx) => {
      await rejects(tx.repositories.tasks.create({ title: 'a', projectId, order: 1, assignee: '' }), 'check_violation')
      await tx.repositories.tasks.create({ title: 'b', projectId, order: 1 })
    })
    const { items } = await db.repositories.tasks.list({ projectId })
    assert.deepEqual(
      items.map(({ title, order }) => [title, order]),
      [['b', 1]],
    )
  })

  t.behaviour('transaction.repositories-read-in-a-read-only-one', async ({ db }) => {
    const { id } = await aTask(db)
    const read = async () => db.transaction((tx) => tx.repositories.tasks.get(id), { readOnly: true })
    assert.equal((await read())?.id, id)
    await rejects(
      db.transaction((tx) => tx.repositories.tasks.update(id, { title: 'x' }), { readOnly: true }),
      'invalid_input',
    )
  })
}
