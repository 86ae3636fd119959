import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { allPages, aProject, at, NO_ID } from './fixtures.ts'

export function projectSources(t: SuiteBuilder): void {
  t.behaviour('project-sources.link.returns-what-is-stored', async ({ db }) => {
    const { projectSources } = db.repositories
    const { id: projectId } = await aProject(db)
    const { id, linkedAt, ...rest } = await projectSources.link({ projectId, sourceId: 's', notes: 'technical' })
    assert.deepEqual(rest, { projectId, sourceId: 's', createdBy: 'system', notes: 'technical' })
    assert.ok(id && linkedAt instanceof Date)
    await rejects(projectSources.link({ projectId, sourceId: 's' }), 'unique_violation')
    await rejects(projectSources.link({ projectId: NO_ID, sourceId: 's' }), 'foreign_key_violation')
  })

  t.behaviour('project-sources.unlink', async ({ db }) => {
    const { projectSources } = db.repositories
    const { id } = await aProject(db)
    await projectSources.link({ projectId: id, sourceId: 's' })
    assert.equal(await projectSources.unlink(id, 's'), true)
    assert.equal(await projectSources.unlink(id, 's'), false)
  })

  t.behaviour('project-sources.list-by-project.splits-by-kind', async ({ db }) => {
    const { projectSources } = db.repositories
    const { id: projectId } = await aProject(db)
    await projectSources.link({ projectId, sourceId: 'b', notes: 'technical', linkedAt: at(2) })
    await projectSources.link({ projectId, sourceId: 'a', notes: 'technical', linkedAt: at(3) })
    await projectSources.link({ projectId, sourceId: 'c', notes: 'business', linkedAt: at(1) })
    await projectSources.link({ projectId, sourceId: 'd', notes: 'neither' })
    assert.deepEqual(await projectSources.listByProject(projectId), { technical: ['b', 'a'], business: ['c'] })
    assert.deepEqual(await projectSources.listByProject(NO_ID), { technical: [], business: [] })
  })

  t.behaviour('project-sources.list-by-projects.has-every-project', async ({ db }) => {
    const { projectSources } = db.repositories
    const [a, b, c] = [await aProject(db), await aProject(db), await aProject(db)]
    await projectSources.link({ projectId: a.id, sourceId: 's', notes: 'technical' })
    await projectSources.link({ projectId: c.id, sourceId: 's', notes: 'technical' })
    assert.deepEqual(
      await projectSources.listByProjects([a.id, b.id]),
      new Map([
        [a.id, { technical: ['s'], business: [] }],
        [b.id, { technical: [], business: [] }],
      ]),
    )
    assert.deepEqual(await projectSources.listByProjects([]), new Map())
  })

  t.behaviour('project-sources.replace.leaves-the-other-kind', async ({ db }) => {
    const { projectSources } = db.repositories
    const { id } = await aProject(db)
    await projectSources.replace(id, 'technical', ['old'])
    await projectSources.replace(id, 'business', ['plan'])
    const replaced = await projectSources.replace(id, 'technical', ['x', 'y', 'x'], 'ann')
    assert.deepEqual(replaced, { ok: ['x', 'y'], failed: [] })
    assert.deepEqual(await projectSources.listByProject(id), { technical: ['x', 'y'], business: ['plan'] })
    const { items } = await projectSources.list({ projectId: id, notes: 'technical' })
    assert.deepEqual(
      items.map(({ createdBy }) => createdBy),
      ['ann', 'ann'],
    )
  })

  t.behaviour('project-sources.replace.tells-what-failed', async ({ db }) => {
    const { projectSources } = db.repositories
    const { id } = await aProject(db)
    await projectSources.replace(id, 'business', ['taken'])
    const { ok, failed } = await projectSources.replace(id, 'technical', ['a', 'taken', 'b'])
    assert.deepEqual(ok, ['a', 'b'])
    assert.deepEqual(
      failed.map(({ sourceId, error }) => [sourceId, error.code]),
      [['taken', 'unique_violation']],
    )
    assert.deepEqual(await projectSources.listByProject(id), { technical: ['a', 'b'], business: ['taken'] })
  })

  t.behaviour('project-sources.replace.of-no-project-fails-for-each', async ({ db }) => {
    const { ok, failed } = await db.repositories.projectSources.replace(NO_ID, 'technical', ['a', 'b'])
    assert.deepEqual(ok, [])
    assert.deepEqual(
      failed.map(({ error }) => error.code),
      ['foreign_key_violation', 'foreign_key_violation'],
    )
  })

  t.behaviour('project-sources.replace.by-none', async ({ db }) => {
    const { projectSources } = db.repositories
    const { id } = await aProject(db)
    await projectSources.replace(id, 'technical', ['a'])
    assert.deepEqual(await projectSources.replace(id, 'technical', []), { ok: [], failed: [] })
    assert.equal(await projectSources.count({ projectId: id }), 0)
  })

  t.behaviour('project-sources.replace.at-once-leaves-one-list', async ({ db }) => {
    const { projectSources } = db.repositories
    const { id } = await aProject(db)
    await startTogether(6, (i) => projectSources.replace(id, 'technical', [`${i}a`, `${i}b`]))
    const { technical } = await projectSources.listByProject(id)
    assert.equal(technical.length, 2)
    assert.equal(technical[0]?.[0], technical[1]?.[0])
  })

  t.behaviour('project-sources.list.filters-and-pages', async ({ db }) => {
    const { projectSources } = db.repositories
    const [a, b] = [await aProject(db), await aProject(db)]
    for (const i of [1, 2, 3]) await projectSources.link({ projectId: a.id, sourceId: `s${i}`, linkedAt: at(i) })
    await projectSources.link({ projectId: b.id, sourceId: 's1', linkedAt: at(9) })
    const pages = await allPages((after) => projectSources.list({ projectIds: [a.id, b.id] }, { limit: 3, after }))
    assert.deepEqual(
      pages.map((page) => page.map(({ sourceId }) => sourceId)),
      [['s1', 's2', 's3'], ['s1']],
    )
    assert.equal(await projectSources.count({ sourceId: 's1' }), 2)
    assert.equal(await projectSources.count({ notes: null }), 4)
  })
}
