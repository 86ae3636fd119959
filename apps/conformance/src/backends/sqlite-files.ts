import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, openDatabase } from '@archon-db/core'
import type { Connection } from '@archon-db/core/dialect'
import { sql } from 'drizzle-orm'
import { type BackendTraits, type DatabaseHandle, wipeTables } from '../harness/index.ts'

/** What the backends share whose databases are files, whoever has them open. */

export const ON_DISK: Pick<BackendTraits, 'sql' | 'ledger' | 'durable' | 'multiProcess' | 'server'> = {
  sql: true,
  ledger: true,
  durable: true,
  multiProcess: true,
  server: false,
}

/** A file to copy, of a database that was migrated once. */
export async function makeTemplate(connection: Connection, folder: string): Promise<string> {
  const template = join(folder, 'template.db')
  const migrated = await openDatabase(connection)
  await migrated.migrate()
  // A copy in one file, whatever still stands in the write-ahead log.
  await migrated.execute(sql`vacuum into ${template}`, { write: true })
  await migrated.close()
  return template
}

export async function handleOn(url: string, path: string, open: () => Promise<Database>): Promise<DatabaseHandle> {
  const db = await open()
  return {
    db,
    url,
    open,
    wipe: () => wipeTables(db),
    async drop() {
      await db.close()
      await Promise.all(['', '-wal', '-shm'].map((ending) => rm(path + ending, { force: true })))
    },
  }
}
