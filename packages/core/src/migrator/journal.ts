import { type DbErrorCode, isDbError } from '../errors.ts'
import { inTransaction, type MigratorContext, runStatement } from './context.ts'
import { type FailurePoint, statementFailed } from './failure.ts'
import type { LedgerRow } from './ledger.ts'
import { checksumOf, type Migration, withoutComments } from './migration.ts'

export interface JournalledScript {
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  readonly statements: readonly string[]
  /** Where the ledger says an earlier run stopped. */
  readonly from: Pick<LedgerRow, 'statement' | 'running'>
  /** What is to be dropped may never have been made. */
  readonly tolerant: boolean
}

/** After these nobody knows whether the statement ran. */
const IN_DOUBT: ReadonlySet<DbErrorCode> = new Set([
  'connection_lost',
  'connection_failed',
  'commit_unknown',
  'query_timeout',
  'closed',
])

/**
 * Statement by statement, for DDL that takes part in no transaction. The ledger is told before each one, and data
 * statements commit together with it: whenever the process dies, at most one DDL statement is in doubt. That one runs
 * again on resuming, and "is there already" or "is gone already" then means that it had run.
 */
export async function runJournalled(context: MigratorContext, script: JournalledScript): Promise<void> {
  const { statements, from, migration, direction } = script
  for (let done = from.statement; done < statements.length; done++) {
    context.report({
      type: 'statement',
      version: migration.version,
      statement: done + 1,
      statements: statements.length,
    })
    try {
      await runNoted(context, script, done)
    } catch (cause) {
      const error = context.dialect.toDbError(cause)
      if (!IN_DOUBT.has(error.code)) await noteFailure(context, script, done)
      const point: FailurePoint = {
        migration,
        direction,
        statement: done + 1,
        statements: statements.length,
        rolledBack: false,
      }
      throw statementFailed(point, error)
    }
  }
}

async function runNoted(context: MigratorContext, script: JournalledScript, done: number): Promise<void> {
  const { statements, migration, from } = script
  const text = statements[done] ?? ''
  if (isDataStatement(text)) return runData(context, script, done, text)
  await context.ledger.update(migration.version, { ...progress(statements, done), running: done + 1 })
  try {
    await runStatement(context, context.session, text)
  } catch (error) {
    if (!(script.tolerant || from.running === done + 1) || !isAlreadyDone(context, error)) throw error
  }
  const next = statements[done + 1]
  // The note before the next statement says that this one is done.
  if (next !== undefined && !isDataStatement(next)) return
  await context.ledger.update(migration.version, progress(statements, done + 1))
}

/** It commits together with its note: it ran exactly when the ledger says so. */
async function runData(context: MigratorContext, script: JournalledScript, done: number, text: string): Promise<void> {
  const { statements, migration } = script
  const noted = progress(statements, done + 1)
  try {
    await inTransaction(context, async (talk, ledger) => {
      await runStatement(context, talk, text)
      await ledger.update(migration.version, noted)
    })
  } catch (error) {
    if (!script.tolerant || !isAlreadyDone(context, error)) throw error
    await context.ledger.update(migration.version, noted)
  }
}

function isAlreadyDone({ dialect }: MigratorContext, error: unknown): boolean {
  return isDbError(error) && (dialect.alreadyDone?.(error.cause) ?? false)
}

function progress(
  statements: readonly string[],
  done: number,
): { statement: number; running: number; checksum: string } {
  return { statement: done, running: 0, checksum: checksumOf(statements.slice(0, done)) }
}

/** The server refused it, so it did not run: the next attempt must not take it for done. */
async function noteFailure(context: MigratorContext, script: JournalledScript, done: number): Promise<void> {
  const { migration, direction, statements } = script
  const note = { ...progress(statements, done), ...(direction === 'up' ? { state: 'failed' as const } : {}) }
  // The refusal itself is what the caller must hear, whatever becomes of the note.
  await context.ledger.update(migration.version, note).catch(() => undefined)
}

function isDataStatement(text: string): boolean {
  return /^(?:insert|update|delete|replace|with)\b/i.test(withoutComments(text))
}
