import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { archonDb, finished, folders, initialised, MIGRATIONS, startArchonDb } from './support.ts'

const folder = folders()
const total = MIGRATIONS.length

describe('init', () => {
  test('creates the database and nothing else, and opens it the second time', async () => {
    const cwd = folder()
    const first = await archonDb(['init'], { cwd })
    expect(first.code).toBe(0)
    const [created, applied] = first.out.split('\n')
    expect(created).toMatch(/^✓ Created \.\/archon\.db \(SQLite \(libSQL\) \d+\.\d+\.\d+\)$/)
    expect(applied?.replace(/\d+ ms/, 'N ms')).toBe(`✓ Applied ${total} migrations in N ms: ${MIGRATIONS.join(', ')}.`)
    expect(first.err.replace(/\d+ statements?/g, 'N')).toBe(MIGRATIONS.map((name) => `up ${name} (N)\n`).join(''))
    expect(readdirSync(cwd).filter((name) => !/-(?:wal|shm)$/.test(name))).toEqual(['archon.db'])

    const second = await archonDb(['init'], { cwd })
    expect([second.code, second.err]).toEqual([0, ''])
    expect(second.out.split('\n').slice(0, 2)).toEqual([
      created?.replace('Created', 'Opened'),
      `✓ The schema is up to date: ${total} migrations in place.`,
    ])
  })

  test('what it did, for machines', async () => {
    const cwd = folder()
    const { code, out, err } = await archonDb(['init', '--json', '--url=a file.db'], { cwd })
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject({
      created: true,
      total,
      applied: MIGRATIONS.map((name, at) => ({ version: at + 1, name: name.slice(5), late: false })),
      database: { kind: 'sqlite', path: 'a file.db', url: 'file:a file.db', product: 'SQLite (libSQL)' },
    })
    expect(existsSync(join(cwd, 'a file.db'))).toBe(true)
  })

  test('goes where the environment says, unless an option says otherwise', async () => {
    const cwd = folder()
    await archonDb(['init'], { cwd, env: { DATABASE_URL: 'env.db' } })
    await archonDb(['init', '--url', 'option.db'], { cwd, env: { DATABASE_URL: 'env.db' } })
    expect(readdirSync(cwd).filter((name) => name.endsWith('.db'))).toEqual(['env.db', 'option.db'])
  })

  test('a folder that is not there, a folder instead of a file, a file that is no database', async () => {
    const cwd = folder()
    mkdirSync(join(cwd, 'data'))
    writeFileSync(join(cwd, 'notes.txt'), 'These are notes and no database at all.'.repeat(100))
    for (const url of ['missing/archon.db', 'data', 'notes.txt']) {
      const { code, out, err } = await archonDb(['init', '--url', url], { cwd })
      expect([url, code, out]).toEqual([url, 1, ''])
      expect(err).toMatch(/^Error: .+\n/)
      expect(err).not.toContain('    at ')
    }
    expect(existsSync(join(cwd, 'missing'))).toBe(false)
  })
})

describe('migrate', () => {
  test('as far as it is told, then the rest, then nothing', async () => {
    const cwd = folder()
    const applied = async (...args: string[]) => {
      const { code, out } = await archonDb(['migrate', '--json', ...args], { cwd })
      expect(code).toBe(0)
      return JSON.parse(out).applied.map(({ version }: { version: number }) => version)
    }
    expect(await applied('--to', '1')).toEqual([1])
    expect(await applied()).toEqual(MIGRATIONS.slice(1).map((_, at) => at + 2))
    expect(await applied()).toEqual([])
  })

  test('a migration that does not exist', async () => {
    const { code, out } = await archonDb(['migrate', '--json', '--to', '99'], { cwd: folder() })
    expect([code, JSON.parse(out).error.code]).toEqual([1, 'invalid_input'])
  })

  test('several processes at once: each migration is applied once', async () => {
    const cwd = folder()
    const outcomes = await Promise.all(Array.from({ length: 3 }, () => archonDb(['migrate', '--json'], { cwd })))
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(
      outcomes.flatMap(({ out }) => JSON.parse(out).applied.map(({ name }: { name: string }) => name)).sort(),
    ).toEqual(MIGRATIONS.map((name) => name.slice(5)).sort())
  })

  test('stopped by Ctrl-C at any point, it is done by the next run', async () => {
    const cwd = folder()
    const child = startArchonDb(['init'], { cwd })
    child.stderr.once('data', () => child.kill('SIGINT'))
    await finished(child)
    await initialised(cwd)
    const { code, out } = await archonDb(['doctor', '--json'], { cwd })
    expect([code, JSON.parse(out).ok]).toEqual([0, true])
  })
})

describe('status', () => {
  test('of a database that is not there: an error, and still no database', async () => {
    const cwd = folder()
    for (const args of [['status'], ['doctor'], ['sql', 'select 1']]) {
      const { code } = await archonDb(args, { cwd })
      expect([args[0], code]).toEqual([args[0], 1])
    }
    expect(readdirSync(cwd)).toEqual([])
    const { err } = await archonDb(['status'], { cwd })
    expect(err).toBe(
      'Error: There is no database at ./archon.db. `archon-db init` creates one; --url or DATABASE_URL name another.\n',
    )
  })

  test('of a database that is ready', async () => {
    const cwd = await initialised(folder())
    const { code, out, err } = await archonDb(['status', '--check'], { cwd })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^\.\/archon\.db \(SQLite \(libSQL\) [\d.]+\)\n\n/)
    expect(out).toContain(`\nMigrations: ${total} of ${total} in place, 0 pending\n`)
    expect(out).toMatch(/^ {2}0001_initial +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\d+ +0\.1\.0$/m)
    expect(out).toMatch(/^Tables: 15 tables$/m)
    expect(out).toMatch(/^ {2}archon_settings +45$/m)
  })

  test('of a database that lacks a migration: told, and with --check a failure', async () => {
    const cwd = folder()
    await archonDb(['migrate', '--to', '1'], { cwd })
    const plain = await archonDb(['status'], { cwd })
    expect(plain.code).toBe(0)
    expect(plain.out).toContain('  ! 0002_seed is pending. `archon-db migrate` applies it.\n')
    const { code, out } = await archonDb(['status', '--check', '--json'], { cwd })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      ready: false,
      migrations: {
        total,
        applied: [{ version: 1 }],
        pending: MIGRATIONS.slice(1).map((name) => ({ version: Number(name.slice(0, 4)), name: name.slice(5) })),
        drift: [],
      },
    })
  })

  test('in memory, where nothing is', async () => {
    const { code, out } = await archonDb(['status', '--url', ':memory:', '--json'], { cwd: folder() })
    expect(code).toBe(0)
    expect(JSON.parse(out).tables.every(({ rows }: { rows: unknown }) => rows === null)).toBe(true)
  })
})
