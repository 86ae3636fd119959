import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, type InArgs } from '@libsql/client'
import { splitStatements } from '../../core/src/migrator/migration.ts'

/** A new database file with the migrations applied, and shortcuts to ask it. */
export interface TestDatabase {
  readonly client: Client
  /** All rows of a query, as plain objects. */
  rows(sql: string, args?: InArgs): Promise<Record<string, unknown>[]>
  /** The first column of the first row. */
  value(sql: string, args?: InArgs): Promise<unknown>
  close(): void
}

export async function openMigrated(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'archon-db-tables-'))
  const client = createClient({ url: `file:${join(folder, 'test.db')}` })
  const rows = async (sql: string, args: InArgs = []) =>
    (await client.execute({ sql, args })).rows.map((row) => ({ ...row }))
  await migrate(client, '0001_initial', 'up')
  return {
    client,
    rows,
    value: async (sql, args) => Object.values((await rows(sql, args))[0] ?? {})[0],
    close: () => {
      client.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export async function migrate(client: Client, name: string, direction: 'up' | 'down'): Promise<void> {
  const script = readFileSync(new URL(`../drizzle/${name}/${direction}.sql`, import.meta.url), 'utf8')
  await client.batch(splitStatements(script), 'write')
}
