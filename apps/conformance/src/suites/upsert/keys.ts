import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'

const SETTINGS = 'archon_settings'
const ID = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
const OTHER_ID = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f13'

/** Which key decides whether a row is there. */
export function keys(t: SuiteBuilder): void {
  whichKey(t)
  otherKeys(t)
  namedColumns(t)
}

function whichKey(t: SuiteBuilder): void {
  t.behaviour('key.primary-by-default', async ({ db }) => {
    await db.insert(SETTINGS, { id: ID, key: 'a' })
    const { rows, inserted } = await db.upsert(SETTINGS, { id: ID, key: 'b' })
    assert.deepEqual(inserted, [false])
    assert.deepEqual([rows[0]?.id, rows[0]?.key], [ID, 'b'])
    assert.equal(await db.count(SETTINGS), 1)
  })
  t.behaviour('key.primary-made-for-the-row', async ({ db }) => {
    const { inserted } = await db.upsert('archon_projects', [{ title: 'a' }, { title: 'a' }])
    assert.deepEqual(inserted, [true, true])
    assert.equal(await db.count('archon_projects'), 2)
  })
  t.behaviour('key.of-text', async ({ db }) => {
    await db.upsert('archon_sources', { source_id: 's', title: '1' })
    const { inserted } = await db.upsert('archon_sources', [
      { source_id: 'S', title: '2' },
      { source_id: 's', title: '3' },
    ])
    assert.deepEqual(inserted, [true, false])
    const { rows } = await db.select('archon_sources', { columns: ['source_id', 'title'] })
    assert.deepEqual(rows.map(Object.values), [
      ['S', '2'],
      ['s', '3'],
    ])
  })
  t.behaviour('key.numbered-by-the-database', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { content: 'c', source_id: 's', chunk_number: 0 }
    const first = await db.upsert<{ id: number }>('archon_crawled_pages', { ...chunk, url: 'u' })
    const { id } = first.rows[0] as { id: number }
    const second = await db.upsert<{ id: number; url: string }>('archon_crawled_pages', { ...chunk, id, url: 'v' })
    assert.deepEqual([first.inserted, second.inserted], [[true], [false]])
    assert.deepEqual([second.rows[0]?.id, second.rows[0]?.url], [id, 'v'])
  })
  t.behaviour('key.of-several-columns', async ({ db }) => {
    const key = { table_name: 't', record_id: 'r', vector_service: 'local' }
    await db.insert('archon_vector_index', key)
    const rows = [
      { ...key, external_id: '1' },
      { ...key, record_id: 'R', external_id: '2' },
      { ...key, vector_service: 'other', external_id: '3' },
    ]
    const result = await db.upsert('archon_vector_index', rows)
    assert.deepEqual(result.inserted, [false, true, true])
    assert.deepEqual(
      result.rows.map((row) => row.external_id),
      ['1', '2', '3'],
    )
  })
  t.behaviour('key.columns-in-any-order', async ({ db }) => {
    await db.insert('archon_migrations', { version: '1', migration_name: 'm' })
    const row = { version: '1', migration_name: 'm', checksum: 'c' }
    const { inserted } = await db.upsert('archon_migrations', row, { onConflict: ['migration_name', 'version'] })
    assert.deepEqual(inserted, [false])
    assert.equal(await db.count('archon_migrations', { checksum: 'c' }), 1)
  })
  t.behaviour('key.update-of-the-other-key', async ({ db }) => {
    await db.insert(SETTINGS, { id: ID, key: 'a' })
    const { rows } = await db.upsert(SETTINGS, { id: OTHER_ID, key: 'a' }, { onConflict: ['key'] })
    assert.equal(rows[0]?.id, OTHER_ID)
    assert.equal(await db.count(SETTINGS, { id: ID }), 0)
  })
}

/** A row that is found under another key than the one named is a violation, and no row is touched. */
function otherKeys(t: SuiteBuilder): void {
  for (const [name, options] of Object.entries({
    returned: {},
    counted: { returning: false },
    ignoring: { whenFound: 'ignore' },
  } as const)) {
    t.behaviour(`other-key.taken-when-inserting.${name}`, async ({ db }) => {
      await db.insert(SETTINGS, { id: ID, key: 'a', value: 'old' })
      await rejects(db.upsert(SETTINGS, { id: OTHER_ID, key: 'a', value: 'new' }, options), 'unique_violation')
      const byKey = { onConflict: ['key'], ...options }
      await rejects(db.upsert(SETTINGS, { id: ID, key: 'b', value: 'new' }, byKey), 'unique_violation')
      const { rows } = await db.select(SETTINGS, { columns: ['id', 'key', 'value'] })
      assert.deepEqual(rows, [{ id: ID, key: 'a', value: 'old' }])
    })
  }
  for (const returning of [true, false]) {
    t.behaviour(`other-key.taken-when-updating.${returning ? 'returned' : 'counted'}`, async ({ db }) => {
      await db.insert(SETTINGS, [
        { id: ID, key: 'a', value: 'a' },
        { id: OTHER_ID, key: 'b', value: 'b' },
      ])
      await rejects(db.upsert(SETTINGS, { id: ID, key: 'b', value: 'new' }, { returning }), 'unique_violation')
      const { rows } = await db.select(SETTINGS, { columns: ['key', 'value'], orderBy: 'key' })
      assert.deepEqual(rows.map(Object.values), [
        ['a', 'a'],
        ['b', 'b'],
      ])
    })
  }
  t.behaviour('other-key.both-keys-of-different-rows', async ({ db }) => {
    await db.insert(SETTINGS, [
      { id: ID, key: 'a' },
      { id: OTHER_ID, key: 'b' },
    ])
    await rejects(db.upsert(SETTINGS, { id: ID, key: 'b' }, { onConflict: ['key'] }), 'unique_violation')
    assert.equal(await db.count(SETTINGS), 2)
  })
  t.behaviour('other-key.in-a-batch', async ({ db }) => {
    await db.insert(SETTINGS, { id: ID, key: 'a', value: 'old' })
    await rejects(
      db.upsert(SETTINGS, [
        { id: OTHER_ID, key: 'b' },
        { key: 'a', value: 'new' },
      ]),
      'unique_violation',
    )
    assert.deepEqual((await db.select(SETTINGS, { columns: ['key', 'value'] })).rows, [{ key: 'a', value: 'old' }])
  })
  t.behaviour('violations.of-other-sorts', async ({ db }) => {
    await db.insert('archon_prompts', { prompt_name: 'a', prompt: 'x' })
    const onConflict = ['prompt_name']
    // The row as it was sent must be storable, found or not.
    await rejects(
      db.upsert('archon_prompts', { prompt_name: 'a', description: 'd' }, { onConflict }),
      'not_null_violation',
    )
    await rejects(db.upsert('archon_prompts', { prompt_name: 'a', prompt: null }, { onConflict }), 'not_null_violation')
    await rejects(db.upsert('archon_tasks', { id: ID, title: 't', project_id: OTHER_ID }), 'foreign_key_violation')
    await rejects(db.upsert('archon_tasks', { id: ID, title: 't', assignee: '' }), 'check_violation')
  })
}

function namedColumns(t: SuiteBuilder): void {
  t.behaviour('on-conflict.refused', async ({ db }) => {
    const row = { key: 'a', value: '1', category: 'c' }
    for (const onConflict of [['value'], ['key', 'value'], [], ['key', 'key'], ['id', 'key']])
      await rejects(db.upsert(SETTINGS, row, { onConflict }), 'invalid_input', {
        table: SETTINGS,
        messageIncludes: ['onConflict', 'key'],
      })
    await rejects(db.upsert(SETTINGS, row, { onConflict: ['nope'] }), 'invalid_input', { messageIncludes: 'nope' })
    await rejects(
      db.upsert('archon_migrations', { version: '1', migration_name: 'm' }, { onConflict: ['version'] }),
      'invalid_input',
    )
    assert.equal(await db.count(SETTINGS), 0)
  })
  t.behaviour('on-conflict.when-found-refused', async ({ db }) => {
    await rejects(
      db.upsert(SETTINGS, { key: 'a' }, { onConflict: ['key'], whenFound: 'replace' as 'ignore' }),
      'invalid_input',
      { messageIncludes: 'whenFound' },
    )
  })
}
