import { runAll } from './apply.ts'
import { isReverting } from './compare.ts'
import { inTransaction, isWhole, type MigratorContext } from './context.ts'
import { runJournalled } from './journal.ts'
import type { LedgerChange, LedgerRow } from './ledger.ts'
import { checksumOf, type Migration, splitStatements } from './migration.ts'
import { runStep } from './step.ts'

/** Takes one migration out again, or the rest of it when an earlier run was cut short. Returns the milliseconds it took. */
export async function revertMigration(context: MigratorContext, migration: Migration, row: LedgerRow): Promise<number> {
  const { version, name, step } = migration
  const statements = splitStatements(migration.down)
  const started = performance.now()
  context.report({ type: 'start', direction: 'down', version, name, statements: statements.length })
  const whole = isWhole(context, migration) && !isPartial(migration, row)
  const begun = isReverting(row) ? row : { ...row, ...beginning(migration, row) }
  if (begun !== row && (step?.down || !whole)) await context.ledger.update(version, beginning(migration, row))
  if (step?.down) await runStep(context, migration, 'down', begun, () => ({ state: begun.state }))
  if (whole) {
    await inTransaction(context, async (talk, ledger) => {
      await runAll(context, talk, migration, 'down', statements)
      await ledger.remove(version)
    })
  } else {
    const tolerant = begun.state === 'undoing'
    await runJournalled(context, { migration, direction: 'down', statements, from: begun, tolerant })
    await context.ledger.remove(version)
  }
  const durationMs = performance.now() - started
  context.report({ type: 'done', direction: 'down', version, name, durationMs })
  return durationMs
}

function beginning(migration: Migration, row: LedgerRow): LedgerChange {
  const state = isPartial(migration, row) ? 'undoing' : 'reverting'
  return { state, statement: 0, running: 0, stepCursor: null, checksum: checksumOf([]) }
}

/** Not all of its statements are in place, for this or for an earlier attempt. */
function isPartial(migration: Migration, row: LedgerRow): boolean {
  if (row.state === 'undoing') return true
  if (row.state !== 'applying' && row.state !== 'failed') return false
  return row.statement < splitStatements(migration.up).length || row.running > 0
}
