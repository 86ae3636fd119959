import assert from 'node:assert/strict'
import type { Database } from '@archon-db/core'
import type { SuiteBuilder } from '../../harness/index.ts'
import { rowsOf, run } from './fixtures.ts'
import { versions } from './forward.ts'

const needs = ['ledger', 'sql'] as const

/**
 * Rows as each version of the schema took them, in SQL of that time. A migration that changes one of these tables adds
 * its own shape under its number; the older ones stay as they are.
 */
const OLD_ROWS: Readonly<Record<number, readonly string[]>> = {
  1: [
    "insert into archon_sources (source_id, title, metadata) values ('s1', 'Old source', '{\"knowledge_type\": \"technical\"}')",
    "insert into archon_page_metadata (id, source_id, url, full_content, word_count, char_count) values ('00000000-0000-7000-8000-000000000001', 's1', 'https://old.test/', 'words', 1, 5)",
    "insert into archon_crawled_pages (url, chunk_number, content, source_id, page_id) values ('https://old.test/', 0, 'old words', 's1', '00000000-0000-7000-8000-000000000001')",
    "insert into archon_projects (id, title) values ('00000000-0000-7000-8000-000000000002', 'Old project')",
    "insert into archon_tasks (id, project_id, title) values ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002', 'Old task')",
    "insert into archon_settings (id, key_column, value) values ('00000000-0000-7000-8000-000000000004', 'OLD_SETTING', 'kept')",
  ],
}

export function upgrades(t: SuiteBuilder): void {
  t.behaviour('upgrade.from-every-version-keeps-rows', { needs, limitMs: 120_000 }, async ({ fresh, note }) => {
    const { db: probe } = await fresh({ migrated: false })
    const numbers = versions((await probe.migrations.status()).pending)
    for (const from of numbers.slice(0, -1)) {
      const { db } = await fresh({ migrated: false })
      await db.migrate({ to: from })
      for (const statement of shapeOf(from)) await insertOld(db, statement)
      const before = await oldRows(db)
      assert.ok(before.every((rows) => rows.length === 1))
      await db.migrate()
      assert.deepEqual(await oldRows(db), before, `rows of version ${from}`)
      assert.deepEqual((await db.migrations.deepStatus()).schema, [])
    }
    note(`from versions ${numbers.slice(0, -1).join(', ')}`)
  })

  t.behaviour('upgrade.rows-are-read-through-the-contract', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await db.migrate({ to: 1 })
    for (const statement of shapeOf(1)) await insertOld(db, statement)
    await db.migrate()
    const { rows } = await db.select('archon_tasks', {
      columns: ['title', 'status', 'assignee', 'archived', 'sources'],
    })
    assert.deepEqual(rows, [{ title: 'Old task', status: 'todo', assignee: 'User', archived: false, sources: [] }])
    const sources = await db.select('archon_sources', { columns: ['title', 'metadata'] })
    assert.deepEqual(sources.rows, [{ title: 'Old source', metadata: { knowledge_type: 'technical' } }])
  })
}

/** The newest shape that this version already had. */
function shapeOf(version: number): readonly string[] {
  const known = Object.keys(OLD_ROWS).map(Number)
  return OLD_ROWS[Math.max(...known.filter((number) => number <= version))] ?? []
}

/** `key` is a word of the language on some databases, and each quotes in its own way. */
async function insertOld(db: Database, statement: string): Promise<void> {
  if (!statement.includes('key_column')) return run(db, statement)
  await run(db, statement.replace('key_column', '"key"')).catch(() => run(db, statement.replace('key_column', '`key`')))
}

async function oldRows(db: Database): Promise<unknown[][]> {
  return Promise.all([
    rowsOf(db, "select source_id, title from archon_sources where source_id = 's1'"),
    rowsOf(db, "select url, full_content, word_count from archon_page_metadata where source_id = 's1'"),
    rowsOf(db, "select url, chunk_number, content, page_id from archon_crawled_pages where source_id = 's1'"),
    rowsOf(db, "select title from archon_projects where title = 'Old project'"),
    rowsOf(db, "select title, status from archon_tasks where title = 'Old task'"),
    rowsOf(db, "select value from archon_settings where value = 'kept'"),
  ])
}
