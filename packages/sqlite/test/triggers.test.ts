import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOW } from '../src/columns.ts'
import { openMigrated, type TestDatabase } from './migrated.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await openMigrated()
})
afterAll(() => db.close())

describe('updated_at', () => {
  const KEYS: Readonly<Record<string, string>> = {
    archon_settings: `insert into archon_settings (key, updated_at) values ('k', ?) returning rowid`,
    archon_sources: `insert into archon_sources (source_id, updated_at) values ('s', ?) returning rowid`,
    archon_page_metadata: `insert into archon_page_metadata (source_id, url, full_content, word_count, char_count, updated_at)
      values ('s', 'u', 'c', 1, 1, ?) returning rowid`,
    archon_projects: `insert into archon_projects (title, updated_at) values ('p', ?) returning rowid`,
    archon_tasks: `insert into archon_tasks (title, updated_at) values ('t', ?) returning rowid`,
    archon_prompts: `insert into archon_prompts (prompt_name, prompt, updated_at) values ('n', 'p', ?) returning rowid`,
    archon_configured_repositories: `insert into archon_configured_repositories (repository_url, updated_at)
      values ('https://github.com/o/n', ?) returning rowid`,
    archon_agent_work_orders: `insert into archon_agent_work_orders (agent_work_order_id, repository_url, sandbox_identifier, status, updated_at)
      values ('w', 'r', 's', 'pending', ?) returning rowid`,
  }
  /** So far ahead that the clock plays no part: the next value must be exactly one more. */
  const FUTURE = Date.UTC(2999, 0)

  test.each(Object.keys(KEYS))('of %s moves with every statement, whatever the statement says', async (table) => {
    const rowid = Number(await db.value(KEYS[table] ?? '', [FUTURE]))
    const read = () => db.value(`select updated_at from ${table} where rowid = ${rowid}`)
    expect(await read()).toBe(FUTURE)
    await db.rows(`update ${table} set created_at = created_at where rowid = ${rowid}`)
    expect(await read()).toBe(FUTURE + 1)
    await db.rows(`update ${table} set created_at = created_at where rowid = ${rowid}`)
    expect(await read()).toBe(FUTURE + 2)
    await db.rows(`update ${table} set updated_at = 5 where rowid = ${rowid}`)
    expect(await read()).toBe(FUTURE + 3)
  })

  test('is now, when the row was last changed in the past, and when it was null', async () => {
    for (const old of [1000, null]) {
      const before = Date.now()
      const id = await db.value(`insert into archon_projects (title, updated_at) values ('past', ?) returning id`, [
        old,
      ])
      await db.rows(`update archon_projects set title = 'now' where id = ?`, [String(id)])
      const now = Number(await db.value(`select updated_at from archon_projects where id = ?`, [String(id)]))
      expect(now).toBeGreaterThanOrEqual(before)
      expect(now).toBeLessThanOrEqual(Date.now())
    }
  })

  test('is returned as stored by a statement that sets the moment itself', async () => {
    await db.rows(`update archon_projects set updated_at = 1, title = 'mine' where title = 'now'`)
    for (let round = 0; round < 20; round++) {
      const moment = `max(${NOW}, coalesce(updated_at, 0) + 1)`
      const sql = `update archon_projects set updated_at = ${moment} where title = 'mine' returning updated_at`
      const returned = await db.rows(sql)
      expect(returned).toHaveLength(2)
      expect(await db.rows(`select updated_at from archon_projects where title = 'mine'`)).toEqual(returned)
    }
  })

  test('moves when an upsert changes the row', async () => {
    await db.rows(`insert into archon_settings (key, updated_at) values ('upserted', ${FUTURE})`)
    await db.rows(
      `insert into archon_settings (key, value) values ('upserted', 'x') on conflict (key) do update set value = excluded.value`,
    )
    expect(await db.value(`select updated_at from archon_settings where key = 'upserted'`)).toBe(FUTURE + 1)
  })

  afterAll(async () => {
    for (const table of Object.keys(KEYS).toReversed()) await db.rows(`delete from ${table}`)
  })
})

describe('the full-text tables', () => {
  const INSERT_CHUNK = `insert into archon_crawled_pages (url, chunk_number, content, source_id) values (?, 0, ?, 'fts') returning id`
  const INSERT_EXAMPLE = `insert into archon_code_examples (url, chunk_number, content, summary, source_id) values ('e', 0, ?, ?, 'fts') returning id`

  const matches = async (table: string, word: string) =>
    (await db.rows(`select rowid from ${table}_fts where ${table}_fts match ? order by rowid`, [word])).map(
      ({ rowid }) => rowid,
    )

  async function expectInStep(): Promise<void> {
    for (const table of ['archon_crawled_pages', 'archon_code_examples']) {
      await db.rows(`insert into ${table}_fts (${table}_fts, rank) values ('integrity-check', 1)`)
    }
  }

  test('follow inserts, updates, upserts and deletes', async () => {
    await db.rows(`insert into archon_sources (source_id) values ('fts')`)
    const chunk = await db.value(INSERT_CHUNK, ['a', 'connection pool'])
    const other = await db.value(INSERT_CHUNK, ['b', 'connection string'])
    const example = await db.value(INSERT_EXAMPLE, ['let alpha', 'about beta'])
    expect(await matches('archon_crawled_pages', 'connection')).toEqual([chunk, other])
    expect(await matches('archon_crawled_pages', 'con*')).toEqual([chunk, other])
    expect(await matches('archon_code_examples', 'beta')).toEqual([example])

    await db.rows(`update archon_crawled_pages set content = 'index' where url = 'a'`)
    await db.rows(`update archon_crawled_pages set metadata = '{"a":1}' where url = 'b'`)
    await db.rows(`update archon_code_examples set summary = 'about gamma'`)
    expect(await matches('archon_crawled_pages', 'connection')).toEqual([other])
    expect(await matches('archon_crawled_pages', 'index')).toEqual([chunk])
    expect(await matches('archon_code_examples', 'beta')).toEqual([])
    expect(await matches('archon_code_examples', 'summary:gamma')).toEqual([example])

    await db.rows(
      `insert into archon_crawled_pages (url, chunk_number, content, source_id) values ('a', 0, 'upserted', 'fts')
       on conflict (url, chunk_number) do update set content = excluded.content`,
    )
    expect(await matches('archon_crawled_pages', 'upserted')).toEqual([chunk])
    await expectInStep()

    await db.rows(`delete from archon_crawled_pages where url = 'a'`)
    expect(await matches('archon_crawled_pages', 'upserted')).toEqual([])
    await expectInStep()
  })

  test('lose what a cascade deletes', async () => {
    await db.rows(`delete from archon_sources where source_id = 'fts'`)
    expect(await matches('archon_crawled_pages', 'connection')).toEqual([])
    expect(await matches('archon_code_examples', 'gamma')).toEqual([])
    await expectInStep()
  })

  test('tell accents apart and fold case', async () => {
    await db.rows(`insert into archon_sources (source_id) values ('fts')`)
    const id = await db.value(INSERT_CHUNK, ['accents', 'Straße Résumé'])
    expect(await matches('archon_crawled_pages', 'résumé')).toEqual([id])
    expect(await matches('archon_crawled_pages', 'resume')).toEqual([])
    await db.rows(`delete from archon_sources`)
  })
})

describe('deleting a parent', () => {
  const count = (table: string) => db.value(`select count(*) from ${table}`)

  test('a source takes its pages, chunks and code examples along; a page only lets go of its chunks', async () => {
    const uuid = '018f0000-0000-7000-8000-000000000001'
    await db.rows(`insert into archon_sources (source_id) values ('s')`)
    await db.rows(
      `insert into archon_page_metadata (id, source_id, url, full_content, word_count, char_count) values ('${uuid}', 's', 'u', 'c', 1, 1)`,
    )
    await db.rows(
      `insert into archon_crawled_pages (url, chunk_number, content, source_id, page_id) values ('u', 0, 'c', 's', '${uuid}')`,
    )
    await db.rows(
      `insert into archon_code_examples (url, chunk_number, content, summary, source_id) values ('u', 0, 'c', 's', 's')`,
    )
    await db.rows(`delete from archon_page_metadata`)
    expect(await db.rows(`select page_id from archon_crawled_pages`)).toEqual([{ page_id: null }])
    await db.rows(`delete from archon_sources`)
    expect([await count('archon_crawled_pages'), await count('archon_code_examples')]).toEqual([0, 0])
  })

  test('a project takes its tasks, their subtasks and versions along', async () => {
    const ids = [1, 2, 3].map((number) => `018f0000-0000-7000-8000-00000000000${number}`)
    await db.rows(`insert into archon_projects (id, title) values ('${ids[0]}', 'p')`)
    await db.rows(`insert into archon_tasks (id, project_id, title) values ('${ids[1]}', '${ids[0]}', 'task')`)
    await db.rows(`insert into archon_tasks (id, parent_task_id, title) values ('${ids[2]}', '${ids[1]}', 'subtask')`)
    await db.rows(
      `insert into archon_project_sources (project_id, source_id) values ('${ids[0]}', 'no such source is needed')`,
    )
    await db.rows(
      `insert into archon_document_versions (task_id, field_name, version_number, content) values ('${ids[2]}', 'f', 1, '1')`,
    )
    await db.rows(`delete from archon_projects`)
    const children = ['archon_tasks', 'archon_project_sources', 'archon_document_versions']
    expect(await Promise.all(children.map(count))).toEqual([0, 0, 0])
  })

  test('a work order takes its steps along', async () => {
    await db.rows(
      `insert into archon_agent_work_orders (agent_work_order_id, repository_url, sandbox_identifier, status) values ('w', 'r', 's', 'running')`,
    )
    await db.rows(
      `insert into archon_agent_work_order_steps (agent_work_order_id, step, agent_name, success, duration_seconds, executed_at, step_order)
       values ('w', 'plan', 'planner', true, 1.5, 0, 1)`,
    )
    await db.rows(`delete from archon_agent_work_orders`)
    expect(await count('archon_agent_work_order_steps')).toBe(0)
  })
})
