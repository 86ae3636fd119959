import type { DataAccess } from '@archon-db/core'
import { drizzleRunner } from '@archon-db/core/dialect'
import { type MySqlRemoteDatabase, drizzle as proxy } from 'drizzle-orm/mysql-proxy'
import * as tables from './tables.ts'

export type MysqlDrizzle = MySqlRemoteDatabase<typeof tables>

/**
 * Drizzle's own typed query builder on the same connection, or in the same open transaction:
 *
 *     await drizzle(db).select().from(tables.tasks).where(eq(tables.tasks.status, 'todo'))
 */
export function drizzle(access: DataAccess): MysqlDrizzle {
  const run = drizzleRunner(access)
  return proxy(async (text, params) => ({ rows: (await run(text, params)).rows }), { schema: tables })
}
