import { openDatabase, sql } from '@archon-db/core'
import postgres from 'postgres'
import { BackendUnavailable, type BreakableServer } from '../harness/index.ts'
import { acquireOwnServer, isRunning, type RunningServer } from '../servers/index.ts'
import { Wire } from '../servers/wire.ts'

export interface Breakable extends BreakableServer {
  /** In good order again, whatever was done to it. */
  mend(): Promise<void>
  stop(): Promise<void>
}

/** Statements of the suite itself, past the wire. */
async function administer<T>(url: string, work: (client: postgres.Sql) => Promise<T>): Promise<T> {
  const client = postgres(url, { max: 1, prepare: false, fetch_types: false, onnotice: () => {} })
  try {
    return await work(client)
  } finally {
    await client.end({ timeout: 1 })
  }
}

/** A role without the superuser's reserved connections, so that running out of them can be tried. */
const ROLE = 'breakable'

export async function startBreakable(): Promise<Breakable> {
  const { connectPostgres } = await import('@archon-db/pg')
  const server = await acquireOwnServer('postgres')
  if (!isRunning(server)) throw new BackendUnavailable(server.notRun)
  const wire = await Wire.before(server.url)
  const address = await prepare(server)
  const open: Breakable['open'] = async (options = {}) =>
    openDatabase(await connectPostgres({ url: wire.through(address), ...options }))
  const db = await open()
  await db.migrate()
  await db.close()
  return {
    open,
    wire,
    restart: () => restartPatiently(server),
    kill: (signal) => server.kill(signal),
    endConnections: () => administer(server.url, endConnections),
    sleep: (seconds) => sql`select pg_sleep(${seconds})`,
    grantConnections: (count) => administer(server.url, (sql) => grantConnections(sql, count)),
    async mend() {
      wire.mend()
      server.kill('SIGCONT')
      await administer(server.url, (sql) => grantConnections(sql, -1)).catch(() => restartPatiently(server))
      await administer(address, (sql) => sql.unsafe('truncate archon_sources, archon_prompts cascade'))
    },
    async stop() {
      await wire.close()
      server.kill('SIGCONT')
      await server.stop()
    },
  }
}

/** After a crash the last processes may hold on to their memory for a moment, and a server does not start beside them. */
async function restartPatiently(server: RunningServer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await server.restart()
      return
    } catch (error) {
      if (attempt === 5) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function prepare(server: RunningServer): Promise<string> {
  await administer(server.url, async (sql) => {
    await sql.unsafe(`create role ${ROLE} login password '${ROLE}'`)
    await sql.unsafe(`create database ${ROLE} owner ${ROLE}`)
  })
  const url = new URL(server.url)
  url.pathname = `/${ROLE}`
  await administer(url.href, (sql) => sql.unsafe('create extension vector; create extension pg_trgm'))
  url.username = ROLE
  url.password = ROLE
  return url.href
}

async function endConnections(sql: postgres.Sql): Promise<number> {
  return (await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${ROLE}`).length
}

async function grantConnections(sql: postgres.Sql, count: number): Promise<void> {
  await sql.unsafe(`alter role ${ROLE} connection limit ${count}`)
}
