import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, expect, test } from 'vitest'
import type { Finding } from '../src/doctor/examine.ts'
import { archonDb, folders, initialised, MIGRATIONS, type RunOptions } from './support.ts'

const folder = folders()
let healthy = ''
beforeAll(async () => {
  healthy = await initialised(folder())
})

async function findings(
  options: RunOptions,
  ...args: string[]
): Promise<{ code: number | null; found: Map<string, Finding> }> {
  const { code, out } = await archonDb(['doctor', '--json', ...args], options)
  const list: Finding[] = JSON.parse(out).findings
  return { code, found: new Map(list.map((finding) => [finding.name, finding])) }
}

test('a healthy database: every check, for people', async () => {
  const { code, out, err } = await archonDb(['doctor'], { cwd: healthy })
  expect([code, err]).toEqual([0, ''])
  const checks = [
    'runtime',
    'configuration',
    'disk space',
    'connection',
    'migrations',
    'tables',
    'seed data',
    'write permission',
    'keyword search',
    'vector search',
    'integrity',
    'references',
    'journal',
  ]
  const lines = out.split('\n').filter((line) => line.startsWith('✓'))
  expect(lines.map((line) => line.slice(2, 18).trim())).toEqual(checks)
  expect(out.endsWith('\n\nAll is well.\n')).toBe(true)
})

test('it leaves nothing behind', async () => {
  await archonDb(['doctor'], { cwd: healthy })
  const { out } = await archonDb(['sql', '--json', 'select count(*) as n from archon_settings'], { cwd: healthy })
  expect(JSON.parse(out).rows).toEqual([{ n: 45 }])
})

test('a wrong configuration: everything that is wrong, and nothing after it', async () => {
  const env = { DATABASE_TYPE: 'postgress', DB_POOL_SIZE: 'hunter2' }
  const { code, found } = await findings({ cwd: healthy, env })
  expect(code).toBe(1)
  expect([...found.keys()]).toEqual(['runtime', 'configuration'])
  expect(found.get('configuration')).toEqual({
    name: 'configuration',
    verdict: 'failed',
    detail:
      'The configuration has 2 mistakes:\n' +
      '- DATABASE_TYPE takes one of sqlite, postgresql, mysql, supabase, postgres, mariadb. Did you mean postgres?\n' +
      '- DB_POOL_SIZE takes a whole number of connections from 1 to 10000.',
    advice: 'Mend the configuration; nothing else can be looked at before.',
  })
})

test('settings that do nothing are a warning', async () => {
  const { code, found } = await findings({ cwd: healthy, env: { POSTGRES_HOST: 'db' } })
  expect([code, found.get('configuration')?.verdict]).toEqual([0, 'warning'])
  expect(found.get('configuration')?.detail).toContain('POSTGRES_HOST set but not used')
})

test('a database that is not there', async () => {
  const { code, found } = await findings({ cwd: folder() })
  expect([code, found.get('connection')?.verdict, found.has('migrations')]).toEqual([1, 'failed', false])
})

test('a file that is no database', async () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'archon.db'), 'These are notes and no database at all.'.repeat(100))
  const { code, found } = await findings({ cwd })
  expect([code, found.get('connection')?.verdict]).toEqual([1, 'failed'])
})

test('a schema that is behind', async () => {
  const cwd = folder()
  await archonDb(['migrate', '--to', '1'], { cwd })
  const { code, found } = await findings({ cwd })
  expect(code).toBe(1)
  expect(found.get('migrations')).toMatchObject({
    verdict: 'failed',
    detail: `1 of ${MIGRATIONS.length} in place, ${MIGRATIONS.length - 1} pending`,
    advice: 'Run `archon-db migrate`.',
  })
  expect(found.get('seed data')?.verdict).toBe('warning')
})

test('rows that refer to nothing', async () => {
  const cwd = await initialised(folder())
  // The command keeps foreign keys, so another program has to break one.
  const file = new DatabaseSync(join(cwd, 'archon.db'), { enableForeignKeyConstraints: false })
  const [task, project] = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002']
  file.prepare("insert into archon_tasks (id, title, project_id) values (?, 't', ?)").run(task, project)
  file.close()
  const { code, found } = await findings({ cwd })
  expect(code).toBe(1)
  expect(found.get('references')).toMatchObject({
    verdict: 'failed',
    detail: '1 rows of archon_tasks refer to rows that are gone',
  })
})

test('a table that is gone', async () => {
  const cwd = await initialised(folder())
  await archonDb(['sql', '--write', 'drop table archon_prompts'], { cwd })
  const { code, found } = await findings({ cwd })
  expect([code, found.get('tables')?.detail]).toEqual([1, 'cannot be read: archon_prompts'])
  expect(found.get('seed data')?.verdict).toBe('failed')
  expect(found.get('integrity')?.verdict).toBe('ok')
})
