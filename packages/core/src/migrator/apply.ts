import { inTransaction, isWhole, type MigratorContext, runStatement } from './context.ts'
import { statementFailed } from './failure.ts'
import { runJournalled } from './journal.ts'
import type { LedgerChange, LedgerRow } from './ledger.ts'
import { checksumOf, type Migration, splitStatements } from './migration.ts'
import type { Talk } from './present.ts'
import { runStep } from './step.ts'

/** Brings one migration into place, or the rest of it when an earlier run was cut short. Returns the milliseconds it took. */
export async function applyMigration(
  context: MigratorContext,
  migration: Migration,
  earlier?: LedgerRow,
): Promise<number> {
  const { version, name } = migration
  const statements = splitStatements(migration.up)
  const started = performance.now()
  context.report({ type: 'start', direction: 'up', version, name, statements: statements.length })
  const finished = (): LedgerChange => {
    return { state: 'applied', finishedAt: new Date(), durationMs: Math.round(performance.now() - started) }
  }
  const partial = earlier !== undefined && earlier.statement < statements.length
  const apply = isWhole(context, migration) && !partial ? applyWhole : applyJournalled
  await apply(context, {
    migration,
    statements,
    row: earlier ?? begun(context, migration),
    resumed: !!earlier,
    finished,
  })
  const durationMs = performance.now() - started
  context.report({ type: 'done', direction: 'up', version, name, durationMs })
  return durationMs
}

interface Application {
  readonly migration: Migration
  readonly statements: readonly string[]
  readonly row: LedgerRow
  /** The ledger has the row already. */
  readonly resumed: boolean
  readonly finished: () => LedgerChange
}

function begun({ toolVersion }: MigratorContext, { version, name }: Migration): LedgerRow {
  const progress = { state: 'applying', statement: 0, running: 0, stepCursor: null } as const
  return {
    version,
    name,
    checksum: checksumOf([]),
    ...progress,
    startedAt: new Date(),
    finishedAt: null,
    durationMs: null,
    toolVersion,
  }
}

async function applyWhole(context: MigratorContext, application: Application): Promise<void> {
  const { migration, statements, row, resumed, finished } = application
  const done: LedgerRow = { ...row, statement: statements.length, checksum: checksumOf(statements) }
  if (!resumed) {
    await inTransaction(context, async (talk, ledger) => {
      await runAll(context, talk, migration, 'up', statements)
      await ledger.insert(migration.step ? done : { ...done, ...finished() })
    })
  }
  if (resumed || migration.step) await runStep(context, migration, 'up', done, finished)
}

async function applyJournalled(context: MigratorContext, application: Application): Promise<void> {
  const { migration, statements, row, resumed, finished } = application
  if (resumed) await context.ledger.update(row.version, { state: 'applying', toolVersion: context.toolVersion })
  else await context.ledger.insert(row)
  await runJournalled(context, { migration, direction: 'up', statements, from: row, tolerant: false })
  await runStep(context, migration, 'up', row, finished)
}

/** Within one transaction: a failure leaves nothing behind. */
export async function runAll(
  context: MigratorContext,
  talk: Talk,
  migration: Migration,
  direction: 'up' | 'down',
  statements: readonly string[],
): Promise<void> {
  for (const [i, text] of statements.entries()) {
    context.report({ type: 'statement', version: migration.version, statement: i + 1, statements: statements.length })
    try {
      await runStatement(context, talk, text)
    } catch (error) {
      const point = { migration, direction, statement: i + 1, statements: statements.length, rolledBack: true }
      throw statementFailed(point, context.dialect.toDbError(error))
    }
  }
}
