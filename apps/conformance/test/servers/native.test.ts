import { existsSync } from 'node:fs'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import type { RunningServer } from '../../src/servers/index.ts'
import type { NativeServer } from '../../src/servers/native.ts'
import { identify, isAlive } from '../../src/servers/processes.ts'
import { ownServer, startMs } from './machine.ts'

async function onPostgres<T>(server: Pick<RunningServer, 'url'>, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(server.url, { max: 1, connect_timeout: 2, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function firstRow(url: string, ...statements: string[]): Promise<RowDataPacket> {
  const connection = await createConnection(url)
  try {
    let rows: RowDataPacket[] = []
    for (const statement of statements) [rows] = await connection.query<RowDataPacket[]>(statement)
    return rows[0]!
  } finally {
    await connection.end()
  }
}

describe('PostgreSQL', { timeout: startMs }, () => {
  test('has pgvector 0.8 or newer, UTF-8, the C locale, and room for many connections', async (context) => {
    const server = await ownServer('postgres', context)
    const [row] = await onPostgres(server, async (sql) => {
      await sql`create extension vector`
      return await sql`
        select extversion, current_setting('max_connections')::int as connections, datcollate, pg_encoding_to_char(encoding) as encoding
        from pg_extension, pg_database where extname = 'vector' and datname = current_database()`
    })
    expect(row).toMatchObject({ datcollate: 'C.UTF-8', encoding: 'UTF8', connections: 300 })
    expect(row?.extversion).toMatch(/^0\.([89]|\d\d)\./)
    expect(Number.parseInt(server.version, 10)).toBeGreaterThanOrEqual(16)
  })

  test('keeps its data and its address over a restart and a crash', async (context) => {
    const server = await ownServer('postgres', context)
    await onPostgres(server, async (sql) => await sql`create table kept (n int)`)
    await server.restart()
    await onPostgres(server, async (sql) => await sql`insert into kept values (1)`)
    server.kill('SIGKILL')
    await server.restart()
    const rows = await onPostgres(
      server,
      async (sql) => await sql`select count(*)::int as tables from pg_tables where tablename = 'kept'`,
    )
    expect(rows[0]).toEqual({ tables: 1 })
  })

  test('hangs while it is frozen and goes on when it is thawed', async (context) => {
    const server = await ownServer('postgres', context)
    await onPostgres(server, async (sql) => {
      await sql`select 1`
      server.kill('SIGSTOP')
      let answered = false
      const answer = sql`select 2 as two`.then((rows) => {
        answered = true
        return rows[0]
      })
      await expect(onPostgres(server, async (other) => await other`select 1`)).rejects.toThrow('CONNECT_TIMEOUT')
      expect(answered).toBe(false)
      server.kill('SIGCONT')
      expect(await answer).toEqual({ two: 2 })
    })
  })

  test('refuses whoever has no password', async (context) => {
    const server = await ownServer('postgres', context)
    const url = new URL(server.url)
    url.password = ''
    await expect(onPostgres({ url: url.href }, async (sql) => await sql`select 1`)).rejects.toThrow(/password/)
  })

  test('leaves no process and no folder when it is stopped', async (context) => {
    const server = (await ownServer('postgres', context)) as NativeServer
    const running = identify(server.process.pid)
    expect(isAlive(running)).toBe(true)
    await server.stop()
    expect(isAlive(running)).toBe(false)
    expect(existsSync(server.folder)).toBe(false)
  })

  test('runs as an ordinary user even for root', async (context) => {
    const server = await ownServer('postgres', context)
    const owner = await onPostgres(server, async (sql) => await sql`select pg_read_file('/proc/self/status') as status`)
    expect(owner[0]?.status).not.toMatch(/^Uid:\s+0\s/m)
  })
})

describe.each([
  { kind: 'mysql', major: 9 },
  { kind: 'mariadb', major: 11 },
] as const)('$kind', { timeout: startMs }, ({ kind, major }) => {
  test('is new enough, takes large packets and many connections', async (context) => {
    const server = await ownServer(kind, context)
    expect(Number.parseInt(server.version, 10)).toBeGreaterThanOrEqual(major)
    const settings = await firstRow(
      server.url,
      'select @@max_allowed_packet as packet, @@max_connections as connections',
    )
    expect(settings).toEqual({ packet: 128 * 1024 * 1024, connections: 300 })
  })

  test('keeps its data and its address over a restart and a crash', async (context) => {
    const server = await ownServer(kind, context)
    await firstRow(server.url, 'create database kept')
    await server.restart()
    await firstRow(server.url, 'create table kept.t (n int)')
    server.kill('SIGKILL')
    await server.restart()
    expect(
      await firstRow(server.url, "select count(*) as n from information_schema.tables where table_schema = 'kept'"),
    ).toEqual({ n: 1 })
  })

  test('refuses whoever has no password', async (context) => {
    const server = await ownServer(kind, context)
    const url = new URL(server.url)
    url.password = ''
    await expect(firstRow(url.href, 'select 1')).rejects.toThrow('Access denied')
  })
})

describe('PgBouncer', { timeout: startMs }, () => {
  test('pools by transaction, so that a prepared statement is gone in the next one', async (context) => {
    const pooler = await ownServer('pgbouncer', context)
    const options = { max: 1, prepare: false, fetch_types: false }
    const first = postgres(pooler.url, options)
    const second = postgres(pooler.url, options)
    context.onTestFinished(
      async () => void (await Promise.all([first.end({ timeout: 1 }), second.end({ timeout: 1 })])),
    )
    await first.unsafe('prepare answer as select 42 as answer')
    await second.begin(async (tx) => {
      await tx.unsafe('select 1')
      // The second client holds the connection that the statement was prepared on.
      await expect(first.unsafe('execute answer')).rejects.toMatchObject({ code: '26000' })
    })
  })
})
