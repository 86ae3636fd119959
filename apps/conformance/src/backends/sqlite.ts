import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Database, openDatabase } from '@archon-db/core'
import type { Connection } from '@archon-db/core/dialect'
import { type Backend, type DatabaseHandle, type RunningBackend, straight, wipeTables } from '../harness/index.ts'
import { handleOn, makeTemplate, ON_DISK } from './sqlite-files.ts'
import { planner } from './sqlite-planner.ts'

type Connect = (url: string) => Promise<Connection>

/** A file per database, copied from one that was migrated once. */
export const sqlite: Backend = {
  name: 'sqlite',
  label: 'SQLite file',
  async start() {
    const connect = await sqliteConnect()
    const folder = await mkdtemp(join(tmpdir(), 'archon-db-conformance-'))
    const first = await connect(fileUrl(join(folder, 'first.db')))
    const { product, version } = await first.capabilities()
    const template = await makeTemplate(first, folder)
    let made = 0
    return {
      traits: { ...first.dialect.traits, ...ON_DISK },
      version: { product, version },
      async fresh(name, { migrated: isMigrated = true, through = straight } = {}) {
        const path = join(folder, `${name}-${++made}.db`)
        if (isMigrated) await copyFile(template, path)
        const url = fileUrl(path)
        return handleOn(url, path, async () => openDatabase(through(await connect(url))))
      },
      planner,
      stop: () => rm(folder, { recursive: true, force: true }),
    } satisfies RunningBackend
  },
}

/** Nothing but this process's memory; every database is migrated anew, for there is no file to copy. */
export const sqliteMemory: Backend = {
  name: 'sqlite-memory',
  label: 'SQLite in memory',
  async start() {
    const connect = await sqliteConnect()
    const probe = await connect(':memory:')
    const { product, version } = await probe.capabilities()
    await probe.close()
    return {
      traits: { ...probe.dialect.traits, ...ON_DISK, shareable: false, durable: false, multiProcess: false },
      version: { product, version },
      async fresh(_name, { migrated = true, through = straight } = {}) {
        const db = await openDatabase(through(await connect(':memory:')))
        if (migrated) await db.migrate()
        return memoryHandle(db)
      },
      planner,
      async stop() {},
    } satisfies RunningBackend
  },
}

async function sqliteConnect(): Promise<Connect> {
  const { connectSqlite } = await import('@archon-db/sqlite')
  return (url) => connectSqlite({ url })
}

function fileUrl(path: string): string {
  return pathToFileURL(path).href.replace('file:///', 'file:/')
}

function memoryHandle(db: Database): DatabaseHandle {
  return {
    db,
    url: ':memory:',
    open: () =>
      Promise.reject(new Error("A second handle here has data of its own: the behaviour needs: 'shareable'.")),
    wipe: () => wipeTables(db),
    drop: () => db.close(),
  }
}
