import { type Database, openDatabase } from '@archon-db/core'
import {
  type Backend,
  type BackendTraits,
  BackendUnavailable,
  type DatabaseHandle,
  type RunningBackend,
  straight,
} from '../harness/index.ts'
import { databasesOn } from '../servers/databases/databases.ts'
import { acquireServer, isRunning } from '../servers/index.ts'
import { withBreakable } from './breakable.ts'
import { pgBreaking } from './pg-breakable.ts'
import { planner } from './pg-planner.ts'
import { wipeWithIndexes } from './pg-wipe.ts'

/** A server, spoken to directly. */
export const pg: Backend = {
  name: 'pg',
  label: 'PostgreSQL',
  async start() {
    const running = await startPostgres({ via: (url) => url })
    const traits = { ...running.traits, measured: running.traits.vectorSearch }
    return withBreakable({ ...running, traits }, pgBreaking)
  },
}

/** How the connections of the suite reach the server; databases are made and dropped without detours. */
export interface Route {
  via(url: string): string
}

const ON_SERVER: Pick<BackendTraits, 'sql' | 'ledger' | 'durable' | 'multiProcess' | 'server'> = {
  sql: true,
  ledger: true,
  durable: true,
  multiProcess: true,
  server: true,
}

/** Small, so that many handles of one behaviour leave the server connections. */
const POOL = { size: 20, timeoutMs: 20_000 }

export async function startPostgres({ via }: Route): Promise<RunningBackend> {
  const { connectPostgres } = await import('@archon-db/pg')
  const server = await acquireServer('postgres')
  if (!isRunning(server)) throw new BackendUnavailable(server.notRun)
  const databases = databasesOn(server)
  const run = `run_${process.pid}_${Date.now().toString(36)}`
  const template = `${run}_template`
  const open = async (url: string, through = straight): Promise<Database> =>
    openDatabase(through(await connectPostgres({ url: via(url), pool: POOL })))
  const first = await connectPostgres({ url: await databases.create(template) })
  const migrated = await openDatabase(first)
  await migrated.migrate()
  const traits = { ...first.dialect.traits, ...ON_SERVER }
  const { product, version } = await first.capabilities()
  await migrated.close()
  let made = 0
  return {
    traits,
    version: { product, version },
    async fresh(name, { migrated: isMigrated = true, through } = {}) {
      const database = databaseName(`${run}_${++made}_${name}`)
      const url = await (isMigrated ? databases.clone(template, database) : databases.create(database))
      return handleOn(
        url,
        () => open(url, through),
        () => databases.drop(database),
      )
    },
    planner,
    async stop() {
      await databases.drop(template)
      await databases.close()
    },
  }

  async function handleOn(
    url: string,
    openOne: () => Promise<Database>,
    drop: () => Promise<void>,
  ): Promise<DatabaseHandle> {
    const db = await openOne()
    return {
      db,
      url: via(url),
      open: openOne,
      wipe: () => wipeWithIndexes(db),
      async drop() {
        await db.close()
        await drop()
      },
    }
  }
}

/** PostgreSQL cuts names at 63 bytes, and the helper takes lower-case words only. */
function databaseName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 60)
    .replace(/_$/, '')
}
