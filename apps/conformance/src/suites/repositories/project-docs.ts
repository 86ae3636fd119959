import assert from 'node:assert/strict'
import type { Database, Json } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { aProject, NO_ID } from './fixtures.ts'

async function docs(db: Database, projectId: string): Promise<Json | undefined> {
  return db.repositories.projects.getField(projectId, 'docs')
}

export function projectDocs(t: SuiteBuilder): void {
  t.behaviour('projects.add-doc.gives-it-an-id', async ({ db }) => {
    const { projects } = db.repositories
    const { id } = await aProject(db)
    const first = await projects.addDoc(id, { title: 'Plan', content: { a: 1 }, author: undefined })
    const second = await projects.addDoc(id, { title: 'Notes' })
    assert.match(first.id, /^[0-9a-f-]{36}$/)
    assert.notEqual(first.id, second.id)
    assert.deepEqual(first, { id: first.id, title: 'Plan', content: { a: 1 } })
    assert.deepEqual(await docs(db, id), [first, second])
  })

  t.behaviour('projects.add-doc.keeps-its-own-id', async ({ db }) => {
    const { projects } = db.repositories
    const { id } = await aProject(db)
    assert.deepEqual(await projects.addDoc(id, { id: 'plan', title: 'Plan' }), { id: 'plan', title: 'Plan' })
    await rejects(projects.addDoc(id, { id: 'plan' }), 'invalid_input', { messageIncludes: 'updateDoc' })
    assert.deepEqual(await docs(db, id), [{ id: 'plan', title: 'Plan' }])
  })

  t.behaviour('projects.add-doc.needs-a-project', async ({ db }) => {
    await rejects(db.repositories.projects.addDoc(NO_ID, { title: 'Plan' }), 'not_found')
  })

  t.behaviour('projects.add-doc.takes-an-empty-object-for-no-docs', async ({ db }) => {
    for (const empty of [{}, null]) {
      const { id } = await aProject(db, 'Atlas', { docs: empty })
      const doc = await db.repositories.projects.addDoc(id, { id: 'plan' })
      assert.deepEqual(await docs(db, id), [doc])
    }
  })

  t.behaviour('projects.add-doc.does-not-overwrite-what-is-no-list', async ({ db }) => {
    const { id } = await aProject(db, 'Atlas', { docs: { plan: 1 } })
    await rejects(db.repositories.projects.addDoc(id, { id: 'plan' }), 'invalid_input')
    assert.deepEqual(await docs(db, id), { plan: 1 })
  })

  t.behaviour('projects.add-doc.at-once-keeps-all', async ({ db }) => {
    const { id } = await aProject(db)
    const added = await startTogether(10, (i) => db.repositories.projects.addDoc(id, { title: `Doc ${i}` }))
    const stored = (await docs(db, id)) as { id: string }[]
    assert.deepEqual(stored.map((doc) => doc.id).sort(), added.map((doc) => doc.id).sort())
  })

  t.behaviour('projects.update-doc.changes-the-keys-given', async ({ db }) => {
    const { projects } = db.repositories
    const { id } = await aProject(db, 'Atlas', { docs: ['not a doc', { id: 'a', title: 'A', tags: [1] }, { id: 'b' }] })
    const updated = await projects.updateDoc(id, 'a', { title: 'A2', tags: undefined, status: 'final' })
    assert.deepEqual(updated, { id: 'a', title: 'A2', tags: [1], status: 'final' })
    assert.deepEqual(await docs(db, id), ['not a doc', updated, { id: 'b' }])
  })

  t.behaviour('projects.update-doc.absent-is-null', async ({ db }) => {
    const { projects } = db.repositories
    const { id } = await aProject(db)
    assert.equal(await projects.updateDoc(id, 'a', { title: 'A' }), null)
    assert.equal(await projects.updateDoc(NO_ID, 'a', { title: 'A' }), null)
  })

  t.behaviour('projects.update-doc.at-once-loses-nothing', async ({ db }) => {
    const { projects } = db.repositories
    const { id } = await aProject(db, 'Atlas', { docs: [{ id: 'a' }] })
    await startTogether(8, (i) => projects.updateDoc(id, 'a', { [`key${i}`]: i }))
    const expected = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`key${i}`, i]))
    assert.deepEqual(await docs(db, id), [{ id: 'a', ...expected }])
  })

  t.behaviour('projects.delete-doc', async ({ db }) => {
    const { projects } = db.repositories
    const { id } = await aProject(db, 'Atlas', { docs: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] })
    assert.equal(await projects.deleteDoc(id, 'b'), true)
    assert.equal(await projects.deleteDoc(id, 'b'), false)
    assert.equal(await projects.deleteDoc(NO_ID, 'a'), false)
    assert.deepEqual(await docs(db, id), [{ id: 'a' }, { id: 'c' }])
  })

  t.behaviour('projects.docs.keep-a-version-when-asked', async ({ db }) => {
    const { projects, documentVersions } = db.repositories
    const { id } = await aProject(db)
    await projects.addDoc(id, { id: 'a', title: '1' })
    await projects.updateDoc(id, 'a', { title: '2' }, { version: { changeSummary: 'Second', createdBy: 'ann' } })
    await projects.deleteDoc(id, 'a', { version: {} })
    const { items } = await documentVersions.list({ projectId: id })
    assert.deepEqual(
      items.map((v) => [
        v.versionNumber,
        v.fieldName,
        v.changeType,
        v.documentId,
        v.content,
        v.changeSummary,
        v.createdBy,
      ]),
      [
        [2, 'docs', 'delete', 'a', [{ id: 'a', title: '2' }], null, 'system'],
        [1, 'docs', 'update', 'a', [{ id: 'a', title: '1' }], 'Second', 'ann'],
      ],
    )
  })

  t.behaviour('projects.docs.keep-no-version-of-what-did-not-happen', async ({ db }) => {
    const { projects, documentVersions } = db.repositories
    const { id } = await aProject(db, 'Atlas', { docs: [{ id: 'a' }] })
    await projects.updateDoc(id, 'none', { title: 'x' }, { version: {} })
    await projects.deleteDoc(id, 'none', { version: {} })
    await rejects(projects.updateDoc(id, 'a', { title: 'a\0b' }, { version: {} }), 'invalid_input')
    assert.equal(await documentVersions.count(), 0)
  })
}
