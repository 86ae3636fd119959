import type { DataAccess } from '../data-access.ts'
import { type DbError, type DbErrorCode, isDbError } from '../errors.ts'

export interface BulkResult {
  readonly inserted: number
  /** The rows that were refused, by their place in the list given. */
  readonly errors: { readonly index: number; readonly error: DbError }[]
}

/** Faults of one row, which say nothing about the others. */
const ROW_FAULTS: ReadonlySet<DbErrorCode> = new Set([
  'unique_violation',
  'foreign_key_violation',
  'not_null_violation',
  'check_violation',
  'invalid_input',
])

type Store<Row> = (access: DataAccess, rows: readonly Row[]) => Promise<number>

/** Stores all rows but those that are refused, in one transaction, with the outcome of storing them one by one. */
export function storeEach<Row>(access: DataAccess, rows: readonly Row[], store: Store<Row>): Promise<BulkResult> {
  return access.transaction((tx) => storeRange(tx, rows, store, 0))
}

/** A range is stored at once; only where that fails is it halved, so a few bad rows cost little. */
async function storeRange<Row>(
  access: DataAccess,
  rows: readonly Row[],
  store: Store<Row>,
  start: number,
): Promise<BulkResult> {
  try {
    return { inserted: await access.transaction((tx) => store(tx, rows)), errors: [] }
  } catch (error) {
    if (!isDbError(error) || !ROW_FAULTS.has(error.code)) throw error
    if (rows.length === 1) return { inserted: 0, errors: [{ index: start, error }] }
  }
  const middle = rows.length >> 1
  const left = await storeRange(access, rows.slice(0, middle), store, start)
  const right = await storeRange(access, rows.slice(middle), store, start + middle)
  return { inserted: left.inserted + right.inserted, errors: [...left.errors, ...right.errors] }
}
