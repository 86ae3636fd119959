import { cpSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@archon-db/core'
import {
  type Backend,
  type BackendTraits,
  type DatabaseHandle,
  type RunningBackend,
  straight,
} from '../harness/index.ts'
import { planner } from './pg-planner.ts'
import { wipeWithIndexes } from './pg-wipe.ts'

/** PostgreSQL inside this process: a folder per database, copied from one that was migrated once. */
export const pglite: Backend = {
  name: 'pglite',
  label: 'PGlite',
  async start() {
    const { connectPglite } = await import('@archon-db/pg')
    const root = await mkdtemp(join(tmpdir(), 'archon-db-pglite-'))
    const empty = join(root, 'empty')
    const template = join(root, 'template')
    const open = async (path: string, through = straight): Promise<Database> =>
      openDatabase(through(await connectPglite({ path, timeoutMs: 2000 })))
    await (await open(empty)).close()
    copy(empty, template)
    const first = await connectPglite({ path: template })
    const { product, version } = await first.capabilities()
    const traits: BackendTraits = { ...first.dialect.traits, ...IN_PROCESS }
    const migrated = await openDatabase(first)
    await migrated.migrate()
    await migrated.close()
    let made = 0
    return {
      traits,
      version: { product, version },
      async fresh(name, { migrated: isMigrated = true, through } = {}) {
        const path = join(root, `${name}-${++made}`)
        copy(isMigrated ? template : empty, path)
        return handleOn(path, () => open(path, through))
      },
      planner,
      stop: () => rm(root, { recursive: true, force: true }),
    } satisfies RunningBackend
  },
}

/** At once: of a thousand small files each by itself takes three times as long. */
function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
}

const IN_PROCESS: Pick<BackendTraits, 'sql' | 'ledger' | 'durable' | 'multiProcess' | 'server'> = {
  sql: true,
  ledger: true,
  durable: true,
  multiProcess: false,
  server: false,
}

async function handleOn(path: string, open: () => Promise<Database>): Promise<DatabaseHandle> {
  const db = await open()
  return {
    db,
    url: `pglite:${path}`,
    open,
    wipe: () => wipeWithIndexes(db),
    async drop() {
      await db.close()
      await rm(path, { recursive: true, force: true })
    },
  }
}
