import type { DataAccess } from './data-access.ts'
import type { Dialect, RowsResult } from './dialect.ts'
import { DbError } from './errors.ts'
import { Handle } from './handle.ts'

/** Sends what Drizzle rendered down the same path as everything else: one pool, one transaction, one error class. */
export type DrizzleRunner = (text: string, params: readonly unknown[]) => Promise<RowsResult>

/** For a dialect's `drizzle(db)`. A Drizzle database belongs to the handle it was made from and lives as long. */
export function drizzleRunner(access: DataAccess): DrizzleRunner {
  if (!(access instanceof Handle)) {
    throw new DbError('unsupported', 'drizzle(db) takes a database that connect() opened, or its open transaction.')
  }
  const { executor } = access
  return (text, params) => executor.raw({ text, params })
}

/** How the database behind a handle says things. */
export function dialectOf(access: DataAccess): Dialect {
  if (access instanceof Handle) return access.executor.shared.dialect
  throw new DbError('unsupported', 'This takes a database that connect() opened, or its open transaction.')
}
