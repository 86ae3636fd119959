import assert from 'node:assert/strict'
import type { Database, Row } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addParents, idOf, keyOf, ROWS, version, workOrder } from './rows.ts'

export function values(t: SuiteBuilder): void {
  for (const table of Object.keys(ROWS)) required(t, table)
  checks(t)
  repositoryUrls(t)
}

/** What must have a value, and is left out or null. */
function required(t: SuiteBuilder, table: string): void {
  t.behaviour(`required.${idOf(table)}`, async ({ db }) => {
    await addParents(db)
    const before = await db.count(table)
    const row = ROWS[table] as Row
    // Numbers are given out by the database, and asking for none is its own matter.
    const columns =
      db.schema.tables.get(table)?.columns.filter((column) => !column.nullable && !column.autoIncrement) ?? []
    assert.ok(columns.length > 0)
    for (const { name, default: preset } of columns) {
      const expected = { table, column: name, retryable: false, messageIncludes: [table, name] } as const
      await rejects(db.insert(table, { ...row, [name]: null }), 'not_null_violation', expected)
      if (preset) continue
      const { [name]: _, ...rest } = row
      await rejects(db.insert(table, rest), 'not_null_violation', expected)
    }
    assert.equal(await db.count(table), before)
    await refuseNullUpdates(
      db,
      table,
      row,
      columns.map((column) => column.name),
    )
  })
}

async function refuseNullUpdates(db: Database, table: string, row: Row, columns: readonly string[]): Promise<void> {
  const key = db.schema.tables.get(table)?.primaryKey ?? []
  const { rows } = await db.insert(table, row)
  const where = Object.fromEntries(key.map((name) => [name, rows[0]?.[name]])) as Record<string, string>
  // Whatever is assigned to updated_at, it moves.
  for (const column of columns.filter((name) => name !== 'updated_at'))
    await rejects(db.update(table, { [column]: null }, { where }), 'not_null_violation', { table, column })
  assert.deepEqual((await db.select(table, { where })).rows, rows)
}

interface Check {
  readonly table: string
  readonly constraint: string
  readonly broken: readonly Row[]
  readonly sound: readonly Row[]
}

const repository = (more: Row): Row => ({ repository_url: 'https://github.com/a/b', ...more })

const CHECKS: Readonly<Record<string, Check>> = {
  assignee: {
    table: 'archon_tasks',
    constraint: 'archon_tasks_assignee_check',
    broken: [
      { title: 't', assignee: '' },
      { title: 't', assignee: null },
    ],
    sound: [
      { title: 't', assignee: ' ' },
      { title: 't', assignee: 'User' },
    ],
  },
  'version-owner': {
    table: 'archon_document_versions',
    constraint: 'archon_document_versions_owner_check',
    broken: [
      { ...version(1), project_id: null },
      { ...version(1), task_id: keyOf(1) },
    ],
    sound: [version(1), { ...version(1), project_id: null, task_id: keyOf(1) }],
  },
  'sandbox-type': {
    table: 'archon_configured_repositories',
    constraint: 'archon_configured_repositories_default_sandbox_type_check',
    broken: ['', 'Git_worktree', 'git_worktree ', 'docker'].map((type) => repository({ default_sandbox_type: type })),
    sound: [
      repository({ default_sandbox_type: 'tmp_dir' }),
      { repository_url: 'https://github.com/a/c', default_sandbox_type: null },
    ],
  },
  'work-order-status': {
    table: 'archon_agent_work_orders',
    constraint: 'archon_agent_work_orders_status_check',
    broken: ['', 'Pending', 'done', 'pending '].map((status) => ({ ...workOrder('x'), status })),
    sound: ['pending', 'running', 'completed', 'failed'].map((status) => ({ ...workOrder(status), status })),
  },
}

function checks(t: SuiteBuilder): void {
  for (const [name, { table, constraint, broken, sound }] of Object.entries(CHECKS)) {
    t.behaviour(`check.${name}`, async ({ db }) => {
      await addParents(db)
      const before = await db.count(table)
      const expected = { table, constraint, retryable: false, messageIncludes: constraint } as const
      for (const row of broken) await rejects(db.insert(table, row), 'check_violation', expected)
      assert.equal(await db.count(table), before)
      assert.equal((await db.insert(table, [...sound])).count, sound.length)
    })
  }
  t.behaviour('check.on-update', async ({ db }) => {
    await addParents(db)
    await rejects(db.update('archon_tasks', { assignee: '' }, { allRows: true }), 'check_violation', {
      constraint: 'archon_tasks_assignee_check',
    })
    await rejects(db.update('archon_agent_work_orders', { status: 'lost' }, { allRows: true }), 'check_violation')
    await db.insert('archon_document_versions', version(1))
    await rejects(db.update('archon_document_versions', { task_id: keyOf(1) }, { allRows: true }), 'check_violation')
    assert.deepEqual((await db.select('archon_tasks', { columns: ['assignee'] })).rows, [{ assignee: 'User' }])
  })
  t.behaviour('check.one-row-of-a-batch', async ({ db }) => {
    const rows = [{ title: 'a' }, { title: 'b', assignee: '' }, { title: 'c' }]
    await rejects(db.insert('archon_tasks', rows), 'check_violation')
    assert.equal(await db.count('archon_tasks'), 0)
  })
}

/** `^https://github\.com/[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/?$` */
function repositoryUrls(t: SuiteBuilder): void {
  const table = 'archon_configured_repositories'
  t.behaviour('check.repository-url.accepted', async ({ db }) => {
    const paths = ['a/b', 'a/b/', 'A-b_c/d.e-f_g', '0/1', '-/_', 'a/.', 'a/..', 'a/b.git']
    const rows = paths.map((path) => ({ repository_url: `https://github.com/${path}` }))
    assert.equal((await db.insert(table, rows)).count, paths.length)
  })
  t.behaviour('check.repository-url.refused', async ({ db }) => {
    const paths = [
      '',
      'a',
      'a/',
      'a//',
      '/b',
      '//b',
      'a/b/c',
      'a/b//',
      'a.b/c',
      'a/b?x',
      'a/b#x',
      'a b/c',
      'a/b ',
      'a/b\n',
      'a\n/b',
      'ä/b',
      'a/ü',
      'a/b%20',
    ]
    const urls = [
      ...paths.map((path) => `https://github.com/${path}`),
      '',
      'http://github.com/a/b',
      'https://github.com',
      'https://gitlab.com/a/b',
      'https://githubXcom/a/b',
      'HTTPS://github.com/a/b',
      'https://GitHub.com/a/b',
      ' https://github.com/a/b',
      'x\nhttps://github.com/a/b',
      'git@github.com:a/b',
    ]
    for (const repository_url of urls) {
      const error = await rejects(db.insert(table, { repository_url }), 'check_violation')
      assert.equal(error.constraint, 'archon_configured_repositories_repository_url_check', repository_url)
    }
    assert.equal(await db.count(table), 0)
  })
}
