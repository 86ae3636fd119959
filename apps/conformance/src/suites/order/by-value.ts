import assert from 'node:assert/strict'
import type { DataAccess, OrderBy } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addTasks, keyOf, ordered, PROMPTS, TASKS } from './rows.ts'

export function byValue(t: SuiteBuilder): void {
  kinds(t)
  texts(t)
  nulls(t)
  ties(t)
  forms(t)
}

interface Sorted {
  readonly table: string
  readonly column: string
  /** Smallest first; all different. */
  readonly values: readonly unknown[]
  add(db: DataAccess, values: readonly unknown[]): Promise<void>
}

const addTo =
  (column: string) =>
  (db: DataAccess, values: readonly unknown[]): Promise<void> =>
    addTasks(
      db,
      values.map((value) => ({ [column]: value })),
    )

async function addSteps(db: DataAccess, values: readonly unknown[]): Promise<void> {
  const order = { agent_work_order_id: 'w', repository_url: 'u', sandbox_identifier: 's', status: 'running' }
  await db.insert('archon_agent_work_orders', order)
  const step = { ...order, step: 's', agent_name: 'a', success: true, executed_at: new Date(0), step_order: 1 }
  const { repository_url: _, sandbox_identifier: __, status: ___, ...plain } = step
  await db.insert(
    'archon_agent_work_order_steps',
    values.map((value) => ({ ...plain, duration_seconds: value })),
  )
}

async function addChunks(db: DataAccess, values: readonly unknown[]): Promise<void> {
  await db.insert('archon_sources', { source_id: 's' })
  const chunk = { chunk_number: 0, content: 'c', source_id: 's' }
  await db.insert(
    'archon_crawled_pages',
    values.map((id, i) => ({ ...chunk, id, url: `u${i}` })),
  )
}

const TIMES = ['1000-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z', '2024-02-29T12:00:00.001Z', '2024-02-29T12:00:00.002Z', '9999-12-31T23:59:59.999Z'] // biome-ignore format: a list

const KINDS: Readonly<Record<string, Sorted>> = {
  integer: { table: TASKS, column: 'task_order', values: [-2147483648, -10, -9, 0, 9, 10, 2147483647], add: addTo('task_order') },
  // By letter it would be doing, done, review, todo.
  enum: { table: TASKS, column: 'status', values: ['todo', 'doing', 'review', 'done'], add: addTo('status') },
  'enum-not-null': { table: TASKS, column: 'priority', values: ['low', 'medium', 'high', 'critical'], add: addTo('priority') },
  boolean: { table: TASKS, column: 'archived', values: [false, true], add: addTo('archived') },
  timestamp: { table: TASKS, column: 'archived_at', values: TIMES.map((text) => new Date(text)), add: addTo('archived_at') },
  uuid: {
    table: TASKS,
    column: 'id',
    values: [keyOf(9), keyOf(10), '7fffffff-ffff-4fff-bfff-ffffffffffff', '80000000-0000-4000-8000-000000000000', 'ffffffff-0000-4000-8000-000000000000'],
    add: (db, values) => addTasks(db, values.map((id) => ({ id }))),
  },
  double: { table: 'archon_agent_work_order_steps', column: 'duration_seconds', values: [-1.7e308, -2, -0.5, 0, 5e-300, 0.1, 0.30000000000000004, 10, 1.7e308], add: addSteps },
  bigint: { table: 'archon_crawled_pages', column: 'id', values: [9, 10, 9007199254740991, 9007199254740992n, 9007199254740993n, 4611686018427387904n], add: addChunks },
} // biome-ignore format: one a line where it fits

function kinds(t: SuiteBuilder): void {
  for (const [kind, { table, column, values, add }] of Object.entries(KINDS)) {
    t.behaviour(`value.${kind}.ascending`, async ({ db, random }) => {
      await add(db, random.shuffle(values))
      assert.deepEqual(await ordered(db, table, column, column), values)
      assert.deepEqual(await ordered(db, table, column, `asc(${column})`), values)
    })
    t.behaviour(`value.${kind}.descending`, async ({ db, random }) => {
      await add(db, random.shuffle(values))
      assert.deepEqual(await ordered(db, table, column, `desc(${column})`), values.toReversed())
    })
  }
}

/** Each list is in the order of its code points, whatever a dictionary says. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  case: ['A', 'B', 'Z', 'a', 'b', 'z'],
  accents: ['Z', 'a', 'e', 'f', 'z', 'À', 'à', 'é', 'ø', 'ÿ'],
  digits: ['1', '10', '100', '2', '20', '9'],
  punctuation: ['', ' ', '!', '"', '%', "'", '*', '-', '.', '/', '0', ':', '?', 'A', '[', '\\', ']', '^', '_', '`', 'a', '{', '|', '~'],
  prefixes: ['', 'a', 'a ', 'a b', 'a-b', 'aa', 'ab', 'b'],
  'control-characters': ['', '\u0001', '\t', '\n', '\r', ' ', 'a', 'a\u0001', 'a\n', 'a ', 'ab'],
  scripts: ['Latin', 'Ωmega', 'Ящик', 'שלום', 'ก', 'か', 'カ', '日', '漢', '한'],
  combining: ['e', 'e\u0301', 'f', '\u0301', 'é'].toSorted(),
  // UTF-16 puts the surrogates of a higher plane before U+E000 and all that follows.
  'beyond-the-basic-plane': ['z', '\ud7ff', '\ue000', '\ufdd0', '\ufeff', '\uffff', '\u{10000}', '😀', '\u{2ffff}', '\u{10ffff}'],
  'beyond-the-basic-plane-inside': ['a\uffffz', 'a\u{10000}', 'a\u{10000}a', 'a😀'],
} // biome-ignore format: lists

function texts(t: SuiteBuilder): void {
  for (const [name, values] of Object.entries(TEXTS)) {
    t.behaviour(`value.text.${name}`, async ({ db, random }) => {
      const rows = random.shuffle(values).map((prompt, i) => ({ prompt_name: `${i}`, prompt }))
      await db.insert(PROMPTS, rows, { returning: false })
      assert.deepEqual(await ordered(db, PROMPTS, 'prompt', 'prompt'), values)
      assert.deepEqual(await ordered(db, PROMPTS, 'prompt', 'desc(prompt)'), values.toReversed())
      const middle = values[values.length >> 1] as string
      const above = await ordered(db, PROMPTS, 'prompt', 'prompt', { where: { prompt: { gt: middle } } })
      assert.deepEqual(above, values.slice((values.length >> 1) + 1), 'gt agrees with the order')
    })
  }
}

/** Every kind of column that may be empty. */
const NULLABLE: Readonly<Record<string, readonly [column: string, smaller: unknown, larger: unknown]>> = {
  text: ['feature', 'a', 'b'],
  integer: ['task_order', -1, 1],
  enum: ['status', 'todo', 'done'],
  boolean: ['archived', false, true],
  timestamp: ['archived_at', new Date(-1), new Date(1)],
  uuid: ['parent_task_id', keyOf(1), keyOf(2)],
}

function nulls(t: SuiteBuilder): void {
  for (const [kind, [column, smaller, larger]] of Object.entries(NULLABLE)) {
    t.behaviour(`nulls.${kind}`, async ({ db }) => {
      // Parents first: their own column stays empty.
      const own = [smaller, null, larger].map((value) => ({ [column]: value }))
      const parents = kind === 'uuid' ? [{}, {}] : []
      await addTasks(db, [...parents, ...own])
      const empty = kind === 'uuid' ? [null, null, null] : [null]
      const at = (orderBy: OrderBy): Promise<unknown[]> => ordered(db, TASKS, column, orderBy)
      assert.deepEqual(await at(column), [smaller, larger, ...empty], 'last when ascending')
      assert.deepEqual(await at(`desc(${column})`), [...empty, larger, smaller], 'first when descending')
      assert.deepEqual(await at({ column, nulls: 'first' }), [...empty, smaller, larger])
      assert.deepEqual(await at({ column, direction: 'desc', nulls: 'last' }), [larger, smaller, ...empty])
      assert.deepEqual(await at({ column, direction: 'asc', nulls: 'last' }), [smaller, larger, ...empty])
      assert.deepEqual(await at({ column, direction: 'desc', nulls: 'first' }), [...empty, larger, smaller])
    })
  }
}

function ties(t: SuiteBuilder): void {
  t.behaviour('ties.by-primary-key', async ({ db }) => {
    await db.insert(
      TASKS,
      [5, 3, 9, 1, 7].map((n) => ({ id: keyOf(n), title: `${n}`, task_order: 1 })),
    )
    assert.deepEqual(await ordered(db, TASKS, 'title', 'task_order'), ['1', '3', '5', '7', '9'])
    assert.deepEqual(await ordered(db, TASKS, 'title', 'desc(task_order)'), ['1', '3', '5', '7', '9'])
    assert.deepEqual(await ordered(db, TASKS, 'title', undefined), ['1', '3', '5', '7', '9'])
    assert.deepEqual(await ordered(db, TASKS, 'title', ['task_order', 'desc(id)']), ['9', '7', '5', '3', '1'])
  })
  t.behaviour('ties.by-text-key', async ({ db }) => {
    const ids = ['b', 'A', 'a ', 'B', 'a', 'ä']
    await db.insert(
      'archon_sources',
      ids.map((source_id) => ({ source_id, title: 'same' })),
    )
    assert.deepEqual(await ordered(db, 'archon_sources', 'source_id', 'title'), ['A', 'B', 'a', 'a ', 'b', 'ä'])
    assert.deepEqual(await ordered(db, 'archon_sources', 'source_id', undefined), ['A', 'B', 'a', 'a ', 'b', 'ä'])
  })
  t.behaviour('ties.by-numbered-key', async ({ db }) => {
    await addChunks(db, [10, 9, 100, 2])
    assert.deepEqual(await ordered(db, 'archon_crawled_pages', 'id', 'desc(content)'), [2, 9, 10, 100])
    assert.deepEqual(await ordered(db, 'archon_crawled_pages', 'id', undefined), [2, 9, 10, 100])
  })
  t.behaviour('ties.by-composite-key', async ({ db }) => {
    const keys = [['b', '1'], ['a', '2'], ['a', '10'], ['B', '9']] // biome-ignore format: pairs
    await db.insert(
      'archon_vector_index',
      keys.map(([table_name, record_id]) => ({ table_name, record_id })),
    )
    const { rows } = await db.select('archon_vector_index', { columns: ['table_name', 'record_id'] })
    assert.deepEqual(rows.map(Object.values), [
      ['B', '9'],
      ['a', '10'],
      ['a', '2'],
      ['b', '1'],
    ])
  })
  t.behaviour('ties.several-keys', async ({ db }) => {
    await addTasks(db, [
      { task_order: 2, feature: 'a' },
      { task_order: 1, feature: 'b' },
      { task_order: 1, feature: null },
      { task_order: 1, feature: 'a' },
      { task_order: null, feature: 'a' },
    ])
    assert.deepEqual(await ordered(db, TASKS, 'title', ['task_order', 'feature']), ['t4', 't2', 't3', 't1', 't5'])
    assert.deepEqual(await ordered(db, TASKS, 'title', ['desc(task_order)', 'desc(feature)']), [
      't5',
      't1',
      't3',
      't2',
      't4',
    ])
    assert.deepEqual(await ordered(db, TASKS, 'title', ['feature', 'desc(title)']), ['t5', 't4', 't1', 't2', 't3'])
  })
  t.behaviour('ties.same-order-every-time', async ({ db, random }) => {
    await addTasks(
      db,
      Array.from({ length: 200 }, () => ({ task_order: random.integer(1, 3) })),
    )
    const first = await ordered(db, TASKS, 'title', 'task_order')
    await db.update(TASKS, { feature: 'touched' }, { where: { task_order: 2 }, returning: false })
    assert.deepEqual(await ordered(db, TASKS, 'title', 'task_order'), first)
    const { rows } = await db.select(TASKS, { columns: ['title'], orderBy: 'task_order', limit: 50, offset: 75 })
    assert.deepEqual(
      rows.map((row) => row.title),
      first.slice(75, 125),
    )
  })
}

function forms(t: SuiteBuilder): void {
  t.behaviour('forms.accepted', async ({ db }) => {
    await addTasks(db, [{ task_order: 2 }, { task_order: 1 }])
    for (const orderBy of [
      'task_order',
      'asc(task_order)',
      ['task_order'],
      { column: 'task_order' },
      { column: 'task_order', direction: 'asc' },
    ])
      assert.deepEqual(await ordered(db, TASKS, 'title', orderBy as OrderBy), ['t2', 't1'])
    assert.deepEqual(await ordered(db, TASKS, 'title', []), ['t1', 't2'])
    assert.deepEqual(await ordered(db, TASKS, 'title', ['task_order', 'task_order', 'desc(task_order)']), ['t2', 't1'])
  })
  t.behaviour('forms.refused', async ({ db }) => {
    const refused: readonly unknown[] = [
      { column: 'title', direction: 'up' },
      { column: 'title', direction: 'DESC' },
      { column: 'title', nulls: 'maybe' },
      { column: 5 },
      {},
      null,
      5,
    ]
    for (const orderBy of refused)
      await rejects(db.select(TASKS, { orderBy: [orderBy] as OrderBy[] }), 'invalid_input', {
        messageIncludes: 'orderBy',
      })
  })
  t.behaviour('forms.unknown-column', async ({ db }) => {
    for (const orderBy of [
      'nope',
      'desc(nope)',
      'title desc',
      'title, id',
      '-title',
      'DESC(title)',
      'desc(title',
      '1',
      '',
    ])
      await rejects(db.select(TASKS, { orderBy }), 'invalid_filter')
  })
  t.behaviour('forms.values-without-order', async ({ db }) => {
    for (const orderBy of ['sources', 'desc(sources)', 'sources.a', 'sources[0]'])
      await rejects(db.select(TASKS, { orderBy }), 'invalid_input', { column: 'sources' })
    await rejects(db.select('archon_crawled_pages', { orderBy: 'embedding_384' }), 'invalid_input', {
      column: 'embedding_384',
    })
  })
}
