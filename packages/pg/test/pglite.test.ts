import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Database, openDatabase } from '@archon-db/core'
import type { Traits } from '@archon-db/core/dialect'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { connectPglite, type PgliteOptions } from '../src/pglite.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const root = await mkdtemp(join(tmpdir(), 'archon-db-pglite-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))

const opened: Database[] = []
afterEach(() => Promise.all(opened.splice(0).map((db) => db.close())))

async function open(options: PgliteOptions): Promise<Database> {
  const db = await openDatabase(await connectPglite(options))
  opened.push(db)
  return db
}

async function traitsOf(options: PgliteOptions): Promise<Traits> {
  const connection = await connectPglite(options)
  await connection.close()
  return { ...connection.dialect.traits }
}

describe('a folder', () => {
  const path = join(root, 'shared')

  test('is opened once, however often it is asked for, and keeps its rows', async () => {
    const [first, second] = await Promise.all([open({ path }), open({ path: `pglite:${path}` })])
    await first.migrate()
    await first.insert('archon_sources', { source_id: 'a' })
    expect(await second.count('archon_sources')).toBe(1)
    await first.close()
    expect(await second.count('archon_sources')).toBe(1)
    await second.close()
    expect(await (await open({ path })).count('archon_sources')).toBe(1)
  })

  test('belongs to one process', async () => {
    const lock = join(path, 'archon-db.pid')
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    await writeFile(lock, String(other.pid))
    await expect(connectPglite({ path })).rejects.toMatchObject({ code: 'connection_failed' })
    other.kill('SIGKILL')
    await new Promise((resolve) => other.once('exit', resolve))
    const db = await open({ path })
    expect(await readFile(lock, 'utf8')).toBe(String(process.pid))
    await db.close()
    await expect(stat(lock)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('that cannot be one is connection_failed or permission_denied, and says so', async () => {
    const file = join(root, 'file')
    await writeFile(file, '')
    await expect(connectPglite({ path: join(file, 'inside') })).rejects.toMatchObject({ code: 'connection_failed' })
  })
})

describe('in memory', () => {
  test('handles have data of their own', async () => {
    const [first, second] = await Promise.all([open({}), open({ path: null })])
    expect((await traitsOf({})).shareable).toBe(false)
    await first.migrate()
    expect((await second.migrations.status()).applied).toEqual([])
  })

  test('callers take turns; one that waits too long hears pool_exhausted', async () => {
    const db = await open({ timeoutMs: 100 })
    await db.migrate()
    await db.transaction(async (tx) => {
      await expect(db.count('archon_tasks')).rejects.toMatchObject({ code: 'pool_exhausted' })
      expect(await tx.count('archon_tasks')).toBe(0)
    })
    expect(await db.count('archon_tasks')).toBe(0)
  })
})

describe('without pgvector', () => {
  test('everything works, and capabilities tell', async () => {
    const db = await open({ vector: false })
    await db.migrate()
    expect(db.capabilities.vector).toEqual({ native: false, index: 'none' })
    expect((await traitsOf({ vector: false })).vectorSearch).toBe(false)
    expect((await db.migrations.deepStatus()).schema).toEqual([])
    await db.insert('archon_sources', { source_id: 's' })
    const vector = (...first: number[]): Float32Array => Float32Array.from({ length: 384 }, (_, i) => first[i] ?? 0)
    await db.insert('archon_crawled_pages', [
      { url: 'u1', chunk_number: 1, content: 'near', source_id: 's', embedding_384: vector(1, 0.1) },
      { url: 'u2', chunk_number: 2, content: 'far', source_id: 's', embedding_384: vector(-1) },
      { url: 'u3', chunk_number: 3, content: 'none', source_id: 's' },
    ])
    const hits = await db.search('archon_crawled_pages', { embedding: vector(1), columns: ['url', 'embedding_384'] })
    expect(hits.map(({ row }) => row.url)).toEqual(['u1', 'u2'])
    expect(hits[0]?.row.embedding_384).toEqual(vector(1, 0.1))
    const both = await db.search('archon_crawled_pages', { embedding: vector(1), text: 'far', columns: ['url'] })
    expect(both.map(({ row, matchType }) => [row.url, matchType])).toEqual([
      ['u2', 'hybrid'],
      ['u1', 'vector'],
    ])
  })
})

test('what was answered is not kept', { timeout: 60_000 }, async () => {
  const connection = await connectPglite({ vector: false })
  const ask = (): Promise<unknown> =>
    connection.query({ text: "select repeat('x', 1000000)", params: [], write: false, tables: [] })
  await ask()
  const before = heapInUse()
  for (let i = 0; i < 30; i++) await ask()
  expect(heapInUse() - before).toBeLessThan(10_000_000)
  await connection.close()
})

/** After what nobody holds any more is gone. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
