import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { archonDb, folders } from './support.ts'

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 })

const folder = folders()

async function migrated(...args: string[]): Promise<string> {
  const cwd = folder()
  expect((await archonDb(['migrate', ...args], { cwd })).code).toBe(0)
  return cwd
}

async function json(cwd: string, ...args: string[]): Promise<unknown> {
  return JSON.parse((await archonDb([...args, '--json'], { cwd })).out)
}

test('migrate says what was applied, which tables are there, and how many are applied and pending', async () => {
  const { out, code } = await archonDb(['migrate', '--to', '1'], { cwd: folder() })
  expect(code).toBe(0)
  expect(out).toMatch(/^✓ Applied 1 migration in \d+ ms: 0001_initial\.$/m)
  expect(out).toMatch(/^ {2}0001_initial {2}\d+ ms$/m)
  expect(out).toMatch(/^ {2}Tables: .*archon_tasks/m)
  expect(out).toMatch(/^ {2}\d+ in all, 1 applied, \d+ pending$/m)
})

test('plan prints the SQL that is missing, and nothing when nothing is', async () => {
  const cwd = await migrated('--to', '1')
  const { out } = await archonDb(['plan', '--to', '2'], { cwd })
  expect(out).toMatch(/^0002_seed: 3 statements$/m)
  expect(out).toContain('  insert into "archon_settings"')
  expect((await archonDb(['plan', '--to', '1'], { cwd })).out).toBe(
    'The schema is up to date: there is nothing to run.\n',
  )
})

test('rollback shows its plan first, and wants --yes where data is lost', async () => {
  const cwd = await migrated('--to', '2')
  const refused = await archonDb(['rollback'], { cwd })
  expect(refused).toMatchObject({ code: 2, out: '' })
  expect(refused.err).toContain('0002_seed (loses data)')
  expect(refused.err).toContain('--yes')
  expect((await archonDb(['rollback', '--plan'], { cwd })).out).toContain('  delete from "archon_migrations"')
  expect(await json(cwd, 'status')).toMatchObject({ migrations: { applied: [{ version: 1 }, { version: 2 }] } })
  expect(await json(cwd, 'rollback', '--yes')).toMatchObject({ reverted: [{ version: 2, name: 'seed' }] })
  expect(await json(cwd, 'status')).toMatchObject({ migrations: { applied: [{ version: 1 }] } })
})

test.each([
  [['rollback', '0'], 'COUNT is a whole number from 1.'],
  [['rollback', '1', '--to', '1'], 'rollback takes COUNT or --to, not both.'],
  [['baseline', 'last'], 'VERSION is a whole number from 1.'],
  [['new', 'Add-Column'], 'NAME takes lower-case letters, digits and _.'],
])('typed wrongly: %j', async (args, message) => {
  const { code, err } = await archonDb(args, { cwd: folder() })
  expect(code).toBe(2)
  expect(err).toContain(message)
})

test('status --deep finds what was changed by hand, and --check fails for it', async () => {
  const cwd = await migrated()
  expect((await archonDb(['status', '--deep', '--check'], { cwd })).code).toBe(0)
  await archonDb(['sql', '--write', 'alter table archon_tasks add column by_hand text'], { cwd })
  const { out, code } = await archonDb(['status', '--deep', '--check'], { cwd })
  expect(code).toBe(1)
  expect(out).toContain('Schema: 1 difference from what the migrations made')
  expect(out).toContain('The column by_hand of archon_tasks is there, and no migration made it.')
})

test('baseline records what is in place already, and refuses what is not', async () => {
  const cwd = await migrated('--to', '2')
  await archonDb(['sql', '--write', 'drop table archon_schema_migrations'], { cwd })
  const { out } = await archonDb(['baseline', '2'], { cwd })
  expect(out).toBe('✓ Recorded 0001_initial, 0002_seed.\n')
  const empty = folder()
  writeFileSync(join(empty, 'archon.db'), '')
  const refused = await archonDb(['baseline', '1'], { cwd: empty })
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('The table archon_tasks is missing.')
})

test('repair has nothing to do where nothing was edited', async () => {
  const cwd = await migrated()
  expect((await archonDb(['repair'], { cwd })).out).toBe('No migration was edited: there is nothing to repair.\n')
})

test('reset asks, refuses what looks like a mistake, and starts over', async () => {
  const cwd = await migrated()
  const asked = await archonDb(['reset'], { cwd })
  expect(asked).toMatchObject({ code: 2, out: '' })
  const production = await archonDb(['reset', '--yes'], { cwd, env: { NODE_ENV: 'production' } })
  expect(production.code).toBe(1)
  expect(production.err).toContain('NODE_ENV')
  const many = await archonDb(['reset', '--yes', '--max-rows', '10'], { cwd })
  expect(many.code).toBe(1)
  expect(many.err).toContain('--force')
  await archonDb(['sql', '--write', 'delete from archon_settings'], { cwd })
  expect((await archonDb(['reset', '--yes'], { cwd })).out).toMatch(/^✓ Fresh again: \d+ migrations applied/)
  expect(await json(cwd, 'sql', 'select count(*) as n from archon_settings')).toMatchObject({ rows: [{ n: 45 }] })
})

function source(...dialects: string[]): string {
  const root = folder()
  for (const dialect of dialects) {
    mkdirSync(join(root, 'packages', dialect, 'drizzle', '0001_initial'), { recursive: true })
    writeFileSync(join(root, 'packages', dialect, 'drizzle.config.ts'), '')
  }
  return root
}

test('new begins a migration with the same number on every dialect', async () => {
  const root = source('one', 'two')
  mkdirSync(join(root, 'packages', 'other'))
  expect(await json(root, 'new', 'add_colour')).toMatchObject({ version: 2, name: 'add_colour' })
  for (const dialect of ['one', 'two']) {
    const made = join(root, 'packages', dialect, 'drizzle', '0002_add_colour')
    expect(readdirSync(made).sort()).toEqual(['down.sql', 'meta.json', 'up.sql'])
    expect(JSON.parse(readFileSync(join(made, 'meta.json'), 'utf8'))).toEqual({ losesData: true })
  }
  expect(existsSync(join(root, 'packages', 'other', 'drizzle'))).toBe(false)
})

test('new refuses where a dialect lags behind, and outside of the source', async () => {
  const root = source('one', 'two')
  mkdirSync(join(root, 'packages', 'one', 'drizzle', '0002_more'))
  const behind = await archonDb(['new', 'add_colour'], { cwd: root })
  expect(behind.code).toBe(1)
  expect(behind.err).toContain('Migration 2 is missing in packages/two')
  const elsewhere = await archonDb(['new', 'add_colour'], { cwd: folder() })
  expect(elsewhere.err).toContain('is not the source of archon-db')
})
