import { type Database, openDatabase } from '@archon-db/core'
import {
  type Backend,
  type BackendTraits,
  BackendUnavailable,
  type DatabaseHandle,
  type RunningBackend,
  straight,
  wipeTables,
} from '../harness/index.ts'
import { databasesOn } from '../servers/databases/databases.ts'
import { acquireServer, isRunning } from '../servers/index.ts'
import { withBreakable } from './breakable.ts'
import { mysqlBreaking } from './mysql-breakable.ts'
import { planner } from './mysql-planner.ts'

export const mysql: Backend = {
  name: 'mysql',
  label: 'MySQL',
  start: async () => withBreakable(await startMysql('mysql'), mysqlBreaking('mysql')),
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

/** A database for each suite, copied from one that was migrated once. */
export async function startMysql(kind: 'mysql' | 'mariadb'): Promise<RunningBackend> {
  const { connectMysql } = await import('@archon-db/mysql')
  const server = await acquireServer(kind)
  if (!isRunning(server)) throw new BackendUnavailable(server.notRun)
  const databases = databasesOn(server)
  const run = `run_${process.pid}_${Date.now().toString(36)}`
  const template = `${run}_template`
  const open = async (url: string, through = straight): Promise<Database> =>
    openDatabase(through(await connectMysql({ url, pool: POOL })))
  const first = await connectMysql({ url: await databases.create(template) })
  const migrated = await openDatabase(first)
  await migrated.migrate()
  const traits = { ...first.dialect.traits, ...ON_SERVER }
  const { product, version } = await first.capabilities()
  await migrated.close()
  let made = 0
  return {
    traits,
    version: { product, version },
    async fresh(_name, { migrated: isMigrated = true, through } = {}) {
      const database = `${run}_${++made}`
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
}

async function handleOn(
  url: string,
  open: () => Promise<Database>,
  drop: () => Promise<void>,
): Promise<DatabaseHandle> {
  const db = await open()
  return {
    db,
    url,
    open,
    wipe: () => wipeTables(db),
    async drop() {
      await db.close()
      await drop()
    },
  }
}
