import type { DataAccess } from './data-access.ts'
import type { Dialect, RowsResult } from './dialect.ts'
import { DbError } from './errors.ts'
import { Handle } from './handle.ts'

/** Sends what Drizzle rendered down the same path as everything else: one pool, one transaction, one error class. */
export type DrizzleRunner = (text: string, params: readonly unknown[]) => Promise<RowsResult>

const READS = /^\s*(?:select|with|values|explain|show)\b/i
const BRACKETS = /^\s*(?:begin|start\s+transaction|commit|rollback|savepoint|release|set\s+transaction)\b/i

/** For a dialect's `drizzle(db)`. A Drizzle database belongs to the handle it was made from and lives as long. */
export function drizzleRunner(access: DataAccess): DrizzleRunner {
  if (!(access instanceof Handle)) {
    throw new DbError('unsupported', 'drizzle(db) takes a database that connect() opened, or its open transaction.')
  }
  const { executor } = access
  return (text, params) => {
    // Statements of a pool run on any connection, so a BEGIN among them would bracket somebody else's work.
    if (BRACKETS.test(text)) return Promise.reject(bracketError())
    return executor.query({ text, params, write: !READS.test(text), tables: [] })
  }
}

/** How the database behind a handle says things. */
export function dialectOf(access: DataAccess): Dialect {
  if (access instanceof Handle) return access.executor.shared.dialect
  throw new DbError('unsupported', 'This takes a database that connect() opened, or its open transaction.')
}

function bracketError(): DbError {
  return new DbError('unsupported', 'Begin transactions with db.transaction((tx) => …) and use drizzle(tx) inside it.')
}
