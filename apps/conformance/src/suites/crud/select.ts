import assert from 'node:assert/strict'
import { type Row, sql } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { one } from './rows.ts'

const TASKS = 'archon_tasks'

export function selecting(t: SuiteBuilder): void {
  columns(t)
  entityKeys(t)
  streams(t)
  statements(t)
}

function columns(t: SuiteBuilder): void {
  t.behaviour('select.empty-table', async ({ db }) => {
    assert.deepEqual(await db.select(TASKS), { rows: [] })
    assert.deepEqual(await db.select(TASKS, { count: 'exact' }), { rows: [], count: 0 })
  })
  t.behaviour('select.all-columns-of-every-table', async ({ db }) => {
    for (const table of db.schema.tables.values()) {
      const names = table.columns.filter((column) => column.kind !== 'generated').map((column) => column.name)
      assert.deepEqual((await db.select(table.name, { columns: names, limit: 1 })).rows, [], table.name)
      assert.deepEqual((await db.select(table.name)).rows, [], table.name)
    }
  })
  t.behaviour('select.columns-in-the-order-asked-for', async ({ db }) => {
    await db.insert(TASKS, { title: 'a', feature: 'f' })
    const { rows } = await db.select(TASKS, { columns: ['feature', 'title'] })
    assert.deepEqual(Object.entries(one(rows)), [
      ['feature', 'f'],
      ['title', 'a'],
    ])
  })
  t.behaviour('select.renamed-columns', async ({ db }) => {
    await db.insert(TASKS, { title: 'a', sources: { n: 1 } })
    const { rows } = await db.select(TASKS, {
      columns: { name: 'title', 'name again': 'title', n: 'sources.n', 'quote"d': 'status', ключ: 'task_order' },
    })
    assert.deepEqual(rows, [{ name: 'a', 'name again': 'a', n: 1, 'quote"d': 'todo', ключ: 0 }])
  })
  t.behaviour('select.filter-on-a-column-not-fetched', async ({ db }) => {
    await db.insert(TASKS, [{ title: 'a', feature: 'f' }, { title: 'b' }])
    const { rows } = await db.select(TASKS, {
      columns: ['title'],
      where: { feature: 'f' },
      orderBy: 'desc(task_order)',
    })
    assert.deepEqual(rows, [{ title: 'a' }])
  })
  t.behaviour('select.refused', async ({ db }) => {
    await rejects(db.select('nope'), 'invalid_input', { messageIncludes: 'nope' })
    await rejects(db.select(TASKS, { columns: [] }), 'invalid_input')
    await rejects(db.select(TASKS, { columns: {} }), 'invalid_input')
    await rejects(db.select(TASKS, { columns: ['nope'] }), 'invalid_filter', { messageIncludes: 'nope' })
    await rejects(db.select(TASKS, { columns: ['title.a'] }), 'invalid_filter')
    await rejects(db.select(TASKS, { columns: ['count(*)'] }), 'invalid_filter')
    await rejects(db.select(TASKS, { columns: [5 as unknown as string] }), 'invalid_input')
    await rejects(db.select(TASKS, { count: 'yes' as 'exact' }), 'invalid_input')
    await rejects(db.select('archon_crawled_pages', { columns: ['content_search_vector'] }), 'invalid_filter')
  })
  t.behaviour('select.two-handles', { needs: 'shareable' }, async ({ db, open }) => {
    const other = await open()
    const { rows } = await db.insert(TASKS, { title: 'a' })
    assert.deepEqual((await other.select(TASKS)).rows, rows)
  })
}

/** The entity's names for columns, wherever the physical ones go. */
function entityKeys(t: SuiteBuilder): void {
  t.behaviour('keys.insert-and-select', async ({ db }) => {
    const { rows } = await db.insert(TASKS, { title: 'a', order: 3, codeExamples: [1] }, { naming: 'key' })
    const task = one(rows)
    assert.deepEqual([task.order, task.codeExamples, task.projectId], [3, [1], null])
    assert.equal('task_order' in task, false)
    const selected = await db.select(TASKS, { naming: 'key', orderBy: 'desc(order)' })
    assert.deepEqual(selected.rows, rows)
  })
  t.behaviour('keys.update-upsert-delete', async ({ db }) => {
    const options = { naming: 'key', returning: ['displayName', 'totalWordCount'] } as const
    const source = { id: 's', displayName: 'S', totalWordCount: 1 }
    const upserted = await db.upsert('archon_sources', source, { ...options, onConflict: ['id'] })
    assert.deepEqual(upserted.rows, [{ displayName: 'S', totalWordCount: 1 }])
    const updated = await db.update(
      'archon_sources',
      { totalWordCount: 2 },
      { ...options, where: { displayName: 'S' } },
    )
    assert.deepEqual(updated.rows, [{ displayName: 'S', totalWordCount: 2 }])
    const deleted = await db.delete('archon_sources', { ...options, where: { id: 's' } })
    assert.deepEqual(deleted.rows, [{ displayName: 'S', totalWordCount: 2 }])
  })
  t.behaviour('keys.do-not-mix-with-names', async ({ db }) => {
    await rejects(db.insert(TASKS, { title: 'a', task_order: 3 }, { naming: 'key' }), 'invalid_input')
    await rejects(db.select(TASKS, { naming: 'key', where: { task_order: 3 } }), 'invalid_filter')
    await rejects(db.select(TASKS, { where: { order: 3 } }), 'invalid_filter')
  })
  t.behaviour('keys.aggregate', async ({ db }) => {
    await db.insert(TASKS, [
      { title: 'a', task_order: 2 },
      { title: 'b', task_order: 3 },
    ])
    const spec = { naming: 'key', aggregates: { total: 'sum(order)' }, groupBy: ['parentTaskId'] } as const
    assert.deepEqual(await db.aggregate(TASKS, spec), [{ parentTaskId: null, total: 5 }])
  })
}

function streams(t: SuiteBuilder): void {
  const rowsOf = (n: number): Row[] => Array.from({ length: n }, (_, i) => ({ title: `t${i}`, task_order: i }))
  for (const batchSize of [1, 7, 1000]) {
    t.behaviour(`stream.batches-of-${batchSize}`, async ({ db }) => {
      await db.insert(TASKS, rowsOf(50), { returning: false })
      const orders: unknown[] = []
      const spec = {
        columns: ['task_order'],
        orderBy: 'desc(task_order)',
        where: { task_order: { gte: 10 } },
        batchSize,
      }
      for await (const row of db.stream(TASKS, spec)) orders.push(row.task_order)
      assert.deepEqual(
        orders,
        Array.from({ length: 40 }, (_, i) => 49 - i),
      )
    })
  }
  t.behaviour('stream.left-early', async ({ db }) => {
    await db.insert(TASKS, rowsOf(50), { returning: false })
    for (let round = 0; round < 30; round++) {
      for await (const row of db.stream(TASKS, { orderBy: 'task_order', batchSize: 2 })) {
        assert.equal(row.task_order, 0)
        break
      }
    }
    await db.insert(TASKS, { title: 'last' })
    assert.equal(await db.count(TASKS), 51)
  })
  t.behaviour('stream.limit-and-offset', async ({ db }) => {
    await db.insert(TASKS, rowsOf(20), { returning: false })
    const orders: unknown[] = []
    for await (const row of db.stream(TASKS, { orderBy: 'task_order', limit: 5, offset: 3, batchSize: 2 }))
      orders.push(row.task_order)
    assert.deepEqual(orders, [3, 4, 5, 6, 7])
  })
  t.behaviour('stream.nothing', async ({ db }) => {
    for await (const row of db.stream(TASKS)) assert.fail(`a row: ${JSON.stringify(row)}`)
  })
  t.behaviour('stream.in-a-transaction', async ({ db }) => {
    await db.transaction(async (tx) => {
      await tx.insert(TASKS, rowsOf(5))
      const titles: unknown[] = []
      for await (const row of tx.stream(TASKS, { orderBy: 'title', batchSize: 2 })) titles.push(row.title)
      assert.deepEqual(titles, ['t0', 't1', 't2', 't3', 't4'])
    })
  })
  t.behaviour('stream.refused', async ({ db }) => {
    const drain = async (spec: object): Promise<void> => {
      for await (const row of db.stream(TASKS, spec)) assert.ok(row)
    }
    for (const batchSize of [0, -1, 1.5, Number.NaN]) await rejects(drain({ batchSize }), 'invalid_input')
    await rejects(drain({ where: { nope: 1 } }), 'invalid_filter')
  })
}

function statements(t: SuiteBuilder): void {
  const otherwise = {
    needs: 'sql',
    otherwise: async ({ db }) => void (await rejects(db.execute(sql`select 1`), 'unsupported')),
  } as const satisfies Parameters<SuiteBuilder['behaviour']>[1]
  t.behaviour('execute.reads', otherwise, async ({ db }) => {
    await db.insert(TASKS, [{ title: 'a' }, { title: 'b' }])
    const { rows } = await db.execute(sql`select title as name from archon_tasks where title > ${'a'} order by title`)
    assert.deepEqual(rows, [{ name: 'b' }])
  })
  t.behaviour('execute.counts-changes', otherwise, async ({ db }) => {
    await db.insert(TASKS, [{ title: 'a' }, { title: 'b' }, { title: 'c' }])
    const { rows, count } = await db.execute(sql`update archon_tasks set feature = ${'f'} where title <> ${'a'}`)
    assert.deepEqual(rows, [])
    assert.equal(count, 2)
  })
  t.behaviour('execute.binds-values', otherwise, async ({ db }) => {
    const evil = "x'; delete from archon_tasks; --"
    await db.insert(TASKS, { title: 'a' })
    await db.execute(sql`update archon_tasks set feature = ${evil}`)
    assert.deepEqual((await db.select(TASKS, { columns: ['feature'] })).rows, [{ feature: evil }])
  })
  t.behaviour('execute.in-a-transaction', otherwise, async ({ db }) => {
    class Stop extends Error {}
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.execute(
          sql`insert into archon_projects (id, title) values (${'0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'}, ${'p'})`,
        )
        assert.equal(await tx.count('archon_projects'), 1)
        throw new Stop()
      }),
      Stop,
    )
    assert.equal(await db.count('archon_projects'), 0)
  })
  t.behaviour('execute.broken-statement', otherwise, async ({ db }) => {
    const error = await rejects(
      db.execute(sql`select * from no_such_table_here where a = ${'s3cret'}`),
      'invalid_input',
    )
    assert.equal(JSON.stringify(error).includes('s3cret'), false)
  })
}
