import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@archon-db/core'
import { sql } from 'drizzle-orm'
import {
  type Backend,
  type BackendTraits,
  type DatabaseHandle,
  type RunningBackend,
  straight,
  wipeTables,
} from '../harness/index.ts'
import { startFakeLibsqlServer } from './fakes/libsql/index.ts'
import { planner } from './sqlite-planner.ts'

/** libSQL's own client and engine; the server between them is a stand-in, as none can be had from a package registry. */
export const sqliteRemote: Backend = {
  name: 'sqlite-remote',
  label: 'libSQL server (mock)',
  // How processes wait for each other would be the stand-in's doing, and no index of vectors follows a server's tables.
  suites: [
    'schema',
    'filters',
    'crud',
    'order',
    'types',
    'json',
    'upsert',
    'bulk',
    'constraints',
    'injection',
    'limits',
    'transactions',
    'isolation',
    'concurrency',
    'lifecycle',
    'repositories',
    'fulltext',
    'vector',
    'hybrid',
    'regressions',
    'differential',
  ],
  async start() {
    const { connectSqlite } = await import('@archon-db/sqlite')
    const folder = await mkdtemp(join(tmpdir(), 'archon-db-conformance-'))
    const server = await startFakeLibsqlServer(TOKEN)
    const connect = (url: string) => connectSqlite({ url, authToken: TOKEN })
    const template = join(folder, 'template.db')
    const migrated = await openDatabase(await connectSqlite({ url: join(folder, 'first.db') }))
    await migrated.migrate()
    await migrated.execute(sql`vacuum into ${template}`, { write: true })
    await migrated.close()
    const probe = await connect(server.urlOf(template))
    const { product, version } = await probe.capabilities()
    await probe.close()
    let made = 0
    return {
      traits: { ...probe.dialect.traits, ...BEHIND_A_SERVER },
      version: { product, version },
      async fresh(name, { migrated: isMigrated = true, through = straight } = {}) {
        const path = join(folder, `${name}-${++made}.db`)
        if (isMigrated) await copyFile(template, path)
        const url = server.urlOf(path)
        return handleOn(url, path, async () => openDatabase(through(await connect(url))))
      },
      planner,
      async stop() {
        await server.stop()
        await rm(folder, { recursive: true, force: true })
      },
    } satisfies RunningBackend
  },
}

const TOKEN = 'a token'

/** The stand-in lives in this process, so there is no server to stop or freeze. */
const BEHIND_A_SERVER: Pick<BackendTraits, 'sql' | 'ledger' | 'durable' | 'multiProcess' | 'server'> = {
  sql: true,
  ledger: true,
  durable: true,
  multiProcess: true,
  server: false,
}

async function handleOn(url: string, path: string, open: () => Promise<Database>): Promise<DatabaseHandle> {
  const db = await open()
  return {
    db,
    url: `${url}?authToken=${encodeURIComponent(TOKEN)}`,
    open,
    wipe: () => wipeTables(db),
    async drop() {
      await db.close()
      await Promise.all(['', '-wal', '-shm'].map((ending) => rm(path + ending, { force: true })))
    },
  }
}
