import assert from 'node:assert/strict'
import type { Database, DbErrorCode, Filter } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'

interface Refusal {
  readonly where: unknown
  readonly table?: string
  readonly code?: DbErrorCode
  readonly says?: string | readonly string[]
  readonly column?: string
}

const CHUNKS = 'archon_crawled_pages'
const STEPS = 'archon_agent_work_order_steps'

/** What is no filter, or no filter for this column. */
const REFUSED: Readonly<Record<string, readonly Refusal[]>> = {
  'unknown-column': [
    { where: { nope: 1 }, says: ['nope', 'archon_tasks'] },
    { where: { Title: 'a' }, says: 'Title' },
    { where: { projectId: null }, says: 'projectId' },
    { where: { '': 1 } },
    { where: { constructor: 'a' }, says: 'constructor' },
    { where: JSON.parse('{ "__proto__": 1 }') as unknown, says: '__proto__' },
    { where: { or: [{ title: 'a' }, { and: [{ nope: 1 }] }] }, says: 'nope' },
    { where: { content_search_vector: 'a' }, table: CHUNKS },
  ],
  'unknown-operator': [
    { where: { title: { equals: 'a' } }, says: ['equals', 'title'], column: 'title' },
    { where: { title: { $eq: 'a' } }, says: '$eq', column: 'title' },
    { where: { title: { EQ: 'a' } }, says: 'EQ' },
    { where: { title: { eq: 'a', $gt: 'b' } }, says: '$gt' },
    { where: { title: { toString: 'a' } }, says: 'toString' },
    { where: { title: JSON.parse('{ "__proto__": "a" }') as unknown } },
    { where: { $or: [{ title: 'a' }] }, says: '$or' },
    { where: { OR: [{ title: 'a' }] }, says: 'OR' },
    { where: { sources: { $in: ['a'] } }, says: '$in' },
    { where: { sources: { contains: 'a', other: 1 } }, says: 'other' },
  ],
  'undefined-operand': [
    { where: { title: undefined }, says: 'title' },
    { where: { title: { eq: undefined } }, says: 'eq' },
    { where: { title: { in: ['a', undefined] } }, says: 'in' },
    { where: { title: { like: undefined } }, says: 'like' },
    { where: { title: { between: ['a', undefined] } } },
    { where: { sources: { jsonContains: undefined } }, says: 'jsonContains' },
    { where: { 'sources.a': undefined }, says: 'sources.a' },
    { where: { and: undefined }, says: 'and' },
    { where: { not: undefined } },
  ],
  'no-filter-at-all': [
    { where: 'title' },
    { where: 5 },
    { where: [{ title: 'a' }] },
    { where: new Date(0) },
    { where: new Map([['title', 'a']]) },
    { where: { and: { title: 'a' } }, says: 'and' },
    { where: { or: 'title' }, says: 'or' },
    { where: { and: ['title'] } },
    { where: { and: [null] } },
    { where: { not: [{ title: 'a' }] } },
    { where: { not: 'a' } },
  ],
  'malformed-operand': [
    { where: { title: { in: 'a' } }, says: ['in', 'title'], column: 'title' },
    { where: { title: { notIn: new Set(['a']) } }, says: 'notIn' },
    { where: { task_order: { between: [1] } }, says: 'between' },
    { where: { task_order: { between: [1, 2, 3] } }, says: 'between' },
    { where: { task_order: { between: 1 } }, says: 'between' },
    { where: { title: { isNull: 'yes' } }, says: 'isNull' },
    { where: { title: { isNull: null } }, says: 'isNull' },
    { where: { title: { exists: 1 } }, says: 'exists' },
    { where: { title: { like: 5 } }, says: 'like' },
    { where: { title: { contains: ['a'] } }, says: 'contains' },
  ],
  'operator-for-another-kind': [
    { where: { task_order: { like: '1%' } }, says: ['like', 'task_order'], column: 'task_order' },
    { where: { archived: { contains: 'true' } }, column: 'archived' },
    { where: { status: { ilike: 'TODO' } }, column: 'status' },
    { where: { id: { startsWith: '0' } }, column: 'id' },
    { where: { created_at: { endsWith: 'Z' } }, column: 'created_at' },
    { where: { title: { jsonContains: {} } }, says: 'jsonContains', column: 'title' },
    { where: { 'title.a': 1 }, column: 'title' },
    { where: { 'task_order[0]': 1 }, column: 'task_order' },
    { where: { sources: { eq: { a: 1 } } }, says: 'jsonContains' },
    { where: { sources: { in: [[1]] } }, says: 'jsonContains' },
    { where: { 'sources.a': { gt: [] } } },
  ],
}

/** Values that the column could never hold. */
const WRONG_VALUES: Readonly<Record<string, readonly Refusal[]>> = {
  text: [{ where: { title: 5 } }, { where: { title: true } }, { where: { title: { in: ['a', 5] } } }],
  uuid: [
    { where: { id: 'not a uuid' }, column: 'id' },
    { where: { id: 5 } },
    { where: { id: { in: ['', null] } } },
    { where: { id: '0198c1d27a5e7c3b9f102b4c6d8e0f12' } },
  ],
  enum: [
    { where: { status: 'nope' }, column: 'status', says: 'todo, doing, review, done' },
    { where: { status: 'Todo' } },
    { where: { priority: { gt: 1 } } },
  ],
  integer: [
    { where: { task_order: '5' }, column: 'task_order' },
    { where: { task_order: 1.5 } },
    { where: { task_order: Number.NaN } },
    { where: { task_order: { lt: 2147483648 } } },
    { where: { task_order: { in: [1, -2147483649] } } },
    { where: { task_order: 4294967296n } },
  ],
  bigint: [
    { where: { id: '5' }, table: CHUNKS, column: 'id' },
    { where: { id: 0.5 }, table: CHUNKS },
    { where: { id: 2 ** 53 }, table: CHUNKS },
    { where: { id: 2n ** 63n }, table: CHUNKS },
    { where: { id: { gte: -(2n ** 63n) - 1n } }, table: CHUNKS },
  ],
  double: [
    { where: { duration_seconds: '1.5' }, table: STEPS, column: 'duration_seconds' },
    { where: { duration_seconds: Number.NaN }, table: STEPS },
    { where: { duration_seconds: { lt: Number.POSITIVE_INFINITY } }, table: STEPS },
    { where: { duration_seconds: 5n }, table: STEPS },
  ],
  boolean: [{ where: { archived: 1 }, column: 'archived' }, { where: { archived: 'true' } }],
  timestamp: [
    { where: { created_at: 'yesterday' }, column: 'created_at' },
    { where: { created_at: 0 } },
    { where: { created_at: new Date(Number.NaN) } },
    { where: { created_at: { gt: '2024-02-30T00:00:00Z' } } },
    { where: { created_at: { lt: '2024-01-01T24:00:00Z' } } },
    { where: { created_at: '0999-12-31T23:59:59Z' } },
  ],
  characters: [
    { where: { title: 'a\0b' }, column: 'title', says: 'U+0000' },
    { where: { title: { like: 'a\0%' } } },
    { where: { title: { in: ['a', '\0'] } } },
    { where: { title: '\ud800' } },
    { where: { title: { contains: '\udc00' } } },
    { where: { 'sources.a': 'a\0b' } },
    { where: { sources: { jsonContains: { a: '\ud83d' } } } },
    { where: { sources: { jsonContains: { 'a\0': 1 } } } },
  ],
  json: [
    { where: { 'sources.n': Number.NaN } },
    { where: { sources: { jsonContains: { n: Number.POSITIVE_INFINITY } } } },
    { where: { sources: { jsonContains: [undefined] } } },
    { where: { sources: { jsonContains: () => 1 } } },
  ],
}

export function refused(t: SuiteBuilder): void {
  for (const [name, refusals] of Object.entries(REFUSED))
    t.behaviour(`refused.${name}`, async ({ db }) => refuseAll(db, refusals, 'invalid_filter'))
  for (const [name, refusals] of Object.entries(WRONG_VALUES))
    t.behaviour(`refused.wrong-value.${name}`, async ({ db }) => refuseAll(db, refusals, 'invalid_input'))
  vectors(t)
  depth(t)
  t.behaviour('refused.long-names-are-cut-in-messages', async ({ db }) => {
    const error = await rejects(db.select('archon_tasks', { where: { ['x'.repeat(10_000)]: 1 } }), 'invalid_filter')
    assert.ok(error.message.length < 400, `${error.message.length} characters`)
  })
}

async function refuseAll(db: Database, refusals: readonly Refusal[], usual: DbErrorCode): Promise<void> {
  for (const { where, table = 'archon_tasks', code = usual, says, column } of refusals) {
    await rejects(db.select(table, { where: where as Filter }), code, {
      ...(says !== undefined && { messageIncludes: says }),
      ...(column !== undefined && { column }),
    })
  }
}

/** Vectors can be there or not; nothing else is asked of them in a filter. */
function vectors(t: SuiteBuilder): void {
  t.behaviour('vector.is-null', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { chunk_number: 0, content: 'c', source_id: 's' }
    await db.insert(CHUNKS, [
      { ...chunk, url: 'with', embedding_384: new Float32Array(384).fill(0.5) },
      { ...chunk, url: 'without' },
    ])
    const urls = async (test: unknown): Promise<unknown[]> => {
      const { rows } = await db.select(CHUNKS, { columns: ['url'], where: { embedding_384: test } as Filter })
      return rows.map((row) => row.url)
    }
    assert.deepEqual(await urls({ isNull: true }), ['without'])
    assert.deepEqual(await urls({ isNull: false }), ['with'])
    assert.deepEqual(await urls({ exists: true }), ['with'])
    assert.deepEqual(await urls(null), ['without'])
    assert.deepEqual(await urls({ ne: null }), ['with'])
  })
  t.behaviour('vector.other-operators-refused', async ({ db }) => {
    const vector = new Float32Array(384)
    const tests = [{ eq: vector }, { ne: vector }, { gt: vector }, { in: [vector] }, { distinctFrom: vector }]
    for (const test of tests)
      await rejects(db.select(CHUNKS, { where: { embedding_384: test } as Filter }), 'invalid_filter', {
        column: 'embedding_384',
        messageIncludes: 'isNull',
      })
  })
}

function depth(t: SuiteBuilder): void {
  t.behaviour('refused.too-deep', async ({ db }) => {
    let filter: Filter = { title: 'a' }
    for (let level = 0; level < 65; level++) filter = { and: [filter] }
    await rejects(db.select('archon_tasks', { where: filter }), 'invalid_filter', { messageIncludes: '64' })
    let endless: Filter = { title: 'a' }
    for (let level = 0; level < 100_000; level++) endless = { not: endless }
    await rejects(db.select('archon_tasks', { where: endless }), 'invalid_filter', { messageIncludes: '64' })
  })
  t.behaviour('refused.circular', async ({ db }) => {
    const circular: { and: unknown[] } = { and: [] }
    circular.and.push(circular)
    await rejects(db.select('archon_tasks', { where: circular as Filter }), 'invalid_filter')
  })
  t.behaviour('refused.path-too-deep', async ({ db }) => {
    const path = `sources${'.a'.repeat(65)}`
    await rejects(db.select('archon_tasks', { where: { [path]: 1 } as Filter }), 'invalid_filter', {
      messageIncludes: '64',
    })
  })
}
