import type { DataAccess } from '@archon-db/core'
import { drizzleRunner } from '@archon-db/core/dialect'
import { type PgRemoteDatabase, drizzle as proxy } from 'drizzle-orm/pg-proxy'
import * as tables from './tables.ts'

export type PgDrizzle = PgRemoteDatabase<typeof tables>

/**
 * Drizzle's own typed query builder on the same pool, or in the same open transaction:
 *
 *     await drizzle(db).select().from(tables.tasks).where(eq(tables.tasks.status, 'todo'))
 */
export function drizzle(access: DataAccess): PgDrizzle {
  const run = drizzleRunner(access)
  const database = proxy(
    async (text, params, method) => {
      const { rows, columns } = await run(text, params as unknown[])
      const named = (row: unknown[]): object => Object.fromEntries(columns.map((name, i) => [name, row[i]]))
      return { rows: method === 'execute' ? rows.map(named) : rows }
    },
    { schema: tables },
  )
  // Refused in our words: Drizzle's own would not say what to do instead.
  return Object.assign(database, { transaction: () => run('begin', []) })
}
