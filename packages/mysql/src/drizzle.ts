import type { DataAccess } from '@archon-db/core'
import { drizzleRunner, type RowsResult } from '@archon-db/core/dialect'
import { type MySqlRemoteDatabase, drizzle as proxy, type RemoteCallback } from 'drizzle-orm/mysql-proxy'
import { Rows } from './client.ts'
import * as tables from './tables.ts'

export type MysqlDrizzle = MySqlRemoteDatabase<typeof tables>

/**
 * Drizzle's own typed query builder on the same connection, or in the same open transaction:
 *
 *     await drizzle(db).select().from(tables.tasks).where(eq(tables.tasks.status, 'todo'))
 */
export function drizzle(access: DataAccess): MysqlDrizzle {
  const run = drizzleRunner(access)
  const send: RemoteCallback = async (text, params, method) => {
    const result = await run(text, params)
    return { rows: method === 'execute' ? [outcomeOf(result)] : result.rows.map((row) => row.map(asText)) }
  }
  return proxy(send, { schema: tables })
}

/** For statements that Drizzle does not take apart: what a mysql2 connection would have given. */
function outcomeOf(result: RowsResult): object {
  const { columns, rows, changes = 0 } = result
  if (columns.length > 0) return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])))
  const insertId = (result instanceof Rows ? result.firstId : undefined) ?? 0
  return { insertId, affectedRows: changes }
}

/** Drizzle makes its own dates, out of text. */
function asText(value: unknown): unknown {
  return value instanceof Date ? value.toISOString().replace('T', ' ').replace('Z', '') : value
}
