import type { SQL } from 'drizzle-orm'
import type { Dialect, Statement } from '../dialect.ts'
import { inTransaction, type MigratorContext } from './context.ts'
import type { DataStep, StepBatch, StepDatabase } from './data-step.ts'
import { stepFailed } from './failure.ts'
import type { LedgerChange, LedgerRow } from './ledger.ts'
import type { Migration } from './migration.ts'
import type { Talk } from './present.ts'

/** In the ledger a cursor stands behind this mark, so that "not begun" and "all done" can be told from any cursor. */
const AT = 'at:'
const DONE = 'done'

/**
 * Runs what is left of the data step, a transaction for each batch. `last` is written together with the last batch, and
 * at once where there is nothing to run.
 */
export async function runStep(
  context: MigratorContext,
  migration: Migration,
  direction: keyof DataStep,
  row: LedgerRow,
  last: () => LedgerChange,
): Promise<void> {
  const work = migration.step?.[direction]
  if (!work || row.stepCursor === DONE) return context.ledger.update(migration.version, last())
  let cursor = row.stepCursor === null ? null : row.stepCursor.slice(AT.length)
  for (let batches = 0; ; batches++) {
    const batch = await runBatch(context, migration.version, work, cursor, last).catch((error: unknown) => {
      throw stepFailed(migration, direction, batches, context.dialect.toDbError(error))
    })
    context.report({ type: 'batch', version: migration.version, rows: batch.rows })
    if (batch.cursor === null) return
    cursor = batch.cursor
  }
}

function runBatch(
  context: MigratorContext,
  version: number,
  work: DataStep['up'],
  cursor: string | null,
  last: () => LedgerChange,
): Promise<StepBatch> {
  return inTransaction(context, async (talk, ledger) => {
    const batch = await work(stepDatabase(context.dialect, talk), cursor)
    await ledger.update(
      version,
      batch.cursor === null ? { stepCursor: DONE, ...last() } : { stepCursor: AT + batch.cursor },
    )
    return batch
  })
}

function stepDatabase(dialect: Dialect, talk: Talk): StepDatabase {
  const statement = (query: SQL, write: boolean): Statement => {
    const { sql: text, params } = dialect.render(query)
    return { text, params, write, tables: [], prepare: false }
  }
  return {
    query: async (query) => (await talk.query(statement(query, false))).rows,
    run: async (query) => (await talk.run(statement(query, true))).changes,
  }
}
