import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, isDbError, openDatabase } from '@archon-db/core'
import { connectSqlite } from '@archon-db/sqlite'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let folder: string
let open: Database[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-sqlite-'))
})

afterEach(async () => {
  for (const db of open) await db.close()
  open = []
  rmSync(folder, { recursive: true, force: true })
})

async function connect(url: string, lockTimeoutMs = 5000): Promise<Database> {
  const db = await openDatabase(await connectSqlite({ url, lockTimeoutMs }))
  open.push(db)
  return db
}

async function failure(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isDbError(error)) throw new Error(`expected a DbError, got ${String(error)}`)
  return error
}

describe('what can be opened', () => {
  test.each(['plain', 'file', 'file-url'])('%s path', async (form) => {
    const path = join(folder, 'a.db')
    const url = form === 'plain' ? path : form === 'file' ? `file:${path}` : `file://${path}`
    const db = await connect(url)
    await db.migrate()
    expect(await db.count('archon_settings')).toBe(45)
    expect(existsSync(path)).toBe(true)
  })

  test('a link to a file shares the writers’ line of the file', async () => {
    const path = join(folder, 'a.db')
    const db = await connect(path)
    await db.migrate()
    symlinkSync(path, join(folder, 'link.db'))
    const other = await connect(join(folder, 'link.db'))
    await Promise.all(
      [db, other].flatMap((each, i) =>
        Array.from({ length: 20 }, (_, n) => each.insert('archon_prompts', { prompt_name: `${i}-${n}`, prompt: 'x' })),
      ),
    )
    expect(await db.count('archon_prompts')).toBe(43)
  })

  test('memory is private to its handle', async () => {
    const db = await connect(':memory:')
    const other = await connect(':memory:')
    await db.migrate()
    await other.migrate()
    await db.insert('archon_prompts', { prompt_name: 'mine', prompt: 'x' })
    expect(await other.count('archon_prompts', { prompt_name: 'mine' })).toBe(0)
  })
})

describe('what cannot be opened says why', () => {
  test('a file that is no database', async () => {
    const path = join(folder, 'note.db')
    writeFileSync(path, 'Dear diary, '.repeat(100))
    const error = await failure(connect(path))
    expect(error).toMatchObject({
      code: 'connection_failed',
      message: expect.stringContaining('not an SQLite database'),
    })
    expect(readFileSync(path, 'utf8')).toBe('Dear diary, '.repeat(100))
  })

  test('a folder', async () => {
    mkdirSync(join(folder, 'dir'))
    expect(await failure(connect(join(folder, 'dir')))).toMatchObject({
      code: 'connection_failed',
      message: expect.stringContaining('is a folder'),
    })
  })

  test('a folder that is not there', async () => {
    expect(await failure(connect(join(folder, 'no', 'a.db')))).toMatchObject({
      code: 'connection_failed',
      message: expect.stringContaining('Create the folder'),
    })
  })

  test('an empty name', async () => {
    expect(await failure(connect('file:'))).toMatchObject({ code: 'invalid_input' })
  })

  // The superuser may write anywhere, so there is nothing to refuse.
  test.skipIf(process.getuid?.() === 0)('a folder that cannot be written', async () => {
    chmodSync(folder, 0o500)
    expect(await failure(connect(join(folder, 'a.db')))).toMatchObject({ code: 'permission_denied' })
    chmodSync(folder, 0o700)
  })
})

describe('other processes', () => {
  test('a second process gets its turn, not an error', async () => {
    const path = join(folder, 'a.db')
    const db = await connect(path)
    await db.migrate()
    const script = `
      import { openDatabase } from '@archon-db/core'
      import { connectSqlite } from '@archon-db/sqlite'
      const db = await openDatabase(await connectSqlite({ url: process.argv[1] }))
      for (let i = 0; i < 30; i++) await db.transaction((tx) => tx.insert('archon_prompts', { prompt_name: process.argv[2] + i, prompt: 'x' }))
      await db.close()`
    const children = ['p', 'q'].map((name) =>
      run(['--conditions=archon-db-source', '--input-type=module', '-e', script, path, name]),
    )
    for (let i = 0; i < 30; i++)
      await db.transaction((tx) => tx.insert('archon_prompts', { prompt_name: `own${i}`, prompt: 'x' }))
    expect(await Promise.all(children)).toEqual([0, 0])
    expect(await db.count('archon_prompts')).toBe(93)
  })

  test('the event loop goes on while another process holds the lock', async () => {
    const path = join(folder, 'a.db')
    const db = await connect(path, 300)
    await db.migrate()
    const { default: Driver } = await import('libsql')
    const holder = new Driver(path)
    holder.exec('begin immediate')
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    const error = await failure(db.insert('archon_prompts', { prompt_name: 'late', prompt: 'x' }))
    clearInterval(timer)
    holder.exec('rollback')
    holder.close()
    expect(error).toMatchObject({ code: 'lock_timeout', retryable: true })
    expect(ticks).toBeGreaterThan(5)
    await db.insert('archon_prompts', { prompt_name: 'later', prompt: 'x' })
  })
})

function run(args: string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('exit', resolve)
  })
}

test('odd values in raw SQL are refused before they reach the driver', async () => {
  const db = await connect(':memory:')
  expect(
    (await db.execute(sql`select ${true} as a, ${5} / 2 as b, ${9007199254740993n} as c, ${new Date(5)} as d`)).rows,
  ).toEqual([{ a: 1, b: 2, c: 9007199254740993n, d: 5 }])
  expect(await failure(db.execute(sql`select ${sql.param({ a: 1 })}`))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('JSON'),
  })
})
