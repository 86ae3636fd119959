import { type Database, openDatabase, sql } from '@archon-db/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { connectPglite } from '../../src/pglite.ts'
import { OLD_DATABASES } from './archon.ts'

// PostgreSQL starts anew in this process for each test.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let db: Database

afterEach(() => db.close())

async function rows(text: string): Promise<unknown[]> {
  return (await db.execute(sql.raw(text))).rows
}

describe.each(OLD_DATABASES)('a database of the application with $name', ({ statements }) => {
  async function upgrade(): Promise<void> {
    db = await openDatabase(await connectPglite())
    for (const statement of statements) await db.execute(sql.raw(statement), { write: true })
    await db.migrate()
  }

  test('is brought up to date by migrating, and keeps its rows', async () => {
    await upgrade()
    expect((await db.migrations.status()).pending).toEqual([])
    expect(await rows('select source_id, title, metadata from archon_sources')).toEqual([
      { source_id: 's1', title: 'Old source', metadata: { tags: ['a', 'b'] } },
    ])
    expect(await rows('select title, status, assignee, priority from archon_tasks')).toEqual([
      { title: 'Old task', status: 'review', assignee: 'Archon', priority: 'medium' },
    ])
    expect(await rows('select title, docs, prd from archon_projects')).toEqual([
      { title: 'Old project', docs: [{ id: 'd1' }], prd: {} },
    ])
    expect(await rows('select source_id from archon_project_sources')).toEqual([{ source_id: 's1' }])
  })

  test('keeps the settings and prompts that people changed, and gets those it lacked', async () => {
    await upgrade()
    const text =
      "select key, value, encrypted_value from archon_settings where key in ('OPENAI_API_KEY', 'MODEL_CHOICE', 'MINE') order by key"
    expect(await rows(text)).toEqual([
      { key: 'MINE', value: 'kept', encrypted_value: null },
      { key: 'MODEL_CHOICE', value: 'my-model', encrypted_value: null },
      { key: 'OPENAI_API_KEY', value: null, encrypted_value: 'cipher' },
    ])
    expect(await db.count('archon_settings')).toBe(46)
    expect(await rows("select prompt from archon_prompts where prompt_name = 'document_builder'")).toEqual([
      { prompt: 'As I like it' },
    ])
    expect(await db.count('archon_prompts')).toBe(3)
    expect(await db.count('archon_migrations')).toBe(11)
  })

  test('gives versions of a document that shared a number numbers of their own', async () => {
    await upgrade()
    const text = 'select version_number, change_summary from archon_document_versions order by version_number'
    expect(await rows(text)).toEqual([
      { version_number: 1, change_summary: 'one' },
      { version_number: 2, change_summary: 'two' },
      { version_number: 3, change_summary: 'two again' },
    ])
  })

  test('finds its chunks by embedding and by words', async () => {
    await upgrade()
    const embedding = Float32Array.from({ length: 1536 }, (_, i) => Math.sin(i + 1))
    const near = await db.search('archon_crawled_pages', { embedding, columns: ['url'] })
    expect(near.map(({ row, score }) => [row.url, score.toFixed(4)])).toEqual([['https://old.test', '1.0000']])
    const worded = await db.search('archon_crawled_pages', { text: 'words', columns: ['url'] })
    expect(worded.map(({ row }) => row.url)).toEqual(['https://old.test'])
  })

  test('deletes what belongs to a source together with it', async () => {
    await upgrade()
    await db.delete('archon_sources', { where: { source_id: 's1' } })
    expect(await db.count('archon_crawled_pages')).toBe(0)
  })

  test('lacks nothing of the schema', async () => {
    await upgrade()
    const { schema } = await db.migrations.deepStatus()
    expect(schema.filter(({ kind }) => kind === 'missing').map(({ message }) => message)).toEqual([])
  })
})
