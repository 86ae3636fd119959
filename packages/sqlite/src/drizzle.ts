import type { DataAccess } from '@archon-db/core'
import { drizzleRunner } from '@archon-db/core/dialect'
import { drizzle as proxy, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import * as tables from './tables.ts'

export type SqliteDrizzle = SqliteRemoteDatabase<typeof tables>

/**
 * Drizzle's own typed query builder on the same connection, or in the same open transaction:
 *
 *     await drizzle(db).select().from(tables.tasks).where(eq(tables.tasks.status, 'todo'))
 */
export function drizzle(access: DataAccess): SqliteDrizzle {
  const run = drizzleRunner(access)
  const send = async (text: string, params: unknown[], method: string): Promise<{ rows: unknown[] }> => {
    const { rows } = await run(text, params)
    return { rows: method === 'get' ? (rows[0] as unknown[]) : rows }
  }
  return proxy(send, { schema: tables })
}
