import assert from 'node:assert/strict'
import { type DataAccess, on, type Row } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addTasks, keyOf, ordered, PROMPTS, TASKS } from './rows.ts'

const PROJECTS = 'archon_projects'

export function combined(t: SuiteBuilder): void {
  distinct(t)
  joins(t)
  joinConditions(t)
  builder(t)
  builderResults(t)
}

function distinct(t: SuiteBuilder): void {
  t.behaviour('distinct.values', async ({ db }) => {
    await addTasks(
      db,
      ['b', null, 'a', 'b', 'A', null, 'a '].map((feature) => ({ feature })),
    )
    assert.deepEqual(await ordered(db, TASKS, 'feature', undefined, { distinct: true }), ['A', 'a', 'a ', 'b', null])
    assert.deepEqual(await ordered(db, TASKS, 'feature', 'desc(feature)', { distinct: true }), [
      null,
      'b',
      'a ',
      'a',
      'A',
    ])
  })
  t.behaviour('distinct.several-columns', async ({ db }) => {
    const rows = [['a', 1], ['a', 2], ['a', 1], [null, 1], [null, 1]] // biome-ignore format: pairs
    await addTasks(
      db,
      rows.map(([feature, task_order]) => ({ feature, task_order })),
    )
    const { rows: found } = await db.select(TASKS, { columns: ['task_order', 'feature'], distinct: true })
    assert.deepEqual(found.map(Object.values), [
      [1, 'a'],
      [1, null],
      [2, 'a'],
    ])
  })
  t.behaviour('distinct.other-kinds', async ({ db }) => {
    const at = new Date(5)
    await addTasks(db, [
      { status: 'done', archived: true, archived_at: at },
      { status: 'todo' },
      { status: 'done', archived: true, archived_at: at },
    ])
    assert.deepEqual(await ordered(db, TASKS, 'status', undefined, { distinct: true }), ['todo', 'done'])
    assert.deepEqual(await ordered(db, TASKS, 'archived', undefined, { distinct: true }), [false, true])
    assert.deepEqual(await ordered(db, TASKS, 'archived_at', undefined, { distinct: true }), [at, null])
  })
  t.behaviour('distinct.limit-and-offset', async ({ db }) => {
    await addTasks(
      db,
      [3, 1, 3, 2, 1, 4].map((task_order) => ({ task_order })),
    )
    const spec = { distinct: true, limit: 2, offset: 1 }
    assert.deepEqual(await ordered(db, TASKS, 'task_order', undefined, spec), [2, 3])
  })
  t.behaviour('distinct.refused', async ({ db }) => {
    const distinct = true
    await rejects(db.select(TASKS, { distinct, columns: ['feature'], orderBy: 'title' }), 'invalid_input', {
      column: 'title',
    })
    await rejects(db.select(TASKS, { distinct, columns: ['sources'] }), 'invalid_input', { column: 'sources' })
    await rejects(db.select(TASKS, { distinct, columns: ['sources.a'] }), 'invalid_input', {
      messageIncludes: 'groupBy',
    })
    await rejects(db.select(TASKS, { distinct, columns: ['title'], count: 'exact' }), 'invalid_input')
    await rejects(db.select('archon_crawled_pages', { distinct, columns: ['embedding_384'] }), 'invalid_input')
  })
}

async function projectsAndTasks(db: DataAccess): Promise<void> {
  const projects = ['p1', 'p2', 'p3'].map((title, i) => ({ id: keyOf(i + 1), title, data: { n: i } }))
  await db.insert(PROJECTS, projects)
  await addTasks(db, [
    { project_id: keyOf(2), feature: 'x' },
    { project_id: keyOf(1), feature: 'x' },
    { project_id: null },
    { project_id: keyOf(1), parent_task_id: keyOf(2) },
  ])
}

function joins(t: SuiteBuilder): void {
  const columns = ['title', 'archon_projects.title'] as const
  t.behaviour('join.inner', async ({ db }) => {
    await projectsAndTasks(db)
    const rows = await db
      .from(TASKS)
      .select(...columns)
      .join(PROJECTS, on('project_id', 'id'))
    assert.deepEqual(rows.map(Object.values), [
      ['t1', 'p2'],
      ['t2', 'p1'],
      ['t4', 'p1'],
    ])
  })
  t.behaviour('join.left', async ({ db }) => {
    await projectsAndTasks(db)
    const rows = await db
      .from(TASKS)
      .select(...columns)
      .leftJoin(PROJECTS, on('project_id', 'id'))
    assert.deepEqual(rows.map(Object.values), [
      ['t1', 'p2'],
      ['t2', 'p1'],
      ['t3', null],
      ['t4', 'p1'],
    ])
  })
  t.behaviour('join.one-to-many', async ({ db }) => {
    await projectsAndTasks(db)
    const from = db.from(PROJECTS).select('title', 'archon_tasks.title')
    assert.deepEqual((await from.join(TASKS, on('id', 'project_id'))).map(Object.values), [
      ['p1', 't2'],
      ['p1', 't4'],
      ['p2', 't1'],
    ])
    assert.deepEqual((await from.leftJoin(TASKS, on('id', 'project_id'))).map(Object.values), [
      ['p1', 't2'],
      ['p1', 't4'],
      ['p2', 't1'],
      ['p3', null],
    ])
  })
  t.behaviour('join.filter-on-the-joined-table', async ({ db }) => {
    await projectsAndTasks(db)
    const from = db.from(TASKS).select('title').leftJoin(PROJECTS, on('project_id', 'id'))
    const titles = async (where: Row): Promise<unknown[]> => (await from.where(where)).map((row) => row.title)
    assert.deepEqual(await titles({ 'archon_projects.title': 'p1' }), ['t2', 't4'])
    assert.deepEqual(await titles({ 'archon_projects.title': { ne: 'p1' } }), ['t1'])
    assert.deepEqual(await titles({ 'archon_projects.id': null }), ['t3'])
    assert.deepEqual(await titles({ 'archon_projects.data.n': 1 }), ['t1'])
    assert.deepEqual(await titles({ 'archon_tasks.feature': 'x', 'archon_projects.title': { gte: 'p2' } }), ['t1'])
  })
  t.behaviour('join.order-by-the-joined-table', async ({ db }) => {
    await projectsAndTasks(db)
    const from = db.from(TASKS).select('title').leftJoin(PROJECTS, on('project_id', 'id'))
    const titles = async (orderBy: string): Promise<unknown[]> => (await from.orderBy(orderBy)).map((row) => row.title)
    assert.deepEqual(await titles('archon_projects.title'), ['t2', 't4', 't1', 't3'])
    assert.deepEqual(await titles('desc(archon_projects.title)'), ['t3', 't1', 't2', 't4'])
  })
}

function joinConditions(t: SuiteBuilder): void {
  t.behaviour('join.null-joins-nothing', async ({ db }) => {
    await addTasks(db, [{ project_id: null }, { project_id: null }])
    await db.insert('archon_project_sources', { project_id: null, source_id: 's' })
    assert.deepEqual(await db.from(TASKS).join('archon_project_sources', on('project_id', 'project_id')), [])
  })
  t.behaviour('join.three-tables', async ({ db }) => {
    await projectsAndTasks(db)
    await db.insert('archon_project_sources', [
      { project_id: keyOf(1), source_id: 's' },
      { project_id: keyOf(1), source_id: 'r' },
    ])
    const rows = await db
      .from('archon_project_sources')
      .select('source_id', 'archon_projects.title', 'archon_tasks.title')
      .join(PROJECTS, on('project_id', 'id'))
      .join(TASKS, on('archon_projects.id', 'project_id'))
      .orderBy('source_id', 'archon_tasks.title')
    assert.deepEqual(rows.map(Object.values), [
      ['r', 'p1', 't2'],
      ['r', 'p1', 't4'],
      ['s', 'p1', 't2'],
      ['s', 'p1', 't4'],
    ])
  })
  t.behaviour('join.rows-of-the-last-table-in-order', async ({ db }) => {
    await projectsAndTasks(db)
    await db.insert('archon_project_sources', [
      { project_id: keyOf(1), source_id: 's' },
      { project_id: keyOf(1), source_id: 'r' },
    ])
    const rows = await db
      .from('archon_project_sources')
      .select('source_id', 'archon_tasks.title')
      .join(PROJECTS, on('project_id', 'id'))
      .join(TASKS, on('archon_projects.id', 'project_id'))
      .orderBy('desc(source_id)')
    assert.deepEqual(rows.map(Object.values), [
      ['s', 't2'],
      ['s', 't4'],
      ['r', 't2'],
      ['r', 't4'],
    ])
  })
  t.behaviour('join.on-two-columns', async ({ db }) => {
    await db.insert(PROMPTS, [
      { prompt_name: 'a', prompt: 'x' },
      { prompt_name: 'b', prompt: 'y' },
    ])
    await db.insert('archon_settings', [
      { key: 'a', value: 'x' },
      { key: 'b', value: 'x' },
    ])
    const rows = await db
      .from(PROMPTS)
      .select('prompt_name')
      .join('archon_settings', on('prompt_name', 'key'), on('prompt', 'value'))
    assert.deepEqual(rows, [{ prompt_name: 'a' }])
  })
  t.behaviour('join.text-keys-by-code-point', async ({ db }) => {
    await db.insert(
      PROMPTS,
      ['a', 'A', 'a '].map((prompt_name) => ({ prompt_name, prompt: 'x' })),
    )
    await db.insert('archon_settings', [{ key: 'a' }])
    assert.equal((await db.from(PROMPTS).join('archon_settings', on('prompt_name', 'key'))).length, 1)
  })
  t.behaviour('join.refused', async ({ db }) => {
    await rejects(() => db.from(TASKS).join('nope', on('id', 'id')), 'invalid_input', { messageIncludes: 'nope' })
    await rejects(() => db.from(TASKS).join(PROJECTS, on('nope', 'id')), 'invalid_filter', { messageIncludes: 'nope' })
    await rejects(() => db.from(TASKS).join(PROJECTS, on('project_id', 'nope')), 'invalid_filter', {
      messageIncludes: 'nope',
    })
    await rejects(() => db.from(TASKS).join(TASKS, on('parent_task_id', 'id')), 'invalid_input', {
      messageIncludes: 'joined already',
    })
    await rejects(
      () => db.from(TASKS).join(PROJECTS, on('project_id', 'id')).where({ 'archon_projects.nope': 1 }),
      'invalid_filter',
    )
    assert.throws(() => db.from(TASKS).join(PROJECTS), { code: 'invalid_input' })
  })
}

function builder(t: SuiteBuilder): void {
  t.behaviour('builder.all-steps', async ({ db }) => {
    await db.insert(
      PROJECTS,
      [1, 2, 3, 4, 5].map((n) => ({ title: `p${n}`, data: { a: { b: n % 2 } } })),
    )
    const rows = await db
      .from(PROJECTS)
      .select('title')
      .whereJson('data', '$.a.b', 1)
      .where({ title: { gt: 'p1' } })
      .orderBy('desc(title)')
      .limit(1)
      .offset(1)
      .execute()
    assert.deepEqual(rows, [{ title: 'p3' }])
  })
  t.behaviour('builder.steps-do-not-change-what-they-start-from', async ({ db }) => {
    await addTasks(db, [{ feature: 'a' }, { feature: 'b' }, { feature: 'b' }])
    const base = db.from(TASKS).select('title')
    const b = base.where({ feature: 'b' })
    const limited = b.orderBy('desc(title)').limit(1)
    assert.deepEqual(await limited, [{ title: 't3' }])
    assert.deepEqual(await b, [{ title: 't2' }, { title: 't3' }])
    assert.equal((await base).length, 3)
    assert.equal((await base).length, 3)
  })
  t.behaviour('builder.conditions-add-up', async ({ db }) => {
    await addTasks(db, [
      { feature: 'a', task_order: 1 },
      { feature: 'a', task_order: 2 },
    ])
    let query = db.from(TASKS).select('title')
    for (let i = 0; i < 100; i++) query = query.where({ feature: 'a' })
    assert.deepEqual(await query.where({ task_order: 2 }), [{ title: 't2' }])
  })
  t.behaviour('builder.orders-add-up', async ({ db }) => {
    await addTasks(db, [{ task_order: 1, feature: 'b' }, { task_order: 1, feature: 'a' }, { task_order: 0 }])
    const rows = await db.from(TASKS).select('title').orderBy('task_order').orderBy('feature')
    assert.deepEqual(
      rows.map((row) => row.title),
      ['t3', 't2', 't1'],
    )
  })
}

function builderResults(t: SuiteBuilder): void {
  t.behaviour('builder.first', async ({ db }) => {
    assert.equal(await db.from(TASKS).first(), null)
    await addTasks(db, [{}, {}])
    assert.deepEqual(await db.from(TASKS).select('title').orderBy('desc(title)').first(), { title: 't2' })
  })
  t.behaviour('builder.renamed-and-distinct', async ({ db }) => {
    await addTasks(db, [{ feature: 'a' }, { feature: 'a' }])
    assert.deepEqual(await db.from(TASKS).select({ f: 'feature' }).distinct(), [{ f: 'a' }])
  })
  t.behaviour('builder.where-json', async ({ db }) => {
    const data = [{ n: 5, s: '5', k: null }, { n: 6, tags: ['x'] }, {}]
    await db.insert(
      PROJECTS,
      data.map((document, i) => ({ title: `p${i}`, data: document })),
    )
    const titles = async (path: string, test: never): Promise<unknown[]> =>
      (await db.from(PROJECTS).select('title').whereJson('data', path, test).orderBy('title')).map((row) => row.title)
    assert.deepEqual(await titles('$.n', 5 as never), ['p0'])
    assert.deepEqual(await titles('n', 5 as never), ['p0'])
    assert.deepEqual(await titles('$.s', 5 as never), [])
    assert.deepEqual(await titles('$.n', { gte: 5 } as never), ['p0', 'p1'])
    assert.deepEqual(await titles('$.tags[0]', 'x' as never), ['p1'])
    assert.deepEqual(await titles('$.k', null as never), ['p0', 'p1', 'p2'])
    assert.deepEqual(await titles('$.k', { exists: true } as never), ['p0'])
  })
  t.behaviour('builder.in-a-transaction', async ({ db }) => {
    await db.transaction(async (tx) => {
      await addTasks(tx, [{}])
      assert.deepEqual(await tx.from(TASKS).select('title'), [{ title: 't1' }])
    })
  })
  t.behaviour('builder.rejects-when-awaited', async ({ db }) => {
    const query = db.from('nope')
    await rejects(query, 'invalid_input', { messageIncludes: 'nope' })
    await rejects(() => db.from(TASKS).where({ nope: 1 }), 'invalid_filter')
  })
}
