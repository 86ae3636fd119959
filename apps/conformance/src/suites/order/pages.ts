import assert from 'node:assert/strict'
import type { DataAccess, OrderBy, SelectResult, SelectSpec } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addTasks, keyOf, ordered, TASKS } from './rows.ts'

/** Pages until there is no next one. */
async function allPages(db: DataAccess, table: string, column: string, spec: SelectSpec): Promise<unknown[][]> {
  const pages: unknown[][] = []
  for (let after: string | null | undefined = null; after !== undefined; ) {
    const { rows, nextCursor }: SelectResult = await db.select(table, { ...spec, columns: [column], after })
    pages.push(rows.map((row) => row[column]))
    assert.ok(pages.length < 100, 'pages come to an end')
    after = nextCursor ?? undefined
  }
  return pages
}

async function cursorOf(db: DataAccess, spec: SelectSpec): Promise<string> {
  const { nextCursor } = await db.select(TASKS, { ...spec, after: null })
  assert.equal(typeof nextCursor, 'string')
  return nextCursor as string
}

export function pages(t: SuiteBuilder): void {
  cursors(t)
  everyKind(t)
  changesBetween(t)
  badCursors(t)
  bounds(t)
  counts(t)
}

/** Ties, nulls, and more rows than fit a page. */
const MIXED = [1, null, 2, 1, null, 3, 2, 2, 1, null].map((task_order, i) => ({
  task_order,
  feature: i % 3 === 0 ? null : `f${i % 3}`,
}))

function cursors(t: SuiteBuilder): void {
  const orders: Readonly<Record<string, OrderBy | readonly OrderBy[]>> = {
    'default-order': [],
    ascending: 'task_order',
    descending: 'desc(task_order)',
    'nulls-first': { column: 'task_order', nulls: 'first' },
    'descending-nulls-last': { column: 'task_order', direction: 'desc', nulls: 'last' },
    'mixed-directions': ['desc(task_order)', 'feature'],
    'several-with-nulls': [{ column: 'feature', direction: 'desc', nulls: 'last' }, 'task_order', 'desc(id)'],
    'not-null-column': ['desc(priority)', 'title'],
  }
  for (const [name, orderBy] of Object.entries(orders)) {
    t.behaviour(`cursor.${name}`, async ({ db }) => {
      await addTasks(db, MIXED)
      const whole = await ordered(db, TASKS, 'title', orderBy)
      for (const limit of [1, 2, 3, 4, 9]) {
        const found = await allPages(db, TASKS, 'title', { orderBy, limit })
        assert.deepEqual(found.flat(), whole, `pages of ${limit}`)
        assert.equal(found.length, Math.ceil(10 / limit), `pages of ${limit}`)
      }
    })
  }
  t.behaviour('cursor.exact-multiple-ends-with-a-full-page', async ({ db }) => {
    await addTasks(db, MIXED)
    assert.deepEqual(
      (await allPages(db, TASKS, 'title', { limit: 5 })).map((page) => page.length),
      [5, 5],
    )
    assert.equal((await db.select(TASKS, { limit: 10, after: null })).nextCursor, null)
  })
  t.behaviour('cursor.nothing-to-page', async ({ db }) => {
    assert.deepEqual(await db.select(TASKS, { limit: 5, after: null }), { rows: [], nextCursor: null })
  })
  t.behaviour('cursor.with-filter', async ({ db }) => {
    await addTasks(db, MIXED)
    const where = { task_order: { ne: 2 }, feature: { isNull: false } }
    const whole = await ordered(db, TASKS, 'title', 'desc(task_order)', { where })
    assert.equal(whole.length, 2)
    assert.deepEqual(
      await allPages(db, TASKS, 'title', { where, orderBy: 'desc(task_order)', limit: 1 }),
      whole.map((title) => [title]),
    )
  })
  t.behaviour('cursor.does-not-show-in-rows', async ({ db }) => {
    await addTasks(db, MIXED)
    const { rows, nextCursor } = await db.select(TASKS, {
      columns: ['title'],
      orderBy: 'task_order',
      limit: 1,
      after: null,
    })
    assert.deepEqual(rows, [{ title: 't1' }])
    assert.match(nextCursor ?? '', /^[A-Za-z0-9_-]+$/)
  })
  t.behaviour('cursor.is-stable', async ({ db }) => {
    await addTasks(db, MIXED)
    const cursor = await cursorOf(db, { limit: 3 })
    assert.equal(await cursorOf(db, { limit: 3, columns: ['title'] }), cursor)
  })
  t.behaviour('cursor.serves-another-handle', { needs: 'shareable' }, async ({ db, open }) => {
    await addTasks(db, MIXED)
    const after = await cursorOf(db, { limit: 3 })
    const { rows } = await (await open()).select(TASKS, { columns: ['title'], limit: 2, after })
    assert.deepEqual(rows, [{ title: 't4' }, { title: 't5' }])
  })
  t.behaviour('cursor.in-a-transaction', async ({ db }) => {
    await addTasks(db, MIXED)
    const found = await db.transaction((tx) => allPages(tx, TASKS, 'title', { limit: 4 }))
    assert.deepEqual(
      found.map((page) => page.length),
      [4, 4, 2],
    )
  })
}

/** A cursor carries values of every kind that can be ordered by. */
function everyKind(t: SuiteBuilder): void {
  const values: Readonly<Record<string, readonly [string, readonly unknown[]]>> = {
    text: ['feature', ['', 'a', "it's; --", 'ä', '\uffff', '😀', '"\\\n']],
    timestamp: [
      'archived_at',
      [new Date(-1), new Date(0), new Date('2024-02-29T23:59:59.999Z'), new Date('9999-12-31T23:59:59.999Z')],
    ],
    boolean: ['archived', [false, true, true, false]],
    enum: ['status', ['todo', 'doing', 'review', 'done']],
    integer: ['task_order', [-2147483648, -1, 0, 2147483647]],
  }
  for (const [kind, [column, list]] of Object.entries(values)) {
    t.behaviour(`cursor.over-${kind}`, async ({ db }) => {
      await addTasks(
        db,
        list.map((value) => ({ [column]: value })),
      )
      for (const orderBy of [column, `desc(${column})`]) {
        const whole = await ordered(db, TASKS, 'title', orderBy)
        assert.deepEqual((await allPages(db, TASKS, 'title', { orderBy, limit: 1 })).flat(), whole)
      }
    })
  }
  t.behaviour('cursor.over-bigint', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const ids = [1, 9007199254740991, 9007199254740992n, 9007199254740993n, 4611686018427387904n]
    const chunk = { chunk_number: 0, content: 'c', source_id: 's' }
    await db.insert(
      'archon_crawled_pages',
      ids.map((id) => ({ ...chunk, id, url: `${id}` })),
    )
    const found = await allPages(db, 'archon_crawled_pages', 'id', { orderBy: 'desc(id)', limit: 1 })
    assert.deepEqual(found.flat(), ids.toReversed())
  })
  t.behaviour('cursor.over-double', async ({ db }) => {
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
    const seconds = [-1e300, -0.1, 0, 0.1, 0.30000000000000004, 1e300]
    await db.insert(
      'archon_agent_work_order_steps',
      seconds.map((duration_seconds) => ({ ...step, duration_seconds })),
    )
    const found = await allPages(db, 'archon_agent_work_order_steps', 'duration_seconds', {
      orderBy: 'duration_seconds',
      limit: 1,
    })
    assert.deepEqual(found.flat(), seconds)
  })
  t.behaviour('cursor.over-composite-key', async ({ db }) => {
    const keys = ['a', 'b'].flatMap((table_name) => ['1', '2', '3'].map((record_id) => ({ table_name, record_id })))
    await db.insert('archon_vector_index', keys)
    const found = await allPages(db, 'archon_vector_index', 'record_id', { limit: 2 })
    assert.deepEqual(found, [
      ['1', '2'],
      ['3', '1'],
      ['2', '3'],
    ])
  })
}

function changesBetween(t: SuiteBuilder): void {
  const spec = { columns: ['title'], orderBy: 'task_order', limit: 2 } as const
  const titlesAfter = async (db: DataAccess, after: string): Promise<unknown[]> =>
    (await db.select(TASKS, { ...spec, limit: 10, after })).rows.map((row) => row.title)
  const five = [1, 2, 3, 4, 5].map((task_order) => ({ task_order }))

  t.behaviour('cursor.last-row-deleted', async ({ db }) => {
    await addTasks(db, five)
    const after = await cursorOf(db, spec)
    await db.delete(TASKS, { where: { title: { in: ['t1', 't2'] } } })
    assert.deepEqual(await titlesAfter(db, after), ['t3', 't4', 't5'])
  })
  t.behaviour('cursor.rows-inserted', async ({ db }) => {
    await addTasks(db, five)
    const after = await cursorOf(db, spec)
    await db.insert(TASKS, [
      { title: 'before', task_order: 0 },
      { title: 'between', task_order: 3, id: keyOf(99) },
      { title: 'tied', task_order: 2, id: keyOf(98) },
    ])
    assert.deepEqual(await titlesAfter(db, after), ['tied', 't3', 'between', 't4', 't5'])
  })
  t.behaviour('cursor.rows-moved', async ({ db }) => {
    await addTasks(db, five)
    const after = await cursorOf(db, spec)
    await db.update(TASKS, { task_order: 9 }, { where: { title: 't1' } })
    await db.update(TASKS, { task_order: 0 }, { where: { title: 't4' } })
    assert.deepEqual(await titlesAfter(db, after), ['t3', 't5', 't1'])
  })
  t.behaviour('cursor.all-later-rows-deleted', async ({ db }) => {
    await addTasks(db, five)
    const after = await cursorOf(db, spec)
    await db.delete(TASKS, { where: { task_order: { gt: 2 } } })
    assert.deepEqual(await db.select(TASKS, { ...spec, after }), { rows: [], nextCursor: null })
    assert.deepEqual(await db.select(TASKS, { ...spec, after, count: 'exact' }), {
      rows: [],
      nextCursor: null,
      count: 2,
    })
  })
}

const pack = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function badCursors(t: SuiteBuilder): void {
  t.behaviour('cursor.malformed', async ({ db }) => {
    await addTasks(db, MIXED)
    const good = await cursorOf(db, { orderBy: 'task_order', limit: 1 })
    const [order] = JSON.parse(Buffer.from(good, 'base64url').toString()) as [string]
    const keys: readonly unknown[] = [
      ['1', keyOf(1)], [1.5, keyOf(1)], [1, 'not a uuid'], [1, 5], [1], [1, keyOf(1), 2], [{ n: '1e5' }, keyOf(1)], [{}, keyOf(1)], [[1], keyOf(1)], [true, keyOf(1)],
      [{ n: '99999999999999999999' }, keyOf(1)], [1, `${keyOf(1)}\0`], 'keys', null, {},
    ] // biome-ignore format: a list
    const bad = ['', ' ', 'nonsense', '!!!', good.slice(0, -3), `${good}A`, pack(null), pack([]), pack([order]), pack({}), pack('x'), ...keys.map((key) => pack([order, key]))] // biome-ignore format: a list
    for (const after of bad)
      await rejects(db.select(TASKS, { orderBy: 'task_order', limit: 1, after }), 'invalid_input', {
        messageIncludes: 'cursor',
      })
    for (const after of [5, true, {}, []])
      await rejects(db.select(TASKS, { limit: 1, after: after as unknown as string }), 'invalid_input', {
        messageIncludes: 'cursor',
      })
  })
  t.behaviour('cursor.of-another-order', async ({ db }) => {
    await addTasks(db, MIXED)
    const after = await cursorOf(db, { orderBy: 'task_order', limit: 1 })
    const others: readonly (OrderBy | readonly OrderBy[])[] = [
      [],
      'title',
      'desc(task_order)',
      ['task_order', 'title'],
      { column: 'task_order', nulls: 'first' },
    ]
    for (const orderBy of others)
      await rejects(db.select(TASKS, { orderBy, limit: 1, after }), 'invalid_input', { messageIncludes: 'order' })
    assert.equal((await db.select(TASKS, { orderBy: ['asc(task_order)', 'id'], limit: 1, after })).rows.length, 1)
  })
  t.behaviour('cursor.goes-with-a-limit-only', async ({ db }) => {
    await rejects(db.select(TASKS, { after: null }), 'invalid_input', { messageIncludes: 'limit' })
    await rejects(db.select(TASKS, { after: null, limit: 0 }), 'invalid_input', { messageIncludes: 'limit' })
    await rejects(db.select(TASKS, { after: null, limit: 2, offset: 2 }), 'invalid_input', {
      messageIncludes: 'offset',
    })
    const distinct = { after: null, limit: 2, distinct: true, columns: ['title'] }
    await rejects(db.select(TASKS, distinct), 'invalid_input', { messageIncludes: 'distinct' })
  })
}

function bounds(t: SuiteBuilder): void {
  t.behaviour('bounds.limit-and-offset', async ({ db }) => {
    await addTasks(db, [{}, {}, {}, {}, {}])
    const at = (spec: SelectSpec): Promise<unknown[]> => ordered(db, TASKS, 'title', 'desc(title)', spec)
    assert.deepEqual(await at({ limit: 2 }), ['t5', 't4'])
    assert.deepEqual(await at({ limit: 2, offset: 2 }), ['t3', 't2'])
    assert.deepEqual(await at({ offset: 3 }), ['t2', 't1'])
    assert.deepEqual(await at({ limit: 99, offset: 4 }), ['t1'])
    assert.deepEqual(await at({ offset: 5 }), [])
    assert.deepEqual(await at({ limit: 2, offset: 99 }), [])
    assert.deepEqual(await at({ limit: Number.MAX_SAFE_INTEGER, offset: 4 }), ['t1'])
    assert.deepEqual(await at({ limit: 1, offset: Number.MAX_SAFE_INTEGER }), [])
  })
  t.behaviour('bounds.zero', async ({ db }) => {
    await addTasks(db, [{}, {}])
    assert.deepEqual(await db.select(TASKS, { limit: 0 }), { rows: [] })
    assert.deepEqual(await ordered(db, TASKS, 'title', undefined, { offset: 0 }), ['t1', 't2'])
    assert.deepEqual(await db.select(TASKS, { limit: 0, count: 'exact' }), { rows: [], count: 2 })
  })
  t.behaviour('bounds.refused', async ({ db }) => {
    for (const bad of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5', true, 5n, {}]) {
      await rejects(db.select(TASKS, { limit: bad as number }), 'invalid_input', { messageIncludes: 'limit' })
      await rejects(db.select(TASKS, { offset: bad as number }), 'invalid_input', { messageIncludes: 'offset' })
    }
  })
}

function counts(t: SuiteBuilder): void {
  t.behaviour('count.exact-beside-rows', async ({ db }) => {
    await addTasks(db, MIXED)
    const counted = async (spec: SelectSpec): Promise<[number, number | undefined]> => {
      const { rows, count } = await db.select(TASKS, { ...spec, count: 'exact' })
      return [rows.length, count]
    }
    assert.deepEqual(await counted({}), [10, 10])
    assert.deepEqual(await counted({ limit: 3 }), [3, 10])
    assert.deepEqual(await counted({ limit: 3, offset: 8 }), [2, 10])
    assert.deepEqual(await counted({ limit: 3, offset: 10 }), [0, 10])
    assert.deepEqual(await counted({ where: { task_order: 1 }, limit: 1 }), [1, 3])
    assert.deepEqual(await counted({ where: { task_order: 1 }, offset: 9 }), [0, 3])
    assert.deepEqual(await counted({ where: { task_order: 99 } }), [0, 0])
  })
  t.behaviour('count.only-when-asked-for', async ({ db }) => {
    assert.equal('count' in (await db.select(TASKS)), false)
    assert.equal('nextCursor' in (await db.select(TASKS)), false)
  })
  t.behaviour('count.beside-a-page', async ({ db }) => {
    await addTasks(db, MIXED)
    const spec = { where: { task_order: { isNull: false } }, orderBy: 'task_order', limit: 3, count: 'exact' } as const
    const first = await db.select(TASKS, { ...spec, after: null })
    const second = await db.select(TASKS, { ...spec, after: first.nextCursor ?? null })
    const third = await db.select(TASKS, { ...spec, after: second.nextCursor ?? null })
    assert.deepEqual(
      [first, second, third].map(({ rows, count }) => [rows.length, count]),
      [
        [3, 7],
        [3, 7],
        [1, 7],
      ],
    )
    assert.equal(third.nextCursor, null)
  })
  t.behaviour('count.of-a-table', async ({ db }) => {
    assert.equal(await db.count(TASKS), 0)
    await addTasks(db, MIXED)
    assert.equal(await db.count(TASKS), 10)
    assert.equal(await db.count(TASKS, {}), 10)
    assert.equal(await db.count(TASKS, { task_order: null }), 3)
    await rejects(db.count('nope'), 'invalid_input')
    await rejects(db.count(TASKS, { nope: 1 }), 'invalid_filter')
  })
}
