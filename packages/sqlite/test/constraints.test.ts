import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMigrated, type TestDatabase } from './migrated.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await openMigrated()
})
afterAll(() => db.close())

describe('what the database refuses, also of raw SQL', () => {
  const PROJECT = '018f0000-0000-7000-8000-00000000000a'
  const TASK = '018f0000-0000-7000-8000-00000000000b'
  beforeAll(async () => {
    await db.rows(`insert into archon_sources (source_id) values ('s')`)
    await db.rows(`insert into archon_projects (id, title) values ('${PROJECT}', 'p')`)
    await db.rows(`insert into archon_tasks (id, title) values ('${TASK}', 't')`)
    await db.rows(
      `insert into archon_document_versions (project_id, field_name, version_number, content) values ('${PROJECT}', 'docs', 1, '[]')`,
    )
    await db.rows(
      `insert into archon_document_versions (task_id, field_name, version_number, content) values ('${TASK}', 'docs', 1, '[]')`,
    )
  })
  afterAll(async () => {
    for (const table of ['archon_sources', 'archon_projects', 'archon_tasks']) await db.rows(`delete from ${table}`)
  })

  const version = (owner: string, number: number) =>
    `insert into archon_document_versions (project_id, task_id, field_name, version_number, content) values (${owner}, 'docs', ${number}, '[]')`
  const chunk = (column: string, value: string) =>
    `insert into archon_crawled_pages (url, chunk_number, content, source_id, ${column}) values ('r', 0, 'c', 's', ${value})`

  test.each([
    [
      'a task without an assignee',
      `insert into archon_tasks (title, assignee) values ('t', null)`,
      'archon_tasks_assignee_check',
    ],
    ['an empty assignee', `insert into archon_tasks (title, assignee) values ('t', '')`, 'archon_tasks_assignee_check'],
    ['an unknown status', `insert into archon_tasks (title, status) values ('t', 'Todo')`, 'archon_tasks_status_check'],
    [
      'an unknown priority',
      `insert into archon_tasks (title, priority) values ('t', 'urgent')`,
      'archon_tasks_priority_check',
    ],
    ['a short uuid', `insert into archon_tasks (id, title) values ('1', 't')`, 'archon_tasks_id_check'],
    ['a boolean of 2', `insert into archon_tasks (title, archived) values ('t', 2)`, 'archon_tasks_archived_check'],
    ['broken JSON', `insert into archon_tasks (title, sources) values ('t', '{')`, 'archon_tasks_sources_check'],
    ['a long key', `insert into archon_settings (key) values ('${'ä'.repeat(256)}')`, 'archon_settings_key_check'],
    ['a version of both', version(`'${PROJECT}', '${TASK}'`, 2), 'archon_document_versions_owner_check'],
    ['a version of neither', version('null, null', 2), 'archon_document_versions_owner_check'],
    [
      'a project version twice',
      version(`'${PROJECT}', null`, 1),
      'UNIQUE constraint failed: archon_document_versions.project_id, archon_document_versions.field_name, archon_document_versions.version_number',
    ],
    [
      'a task version twice',
      version(`null, '${TASK}'`, 1),
      'UNIQUE constraint failed: archon_document_versions.task_id, archon_document_versions.field_name, archon_document_versions.version_number',
    ],
    ['a short vector', chunk('embedding_384', 'zeroblob(1532)'), 'archon_crawled_pages_embedding_384_check'],
    ['a vector as text', chunk('embedding_384', `'${'x'.repeat(1536)}'`), 'archon_crawled_pages_embedding_384_check'],
    ['an unknown page', chunk('page_id', `'${PROJECT}'`), 'FOREIGN KEY constraint failed'],
    [
      'an unknown sandbox',
      `insert into archon_configured_repositories (repository_url, default_sandbox_type) values ('https://github.com/o/n', 'vm')`,
      'archon_configured_repositories_default_sandbox_type_check',
    ],
    [
      'an unknown order status',
      `insert into archon_agent_work_orders (agent_work_order_id, repository_url, sandbox_identifier, status) values ('w', 'r', 's', 'done')`,
      'archon_agent_work_orders_status_check',
    ],
  ])('%s', async (_what, sql, message) => {
    await expect(db.client.execute(sql)).rejects.toThrow(message)
  })

  test('nothing that fits: the longest key, a whole vector, the next version', async () => {
    await db.rows(`insert into archon_settings (key) values ('${'ä'.repeat(255)}')`)
    await db.rows(chunk('embedding_384', 'zeroblob(1536)'))
    await db.rows(version(`'${PROJECT}', null`, 2))
    await db.rows(`delete from archon_settings`)
  })

  test('exactly the repository addresses that the reference refuses', async () => {
    const pieces = ['a', 'Z9', '-', '.', '/', '_', ' ', 'é', '?', '\n', ']']
    let paths = ['']
    const all = [
      'http://github.com/o/n',
      'https://github.com',
      'https://gitlab.com/o/n',
      ' https://github.com/o/n',
      'HTTPS://github.com/o/n',
    ]
    for (let length = 0; length < 5; length++) {
      paths = paths.flatMap((path) => pieces.map((piece) => path + piece))
      all.push(...paths.map((path) => `https://github.com/${path}`))
      if (length === 2) pieces.splice(6)
    }
    await db.rows(
      `insert or ignore into archon_configured_repositories (repository_url) select value from json_each(?)`,
      [JSON.stringify(all)],
    )
    const stored = await db.rows(`select repository_url as url from archon_configured_repositories`)
    const expected = new Set(
      all.filter((url) => /^https:\/\/github\.com\/[A-Za-z0-9_-]+\/[A-Za-z0-9_.-]+\/?$/.test(url)),
    )
    expect(expected.size).toBeGreaterThan(1000)
    expect(stored.map(({ url }) => url).toSorted()).toEqual([...expected].toSorted())
    await db.rows(`delete from archon_configured_repositories`)
  })
})
