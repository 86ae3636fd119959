import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { add, CHUNKS, databaseFiles, type Handle, INDEX, near, run } from './vectors.ts'

const files = databaseFiles()

describe('what is kept', () => {
  async function restarted(change: (handle: Handle) => Promise<void> = async () => {}): Promise<Handle> {
    const first = await files.connect()
    await add(first.db, 3, 1, 2)
    await near(first.db)
    await files.close(first)
    const other = await files.connect({ folder: files.path('elsewhere') })
    await change(other)
    await files.close(other)
    return await files.connect()
  }

  test('is found after a restart', async () => {
    const { db, status } = await restarted()
    expect(await near(db)).toEqual([2, 3, 1])
    expect(status()).toEqual({
      table: CHUNKS,
      column: 'embedding_384',
      state: 'ready',
      rows: 3,
      bytes: expect.any(Number),
      progress: 1,
      engine: 'exact',
      kept: 'disk',
      builds: 0,
    })
  })

  test('is found after a crash', async () => {
    const first = await files.connect()
    await add(first.db, 3, 1, 2)
    await near(first.db)
    await add(first.db, 0)
    await near(first.db)
    // As a process that is killed leaves them.
    for (const name of ['a.db', 'a.db-wal']) copyFileSync(files.path(name), files.path(name.replace('a.', 'b.')))
    cpSync(files.path('a.db.vectors'), files.path('b.db.vectors'), { recursive: true })
    rmSync(files.path('b.db.vectors', INDEX, 'LOCK'))
    const { db, status } = await files.connect({}, files.path('b.db'))
    expect(await near(db)).toEqual([4, 2, 3, 1])
    expect(status()).toMatchObject({ builds: 0, kept: 'disk' })
  })

  test('follows what was written by others meanwhile', async () => {
    const { db, status } = await restarted(async (other) => {
      await add(other.db, 0)
      await run(other.db, sql`delete from archon_crawled_pages where id = 3`)
    })
    expect(await near(db)).toEqual([4, 2, 1])
    expect(status()).toMatchObject({ builds: 0 })
  })

  test('gives way when the log was pruned', async () => {
    const { db, status } = await restarted(async (other) => {
      await add(other.db, 0)
      await run(
        other.db,
        sql`delete from archon_vector_changes where seq < (select max(seq) from archon_vector_changes)`,
      )
    })
    expect(await near(db)).toEqual([4, 2, 3, 1])
    expect(status()).toMatchObject({ builds: 1, state: 'ready', reason: expect.stringContaining('pruned') })
  })

  test('vouches for nothing while the log is empty', async () => {
    const { db, status } = await files.connect()
    const [a, b] = await add(db, 1, 2)
    await near(db)
    await run(db, sql`update archon_crawled_pages set embedding_384 = null where id = ${a}`)
    await run(db, sql`delete from archon_vector_changes`)
    expect(await near(db)).toEqual([b])
    expect(status()).toMatchObject({ state: 'scanning', reason: expect.stringContaining('empty') })
    const [c] = await add(db, 0)
    expect(await near(db)).toEqual([c, b])
    expect(status()).toMatchObject({ state: 'ready', builds: 2 })
  })

  test('gives way when the database is another one of the same name', async () => {
    const first = await restarted()
    await files.close(first)
    for (const ending of ['', '-wal', '-shm']) rmSync(files.path(`a.db${ending}`), { force: true })
    const { db, status } = await files.connect()
    await add(db, 9, 8, 7, 6)
    expect(await near(db)).toEqual([4, 3, 2, 1])
    expect(status()).toMatchObject({ builds: 1, kept: 'disk' })
  })

  test('gives way when the database was restored from a backup', async () => {
    const first = await files.connect()
    await add(first.db, 3, 1, 2)
    await run(first.db, sql`vacuum into ${files.path('backup.db')}`)
    await run(first.db, sql`delete from archon_crawled_pages where id = 2`)
    await near(first.db)
    await files.close(first)
    for (const ending of ['', '-wal', '-shm']) rmSync(files.path(`a.db${ending}`), { force: true })
    copyFileSync(files.path('backup.db'), files.path('a.db'))
    const { db, status } = await files.connect()
    // As many changes as the lost history had.
    await run(db, sql`delete from archon_crawled_pages where id = 3`)
    expect(await near(db)).toEqual([2, 1])
    expect(status()).toMatchObject({ builds: 1 })
  })

  test('is dropped when it is damaged', async () => {
    const { db, status } = await restarted(async () => {
      const kept = files.path('a.db.vectors', INDEX)
      for (const name of readdirSync(kept)) {
        const bytes = readFileSync(join(kept, name))
        bytes[bytes.length >> 1] = 255 - (bytes[bytes.length >> 1] as number)
        writeFileSync(join(kept, name), bytes)
      }
    })
    expect(await near(db)).toEqual([2, 3, 1])
    expect(status()).toMatchObject({ builds: 1, kept: 'disk', reason: expect.stringContaining('checksum') })
  })

  test('a build that was cut short counts for nothing', async () => {
    const first = await files.connect({
      onProgress: () => {
        throw new Error('stopped')
      },
    })
    await add(first.db, 3, 1, 2)
    expect(await near(first.db)).toEqual([2, 3, 1])
    expect(first.status()).toMatchObject({ state: 'building', reason: 'stopped' })
    await files.close(first)
    const { db, status } = await files.connect()
    expect(await near(db)).toEqual([2, 3, 1])
    expect(status()).toMatchObject({ builds: 1, rows: 3 })
  })

  test('belongs to one at a time; the others keep theirs in memory', async () => {
    const [first, second] = [await files.connect(), await files.connect()]
    await add(first.db, 3, 1, 2)
    expect([await near(first.db), await near(second.db)]).toEqual([
      [2, 3, 1],
      [2, 3, 1],
    ])
    expect(first.status()).toMatchObject({ kept: 'disk' })
    expect(second.status()).toMatchObject({ kept: 'memory', state: 'ready', reason: expect.stringContaining('in use') })
    await add(second.db, 0)
    expect([await near(first.db), await near(second.db)]).toEqual([
      [4, 2, 3, 1],
      [4, 2, 3, 1],
    ])
  })

  test('waits until there is something worth keeping', async () => {
    const { db, status } = await files.connect({ snapshotFloats: 384 * 3 })
    const [a, b] = await add(db, 1, 2)
    expect(await near(db)).toEqual([a, b])
    expect(status()).toMatchObject({ kept: 'memory' })
    expect(existsSync(files.path('a.db.vectors'))).toBe(false)
    const [c] = await add(db, 0)
    expect(await near(db)).toEqual([c, a, b])
    expect(await near(db)).toEqual([c, a, b])
    expect(status()).toMatchObject({ kept: 'disk' })
  })

  test('goes without a folder that cannot be made', async () => {
    writeFileSync(files.path('a.db.vectors'), '')
    const { db, status } = await files.connect()
    const [a] = await add(db, 1)
    expect(await near(db)).toEqual([a])
    expect(status()).toMatchObject({ kept: 'memory', state: 'ready', reason: expect.stringContaining('path') })
  })

  test('nothing, of a database in memory', async () => {
    const { db, status } = await files.connect({}, ':memory:')
    const [a] = await add(db, 1)
    expect(await near(db)).toEqual([a])
    expect(status()).toMatchObject({ kept: 'memory', builds: 1 })
    expect(readdirSync(files.path())).toEqual([])
  })
})
