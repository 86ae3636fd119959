import assert from 'node:assert/strict'
import { increment, jsonMerge, type Row } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { one, tasksOf } from './rows.ts'

const TASKS = 'archon_tasks'
const PROJECTS = 'archon_projects'
const NUMBERED = ['a', 'b', 'c'].map((title, task_order) => ({ title, task_order }))

export function changing(t: SuiteBuilder): void {
  updates(t)
  updatedValues(t)
  refusedWrites(t)
  increments(t)
  merges(t)
  deletes(t)
}

function updates(t: SuiteBuilder): void {
  t.behaviour('update.returns-the-stored-rows', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    const { rows, count } = await db.update(
      TASKS,
      { feature: 'f', status: 'done' },
      { where: { task_order: { gte: 1 } } },
    )
    assert.equal(count, 2)
    const stored = await db.select(TASKS, { where: { feature: 'f' }, orderBy: 'title' })
    assert.deepEqual(
      rows.toSorted((a, b) => (String(a.title) < String(b.title) ? -1 : 1)),
      stored.rows,
    )
    assert.deepEqual(
      stored.rows.map((row) => [row.title, row.status]),
      [
        ['b', 'done'],
        ['c', 'done'],
      ],
    )
  })
  t.behaviour('update.returning-false', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    assert.deepEqual(await db.update(TASKS, { feature: 'f' }, { where: { title: 'a' }, returning: false }), {
      rows: [],
      count: 1,
    })
  })
  t.behaviour('update.returning-columns', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    const { rows } = await db.update(
      TASKS,
      { feature: 'f' },
      { where: { title: 'a' }, returning: ['feature', 'title'] },
    )
    assert.deepEqual(rows, [{ feature: 'f', title: 'a' }])
  })
  t.behaviour('update.no-match', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    assert.deepEqual(await db.update(TASKS, { feature: 'f' }, { where: { title: 'x' } }), { rows: [], count: 0 })
  })
  t.behaviour('update.counts-matched-rows-that-stay-equal', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    const where = { title: { in: ['a', 'b'] } }
    const same = await db.update(TASKS, { assignee: 'User' }, { where, returning: false })
    assert.equal(same.count, 2)
    const { rows, count } = await db.update(TASKS, { assignee: 'User' }, { where, returning: ['title'] })
    assert.equal(count, 2)
    assert.deepEqual(rows.map((row) => row.title).sort(), ['a', 'b'])
  })
}

function updatedValues(t: SuiteBuilder): void {
  t.behaviour('update.of-the-filtered-column', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    const { rows, count } = await db.update(TASKS, { title: 'z' }, { where: { title: 'a' } })
    assert.equal(count, 1)
    assert.deepEqual([one(rows).title, one(rows).task_order], ['z', 0])
    const status = await db.update(TASKS, { status: 'doing' }, { where: { status: 'todo' } })
    assert.equal(status.count, 3)
    assert.deepEqual(
      status.rows.map((row) => row.status),
      ['doing', 'doing', 'doing'],
    )
  })
  t.behaviour('update.of-the-key', async ({ db }) => {
    const id = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
    const task = one((await db.insert(TASKS, { title: 'a' })).rows)
    const { rows } = await db.update(TASKS, { id }, { where: { id: task.id as string } })
    assert.equal(one(rows).id, id)
    assert.equal(one((await db.select(TASKS)).rows).id, id)
  })
  t.behaviour('update.all-rows', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    assert.equal((await db.update(TASKS, { feature: 'f' }, { allRows: true })).count, 3)
    assert.equal(await db.count(TASKS, { feature: 'f' }), 3)
  })
  t.behaviour('update.to-null-and-undefined', async ({ db }) => {
    await db.insert(TASKS, { title: 'a', feature: 'f', task_order: 5 })
    const { rows } = await db.update(TASKS, { feature: null, task_order: undefined }, { where: { title: 'a' } })
    assert.deepEqual([one(rows).feature, one(rows).task_order], [null, 5])
  })
  t.behaviour('update.leaves-other-columns', async ({ db }) => {
    const before = one((await db.insert(TASKS, { title: 'a', sources: [1], archived_at: new Date(5) })).rows)
    const after = one((await db.update(TASKS, { feature: 'f' }, { where: { title: 'a' } })).rows)
    assert.deepEqual({ ...after, updated_at: null }, { ...before, feature: 'f', updated_at: null })
  })
}

function refusedWrites(t: SuiteBuilder): void {
  const unfiltered: readonly unknown[] = [
    {},
    { where: {} },
    { where: undefined },
    { where: null },
    { where: { and: [] } },
    { where: { or: [{}] } },
    { where: { and: [{}, { and: [] }] } },
    { where: { title: {} } },
    { allRows: false },
    { allRows: 'yes' },
  ]
  t.behaviour('update.unfiltered-refused', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    for (const options of unfiltered)
      await rejects(db.update(TASKS, { task_order: 9 }, options as object), 'invalid_input', {
        messageIncludes: 'allRows',
      })
    assert.deepEqual(await tasksOf(db), [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
  })
  t.behaviour('delete.unfiltered-refused', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    for (const options of unfiltered)
      await rejects(db.delete(TASKS, options as object), 'invalid_input', { messageIncludes: 'allRows' })
    assert.equal(await db.count(TASKS), 3)
  })
  t.behaviour('update.refused', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    const where = { title: 'a' }
    await rejects(db.update('nope', { a: 1 }, { where }), 'invalid_input')
    for (const patch of [{}, { title: undefined }, [], [{ title: 'x' }], 'title', null])
      await rejects(db.update(TASKS, patch as object, { where }), 'invalid_input')
    await rejects(db.update(TASKS, { nope: 1 }, { where }), 'invalid_input', { messageIncludes: 'nope', table: TASKS })
    await rejects(db.update(TASKS, { task_order: 'x' }, { where }), 'invalid_input', { column: 'task_order' })
    await rejects(db.update(TASKS, { task_order: 1 }, { where: { nope: 1 } }), 'invalid_filter')
    await rejects(db.update(TASKS, { task_order: 1 }, { where, returning: ['nope'] }), 'invalid_input')
    assert.deepEqual(await tasksOf(db), [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
  })
}

function increments(t: SuiteBuilder): void {
  t.behaviour('increment.counts-up-and-down', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    const { rows } = await db.update(TASKS, { task_order: increment(5) }, { where: { title: 'b' } })
    assert.equal(one(rows).task_order, 6)
    await db.update(TASKS, { task_order: increment(-10) }, { where: { task_order: { gte: 1 } }, returning: false })
    assert.deepEqual(await tasksOf(db), [
      ['a', 0],
      ['b', -4],
      ['c', -8],
    ])
  })
  t.behaviour('increment.null-stays-null', async ({ db }) => {
    await db.insert(TASKS, { title: 'a', task_order: null })
    const { rows, count } = await db.update(TASKS, { task_order: increment(1) }, { allRows: true })
    assert.equal(count, 1)
    assert.equal(one(rows).task_order, null)
  })
  t.behaviour('increment.sees-the-filter-first', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    // Each row is counted once, though after it the next one would match as well.
    const { count } = await db.update(TASKS, { task_order: increment(1) }, { where: { task_order: { lte: 1 } } })
    assert.equal(count, 2)
    assert.deepEqual(await tasksOf(db), [
      ['a', 1],
      ['b', 2],
      ['c', 2],
    ])
  })
  t.behaviour('increment.fractions', async ({ db }) => {
    await db.insert('archon_agent_work_orders', {
      agent_work_order_id: 'w',
      repository_url: 'u',
      sandbox_identifier: 's',
      status: 'running',
    })
    const step = {
      agent_work_order_id: 'w',
      step: 's',
      agent_name: 'a',
      success: true,
      executed_at: new Date(0),
      step_order: 1,
    }
    await db.insert('archon_agent_work_order_steps', { ...step, duration_seconds: 0.25 })
    const { rows } = await db.update(
      'archon_agent_work_order_steps',
      { duration_seconds: increment(1.5) },
      { where: { step: 's' } },
    )
    assert.equal(one(rows).duration_seconds, 1.75)
  })
  t.behaviour('increment.refused', async ({ db }) => {
    await db.insert(TASKS, NUMBERED)
    const where = { title: 'a' }
    await rejects(db.update(TASKS, { title: increment(1) }, { where }), 'invalid_input', { column: 'title' })
    await rejects(db.update(TASKS, { archived: increment(1) }, { where }), 'invalid_input', { column: 'archived' })
    for (const by of [1.5, Number.NaN, 2 ** 31, '1' as unknown as number])
      await rejects(db.update(TASKS, { task_order: increment(by) }, { where }), 'invalid_input', {
        column: 'task_order',
      })
    await rejects(db.insert(TASKS, { title: 'd', task_order: increment(1) }), 'invalid_input')
    assert.deepEqual(await tasksOf(db), [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
  })
  t.behaviour('increment.beyond-the-column', async ({ db }) => {
    await db.insert(TASKS, [
      { title: 'a', task_order: 2147483647 },
      { title: 'b', task_order: -2147483648 },
    ])
    await rejects(db.update(TASKS, { task_order: increment(1) }, { where: { title: 'a' } }), 'invalid_input')
    await rejects(db.update(TASKS, { task_order: increment(-1) }, { where: { title: 'b' } }), 'invalid_input')
    assert.deepEqual(await tasksOf(db), [
      ['a', 2147483647],
      ['b', -2147483648],
    ])
  })
}

function merges(t: SuiteBuilder): void {
  const merged = async (db: Parameters<typeof tasksOf>[0], data: unknown, document: Row): Promise<unknown> => {
    await db.insert(PROJECTS, { title: 'p', data })
    const { rows } = await db.update(PROJECTS, { data: jsonMerge(document) }, { allRows: true })
    assert.deepEqual((await db.select(PROJECTS)).rows, rows)
    return one(rows).data
  }
  t.behaviour('json-merge.keys-replace', async ({ db }) => {
    const data = { keep: 1, replace: { a: 1, b: 2 }, list: [1, 2] }
    assert.deepEqual(await merged(db, data, { replace: { b: 3 }, list: [9], new: null }), {
      keep: 1,
      replace: { b: 3 },
      list: [9],
      new: null,
    })
  })
  t.behaviour('json-merge.values-of-every-type', async ({ db }) => {
    const document = {
      s: 'é"\\\n',
      n: 1.5,
      big: 9007199254740991,
      t: true,
      f: false,
      z: null,
      o: { a: [] },
      l: [{}, ''],
    }
    assert.deepEqual(await merged(db, { old: true, no: false, zero: 0, nil: null, text: '1' }, document), {
      old: true,
      no: false,
      zero: 0,
      nil: null,
      text: '1',
      ...document,
    })
  })
  t.behaviour('json-merge.strange-keys', async ({ db }) => {
    const document = { 'a.b': 1, '': 2, $x: 3, "it's": 4, 'q"q': 5, ключ: 6, '😀': 7, 'a b': 8, '0': 9 }
    assert.deepEqual(await merged(db, { 'a.b': 0, '': 0, a: { b: 0 } }, document), { a: { b: 0 }, ...document })
  })
  t.behaviour('json-merge.keys-in-another-order', async ({ db }) => {
    const keys = ['a', 'é', '𝄞', '\u{1F600}', 'q"q', "it's", 'back\\slash', '\\u00e9', '', 'b\n', '-', '*', '$']
    const numbered = (names: string[], first: number): Row =>
      Object.fromEntries(names.map((name, i) => [name, first + i]))
    const data = numbered(keys, 0)
    const all = numbered(keys.toReversed(), 100)
    assert.deepEqual(await merged(db, data, all), all)
    for (const i of keys.keys()) {
      const document = numbered([...keys.slice(i), ...keys.slice(0, i)].toReversed().slice(2), 200)
      await db.delete(PROJECTS, { allRows: true })
      assert.deepEqual(await merged(db, data, document), { ...data, ...document })
    }
  })
  t.behaviour('json-merge.into-null', async ({ db }) => {
    assert.deepEqual(await merged(db, null, { a: 1 }), { a: 1 })
  })
  t.behaviour('json-merge.nothing', async ({ db }) => {
    assert.deepEqual(await merged(db, { a: 1 }, {}), { a: 1 })
  })
  t.behaviour('json-merge.beside-other-columns', async ({ db }) => {
    await db.insert(PROJECTS, { title: 'p', data: { a: 1 }, prd: { x: 1 } })
    const patch = { title: 'q', data: jsonMerge({ b: 2 }), prd: jsonMerge({ x: 2 }) }
    const { title, data, prd } = one((await db.update(PROJECTS, patch, { where: { title: 'p' } })).rows)
    assert.deepEqual({ title, data, prd }, { title: 'q', data: { a: 1, b: 2 }, prd: { x: 2 } })
  })
  t.behaviour('json-merge.refused', async ({ db }) => {
    await db.insert(PROJECTS, { title: 'p' })
    const where = { title: 'p' }
    await rejects(db.update(PROJECTS, { title: jsonMerge({}) }, { where }), 'invalid_input', { column: 'title' })
    for (const document of [[], null, 'a', { n: Number.NaN }, { s: 'a\0' }])
      await rejects(db.update(PROJECTS, { data: jsonMerge(document as Row) }, { where }), 'invalid_input', {
        column: 'data',
      })
    await rejects(db.insert(PROJECTS, { title: 'q', data: jsonMerge({ a: 1 }) }), 'invalid_input')
  })
}

function deletes(t: SuiteBuilder): void {
  t.behaviour('delete.returns-the-deleted-rows', async ({ db }) => {
    const { rows: stored } = await db.insert(PROJECTS, [{ title: 'a', data: { n: 1 } }, { title: 'b' }])
    const { rows, count } = await db.delete(PROJECTS, { where: { title: 'a' } })
    assert.equal(count, 1)
    assert.deepEqual(rows, stored.slice(0, 1))
    assert.deepEqual((await db.select(PROJECTS)).rows, stored.slice(1))
  })
  t.behaviour('delete.returning-false', async ({ db }) => {
    await db.insert(PROJECTS, [{ title: 'a' }, { title: 'b' }])
    assert.deepEqual(await db.delete(PROJECTS, { where: { title: 'a' }, returning: false }), { rows: [], count: 1 })
  })
  t.behaviour('delete.returning-columns', async ({ db }) => {
    await db.insert(PROJECTS, [{ title: 'a' }, { title: 'b' }])
    assert.deepEqual(await db.delete(PROJECTS, { where: { title: 'b' }, returning: ['title', 'pinned'] }), {
      rows: [{ title: 'b', pinned: false }],
      count: 1,
    })
  })
  t.behaviour('delete.no-match', async ({ db }) => {
    await db.insert(PROJECTS, { title: 'a' })
    assert.deepEqual(await db.delete(PROJECTS, { where: { title: 'x' } }), { rows: [], count: 0 })
    assert.deepEqual(await db.delete(PROJECTS, { where: { title: { in: [] } } }), { rows: [], count: 0 })
    assert.equal(await db.count(PROJECTS), 1)
  })
  t.behaviour('delete.twice', async ({ db }) => {
    await db.insert(PROJECTS, { title: 'a' })
    assert.equal((await db.delete(PROJECTS, { where: { title: 'a' } })).count, 1)
    assert.equal((await db.delete(PROJECTS, { where: { title: 'a' } })).count, 0)
  })
  t.behaviour('delete.all-rows', async ({ db }) => {
    await db.insert(PROJECTS, [{ title: 'a' }, { title: 'b' }])
    assert.equal((await db.delete(PROJECTS, { allRows: true })).count, 2)
    assert.equal(await db.count(PROJECTS), 0)
  })
  t.behaviour('delete.then-insert-again', async ({ db }) => {
    const { rows } = await db.insert(PROJECTS, { title: 'a' })
    await db.delete(PROJECTS, { where: { id: one(rows).id as string } })
    assert.deepEqual((await db.insert(PROJECTS, one(rows))).rows, rows)
  })
}
