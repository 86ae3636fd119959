import assert from 'node:assert/strict'
import type { Row } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { one } from './rows.ts'

const PROMPTS = 'archon_prompts'
const TASKS = 'archon_tasks'

export function inserting(t: SuiteBuilder): void {
  results(t)
  suppliedColumns(t)
  refusals(t)
  callersObjects(t)
}

function results(t: SuiteBuilder): void {
  t.behaviour('insert.returns-the-stored-row', async ({ db }) => {
    const { rows, count } = await db.insert(PROMPTS, { prompt_name: 'a', prompt: 'text' })
    assert.equal(count, 1)
    const [row] = rows
    assert.deepEqual(Object.keys(row ?? {}).sort(), [
      'created_at',
      'description',
      'id',
      'prompt',
      'prompt_name',
      'updated_at',
    ])
    assert.deepEqual((await db.select(PROMPTS)).rows, rows)
  })
  t.behaviour('insert.list-of-one', async ({ db }) => {
    const { rows, count } = await db.insert(PROMPTS, [{ prompt_name: 'a', prompt: 'text' }])
    assert.equal(count, 1)
    assert.equal(rows.length, 1)
  })
  t.behaviour('insert.empty-list', async ({ db }) => {
    assert.deepEqual(await db.insert(PROMPTS, []), { rows: [], count: 0 })
    assert.equal(await db.count(PROMPTS), 0)
  })
  t.behaviour('insert.rows-in-input-order', async ({ db }) => {
    const names = ['m', 'z', 'a', 'Z', '0', 'ä', 'b']
    const { rows, count } = await db.insert(
      PROMPTS,
      names.map((prompt_name) => ({ prompt_name, prompt: 'x' })),
    )
    assert.equal(count, 7)
    assert.deepEqual(
      rows.map((row) => row.prompt_name),
      names,
    )
  })
  t.behaviour('insert.numbered-rows-in-input-order', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunks = ['c', 'a', 'b'].map((url) => ({ url, chunk_number: 0, content: url, source_id: 's' }))
    const { rows } = await db.insert<{ id: number; url: string }>('archon_crawled_pages', chunks)
    assert.deepEqual(
      rows.map((row) => row.url),
      ['c', 'a', 'b'],
    )
    const ids = rows.map((row) => row.id)
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    )
    assert.equal(new Set(ids).size, 3)
  })
  t.behaviour('insert.returning-false', async ({ db }) => {
    const rows = ['a', 'b'].map((prompt_name) => ({ prompt_name, prompt: 'x' }))
    assert.deepEqual(await db.insert(PROMPTS, rows, { returning: false }), { rows: [], count: 2 })
    assert.equal(await db.count(PROMPTS), 2)
  })
  t.behaviour('insert.returning-columns', async ({ db }) => {
    const given = ['b', 'a'].map((prompt_name) => ({ prompt_name, prompt: 'x' }))
    const { rows } = await db.insert(PROMPTS, given, { returning: ['prompt', 'prompt_name'] })
    assert.deepEqual(rows, [
      { prompt: 'x', prompt_name: 'b' },
      { prompt: 'x', prompt_name: 'a' },
    ])
  })
}

function suppliedColumns(t: SuiteBuilder): void {
  t.behaviour('insert.rows-with-different-columns', async ({ db }) => {
    const { rows } = await db.insert(TASKS, [
      { title: 'a', feature: 'f' },
      { task_order: 7, title: 'b' },
      { title: 'c' },
      { status: 'done', title: 'd', feature: null },
      { title: 'e', created_at: new Date(5), feature: 'g' },
    ])
    const short = rows.map((row) => [row.title, row.feature, row.task_order, row.status, row.assignee])
    assert.deepEqual(short, [
      ['a', 'f', 0, 'todo', 'User'],
      ['b', null, 7, 'todo', 'User'],
      ['c', null, 0, 'todo', 'User'],
      ['d', null, 0, 'done', 'User'],
      ['e', 'g', 0, 'todo', 'User'],
    ])
    assert.deepEqual(rows[4]?.created_at, new Date(5))
    assert.notDeepEqual(rows[0]?.created_at, new Date(5))
  })
  t.behaviour('insert.undefined-is-not-supplied', async ({ db }) => {
    const { rows } = await db.insert(TASKS, {
      title: 'a',
      status: undefined,
      feature: undefined,
      task_order: undefined,
    })
    const { status, feature, task_order } = one(rows)
    assert.deepEqual({ status, feature, task_order }, { status: 'todo', feature: null, task_order: 0 })
  })
  t.behaviour('insert.null-is-not-the-default', async ({ db }) => {
    const { rows } = await db.insert(TASKS, {
      title: 'a',
      status: null,
      task_order: null,
      sources: null,
      archived: null,
    })
    const { status, task_order, sources, archived } = one(rows)
    assert.deepEqual(
      { status, task_order, sources, archived },
      { status: null, task_order: null, sources: null, archived: null },
    )
  })
  t.behaviour('insert.own-id', async ({ db }) => {
    const id = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
    const { rows } = await db.insert(PROMPTS, { id, prompt_name: 'a', prompt: 'x' })
    assert.equal(one(rows).id, id)
  })
  t.behaviour('insert.own-number-is-not-given-again', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { chunk_number: 0, content: 'c', source_id: 's' }
    const first = one((await db.insert<{ id: number }>('archon_crawled_pages', { ...chunk, url: 'a' })).rows)
    let highest = first.id
    for (const further of [1, 2_000_000]) {
      highest += further
      await db.insert('archon_crawled_pages', { ...chunk, url: `own ${further}`, id: highest })
      const { rows } = await db.insert<{ id: number }>('archon_crawled_pages', [
        { ...chunk, url: `after ${further}` },
        { ...chunk, url: `and after ${further}` },
      ])
      for (const { id } of rows) {
        assert.ok(id > highest)
        highest = id
      }
    }
  })
  t.behaviour('insert.no-number-is-a-violation', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { url: 'u', chunk_number: 0, content: 'c', source_id: 's', id: null }
    await rejects(db.insert('archon_crawled_pages', chunk), 'not_null_violation', {
      table: 'archon_crawled_pages',
      column: 'id',
    })
    assert.equal(await db.count('archon_crawled_pages'), 0)
  })
  t.behaviour('insert.own-times', async ({ db }) => {
    const [created_at, updated_at] = [new Date('2001-01-01T00:00:00.001Z'), new Date('2002-02-02T00:00:00.002Z')]
    const { rows } = await db.insert(PROMPTS, { prompt_name: 'a', prompt: 'x', created_at, updated_at })
    assert.deepEqual([one(rows).created_at, one(rows).updated_at], [created_at, updated_at])
    assert.deepEqual((await db.select(PROMPTS)).rows, rows)
  })
  t.behaviour('insert.rows-of-one-call-share-the-clock', async ({ db }) => {
    const before = Date.now()
    const { rows } = await db.insert<{ created_at: Date }>(PROMPTS, { prompt_name: 'a', prompt: 'x' })
    const created = one(rows).created_at.getTime()
    // Servers have clocks of their own: an hour is a time zone, not a drift.
    assert.ok(Math.abs(created - before) < 30 * 60_000, `created_at is ${created - before} ms away`)
  })
}

function refusals(t: SuiteBuilder): void {
  t.behaviour('insert.unknown-table', async ({ db }) => {
    for (const table of ['nope', '', 'ARCHON_PROMPTS', 'archon_prompts ', 'public.archon_prompts', '__proto__'])
      await rejects(db.insert(table, { prompt_name: 'a' }), 'invalid_input', { messageIncludes: 'archon_prompts' })
  })
  t.behaviour('insert.unknown-column', async ({ db }) => {
    const bad: Row[] = [{ nope: 1 }, { Prompt: 'x' }, { promptName: 'x' }, { '': 1 }, { constructor: 'x' }]
    for (const row of bad)
      await rejects(db.insert(PROMPTS, { prompt_name: 'a', prompt: 'x', ...row }), 'invalid_input', {
        table: PROMPTS,
        messageIncludes: Object.keys(row),
      })
    assert.equal(await db.count(PROMPTS), 0)
  })
  t.behaviour('insert.not-a-row', async ({ db }) => {
    const bad: unknown[] = ['a', 5, null, undefined, [null], [['a']], [{ prompt_name: 'a', prompt: 'x' }, 'b']]
    for (const rows of bad) await rejects(db.insert(PROMPTS, rows as object[]), 'invalid_input')
    assert.equal(await db.count(PROMPTS), 0)
  })
  t.behaviour('insert.bad-returning', async ({ db }) => {
    const row = { prompt_name: 'a', prompt: 'x' }
    await rejects(db.insert(PROMPTS, row, { returning: [] }), 'invalid_input')
    await rejects(db.insert(PROMPTS, row, { returning: ['nope'] }), 'invalid_input', { messageIncludes: 'nope' })
    assert.equal(await db.count(PROMPTS), 0)
  })
  t.behaviour('insert.helper-columns-are-the-databases-own', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { url: 'u', chunk_number: 0, content: 'c', source_id: 's' }
    await rejects(db.insert('archon_crawled_pages', { ...chunk, content_search_vector: 'c' }), 'invalid_input')
    const { rows } = await db.insert('archon_crawled_pages', chunk)
    assert.equal('content_search_vector' in one(rows), false)
  })
  t.behaviour('insert.one-bad-row-stores-none', async ({ db }) => {
    const rows = [
      { prompt_name: 'a', prompt: 'x' },
      { prompt_name: 'b', prompt: 5 },
    ]
    await rejects(db.insert(PROMPTS, rows), 'invalid_input', { column: 'prompt' })
    await rejects(db.insert(PROMPTS, [rows[0] as Row, { prompt_name: 'a', prompt: 'y' }]), 'unique_violation')
    assert.equal(await db.count(PROMPTS), 0)
  })
}

function callersObjects(t: SuiteBuilder): void {
  t.behaviour('input.is-not-changed', async ({ db }) => {
    const row = Object.freeze({ title: 'a', sources: Object.freeze([Object.freeze({ url: 'u' })]), status: undefined })
    await db.insert(TASKS, Object.freeze([row, row]) as object[])
    const where = Object.freeze({ title: 'a', or: Object.freeze([Object.freeze({ status: 'todo' })]) })
    await db.update(TASKS, Object.freeze({ feature: 'f' }), { where: where as Row })
    await db.select(TASKS, Object.freeze({ where: where as Row, orderBy: Object.freeze(['title']) as string[] }))
    await db.delete(TASKS, { where: where as Row })
    assert.deepEqual(row, { title: 'a', sources: [{ url: 'u' }], status: undefined })
  })
  t.behaviour('input.changed-later-changes-nothing', async ({ db }) => {
    const archived_at = new Date(1000)
    const pending = db.insert(TASKS, { title: 'a', archived_at })
    archived_at.setTime(2000)
    await pending
    const { rows } = await db.select(TASKS)
    assert.equal((one(rows).archived_at as Date).getTime(), 1000)
  })
  t.behaviour('output.changed-changes-nothing', async ({ db }) => {
    await db.insert(TASKS, { title: 'a', sources: [{ url: 'u' }], archived_at: new Date(1000) })
    const { rows } = await db.select<{ sources: unknown[]; archived_at: Date }>(TASKS)
    one(rows).sources.push('more')
    one(rows).archived_at.setTime(2000)
    const again = one((await db.select(TASKS)).rows)
    assert.deepEqual(again.sources, [{ url: 'u' }])
    assert.deepEqual(again.archived_at, new Date(1000))
  })
  t.behaviour('input.objects-without-prototype-and-instances', async ({ db }) => {
    class Draft {
      prompt_name = 'b'
      prompt = 'y'
    }
    const bare = Object.assign(Object.create(null) as Row, { prompt_name: 'a', prompt: 'x' })
    await db.insert(PROMPTS, [bare, new Draft()])
    const { rows } = await db.select(PROMPTS, { columns: ['prompt_name'], orderBy: 'prompt_name' })
    assert.deepEqual(rows, [{ prompt_name: 'a' }, { prompt_name: 'b' }])
  })
}
