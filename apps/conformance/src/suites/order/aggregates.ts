import assert from 'node:assert/strict'
import type { AggregateSpec, DataAccess, Row } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addTasks, TASKS } from './rows.ts'

const STEPS = 'archon_agent_work_order_steps'

async function addSteps(db: DataAccess, seconds: readonly number[]): Promise<void> {
  await db.insert('archon_agent_work_orders', {
    agent_work_order_id: 'w',
    repository_url: 'u',
    sandbox_identifier: 's',
    status: 'running',
  })
  const step = {
    agent_work_order_id: 'w',
    agent_name: 'a',
    step: 's',
    success: true,
    executed_at: new Date(0),
    step_order: 1,
  }
  await db.insert(
    STEPS,
    seconds.map((duration_seconds) => ({ ...step, duration_seconds })),
  )
}

async function only(db: DataAccess, table: string, spec: AggregateSpec): Promise<Row> {
  const rows = await db.aggregate(table, spec)
  assert.equal(rows.length, 1)
  return rows[0] as Row
}

export function aggregates(t: SuiteBuilder): void {
  wholeTable(t)
  otherKinds(t)
  grouped(t)
  refusals(t)
}

function wholeTable(t: SuiteBuilder): void {
  const all = {
    n: 'count',
    m: 'count(task_order)',
    d: 'countDistinct(task_order)',
    s: 'sum(task_order)',
    a: 'avg(task_order)',
    lo: 'min(task_order)',
    hi: 'max(task_order)',
  }
  t.behaviour('aggregate.integers', async ({ db }) => {
    await addTasks(
      db,
      [4, null, 1, 4, -2].map((task_order) => ({ task_order })),
    )
    assert.deepEqual(await only(db, TASKS, { aggregates: all }), { n: 5, m: 4, d: 3, s: 7, a: 1.75, lo: -2, hi: 4 })
  })
  t.behaviour('aggregate.nothing', async ({ db }) => {
    const nothing = { n: 0, m: 0, d: 0, s: null, a: null, lo: null, hi: null }
    assert.deepEqual(await only(db, TASKS, { aggregates: all }), nothing)
    await addTasks(db, [{ task_order: null }])
    assert.deepEqual(await only(db, TASKS, { aggregates: all }), { ...nothing, n: 1 })
  })
  t.behaviour('aggregate.average-keeps-its-digits', async ({ db }) => {
    await addTasks(
      db,
      [1, 1, 2].map((task_order) => ({ task_order })),
    )
    const { a } = await only(db, TASKS, { aggregates: { a: 'avg(task_order)' } })
    assert.ok(Math.abs((a as number) - 4 / 3) < 1e-12, String(a))
  })
  t.behaviour('aggregate.sum-beyond-32-bits', async ({ db }) => {
    await addTasks(
      db,
      Array.from({ length: 5 }, () => ({ task_order: 2147483647 })),
    )
    assert.deepEqual(await only(db, TASKS, { aggregates: { s: 'sum(task_order)' } }), { s: 10737418235 })
  })
  t.behaviour('aggregate.sum-beyond-two-to-the-53', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const ids = [9007199254740993n, 4]
    await db.insert(
      'archon_crawled_pages',
      ids.map((id) => ({ id, url: `${id}`, chunk_number: 0, content: 'c', source_id: 's' })),
    )
    assert.deepEqual(
      await only(db, 'archon_crawled_pages', { aggregates: { s: 'sum(id)', hi: 'max(id)', lo: 'min(id)' } }),
      { s: 9007199254740997n, hi: 9007199254740993n, lo: 4 },
    )
  })
}

function otherKinds(t: SuiteBuilder): void {
  t.behaviour('aggregate.doubles', async ({ db }) => {
    await addSteps(db, [0.5, -1.25, 1024])
    const aggregates = {
      s: 'sum(duration_seconds)',
      a: 'avg(duration_seconds)',
      lo: 'min(duration_seconds)',
      hi: 'max(duration_seconds)',
    }
    assert.deepEqual(await only(db, STEPS, { aggregates }), { s: 1023.25, a: 1023.25 / 3, lo: -1.25, hi: 1024 })
  })
  t.behaviour('aggregate.text-by-code-point', async ({ db }) => {
    await addTasks(
      db,
      ['b', 'B', 'ä', '\uffff', '😀', null].map((feature) => ({ feature })),
    )
    const aggregates = { lo: 'min(feature)', hi: 'max(feature)', d: 'countDistinct(feature)', n: 'count(feature)' }
    assert.deepEqual(await only(db, TASKS, { aggregates }), { lo: 'B', hi: '😀', d: 5, n: 5 })
  })
  t.behaviour('aggregate.distinct-text-by-code-point', async ({ db }) => {
    await addTasks(
      db,
      ['a', 'A', 'á', 'a ', 'a', 'ß', 'ss'].map((feature) => ({ feature })),
    )
    assert.deepEqual(await only(db, TASKS, { aggregates: { d: 'countDistinct(feature)' } }), { d: 6 })
  })
  t.behaviour('aggregate.timestamps', async ({ db }) => {
    const [early, late] = [new Date('1999-12-31T23:59:59.999Z'), new Date('2024-02-29T00:00:00.001Z')]
    await addTasks(
      db,
      [late, early, null].map((archived_at) => ({ archived_at })),
    )
    const aggregates = { lo: 'min(archived_at)', hi: 'max(archived_at)', n: 'count(archived_at)' }
    assert.deepEqual(await only(db, TASKS, { aggregates }), { lo: early, hi: late, n: 2 })
  })
  t.behaviour('aggregate.counts-of-other-kinds', async ({ db }) => {
    await addTasks(db, [
      { archived: true, status: null, sources: null },
      { archived: null, status: 'todo' },
      { archived: true },
    ])
    const aggregates = {
      flags: 'count(archived)',
      states: 'count(status)',
      lists: 'count(sources)',
      ids: 'countDistinct(id)',
      parents: 'count(parent_task_id)',
      kinds: 'countDistinct(archived)',
    }
    assert.deepEqual(await only(db, TASKS, { aggregates }), {
      flags: 2,
      states: 2,
      lists: 2,
      ids: 3,
      parents: 0,
      kinds: 1,
    })
  })
  t.behaviour('aggregate.keys-of-the-result', async ({ db }) => {
    await addTasks(db, [{}])
    const aggregates = { 'a key': 'count', 'quote"d': 'count', ключ: 'max(title)' }
    assert.deepEqual(await only(db, TASKS, { aggregates }), { 'a key': 1, 'quote"d': 1, ключ: 't1' })
  })
}

function grouped(t: SuiteBuilder): void {
  t.behaviour('group.by-text', async ({ db }) => {
    await addTasks(
      db,
      ['b', null, 'a', 'B', 'b', null, 'a '].map((feature, task_order) => ({ feature, task_order })),
    )
    assert.deepEqual(
      await db.aggregate(TASKS, { groupBy: ['feature'], aggregates: { n: 'count', hi: 'max(task_order)' } }),
      [
        { feature: 'B', n: 1, hi: 3 },
        { feature: 'a', n: 1, hi: 2 },
        { feature: 'a ', n: 1, hi: 6 },
        { feature: 'b', n: 2, hi: 4 },
        { feature: null, n: 2, hi: 5 },
      ],
    )
  })
  t.behaviour('group.by-enum-and-boolean', async ({ db }) => {
    await addTasks(db, [
      { status: 'done' },
      { status: 'todo', archived: true },
      { status: 'todo' },
      { status: null },
      { status: 'doing' },
    ])
    const rows = await db.aggregate(TASKS, { groupBy: ['status', 'archived'], aggregates: { n: 'count' } })
    assert.deepEqual(rows.map(Object.values), [
      ['todo', false, 1],
      ['todo', true, 1],
      ['doing', false, 1],
      ['done', false, 1],
      [null, false, 1],
    ])
  })
  t.behaviour('group.by-timestamp-and-integer', async ({ db }) => {
    const at = new Date('2024-02-29T00:00:00.001Z')
    await addTasks(db, [
      { archived_at: at, task_order: 10 },
      { archived_at: at, task_order: 9 },
      { archived_at: at, task_order: 10 },
    ])
    const rows = await db.aggregate(TASKS, { groupBy: ['archived_at', 'task_order'], aggregates: { n: 'count' } })
    assert.deepEqual(rows, [
      { archived_at: at, task_order: 9, n: 1 },
      { archived_at: at, task_order: 10, n: 2 },
    ])
  })
  t.behaviour('group.by-json-path', async ({ db }) => {
    const documents = [{ kind: 'technical' }, { kind: 'business' }, { kind: 'technical' }, {}, { kind: null }, null]
    await db.insert(
      'archon_sources',
      documents.map((metadata, i) => ({ source_id: `s${i}`, metadata })),
    )
    const rows = await db.aggregate('archon_sources', { groupBy: ['metadata.kind'], aggregates: { n: 'count' } })
    assert.deepEqual(rows, [
      { 'metadata.kind': 'business', n: 1 },
      { 'metadata.kind': 'technical', n: 2 },
      { 'metadata.kind': null, n: 3 },
    ])
  })
  t.behaviour('group.filter-and-limit', async ({ db }) => {
    await addTasks(
      db,
      [3, 1, 2, 1, 5].map((task_order) => ({ task_order })),
    )
    const spec = { groupBy: ['task_order'], aggregates: { n: 'count' }, where: { task_order: { lt: 5 } }, limit: 2 }
    assert.deepEqual(await db.aggregate(TASKS, spec), [
      { task_order: 1, n: 2 },
      { task_order: 2, n: 1 },
    ])
  })
  t.behaviour('group.nothing', async ({ db }) => {
    assert.deepEqual(await db.aggregate(TASKS, { groupBy: ['status'], aggregates: { n: 'count' } }), [])
  })
}

function refusals(t: SuiteBuilder): void {
  t.behaviour('aggregate.refused', async ({ db }) => {
    const bad = [
      '',
      'total',
      'sum',
      'sum()',
      'COUNT',
      'median(task_order)',
      'sum(title)',
      'avg(archived)',
      'min(status)',
      'max(id)',
      'min(sources)',
      'sum(created_at)',
      'max(sources.a)',
      'countDistinct(sources)',
      'countDistinct',
    ]
    for (const text of bad) await rejects(db.aggregate(TASKS, { aggregates: { x: text } }), 'invalid_input')
    await rejects(db.aggregate(TASKS, { aggregates: { x: 5 as unknown as string } }), 'invalid_input')
    await rejects(db.aggregate(TASKS, { aggregates: { x: 'sum(nope)' } }), 'invalid_filter', {
      messageIncludes: 'nope',
    })
    await rejects(db.aggregate(TASKS, { aggregates: { n: 'count' }, groupBy: ['nope'] }), 'invalid_filter')
    await rejects(db.aggregate(TASKS, { aggregates: {} }), 'invalid_input', { messageIncludes: 'aggregates' })
    await rejects(db.aggregate('nope', { aggregates: { n: 'count' } }), 'invalid_input')
    await rejects(db.aggregate(TASKS, { aggregates: { n: 'count' }, limit: -1 }), 'invalid_input')
    await rejects(db.aggregate('archon_crawled_pages', { aggregates: { x: 'max(embedding_384)' } }), 'invalid_input')
  })
  t.behaviour('group.documents-and-vectors-refused', async ({ db }) => {
    await rejects(db.aggregate(TASKS, { aggregates: { n: 'count' }, groupBy: ['sources'] }), 'invalid_input', {
      column: 'sources',
    })
    await rejects(
      db.aggregate('archon_crawled_pages', { aggregates: { n: 'count' }, groupBy: ['embedding_384'] }),
      'invalid_input',
    )
  })
}
