import assert from 'node:assert/strict'
import type { Row } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'

const SETTINGS = 'archon_settings'
const IGNORE = { onConflict: ['key'], whenFound: 'ignore' } as const

/** `whenFound: 'ignore'`: what is there stays as it is. */
export function ignoring(t: SuiteBuilder): void {
  t.behaviour('ignore.found-row-stays', async ({ db }) => {
    const before = (await db.insert(SETTINGS, { key: 'a', value: 'old' })).rows
    const { rows, count, inserted } = await db.upsert(SETTINGS, { key: 'a', value: 'new', category: 'c' }, IGNORE)
    assert.deepEqual([count, inserted], [1, [false]])
    assert.deepEqual(rows, before)
    assert.deepEqual((await db.select(SETTINGS)).rows, before)
  })
  t.behaviour('ignore.new-row-is-inserted', async ({ db }) => {
    const { rows, inserted } = await db.upsert(SETTINGS, { key: 'a', value: 'new' }, IGNORE)
    assert.deepEqual(inserted, [true])
    assert.equal(rows[0]?.value, 'new')
    assert.deepEqual((await db.select(SETTINGS)).rows, rows)
  })
  t.behaviour('ignore.batch', async ({ db }) => {
    await db.insert(SETTINGS, { key: 'b', value: 'old' })
    const { rows, inserted } = await db.upsert(
      SETTINGS,
      [
        { key: 'c', value: '1' },
        { key: 'b', value: '2' },
        { value: '3', key: 'a', category: 'x' },
      ],
      IGNORE,
    )
    assert.deepEqual(
      rows.map((row) => [row.key, row.value, row.category]),
      [
        ['c', '1', null],
        ['b', 'old', null],
        ['a', '3', 'x'],
      ],
    )
    assert.deepEqual(inserted, [true, false, true])
  })
  t.behaviour('ignore.returning', async ({ db }) => {
    await db.insert(SETTINGS, { key: 'a', value: 'old' })
    const rows = [
      { key: 'a', value: 'new' },
      { key: 'b', value: 'new' },
    ]
    const columns = await db.upsert(SETTINGS, rows, { ...IGNORE, returning: ['value'] })
    assert.deepEqual(columns.rows, [{ value: 'old' }, { value: 'new' }])
    const none = await db.upsert(SETTINGS, rows, { ...IGNORE, returning: false })
    assert.deepEqual(none, { rows: [], count: 2, inserted: [] })
  })
  t.behaviour('ignore.other-violations-are-not', async ({ db }) => {
    const id = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
    await db.insert(SETTINGS, { id, key: 'a' })
    await rejects(db.upsert(SETTINGS, { id, key: 'b' }, IGNORE), 'unique_violation')
    await rejects(db.upsert(SETTINGS, { key: null }, IGNORE), 'not_null_violation')
    const chunk = { url: 'u', chunk_number: 0, content: 'c', source_id: 'nowhere' }
    const onConflict = ['url', 'chunk_number']
    await rejects(
      db.upsert('archon_crawled_pages', chunk, { onConflict, whenFound: 'ignore' }),
      'foreign_key_violation',
    )
    const task = { title: 't', assignee: '' }
    await rejects(db.upsert('archon_tasks', task, { whenFound: 'ignore' }), 'check_violation')
    assert.deepEqual([await db.count(SETTINGS), await db.count('archon_tasks')], [1, 0])
  })
  t.behaviour('ignore.keys-with-null-are-always-new', async ({ db }) => {
    const link = { project_id: null, source_id: 's', notes: 'technical' }
    const onConflict = ['project_id', 'source_id']
    for (const whenFound of ['ignore', 'update'] as const) {
      const { rows, inserted } = await db.upsert('archon_project_sources', link, { onConflict, whenFound })
      assert.deepEqual(inserted, [true], whenFound)
      const { project_id, source_id, notes, created_by } = rows[0] as Row
      assert.deepEqual({ project_id, source_id, notes, created_by }, { ...link, created_by: 'system' }, whenFound)
    }
    assert.equal(await db.count('archon_project_sources'), 2)
  })
  t.behaviour('ignore.the-first-refused-row-says-why', async ({ db }) => {
    const id = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
    await db.insert(SETTINGS, { id, key: 'a' })
    const taken = { id, key: 'b' }
    const keyless = { id: '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f13', key: null }
    const found = { id: '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f14', key: 'a' }
    await rejects(db.upsert(SETTINGS, [found, taken, keyless], IGNORE), 'unique_violation')
    await rejects(db.upsert(SETTINGS, [found, keyless, taken], IGNORE), 'not_null_violation')
    assert.equal(await db.count(SETTINGS), 1)
    const chunk = { chunk_number: 0, content: 'c', source_id: 'nowhere' }
    const onConflict = ['url', 'chunk_number']
    // References are looked at when all rows are in.
    const chunks = [
      { ...chunk, url: 'a' },
      { ...chunk, url: null },
    ]
    await rejects(db.upsert('archon_crawled_pages', chunks, { onConflict, whenFound: 'ignore' }), 'not_null_violation')
  })
  t.behaviour('ignore.rows-in-input-order-with-null-keys-among-them', async ({ db }) => {
    const { id } = (await db.insert('archon_projects', { title: 'p' })).rows[0] as Row
    const rows = ['a', 'z', 'b', 'z', 'c'].map((source_id) => ({
      project_id: source_id === 'z' ? null : id,
      source_id,
    }))
    const onConflict = ['project_id', 'source_id']
    await db.upsert('archon_project_sources', rows[2] as Row, { onConflict, whenFound: 'ignore' })
    const result = await db.upsert('archon_project_sources', rows, { onConflict, whenFound: 'ignore' })
    assert.deepEqual(result.inserted, [true, true, false, true, true])
    assert.deepEqual(
      result.rows.map(({ project_id, source_id }) => ({ project_id, source_id })),
      rows,
    )
  })
  t.behaviour('ignore.together-with-others', async ({ db }) => {
    const results = await startTogether(8, (i) => db.upsert(SETTINGS, { key: 'a', value: `${i}` }, IGNORE))
    const [row] = (await db.select(SETTINGS)).rows
    assert.equal(await db.count(SETTINGS), 1)
    assert.ok(results.every(({ rows }) => rows[0]?.value === row?.value))
    assert.equal(results.filter(({ inserted }) => inserted[0]).length, 1)
  })
}
