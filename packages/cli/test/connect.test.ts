import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connect, DbError, increment, isDbError, jsonMerge, on, sql } from '../src/index.ts'
import { folders, MIGRATIONS } from './support.ts'

const folder = folders()

describe('connect', () => {
  test('opens what the options say', async () => {
    const db = await connect({ url: ':memory:' }, {})
    expect((await db.migrate()).applied.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, at) => at + 1))
    expect(await db.count('archon_settings')).toBe(45)
    expect((await db.execute(sql`select ${'bound'} as value`)).rows).toEqual([{ value: 'bound' }])
    await db.close()
    await expect(db.count('archon_settings')).rejects.toMatchObject({ code: 'closed' })
  })

  test('opens what the environment says', async () => {
    const path = join(folder(), 'from env.db')
    const db = await connect({}, { DATABASE_TYPE: 'sqlite', DATABASE_URL: path })
    await db.close()
    expect(existsSync(path)).toBe(true)
  })

  test('exports what queries are written with', () => {
    expect([typeof on, typeof increment, typeof jsonMerge, isDbError(new DbError('closed', ''), 'closed')]).toEqual([
      'function',
      'function',
      'function',
      true,
    ])
  })

  test.each([[{ url: 'x.db' }, { DATABASE_REPLICA_URLS: 'y.db' }, 'Read replicas']])(
    'refuses what it would otherwise pass over: %j %j',
    async (options, env, words) => {
      const error = await connect(options, env).catch((reason: unknown) => reason)
      expect(isDbError(error, 'unsupported')).toBe(true)
      expect(String(error)).toContain(words)
      expect(existsSync('x.db')).toBe(false)
    },
  )

  test('a wrong configuration opens nothing', async () => {
    await expect(connect({ url: 'redis://h' }, {})).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('logging', () => {
  const lines: string[] = []
  beforeEach(() => {
    lines.length = 0
    vi.spyOn(console, 'error').mockImplementation((line: string) => {
      lines.push(line)
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('to standard error, without what was bound', async () => {
    const db = await connect({ url: ':memory:' }, { ENABLE_QUERY_LOGGING: 'true' })
    await db.execute(sql`select ${'hunter2'} as value`)
    await db.close()
    expect(lines.map((line) => line.replace(/\d+\.\d ms/, 'N ms'))).toEqual([
      'archon-db query N ms, 1 rows: select ? as value',
    ])
  })

  test('nothing when nothing is asked for', async () => {
    const db = await connect({ url: ':memory:' }, {})
    await db.execute(sql`select 1`)
    await db.close()
    expect(lines).toEqual([])
  })
})

describe('loading', () => {
  const RECORDER = `
    import { registerHooks } from 'node:module'
    import { writeFileSync } from 'node:fs'
    const loaded = []
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
    process.on('exit', () => writeFileSync(process.env.RECORD, loaded.join('\\n')))
  `

  test('SQLite loads no other driver, no other adapter and no vector store', () => {
    const cwd = folder()
    const [recorder, record, program] = ['recorder.mjs', 'loaded.txt', 'program.mjs'].map((name) =>
      join(cwd, name),
    ) as [string, string, string]
    const entry = pathToFileURL(fileURLToPath(new URL('../src/index.ts', import.meta.url))).href
    writeFileSync(recorder, RECORDER)
    writeFileSync(
      program,
      `import { connect } from '${entry}'\nconst db = await connect()\nawait db.migrate()\nawait db.close()\n`,
    )
    const flags = ['--conditions=archon-db-source', `--import=${pathToFileURL(recorder).href}`]
    const { status, stderr } = spawnSync(process.execPath, [...flags, program], {
      cwd,
      env: { PATH: process.env.PATH, RECORD: record },
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
    const loaded = readLines(record)
    expect(loaded.filter((url) => /packages\/sqlite\/src\/session\.ts$/.test(url))).toHaveLength(1)
    expect(loaded.filter((url) => /\/node_modules\/libsql\//.test(url)).length).toBeGreaterThan(0)
    // Drizzle's own core loads a part of its PostgreSQL column types, so only drivers are looked for by name.
    const others =
      /packages\/(?:pg|mysql)\/|node_modules\/(?:postgres|mysql2|@electric-sql|chromadb|weaviate-client|@pinecone-database|usearch|@libsql\/client)\//
    expect(loaded.filter((url) => others.test(url))).toEqual([])
    // Each file of Drizzle costs milliseconds to find, so its index files, which bring everything, are not used.
    const indexes = /node_modules\/drizzle-orm\/(?:index|relations|sqlite-core\/(?:index|dialect|db))\.js$/
    expect(loaded.filter((url) => indexes.test(url))).toEqual([])
    expect(loaded.filter((url) => /node_modules\/drizzle-orm\//.test(url)).length).toBeGreaterThan(10)
  })
})

function readLines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n')
}

test('ENABLE_VECTOR_SEARCH=false refuses search by nearness and leaves search by words', async () => {
  const db = await connect({ url: ':memory:' }, { ENABLE_VECTOR_SEARCH: 'false' })
  await db.migrate()
  const embedding = new Float32Array(384).fill(1)
  await expect(db.search('archon_crawled_pages', { embedding })).rejects.toMatchObject({ code: 'unsupported' })
  await expect(db.search('archon_crawled_pages', { embedding, text: 'x' })).rejects.toMatchObject({
    code: 'unsupported',
  })
  expect(await db.search('archon_crawled_pages', { text: 'x' })).toEqual([])
  await db.close()
})
