import assert from 'node:assert/strict'
import type { Database, ProjectFilter } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { allPages, aProject, aTask, at, NO_ID, present } from './fixtures.ts'

async function titles(db: Database, filter: ProjectFilter): Promise<string[]> {
  return (await db.repositories.projects.list(filter)).items.map(({ title }) => title)
}

async function pinned(db: Database): Promise<string[]> {
  return titles(db, { pinned: true })
}

export function projects(t: SuiteBuilder): void {
  t.behaviour('projects.create.has-defaults', async ({ db }) => {
    const { id, createdAt, updatedAt, ...rest } = await db.repositories.projects.create({ title: 'Atlas' })
    assert.deepEqual(rest, {
      title: 'Atlas',
      description: '',
      docs: [],
      features: [],
      data: [],
      githubRepo: null,
      pinned: false,
      prd: {},
    })
    assert.deepEqual(await db.repositories.projects.get(id), { id, createdAt, updatedAt, ...rest })
  })

  t.behaviour('projects.json-fields-may-be-lists-or-objects', async ({ db }) => {
    const project = await aProject(db, 'Atlas', { features: {}, data: { a: null }, docs: [{ id: 'd' }], prd: [1] })
    assert.deepEqual([project.features, project.data, project.docs, project.prd], [{}, { a: null }, [{ id: 'd' }], [1]])
  })

  t.behaviour('projects.get.absent-is-null', async ({ db }) => {
    assert.equal(await db.repositories.projects.get(NO_ID), null)
  })

  t.behaviour('projects.list.has-the-newest-first-and-pages', async ({ db }) => {
    for (const [i, title] of ['a', 'b', 'c'].entries()) await aProject(db, title, { createdAt: at(i) })
    const pages = await allPages((after) => db.repositories.projects.list({}, { limit: 2, after }))
    assert.deepEqual(
      pages.map((page) => page.map(({ title }) => title)),
      [['c', 'b'], ['a']],
    )
  })

  t.behaviour('projects.list.light-leaves-the-json-out', async ({ db }) => {
    const { docs, features, data, prd, ...light } = await aProject(db, 'Atlas', { docs: [{ id: 'd' }] })
    const { projects } = db.repositories
    assert.deepEqual((await projects.list({}, { light: true })).items, [light])
    assert.deepEqual((await projects.list()).items, [{ ...light, docs, features, data, prd }])
  })

  t.behaviour('projects.list.filters', async ({ db }) => {
    const atlas = await aProject(db, 'Atlas', { createdAt: at(2), description: 'Maps of 100% of the world' })
    await aProject(db, 'Borealis', { createdAt: at(1), pinned: true })
    assert.deepEqual(await titles(db, { pinned: true }), ['Borealis'])
    assert.deepEqual(await titles(db, { pinned: false }), ['Atlas'])
    assert.deepEqual(await titles(db, { search: 'MAPS OF' }), ['Atlas'])
    assert.deepEqual(await titles(db, { search: 'al' }), ['Borealis'])
    assert.deepEqual(await titles(db, { search: '%' }), ['Atlas'])
    assert.deepEqual(await titles(db, { ids: [atlas.id, NO_ID] }), ['Atlas'])
    assert.equal(await db.repositories.projects.count({ search: 'a' }), 2)
  })

  t.behaviour('projects.page.is-light-and-counts', async ({ db }) => {
    for (const [i, title] of ['a', 'b', 'c'].entries()) await aProject(db, title, { createdAt: at(i) })
    const page = await db.repositories.projects.page({}, { page: 2, perPage: 2 })
    assert.deepEqual([page.items.map(({ title }) => title), page.total, page.pages], [['a'], 3, 2])
    assert.ok(page.items[0] && !('docs' in page.items[0]))
  })

  t.behaviour('projects.update.returns-the-row-or-null', async ({ db }) => {
    const { projects } = db.repositories
    const { id, updatedAt } = await aProject(db, 'Atlas', { githubRepo: 'https://github.com/a/b' })
    const updated = present(await projects.update(id, { title: 'Atlas 2', description: undefined, data: { a: 1 } }))
    assert.deepEqual(
      [updated.title, updated.description, updated.data, updated.githubRepo],
      ['Atlas 2', '', { a: 1 }, 'https://github.com/a/b'],
    )
    assert.ok(present(updated.updatedAt) > present(updatedAt))
    assert.equal(await projects.update(NO_ID, { title: 'x' }), null)
  })

  t.behaviour('projects.update.of-nothing-is-refused', async ({ db }) => {
    const { id } = await aProject(db)
    await rejects(db.repositories.projects.update(id, {}), 'invalid_input')
    await rejects(db.repositories.projects.update(id, { title: undefined }), 'invalid_input')
  })

  t.behaviour('projects.set-pinned.unpins-the-others', async ({ db }) => {
    const { projects } = db.repositories
    const a = await aProject(db, 'a')
    await aProject(db, 'b', { pinned: true })
    await aProject(db, 'c', { pinned: true })
    const untouched = await aProject(db, 'd')
    assert.equal(present(await projects.setPinned(a.id)).pinned, true)
    assert.deepEqual(await pinned(db), ['a'])
    assert.deepEqual(await projects.get(untouched.id), untouched, 'what was not pinned is not written')
  })

  t.behaviour('projects.set-pinned.of-none-changes-nothing', async ({ db }) => {
    await aProject(db, 'a', { pinned: true })
    assert.equal(await db.repositories.projects.setPinned(NO_ID), null)
    assert.deepEqual(await pinned(db), ['a'])
  })

  t.behaviour('projects.set-pinned.at-once-leaves-one', async ({ db }) => {
    const { projects } = db.repositories
    const made = await Promise.all(Array.from({ length: 8 }, (_, i) => aProject(db, `p${i}`)))
    await startTogether(8, (i) => projects.setPinned(present(made[i]).id))
    assert.equal((await pinned(db)).length, 1)
  })

  t.behaviour('projects.update.to-pinned-unpins-the-others', async ({ db }) => {
    const { projects } = db.repositories
    const a = await aProject(db, 'a')
    await aProject(db, 'b', { pinned: true })
    const updated = present(await projects.update(a.id, { pinned: true, title: 'A' }))
    assert.deepEqual([updated.title, updated.pinned], ['A', true])
    assert.deepEqual(await pinned(db), ['A'])
    await projects.update(a.id, { pinned: false })
    assert.deepEqual(await pinned(db), [])
  })

  t.behaviour('projects.delete.takes-everything-of-it-along', async ({ db }) => {
    const { projects, tasks, projectSources, documentVersions } = db.repositories
    const { id } = await aProject(db)
    const other = await aProject(db)
    const parent = await aTask(db, 'Parent', { projectId: id })
    await aTask(db, 'Child', { projectId: id, parentTaskId: parent.id, archived: true })
    await aTask(db, 'Other', { projectId: other.id })
    await projectSources.link({ projectId: id, sourceId: 's' })
    await documentVersions.create({ projectId: id, fieldName: 'docs', content: [] })
    assert.deepEqual(await projects.delete(id), { deleted: true, deletedTasks: 2 })
    assert.equal(await tasks.count({ includeArchived: true }), 1)
    assert.deepEqual([await projectSources.count(), await documentVersions.count()], [0, 0])
    assert.deepEqual(await projects.delete(id), { deleted: false, deletedTasks: 0 })
  })

  t.behaviour('projects.get-field-and-features', async ({ db }) => {
    const { projects } = db.repositories
    const { id } = await aProject(db, 'Atlas', { features: [{ label: 'Search' }], data: null })
    assert.deepEqual(await projects.getFeatures(id), [{ label: 'Search' }])
    assert.deepEqual(await projects.getField(id, 'prd'), {})
    assert.equal(await projects.getField(id, 'data'), null)
    assert.equal(await projects.getFeatures(NO_ID), undefined)
    assert.equal(await projects.getField(NO_ID, 'docs'), undefined)
  })

  t.behaviour('projects.update-field', async ({ db }) => {
    const { projects } = db.repositories
    const { id } = await aProject(db, 'Atlas', { data: [1] })
    const updated = present(await projects.updateField(id, 'features', { a: [true] }))
    assert.deepEqual([updated.features, updated.data], [{ a: [true] }, [1]])
    assert.equal(await projects.updateField(NO_ID, 'data', []), null)
  })
}
