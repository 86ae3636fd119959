import { inTransaction, type MigratorContext, runStatement } from './context.ts'
import { statementFailed } from './failure.ts'
import { runJournalled } from './journal.ts'
import type { LedgerChange, LedgerRow, Talk } from './ledger.ts'
import { checksumOf, type Migration, splitStatements } from './migration.ts'
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
  const row = earlier ?? begun(context, migration)
  const finished = (): LedgerChange => {
    return { state: 'applied', finishedAt: new Date(), durationMs: Math.round(performance.now() - started) }
  }
  if (isWhole(context, migration)) await applyWhole(context, migration, row, earlier !== undefined, finished)
  else await applyJournalled(context, migration, row, earlier !== undefined, finished)
  const durationMs = performance.now() - started
  context.report({ type: 'done', direction: 'up', version, name, durationMs })
  return durationMs
}

/** All its statements and the ledger commit together. */
export function isWhole({ dialect }: MigratorContext, { meta }: Migration): boolean {
  return dialect.traits.transactionalDdl && meta.transaction !== false
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

type Finished = () => LedgerChange

async function applyWhole(
  context: MigratorContext,
  migration: Migration,
  row: LedgerRow,
  resumed: boolean,
  finished: Finished,
): Promise<void> {
  const statements = splitStatements(migration.up)
  const done: LedgerRow = { ...row, statement: statements.length, checksum: checksumOf(statements) }
  if (!resumed) {
    await inTransaction(context, async (talk, ledger) => {
      await runAll(context, talk, migration, 'up', statements)
      await ledger.insert(migration.step ? done : { ...done, ...finished() })
    })
  }
  if (resumed || migration.step) await runStep(context, migration, 'up', done, finished)
}

async function applyJournalled(
  context: MigratorContext,
  migration: Migration,
  row: LedgerRow,
  resumed: boolean,
  finished: Finished,
): Promise<void> {
  const statements = splitStatements(migration.up)
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
