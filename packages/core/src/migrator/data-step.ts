import type { SQL } from 'drizzle-orm'

/** What a data step may do: SQL on the open transaction of its batch. Identifiers through `sql.identifier`. */
export interface StepDatabase {
  /** Rows as arrays in the order of the selected columns. */
  query(statement: SQL): Promise<unknown[][]>
  /** The number of rows changed. */
  run(statement: SQL): Promise<number>
}

export interface StepBatch {
  /** Where the next batch goes on; null when this was the last. */
  readonly cursor: string | null
  /** Rows this batch dealt with, for progress. */
  readonly rows: number
}

/**
 * Work on data that SQL alone does not do well, in batches. Each batch commits together with its cursor, so that a step
 * that was killed goes on where it stopped and no batch runs twice.
 */
export interface DataStep {
  /** `cursor` is null for the first batch. */
  readonly up: (db: StepDatabase, cursor: string | null) => Promise<StepBatch>
  /** Runs before the SQL of `down`; absent where that needs no help. */
  readonly down?: (db: StepDatabase, cursor: string | null) => Promise<StepBatch>
}
