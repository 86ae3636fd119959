import assert from 'node:assert/strict'
import type { Row } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addParents, chunk, example, idOf, keyOf, page, ROWS, version, workOrder } from './rows.ts'

interface Unique {
  readonly table: string
  readonly constraint: string
  readonly row: Row
  /** Differs from the row in one column of the key. */
  readonly other: Row
}

const UNIQUE: readonly Unique[] = [
  { table: 'archon_settings', constraint: 'archon_settings_key_key', row: { key: 'a' }, other: { key: 'A' } },
  { table: 'archon_page_metadata', constraint: 'archon_page_metadata_url_unique', row: page('a'), other: page('a/') },
  {
    table: 'archon_crawled_pages',
    constraint: 'archon_crawled_pages_url_chunk_number_key',
    row: chunk('a', 1),
    other: chunk('a', 2),
  },
  {
    table: 'archon_code_examples',
    constraint: 'archon_code_examples_url_chunk_number_key',
    row: example('a'),
    other: example('A'),
  },
  {
    table: 'archon_project_sources',
    constraint: 'archon_project_sources_project_id_source_id_key',
    row: { project_id: keyOf(1), source_id: 'a' },
    other: { project_id: keyOf(1), source_id: 'b' },
  },
  {
    table: 'archon_document_versions',
    constraint: 'archon_document_versions_project_version_key',
    row: version(1),
    other: version(2),
  },
  {
    table: 'archon_document_versions',
    constraint: 'archon_document_versions_task_version_key',
    row: { ...version(1), project_id: null, task_id: keyOf(1) },
    other: { ...version(1), project_id: null, task_id: keyOf(1), field_name: 'Docs' },
  },
  {
    table: 'archon_migrations',
    constraint: 'archon_migrations_version_migration_name_key',
    row: { version: '1', migration_name: 'm' },
    other: { version: '1', migration_name: 'M' },
  },
  {
    table: 'archon_prompts',
    constraint: 'archon_prompts_prompt_name_key',
    row: { prompt_name: 'a', prompt: 'x' },
    other: { prompt_name: 'a ', prompt: 'x' },
  },
]

const PRIMARY: readonly (readonly [table: string, key: Row])[] = [
  ['archon_settings', { id: keyOf(9), key: 'a' }],
  ['archon_sources', { source_id: 'a' }],
  ['archon_crawled_pages', { ...chunk('a'), id: 77 }],
  ['archon_projects', { id: keyOf(9), title: 'a' }],
  ['archon_agent_work_orders', workOrder('a')],
  ['archon_vector_index', { table_name: 'a', record_id: 'b', vector_service: 'c' }],
]

export function uniqueKeys(t: SuiteBuilder): void {
  for (const unique of UNIQUE) uniqueKey(t, unique)
  for (const [table, row] of PRIMARY) {
    t.behaviour(`primary.${idOf(table)}`, async ({ db }) => {
      await addParents(db)
      await db.insert(table, row)
      const again =
        table === 'archon_settings'
          ? { ...row, key: 'b' }
          : table === 'archon_crawled_pages'
            ? { ...row, url: 'b' }
            : row
      await rejects(db.insert(table, again), 'unique_violation', {
        table,
        constraint: `${table}_pkey`,
        retryable: false,
        messageIncludes: table,
      })
    })
  }
  t.behaviour('unique.configured-repositories', async ({ db }) => {
    const table = 'archon_configured_repositories'
    const repository_url = 'https://github.com/a/b'
    await db.insert(table, [{ repository_url }, { repository_url: 'https://github.com/A/b' }])
    await rejects(db.insert(table, { repository_url }), 'unique_violation', { table })
  })
  nullsInKeys(t)
  together(t)
}

function uniqueKey(t: SuiteBuilder, { table, constraint, row, other }: Unique): void {
  t.behaviour(`unique.${constraint.slice('archon_'.length).replaceAll('_', '-')}`, async ({ db }) => {
    await addParents(db)
    const before = await db.count(table)
    await db.insert(table, row)
    const expected = { table, constraint, retryable: false, messageIncludes: [table, constraint] } as const
    await rejects(db.insert(table, row), 'unique_violation', expected)
    await rejects(db.insert(table, row, { returning: false }), 'unique_violation', expected)
    await rejects(db.insert(table, [other, row]), 'unique_violation', expected)
    assert.equal(await db.count(table), before + 1, 'the batch left nothing')
    const { rows } = await db.insert<{ id: string | number }>(table, other)
    const where = { id: rows[0]?.id as string }
    await rejects(db.update(table, row, { where }), 'unique_violation', expected)
    assert.deepEqual((await db.select(table, { where })).rows, rows, 'the update changed nothing')
  })
}

/** Null is equal to nothing, so it is never taken. */
function nullsInKeys(t: SuiteBuilder): void {
  t.behaviour('unique.null-is-never-taken', async ({ db }) => {
    const link = { project_id: null, source_id: 's' }
    await db.insert('archon_project_sources', [link, link])
    await db.insert('archon_project_sources', link)
    assert.equal(await db.count('archon_project_sources'), 3)
  })
  t.behaviour('unique.versions-per-owner', async ({ db }) => {
    await addParents(db)
    await db.insert('archon_projects', { id: keyOf(2), title: 'q' })
    const byTask = { ...version(1), project_id: null, task_id: keyOf(1) }
    await db.insert('archon_document_versions', [version(1), { ...version(1), project_id: keyOf(2) }, byTask])
    assert.equal(await db.count('archon_document_versions'), 3)
  })
}

function together(t: SuiteBuilder): void {
  t.behaviour('unique.freed-by-delete-and-update', async ({ db }) => {
    await db.insert('archon_prompts', { prompt_name: 'a', prompt: 'x' })
    await db.update('archon_prompts', { prompt_name: 'b' }, { where: { prompt_name: 'a' } })
    await db.insert('archon_prompts', { prompt_name: 'a', prompt: 'x' })
    await db.delete('archon_prompts', { where: { prompt_name: 'b' } })
    await db.insert('archon_prompts', { prompt_name: 'b', prompt: 'x' })
    assert.equal(await db.count('archon_prompts'), 2)
  })
  t.behaviour('unique.update-of-many-to-one-value', async ({ db }) => {
    await db.insert(
      'archon_prompts',
      ['a', 'b', 'c'].map((prompt_name) => ({ prompt_name, prompt: 'x' })),
    )
    await rejects(db.update('archon_prompts', { prompt_name: 'd' }, { allRows: true }), 'unique_violation')
    const { rows } = await db.select('archon_prompts', { columns: ['prompt_name'], orderBy: 'prompt_name' })
    assert.deepEqual(
      rows.map((row) => row.prompt_name),
      ['a', 'b', 'c'],
    )
  })
  t.behaviour('unique.rows-of-all-tables-are-sound', async ({ db }) => {
    await addParents(db)
    assert.deepEqual(Object.keys(ROWS).sort(), [...db.schema.tables.keys()].sort())
    for (const [table, row] of Object.entries(ROWS)) assert.equal((await db.insert(table, row)).count, 1, table)
  })
}
