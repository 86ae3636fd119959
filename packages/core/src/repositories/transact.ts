import type { DataAccess, Transaction } from '../data-access.ts'
import { type DbErrorCode, isDbError } from '../errors.ts'

const ATTEMPTS = 4
/** What a concurrent writer can cause and a second run can mend. */
const COLLISIONS: ReadonlySet<DbErrorCode> = new Set(['unique_violation', 'serialization_failure', 'deadlock'])

/** Runs `fn` in a transaction, from its start again when it collided with another writer. */
export async function transactRetrying<T>(access: DataAccess, fn: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await access.transaction(fn)
    } catch (error) {
      if (attempt === ATTEMPTS || !isDbError(error) || !COLLISIONS.has(error.code)) throw error
    }
  }
}
