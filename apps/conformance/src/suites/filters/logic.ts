import assert from 'node:assert/strict'
import type { Database, Filter } from '@archon-db/core'
import type { SuiteBuilder } from '../../harness/index.ts'
import { deMorgan } from './laws.ts'

const TABLE = 'archon_tasks'

/** Titles say what is in the row: feature and order, `-` for null. */
async function seed(db: Database): Promise<void> {
  const rows = [
    { title: 'a1', feature: 'a', task_order: 1 },
    { title: 'a2', feature: 'a', task_order: 2 },
    { title: 'a-', feature: 'a', task_order: null },
    { title: 'b1', feature: 'b', task_order: 1 },
    { title: '-1', feature: null, task_order: 1 },
    { title: '--', feature: null, task_order: null },
  ]
  await db.insert(TABLE, rows, { returning: false })
}

const ALL = ['--', '-1', 'a-', 'a1', 'a2', 'b1']

async function titles(db: Database, where: Filter): Promise<string[]> {
  const { rows } = await db.select<{ title: string }>(TABLE, { columns: ['title'], where, orderBy: 'title' })
  return rows.map((row) => row.title)
}

function define(t: SuiteBuilder, id: string, tests: readonly (readonly [where: object, expected: string[]])[]): void {
  t.behaviour(id, async ({ db }) => {
    await seed(db)
    for (const [where, expected] of tests)
      assert.deepEqual(await titles(db, where as Filter), expected, JSON.stringify(where))
  })
}

export function logic(t: SuiteBuilder): void {
  combinations(t)
  unknowns(t)
  emptyGroups(t)
  nesting(t)
  everywhere(t)
  deMorgan(t)
}

function combinations(t: SuiteBuilder): void {
  define(t, 'logic.fields-must-all-hold', [
    [{ feature: 'a', task_order: 1 }, ['a1']],
    [{ feature: 'a', task_order: 1, title: 'x' }, []],
    [{ feature: 'a', title: { ne: 'a1' } }, ['a-', 'a2']],
  ])
  define(t, 'logic.operators-of-one-field-must-all-hold', [
    [{ task_order: { gte: 1, lte: 1 } }, ['-1', 'a1', 'b1']],
    [{ title: { startsWith: 'a', ne: 'a1', endsWith: '2' } }, ['a2']],
  ])
  define(t, 'logic.and', [
    [{ and: [{ feature: 'a' }, { task_order: 2 }] }, ['a2']],
    [{ and: [{ feature: 'a' }, { feature: 'b' }] }, []],
    [{ and: [{ feature: 'a' }] }, ['a-', 'a1', 'a2']],
  ])
  define(t, 'logic.or', [
    [{ or: [{ feature: 'b' }, { task_order: 2 }] }, ['a2', 'b1']],
    [{ or: [{ feature: 'b' }, { feature: null }] }, ['--', '-1', 'b1']],
    [{ or: [{ feature: 'a', task_order: 1 }, { title: '--' }] }, ['--', 'a1']],
  ])
  define(t, 'logic.groups-beside-fields', [
    [{ feature: 'a', or: [{ task_order: 1 }, { task_order: null }] }, ['a-', 'a1']],
    [{ or: [{ feature: 'a' }, { feature: 'b' }], and: [{ task_order: 1 }], not: { title: 'b1' } }, ['a1']],
    [{ and: [{ or: [{ feature: 'a' }] }, { or: [{ task_order: 1 }, { task_order: 2 }] }] }, ['a1', 'a2']],
  ])
  define(t, 'logic.not', [
    [{ not: { feature: 'a', task_order: 1 } }, ['a2', 'b1']],
    [{ not: { or: [{ title: 'a1' }, { title: 'a2' }] } }, ['--', '-1', 'a-', 'b1']],
    [{ not: { not: { feature: 'b' } } }, ['b1']],
  ])
}

/** One decisive part settles a group; without it, one unknown part makes it unknown. */
function unknowns(t: SuiteBuilder): void {
  define(t, 'unknown.and', [
    // feature is null in '-1' and '--': true and unknown, false and unknown.
    [{ and: [{ feature: 'a' }, { task_order: 1 }] }, ['a1']],
    [{ not: { and: [{ feature: 'a' }, { task_order: 1 }] } }, ['a2', 'b1']],
    [{ not: { and: [{ feature: 'a' }, { title: 'x' }] } }, ALL],
  ])
  define(t, 'unknown.or', [
    [{ or: [{ feature: 'a' }, { task_order: 1 }] }, ['-1', 'a-', 'a1', 'a2', 'b1']],
    [{ not: { or: [{ feature: 'a' }, { task_order: 1 }] } }, []],
    [{ not: { or: [{ feature: 'a' }, { title: 'x' }] } }, ['b1']],
  ])
  define(t, 'unknown.text-operators', [
    [{ feature: { like: '%' } }, ['a-', 'a1', 'a2', 'b1']],
    [{ not: { feature: { like: 'b%' } } }, ['a-', 'a1', 'a2']],
    [{ not: { feature: { ilike: 'B' } } }, ['a-', 'a1', 'a2']],
    [{ not: { feature: { contains: 'b' } } }, ['a-', 'a1', 'a2']],
    [{ not: { feature: { startsWith: 'b' } } }, ['a-', 'a1', 'a2']],
    [{ not: { feature: { endsWith: 'b' } } }, ['a-', 'a1', 'a2']],
    [{ feature: { like: null } }, []],
    [{ not: { feature: { contains: null } } }, []],
  ])
  define(t, 'unknown.in-lists-with-null', [
    [{ feature: { in: ['b', null] } }, ['b1']],
    [{ not: { feature: { in: ['b', null] } } }, []],
    [{ feature: { notIn: ['b', null] } }, []],
    [{ not: { feature: { notIn: ['b', null] } } }, ['b1']],
  ])
  define(t, 'unknown.null-operand-is-never-settled-by-not', [
    [{ not: { task_order: { gt: null } } }, []],
    [{ not: { task_order: { between: [null, 1] } } }, ['a2']],
    [{ or: [{ task_order: { gt: null } }, { feature: 'b' }] }, ['b1']],
  ])
  define(t, 'unknown.exists-is-never-unknown', [
    [{ feature: { exists: true } }, ['a-', 'a1', 'a2', 'b1']],
    [{ feature: { exists: false } }, ['--', '-1']],
    [{ not: { feature: { exists: true } } }, ['--', '-1']],
    [{ not: { feature: { isNull: true } } }, ['a-', 'a1', 'a2', 'b1']],
  ])
  define(t, 'unknown.null-in-groups', [
    [{ and: [{ feature: null }, { task_order: null }] }, ['--']],
    [{ or: [{ feature: null }, { task_order: null }] }, ['--', '-1', 'a-']],
    [{ not: { feature: null } }, ['a-', 'a1', 'a2', 'b1']],
  ])
}

function emptyGroups(t: SuiteBuilder): void {
  define(t, 'empty.filter-matches-all', [
    [{}, ALL],
    [{ and: [] }, ALL],
    [{ and: [{}] }, ALL],
    [{ or: [{}] }, ALL],
    [{ feature: {} }, ALL],
    [{ not: { or: [] } }, ALL],
  ])
  define(t, 'empty.or-matches-nothing', [
    [{ or: [] }, []],
    [{ not: {} }, []],
    [{ not: { and: [] } }, []],
    [{ and: [{ or: [] }, {}] }, []],
  ])
  define(t, 'empty.beside-other-conditions', [
    [{ feature: 'b', and: [] }, ['b1']],
    [{ feature: 'b', or: [] }, []],
    [{ or: [{ feature: 'b' }, { or: [] }] }, ['b1']],
    [{ or: [{ feature: 'b' }, {}] }, ALL],
    [{ or: [{ feature: { in: [] } }, { title: 'a1' }] }, ['a1']],
    [{ and: [{ feature: { notIn: [] } }, { title: '--' }] }, ['--']],
  ])
}

function nested(levels: number, kind: 'and' | 'or' | 'not', inner: object): Filter {
  let filter = inner
  for (let level = 0; level < levels; level++) filter = kind === 'not' ? { not: filter } : { [kind]: [filter] }
  return filter as Filter
}

function nesting(t: SuiteBuilder): void {
  for (const kind of ['and', 'or', 'not'] as const) {
    t.behaviour(`nesting.${kind}-sixty-four-deep`, async ({ db }) => {
      await seed(db)
      assert.deepEqual(await titles(db, nested(64, kind, { feature: 'b' })), ['b1'])
    })
  }
  t.behaviour('nesting.alternating', async ({ db }) => {
    await seed(db)
    let filter: Filter = { title: 'a1' }
    for (let level = 0; level < 20; level++)
      filter = { or: [{ and: [{ feature: 'a' }, filter] }, { not: { feature: { in: ['a', 'b'] } } }] }
    assert.deepEqual(await titles(db, filter), ['a1'])
  })
  t.behaviour('nesting.a-thousand-alternatives', async ({ db }) => {
    await seed(db)
    const or = Array.from({ length: 3000 }, (_, i) => ({ title: i === 2999 ? 'b1' : `none ${i}` }))
    assert.deepEqual(await titles(db, { or }), ['b1'])
  })
  t.behaviour('nesting.a-thousand-conditions', async ({ db }) => {
    await seed(db)
    const and = Array.from({ length: 3000 }, (_, i) => ({ title: { ne: i === 2999 ? 'b1' : `none ${i}` } }))
    assert.deepEqual(await titles(db, { and }), ['--', '-1', 'a-', 'a1', 'a2'])
  })
}

/** The same language wherever a filter is taken. */
function everywhere(t: SuiteBuilder): void {
  const where = { feature: { ne: 'b' }, or: [{ task_order: 1 }, { task_order: null }] } as Filter
  t.behaviour('everywhere.count', async ({ db }) => {
    await seed(db)
    assert.equal(await db.count(TABLE, where), 2)
  })
  t.behaviour('everywhere.aggregate', async ({ db }) => {
    await seed(db)
    assert.deepEqual(await db.aggregate(TABLE, { aggregates: { last: 'max(title)' }, where }), [{ last: 'a1' }])
  })
  t.behaviour('everywhere.update', async ({ db }) => {
    await seed(db)
    const { rows, count } = await db.update(TABLE, { feature: 'z' }, { where, returning: ['title'] })
    assert.equal(count, 2)
    assert.deepEqual(rows.map((row) => row.title).sort(), ['a-', 'a1'])
  })
  t.behaviour('everywhere.delete', async ({ db }) => {
    await seed(db)
    assert.equal((await db.delete(TABLE, { where, returning: false })).count, 2)
    assert.deepEqual(await titles(db, {}), ['--', '-1', 'a2', 'b1'])
  })
  t.behaviour('everywhere.stream', async ({ db }) => {
    await seed(db)
    const found: unknown[] = []
    for await (const row of db.stream(TABLE, { columns: ['title'], where, orderBy: 'title' })) found.push(row)
    assert.deepEqual(found, [{ title: 'a-' }, { title: 'a1' }])
  })
  t.behaviour('everywhere.builder', async ({ db }) => {
    await seed(db)
    const rows = await db.from(TABLE).select('title').where(where).orderBy('title')
    assert.deepEqual(rows, [{ title: 'a-' }, { title: 'a1' }])
  })
  t.behaviour('everywhere.entity-keys', async ({ db }) => {
    await seed(db)
    const { rows } = await db.select(TABLE, {
      naming: 'key',
      columns: ['order'],
      where: { order: { gte: 2 }, 'sources[0]': null },
    })
    assert.deepEqual(rows, [{ order: 2 }])
  })
}
