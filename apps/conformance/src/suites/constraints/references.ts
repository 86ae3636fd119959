import assert from 'node:assert/strict'
import type { DataAccess, Row } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addParents, chunk, example, idOf, keyOf, ROWS, version, workOrder } from './rows.ts'

/** Columns that refer to another table, and a value that nothing there has. */
const REFERENCES: readonly (readonly [table: string, column: string, nowhere: unknown])[] = [
  ['archon_page_metadata', 'source_id', 'nowhere'],
  ['archon_crawled_pages', 'source_id', 'nowhere'],
  ['archon_crawled_pages', 'page_id', keyOf(99)],
  ['archon_code_examples', 'source_id', 'nowhere'],
  ['archon_tasks', 'project_id', keyOf(99)],
  ['archon_tasks', 'parent_task_id', keyOf(99)],
  ['archon_project_sources', 'project_id', keyOf(99)],
  ['archon_document_versions', 'project_id', keyOf(99)],
  ['archon_agent_work_order_steps', 'agent_work_order_id', 'nowhere'],
]

export function references(t: SuiteBuilder): void {
  for (const [table, column, nowhere] of REFERENCES) {
    t.behaviour(`reference.${idOf(table)}.${column.replaceAll('_', '-')}`, async ({ db }) => {
      await addParents(db)
      const row = ROWS[table] as Row
      const expected = { table, retryable: false, messageIncludes: table } as const
      await rejects(db.insert(table, { ...row, [column]: nowhere }), 'foreign_key_violation', expected)
      const { rows } = await db.insert<{ id: string }>(table, row)
      const where = { id: rows[0]?.id as string }
      await rejects(db.update(table, { [column]: nowhere }, { where }), 'foreign_key_violation', expected)
      assert.deepEqual((await db.select(table, { where })).rows, rows)
    })
  }
  spelling(t)
  parents(t)
  cascades(t)
  families(t)
}

function spelling(t: SuiteBuilder): void {
  t.behaviour('reference.by-code-point', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    for (const source_id of ['S', 's ', 'ś', ''])
      await rejects(db.insert('archon_crawled_pages', { ...chunk('u'), source_id }), 'foreign_key_violation')
  })
  t.behaviour('reference.null-refers-to-nothing', async ({ db }) => {
    const { rows } = await db.insert('archon_tasks', { title: 't', project_id: null, parent_task_id: null })
    assert.equal(rows[0]?.project_id, null)
  })
  t.behaviour('reference.to-itself', async ({ db }) => {
    await db.insert('archon_tasks', { id: keyOf(1), title: 't' })
    const { rows } = await db.update('archon_tasks', { parent_task_id: keyOf(1) }, { where: { id: keyOf(1) } })
    assert.equal(rows[0]?.parent_task_id, keyOf(1))
    assert.equal((await db.delete('archon_tasks', { where: { id: keyOf(1) } })).count, 1)
  })
  t.behaviour('reference.without-a-foreign-key', async ({ db }) => {
    await addParents(db)
    await db.insert('archon_project_sources', { project_id: keyOf(1), source_id: 'nowhere' })
    await db.insert('archon_vector_index', { table_name: 'nowhere', record_id: '1' })
    assert.equal(await db.count('archon_project_sources'), 1)
  })
}

/** A key that others refer to stays as it is. */
function parents(t: SuiteBuilder): void {
  t.behaviour('parent.key-in-use-does-not-change', async ({ db }) => {
    await addParents(db)
    await rejects(
      db.update('archon_sources', { source_id: 'new' }, { where: { source_id: 's' } }),
      'foreign_key_violation',
    )
    await rejects(db.update('archon_projects', { id: keyOf(5) }, { allRows: true }), 'foreign_key_violation')
    assert.equal(await db.count('archon_sources', { source_id: 's' }), 1)
  })
  t.behaviour('parent.key-not-in-use-changes', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    await db.update('archon_sources', { source_id: 'new' }, { where: { source_id: 's' } })
    assert.equal(await db.count('archon_sources', { source_id: 'new' }), 1)
  })
  t.behaviour('parent.other-columns-change', async ({ db }) => {
    await addParents(db)
    assert.equal(
      (await db.update('archon_sources', { source_id: 's', title: 'new' }, { where: { source_id: 's' } })).count,
      1,
    )
  })
}

async function counts(db: DataAccess, tables: readonly string[]): Promise<number[]> {
  return Promise.all(tables.map((table) => db.count(table)))
}

function cascades(t: SuiteBuilder): void {
  t.behaviour('cascade.source', async ({ db }) => {
    await addParents(db)
    await db.insert('archon_sources', { source_id: 'kept' })
    await db.insert('archon_crawled_pages', [
      chunk('a'),
      { ...chunk('b'), page_id: keyOf(1) },
      { ...chunk('kept'), source_id: 'kept' },
    ])
    await db.insert('archon_code_examples', example('a'))
    await db.insert('archon_project_sources', { project_id: keyOf(1), source_id: 's' })
    const { rows, count } = await db.delete('archon_sources', { where: { source_id: 's' }, returning: ['source_id'] })
    assert.deepEqual([rows, count], [[{ source_id: 's' }], 1])
    const tables = [
      'archon_sources',
      'archon_page_metadata',
      'archon_crawled_pages',
      'archon_code_examples',
      'archon_project_sources',
    ]
    assert.deepEqual(await counts(db, tables), [1, 0, 1, 0, 1])
  })
  t.behaviour('cascade.page-leaves-its-chunks', async ({ db }) => {
    await addParents(db)
    await db.insert('archon_crawled_pages', { ...chunk('a'), page_id: keyOf(1) })
    assert.equal((await db.delete('archon_page_metadata', { where: { id: keyOf(1) } })).count, 1)
    const { rows } = await db.select('archon_crawled_pages', { columns: ['url', 'page_id'] })
    assert.deepEqual(rows, [{ url: 'a', page_id: null }])
  })
  t.behaviour('cascade.project', async ({ db }) => {
    await addParents(db)
    await db.insert('archon_document_versions', [version(1), { ...version(1), project_id: null, task_id: keyOf(1) }])
    await db.insert('archon_project_sources', { project_id: keyOf(1), source_id: 's' })
    await db.insert('archon_tasks', { title: 'free' })
    assert.equal((await db.delete('archon_projects', { where: { id: keyOf(1) } })).count, 1)
    const tables = [
      'archon_projects',
      'archon_tasks',
      'archon_document_versions',
      'archon_project_sources',
      'archon_sources',
    ]
    assert.deepEqual(await counts(db, tables), [0, 1, 0, 0, 1])
  })
}

function families(t: SuiteBuilder): void {
  t.behaviour('cascade.subtasks-of-subtasks', async ({ db }) => {
    // No engine ends before the tenth generation.
    for (let i = 1; i <= 15; i++)
      await db.insert('archon_tasks', { id: keyOf(i), title: `t${i}`, parent_task_id: i === 1 ? null : keyOf(i - 1) })
    const { count } = await db.delete('archon_tasks', { where: { id: keyOf(5) }, returning: false })
    assert.equal(count, 1)
    const { rows } = await db.select('archon_tasks', { columns: ['title'] })
    assert.deepEqual(
      rows.map((row) => row.title),
      ['t1', 't2', 't3', 't4'],
    )
  })
  t.behaviour('cascade.family-in-one-delete', async ({ db }) => {
    await db.insert('archon_tasks', { id: keyOf(1), title: 'parent' })
    await db.insert('archon_tasks', { id: keyOf(2), title: 'child', parent_task_id: keyOf(1) })
    const { rows, count } = await db.delete('archon_tasks', { where: { title: { in: ['parent', 'child'] } } })
    assert.equal(count, 2)
    assert.deepEqual(rows.map((row) => row.title).sort(), ['child', 'parent'])
  })
  t.behaviour('cascade.work-order', async ({ db }) => {
    await addParents(db)
    await db.insert('archon_agent_work_orders', workOrder('kept'))
    const step = ROWS.archon_agent_work_order_steps as Row
    await db.insert('archon_agent_work_order_steps', [step, step, { ...step, agent_work_order_id: 'kept' }])
    assert.equal((await db.delete('archon_agent_work_orders', { where: { agent_work_order_id: 'w' } })).count, 1)
    assert.equal(await db.count('archon_agent_work_order_steps'), 1)
  })
  t.behaviour('cascade.rolled-back', async ({ db }) => {
    class Stop extends Error {}
    await addParents(db)
    await db.insert('archon_crawled_pages', { ...chunk('a'), page_id: keyOf(1) })
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.delete('archon_sources', { where: { source_id: 's' } })
        assert.equal(await tx.count('archon_crawled_pages'), 0)
        throw new Stop()
      }),
      Stop,
    )
    const { rows } = await db.select('archon_crawled_pages', { columns: ['page_id'] })
    assert.deepEqual(rows, [{ page_id: keyOf(1) }])
  })
}
