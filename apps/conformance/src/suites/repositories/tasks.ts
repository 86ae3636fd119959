import assert from 'node:assert/strict'
import type { Database, Task, TaskFilter } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { allPages, aProject, aTask, at, NO_ID, present } from './fixtures.ts'

async function titles(db: Database, filter: TaskFilter): Promise<string[]> {
  return (await db.repositories.tasks.list(filter)).items.map(({ title }) => title)
}

/** `title:order` of every task, in order. */
async function orders(db: Database, filter: TaskFilter = {}): Promise<string[]> {
  const { items } = await db.repositories.tasks.list({ includeClosed: true, includeArchived: true, ...filter })
  return items.map(({ title, order }) => `${title}:${order}`)
}

export function taskOrder(t: SuiteBuilder): void {
  t.behaviour('tasks.create.has-defaults', async ({ db }) => {
    const { id, createdAt, updatedAt, ...rest } = await db.repositories.tasks.create({ title: 'Write' })
    assert.deepEqual(rest, {
      projectId: null,
      parentTaskId: null,
      title: 'Write',
      description: '',
      status: 'todo',
      assignee: 'User',
      order: 0,
      priority: 'medium',
      feature: null,
      sources: [],
      codeExamples: [],
      archived: false,
      archivedAt: null,
      archivedBy: null,
    })
    assert.deepEqual(await db.repositories.tasks.get(id), { id, createdAt, updatedAt, ...rest })
    assert.equal(await db.repositories.tasks.get(NO_ID), null)
  })

  t.behaviour('tasks.create.at-a-place-moves-the-others-down', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    for (const title of ['c', 'b', 'a']) await aTask(db, title, { projectId, order: 1 })
    assert.deepEqual(await orders(db), ['a:1', 'b:2', 'c:3'])
    assert.equal((await aTask(db, 'new', { projectId, order: 2 })).order, 2)
    assert.deepEqual(await orders(db), ['a:1', 'new:2', 'b:3', 'c:4'])
  })

  t.behaviour('tasks.create.moves-only-its-project-and-status', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    const { id: otherId } = await aProject(db)
    await aTask(db, 'other project', { projectId: otherId, order: 1 })
    await aTask(db, 'other status', { projectId, order: 1, status: 'doing' })
    await aTask(db, 'no project', { order: 1 })
    await aTask(db, 'same', { projectId, order: 1, archived: true })
    await aTask(db, 'new', { projectId, order: 1 })
    assert.deepEqual((await orders(db)).sort(), [
      'new:1',
      'no project:1',
      'other project:1',
      'other status:1',
      'same:2',
    ])
  })

  t.behaviour('tasks.create.at-0-moves-nothing', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    await aTask(db, 'a', { projectId, order: 0, createdAt: at(1) })
    await aTask(db, 'b', { projectId, order: 0, createdAt: at(2) })
    assert.deepEqual(await orders(db), ['a:0', 'b:0'])
  })

  t.behaviour('tasks.create.moves-nothing-when-it-fails', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    await aTask(db, 'a', { projectId, order: 1 })
    await rejects(aTask(db, 'b', { projectId, order: 1, assignee: '' }), 'check_violation')
    await rejects(aTask(db, 'b', { projectId, order: 1, parentTaskId: NO_ID }), 'foreign_key_violation')
    assert.deepEqual(await orders(db), ['a:1'])
  })

  t.behaviour('tasks.create.needs-its-project', async ({ db }) => {
    await rejects(aTask(db, 'a', { projectId: NO_ID }), 'foreign_key_violation')
    await rejects(aTask(db, 'a', { projectId: NO_ID, order: 3 }), 'foreign_key_violation')
  })

  t.behaviour('tasks.create.at-one-place-at-once-gives-each-its-own', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    await aTask(db, 'last', { projectId, order: 1 })
    await startTogether(10, (i) => aTask(db, `t${i}`, { projectId, order: 1 }))
    const { items } = await db.repositories.tasks.list({ projectId })
    assert.deepEqual(
      items.map(({ order }) => order),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    )
    assert.equal(items[10]?.title, 'last')
  })

  t.behaviour('tasks.shift-order.tells-how-many-moved', async ({ db }) => {
    const { tasks } = db.repositories
    const { id: projectId } = await aProject(db)
    for (const [i, title] of ['a', 'b', 'c'].entries()) await aTask(db, title, { projectId, order: i })
    assert.equal(await tasks.shiftOrder(projectId, 'todo', 1), 2)
    assert.deepEqual(await orders(db), ['a:0', 'b:2', 'c:3'])
    assert.equal(await tasks.shiftOrder(projectId, 'todo', 3, -3), 1)
    assert.deepEqual((await orders(db)).sort(), ['a:0', 'b:2', 'c:0'])
    assert.equal(await tasks.shiftOrder(projectId, 'done', 0), 0)
  })

  t.behaviour('tasks.shift-order.at-once-adds-up', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    const { id } = await aTask(db, 'a', { projectId, order: 0 })
    await startTogether(10, () => db.repositories.tasks.shiftOrder(projectId, 'todo', 0))
    assert.equal(present(await db.repositories.tasks.get(id)).order, 10)
  })
}

export function taskLists(t: SuiteBuilder): void {
  t.behaviour('tasks.list.hides-closed-and-archived', async ({ db }) => {
    await aTask(db, 'open', { order: 1 })
    await aTask(db, 'done', { order: 2, status: 'done' })
    await aTask(db, 'archived', { order: 3, archived: true })
    await aTask(db, 'never archived', { order: 4, archived: null })
    assert.deepEqual(await titles(db, {}), ['open', 'never archived'])
    assert.deepEqual(await titles(db, { includeClosed: true }), ['open', 'done', 'never archived'])
    assert.deepEqual(await titles(db, { includeArchived: true }), ['open', 'archived', 'never archived'])
    assert.deepEqual(await titles(db, { status: 'done' }), ['done'])
  })

  t.behaviour('tasks.list.filters', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    const parent = await aTask(db, 'a', { projectId, order: 1, assignee: 'ann', feature: 'Search' })
    await aTask(db, 'b', { order: 2, parentTaskId: parent.id, priority: 'high', status: 'doing' })
    assert.deepEqual(await titles(db, { projectId }), ['a'])
    assert.deepEqual(await titles(db, { projectId: null }), ['b'])
    assert.deepEqual(await titles(db, { parentTaskId: parent.id }), ['b'])
    assert.deepEqual(await titles(db, { parentTaskId: null }), ['a'])
    assert.deepEqual(await titles(db, { assignee: 'ann' }), ['a'])
    assert.deepEqual(await titles(db, { priority: 'high' }), ['b'])
    assert.deepEqual(await titles(db, { feature: 'Search' }), ['a'])
    assert.deepEqual(await titles(db, { status: 'doing' }), ['b'])
    assert.deepEqual(await titles(db, { ids: [parent.id, NO_ID] }), ['a'])
    assert.deepEqual(await titles(db, { projectId, status: 'doing' }), [])
  })

  t.behaviour('tasks.list.search-takes-the-whole-phrase', async ({ db }) => {
    await aTask(db, 'Write the Guide', { order: 1 })
    await aTask(db, 'Other', { order: 2, description: 'the guide is to be read' })
    await aTask(db, 'Third', { order: 3, feature: 'The Guide' })
    await aTask(db, 'guide the', { order: 4 })
    assert.deepEqual(await titles(db, { search: 'THE GUIDE' }), ['Write the Guide', 'Other', 'Third'])
    assert.deepEqual(await titles(db, { search: 'the  guide' }), [])
  })

  t.behaviour('tasks.list.search-takes-every-character-as-data', async ({ db }) => {
    await aTask(db, '100% sure', { order: 1 })
    await aTask(db, 'snake_case', { order: 2 })
    await aTask(db, 'back\\slash', { order: 3 })
    await aTask(db, 'it\'s (fine), "really"', { order: 4 })
    assert.deepEqual(await titles(db, { search: '0% S' }), ['100% sure'])
    assert.deepEqual(await titles(db, { search: 'e_c' }), ['snake_case'])
    assert.deepEqual(await titles(db, { search: 'k\\s' }), ['back\\slash'])
    assert.deepEqual(await titles(db, { search: '\\' }), ['back\\slash'])
    assert.deepEqual(await titles(db, { search: 't\'s (fine), "R' }), ['it\'s (fine), "really"'])
    assert.deepEqual(await titles(db, { search: "'; drop table archon_tasks; --" }), [])
  })

  t.behaviour('tasks.list.search-goes-with-other-filters', async ({ db }) => {
    const { id: projectId } = await aProject(db)
    await aTask(db, 'guide', { projectId })
    await aTask(db, 'guide', {})
    await aTask(db, 'guide', { projectId, archived: true })
    assert.equal(await db.repositories.tasks.count({ projectId, search: 'guide' }), 1)
  })

  t.behaviour('tasks.list.is-by-order-then-age', async ({ db }) => {
    await aTask(db, 'd', { order: null, createdAt: at(1) })
    await aTask(db, 'c', { order: 2, createdAt: at(1) })
    await aTask(db, 'b', { order: 1, createdAt: at(3) })
    await aTask(db, 'a', { order: 1, createdAt: at(2) })
    assert.deepEqual(await titles(db, {}), ['a', 'b', 'c', 'd'])
  })

  t.behaviour('tasks.list.pages-through-equals', async ({ db }) => {
    const { tasks } = db.repositories
    const createdAt = at(1)
    const made = await Promise.all(Array.from({ length: 7 }, (_, i) => aTask(db, `t${i}`, { createdAt })))
    const pages = await allPages((after) => tasks.list({}, { limit: 3, after, light: true }))
    assert.deepEqual(
      pages.map((page) => page.length),
      [3, 3, 1],
    )
    assert.deepEqual(
      pages.flat().map(({ id }) => id),
      made.map(({ id }) => id).sort(),
    )
  })

  t.behaviour('tasks.list.pages-on-while-tasks-come-and-go', async ({ db }) => {
    const { tasks } = db.repositories
    const made: Task[] = []
    for (const i of [1, 2, 3, 4, 5, 6]) made.push(await aTask(db, `t${i}`, { order: i * 10 }))
    const first = await tasks.list({}, { limit: 2 })
    await tasks.delete(present(made[0]).id)
    await aTask(db, 'early', { order: 5 })
    await aTask(db, 'late', { order: 35 })
    const second = await tasks.list({}, { limit: 2, after: first.nextCursor })
    assert.deepEqual(
      second.items.map(({ title }) => title),
      ['t3', 'late'],
    )
  })

  t.behaviour('tasks.list.light-leaves-attachments-out', async ({ db }) => {
    const { sources, codeExamples, ...light } = await aTask(db, 'a', { sources: [{ url: 'u' }] })
    assert.deepEqual((await db.repositories.tasks.list({}, { light: true })).items, [light])
    assert.deepEqual((await db.repositories.tasks.list()).items, [{ ...light, sources, codeExamples }])
  })

  t.behaviour('tasks.page-and-count', async ({ db }) => {
    for (const i of [1, 2, 3, 4, 5]) await aTask(db, `t${i}`, { order: i, status: i === 5 ? 'done' : 'todo' })
    const page = await db.repositories.tasks.page({}, { page: 2, perPage: 3 })
    assert.deepEqual([page.items.map(({ title }) => title), page.total, page.pages], [['t4'], 4, 2])
    assert.equal(await db.repositories.tasks.count(), 4)
    assert.equal(await db.repositories.tasks.count({ includeClosed: true }), 5)
  })

  t.behaviour('tasks.counts-by-project', async ({ db }) => {
    const [a, b, empty] = [await aProject(db), await aProject(db), await aProject(db)]
    for (const status of ['todo', 'todo', 'doing', 'done'] as const)
      await aTask(db, status, { projectId: a.id, status })
    await aTask(db, 'archived', { projectId: a.id, archived: true })
    await aTask(db, 'b', { projectId: b.id, status: 'review', archived: null })
    await aTask(db, 'no project')
    const { tasks } = db.repositories
    const ofA = { todo: 2, doing: 1, review: 0, done: 1 }
    const ofB = { todo: 0, doing: 0, review: 1, done: 0 }
    assert.deepEqual(
      await tasks.countsByProject(),
      new Map(
        [
          [a.id, ofA],
          [b.id, ofB],
        ].sort() as [string, typeof ofA][],
      ),
    )
    assert.deepEqual(await tasks.countsByProject([b.id, empty.id]), new Map([[b.id, ofB]]))
    assert.deepEqual(await tasks.countsByProject([]), new Map())
  })
}

export function taskChanges(t: SuiteBuilder): void {
  t.behaviour('tasks.update.returns-the-row-or-null', async ({ db }) => {
    const { tasks } = db.repositories
    const task = await aTask(db, 'a', { feature: 'Search' })
    const updated = present(await tasks.update(task.id, { status: 'doing', assignee: 'ann' }))
    assert.deepEqual([updated.status, updated.assignee, updated.feature], ['doing', 'ann', 'Search'])
    assert.ok(present(updated.updatedAt) > present(task.updatedAt))
    assert.equal(await tasks.update(NO_ID, { title: 'b' }), null)
  })

  t.behaviour('tasks.update.refuses-an-empty-assignee', async ({ db }) => {
    const { id } = await aTask(db)
    await rejects(db.repositories.tasks.update(id, { assignee: '' }), 'check_violation')
    await rejects(db.repositories.tasks.update(id, { assignee: null }), 'check_violation')
  })

  t.behaviour('tasks.update.takes-naive-times-as-utc', async ({ db }) => {
    const { id } = await aTask(db)
    const updated = await db.repositories.tasks.update(id, { archivedAt: '2024-05-06T07:08:09.123456' })
    assert.deepEqual(present(updated).archivedAt, new Date('2024-05-06T07:08:09.123Z'))
  })

  t.behaviour('tasks.archive.takes-direct-subtasks-along', async ({ db }) => {
    const { tasks } = db.repositories
    const parent = await aTask(db, 'parent')
    const child = await aTask(db, 'child', { parentTaskId: parent.id })
    const grandchild = await aTask(db, 'grandchild', { parentTaskId: child.id })
    const archived = present(await tasks.archive(parent.id, 'ann'))
    assert.deepEqual([archived.id, archived.archived, archived.archivedBy], [parent.id, true, 'ann'])
    assert.ok(archived.archivedAt instanceof Date)
    const storedChild = present(await tasks.get(child.id))
    assert.deepEqual(
      [storedChild.archived, storedChild.archivedBy, storedChild.archivedAt],
      [true, 'ann', archived.archivedAt],
    )
    assert.equal(present(await tasks.get(grandchild.id)).archived, false)
    assert.deepEqual(await titles(db, {}), ['grandchild'])
  })

  t.behaviour('tasks.archive.of-none-or-archived-is-null', async ({ db }) => {
    const { tasks } = db.repositories
    assert.equal(await tasks.archive(NO_ID), null)
    const { id } = await aTask(db)
    assert.equal(present(await tasks.archive(id)).archivedBy, 'system')
    assert.equal(await tasks.archive(id, 'ann'), null)
    assert.equal(present(await tasks.get(id)).archivedBy, 'system')
  })

  t.behaviour('tasks.archive.keeps-who-archived-a-subtask-before', async ({ db }) => {
    const { tasks } = db.repositories
    const parent = await aTask(db, 'parent')
    const child = await aTask(db, 'child', { parentTaskId: parent.id })
    await tasks.archive(child.id, 'ann')
    await tasks.archive(parent.id, 'ben')
    assert.equal(present(await tasks.get(child.id)).archivedBy, 'ann')
  })

  t.behaviour('tasks.archive.at-once-happens-once', async ({ db }) => {
    const { id } = await aTask(db)
    const results = await startTogether(6, (i) => db.repositories.tasks.archive(id, `user${i}`))
    const winners = results.filter((task) => task !== null)
    assert.equal(winners.length, 1)
    assert.deepEqual(await db.repositories.tasks.get(id), winners[0])
  })

  t.behaviour('tasks.delete.takes-subtasks-along', async ({ db }) => {
    const { tasks } = db.repositories
    const parent = await aTask(db, 'parent')
    await aTask(db, 'child', { parentTaskId: parent.id })
    assert.equal(await tasks.delete(parent.id), true)
    assert.equal(await tasks.delete(parent.id), false)
    assert.equal(await tasks.count(), 0)
  })
}
