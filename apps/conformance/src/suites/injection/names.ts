import assert from 'node:assert/strict'
import { type Filter, type OrderBy, on, type SelectSpec } from '@archon-db/core'
import type { SuiteBuilder } from '../../harness/index.ts'
import { guard, HOSTILE, intact, refuseAll } from './hostile.ts'

const TASKS = 'archon_tasks'

/** Names of tables and columns come from the schema, never from the caller. */
export function names(t: SuiteBuilder): void {
  tables(t)
  columns(t)
  filters(t)
  orders(t)
  joins(t)
  resultKeys(t)
  switches(t)
}

function tables(t: SuiteBuilder): void {
  t.behaviour('table.reading', async ({ db }) => {
    await guard(db)
    const stream = async (text: string): Promise<void> => {
      for await (const row of db.stream(text)) assert.fail(`a row: ${Object.keys(row).join()}`)
    }
    await refuseAll(
      [
        (text) => db.select(text),
        (text) => db.count(text),
        (text) => db.aggregate(text, { aggregates: { n: 'count' } }),
        stream,
        (text) => db.from(text),
        (text) => db.search(text, { text: 'a' }),
      ],
      'invalid_input',
    )
    await intact(db)
  })
  t.behaviour('table.writing', async ({ db }) => {
    await guard(db)
    const where = { title: 'task' }
    await refuseAll(
      [
        (text) => db.insert(text, { title: 'x' }),
        (text) => db.upsert(text, { title: 'x' }),
        (text) => db.update(text, { title: 'x' }, { where }),
        (text) => db.delete(text, { where }),
        (text) => db.delete(text, { allRows: true }),
      ],
      'invalid_input',
    )
    await intact(db)
  })
  t.behaviour('table.real-names-dressed-up', async ({ db }) => {
    await guard(db)
    const names = [
      'archon_tasks; --',
      'archon_tasks t',
      '"archon_tasks"',
      '`archon_tasks`',
      'public.archon_tasks',
      'main.archon_tasks',
      'archon_tasks/**/',
      'Archon_Tasks',
      ' archon_tasks',
      'archon_tasks\n',
      'sqlite_master',
      'pg_catalog.pg_tables',
      'information_schema.tables',
      'mysql.user',
      '(select 1)',
    ]
    await refuseAll([(text) => db.select(text), (text) => db.delete(text, { allRows: true })], 'invalid_input', names)
    await intact(db)
  })
}

function columns(t: SuiteBuilder): void {
  t.behaviour('column.fetched', async ({ db }) => {
    await guard(db)
    await refuseAll(
      [
        (text) => db.select(TASKS, { columns: [text] }),
        (text) => db.select(TASKS, { columns: { title: text } }),
        (text) => db.from(TASKS).select('title', text),
        (text) => db.select(TASKS, { columns: [text], distinct: true }),
      ],
      'invalid_filter',
    )
    await intact(db)
  })
  t.behaviour('column.written', async ({ db }) => {
    await guard(db)
    const where = { title: 'task' }
    await refuseAll(
      [
        (text) => db.insert(TASKS, { title: 'x', [text]: 1 }),
        (text) => db.upsert(TASKS, { title: 'x', [text]: 1 }),
        (text) => db.update(TASKS, { [text]: 1 }, { where }),
        (text) => db.insert(TASKS, [{ title: 'x' }, { [text]: 'x' }]),
      ],
      'invalid_input',
    )
    await intact(db)
  })
  t.behaviour('column.returned', async ({ db }) => {
    await guard(db)
    const where = { title: 'task' }
    await refuseAll(
      [
        (text) => db.insert(TASKS, { title: 'x' }, { returning: [text] }),
        (text) => db.update(TASKS, { title: 'x' }, { where, returning: [text] }),
        (text) => db.delete(TASKS, { where, returning: ['title', text] }),
        (text) => db.upsert(TASKS, { title: 'x' }, { returning: [text] }),
      ],
      'invalid_input',
    )
    await intact(db)
  })
  t.behaviour('column.of-a-conflict', async ({ db }) => {
    await guard(db)
    await refuseAll(
      [
        (text) => db.upsert('archon_settings', { key: 'k' }, { onConflict: [text] }),
        (text) => db.upsert('archon_settings', { key: 'k' }, { onConflict: ['key', text] }),
        (text) => db.upsert('archon_settings', { key: 'k' }, { onConflict: ['key'], whenFound: text as 'ignore' }),
      ],
      'invalid_input',
    )
    await intact(db)
  })
}

function filters(t: SuiteBuilder): void {
  t.behaviour('filter.field', async ({ db }) => {
    await guard(db)
    const where = (text: string): Filter => ({ [text]: 1 }) as Filter
    await refuseAll(
      [
        (text) => db.select(TASKS, { where: where(text) }),
        (text) => db.count(TASKS, where(text)),
        (text) => db.update(TASKS, { feature: 'x' }, { where: where(text) }),
        (text) => db.delete(TASKS, { where: { not: where(text) } }),
        (text) => db.from(TASKS).where({ or: [where(text)] }),
      ],
      'invalid_filter',
    )
    await intact(db)
  })
  t.behaviour('filter.operator', async ({ db }) => {
    await guard(db)
    await refuseAll(
      [
        (text) => db.select(TASKS, { where: { title: { [text]: 1 } } as Filter }),
        (text) => db.select(TASKS, { where: { task_order: { gte: 0, [text]: 1 } } as Filter }),
        (text) => db.delete(TASKS, { where: { title: { [text]: 'a' } } as Filter }),
      ],
      'invalid_filter',
    )
    await intact(db)
  })
}

function orders(t: SuiteBuilder): void {
  t.behaviour('order.column', async ({ db }) => {
    await guard(db)
    await refuseAll(
      [
        (text) => db.select(TASKS, { orderBy: text }),
        (text) => db.select(TASKS, { orderBy: `desc(${text})` }),
        (text) => db.select(TASKS, { orderBy: ['title', { column: text }] }),
        (text) => db.from(TASKS).orderBy(text),
      ],
      'invalid_filter',
    )
    await intact(db)
  })
  t.behaviour('order.direction-and-nulls', async ({ db }) => {
    await guard(db)
    await refuseAll(
      [
        (text) => db.select(TASKS, { orderBy: { column: 'title', direction: text } as OrderBy }),
        (text) => db.select(TASKS, { orderBy: { column: 'title', nulls: text } as OrderBy }),
      ],
      'invalid_input',
    )
    await intact(db)
  })
  t.behaviour('order.cursor', async ({ db }) => {
    await guard(db)
    await db.insert(TASKS, { title: 'second' })
    const { nextCursor } = await db.select(TASKS, { orderBy: 'title', limit: 1, after: null })
    const [order, keys] = JSON.parse(Buffer.from(nextCursor as string, 'base64url').toString()) as [string, unknown[]]
    const pack = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const at = (after: string): PromiseLike<unknown> => db.select(TASKS, { orderBy: 'title', limit: 1, after })
    await refuseAll(
      [
        at,
        (text) => at(pack(text)),
        (text) => at(pack([text, keys])),
        (text) => at(pack([`${order}${text}`, keys])),
        (text) => at(pack([order, ['a', text]])),
      ],
      'invalid_input',
    )
    // A text where a text belongs is a value like any other.
    for (const text of HOSTILE) await at(pack([order, [text, keys[1]]]))
    await intact(db)
  })
  t.behaviour('order.groups-and-aggregates', async ({ db }) => {
    await guard(db)
    const aggregate = (aggregates: Record<string, string>, groupBy: string[] = []): PromiseLike<unknown> =>
      db.aggregate(TASKS, { aggregates, groupBy })
    await refuseAll(
      [
        (text) => aggregate({ n: 'count' }, [text]),
        (text) => aggregate({ n: `max(${text})` }),
        (text) => aggregate({ n: `count(${text})` }),
        (text) => aggregate({ n: text }),
        (text) => aggregate({ n: `${text}(title)` }),
      ],
      ['invalid_filter', 'invalid_filter', 'invalid_filter', 'invalid_input', 'invalid_input'],
    )
    await intact(db)
  })
}

function joins(t: SuiteBuilder): void {
  const joined = (join: object): SelectSpec =>
    ({
      joins: [{ type: 'left', table: 'archon_projects', on: [{ left: 'project_id', right: 'id' }], ...join }],
    }) as SelectSpec
  t.behaviour('join.table-and-columns', async ({ db }) => {
    await guard(db)
    const from = db.from(TASKS)
    await refuseAll(
      [
        (text) => from.join(text, on('project_id', 'id')),
        (text) => from.leftJoin('archon_projects', on(text, 'id')),
        (text) => from.join('archon_projects', on('project_id', text)),
        (text) =>
          from.join('archon_projects', on('project_id', 'id')).where({ [`archon_projects.${text}`]: 1 } as Filter),
      ],
      ['invalid_input', 'invalid_filter', 'invalid_filter', 'invalid_filter'],
    )
    await intact(db)
  })
  t.behaviour('join.alias-and-type', async ({ db }) => {
    await guard(db)
    await refuseAll(
      [(text) => db.select(TASKS, joined({ alias: text })), (text) => db.select(TASKS, joined({ type: text }))],
      'invalid_input',
      HOSTILE.filter((text) => !/^\w+$/.test(text)),
    )
    for (const type of ['cross', 'left outer', 'INNER', 'natural', 'sleep'])
      await refuseAll([(text) => db.select(TASKS, joined({ type: text }))], 'invalid_input', [type])
    await intact(db)
  })
}

/** The keys of a result are the caller's own, whatever they look like. */
function resultKeys(t: SuiteBuilder): void {
  t.behaviour('result.keys-of-columns', async ({ db }) => {
    await guard(db)
    const columns = Object.fromEntries(HOSTILE.map((text) => [text, 'title']))
    const { rows } = await db.select(TASKS, { columns })
    assert.deepEqual(rows, [Object.fromEntries(HOSTILE.map((text) => [text, 'task']))])
    await intact(db)
  })
  t.behaviour('result.keys-of-aggregates', async ({ db }) => {
    await guard(db)
    const aggregates = Object.fromEntries(HOSTILE.map((text) => [text, 'max(title)']))
    assert.deepEqual(await db.aggregate(TASKS, { aggregates }), [
      Object.fromEntries(HOSTILE.map((text) => [text, 'task'])),
    ])
    await intact(db)
  })
}

/** Options that take one of a few words, or a number. */
function switches(t: SuiteBuilder): void {
  t.behaviour('option.limit-and-offset', async ({ db }) => {
    await guard(db)
    await refuseAll(
      [
        (text) => db.select(TASKS, { limit: text as unknown as number }),
        (text) => db.select(TASKS, { offset: text as unknown as number }),
        (text) => db.aggregate(TASKS, { aggregates: { n: 'count' }, limit: text as unknown as number }),
        (text) => db.select(TASKS, { count: text as 'exact' }),
      ],
      'invalid_input',
    )
    await intact(db)
  })
  t.behaviour('option.isolation', async ({ db }) => {
    await guard(db)
    await refuseAll([(text) => db.transaction(async () => {}, { isolation: text as 'snapshot' })], 'invalid_input')
    await intact(db)
  })
}
