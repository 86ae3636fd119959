import { type DbError, type DbErrorCode, isDbError } from '../errors.ts'
import { inTransaction, type MigratorContext, runStatement } from './context.ts'
import { type FailurePoint, statementFailed } from './failure.ts'
import type { LedgerRow, Talk } from './ledger.ts'
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
  const lenient = script.tolerant || from.running === done + 1
  const progress = (count: number): { statement: number; checksum: string } => ({
    statement: count,
    checksum: checksumOf(statements.slice(0, count)),
  })
  if (isDataStatement(text)) {
    await inTransaction(context, async (talk, ledger) => {
      await runLenient(context, talk, text, script.tolerant)
      await ledger.update(migration.version, { ...progress(done + 1), running: 0 })
    })
    return
  }
  await context.ledger.update(migration.version, { ...progress(done), running: done + 1 })
  await runLenient(context, context.session, text, lenient)
  const isLast = done === statements.length - 1
  const next = statements[done + 1]
  // The next statement's own note says that this one is done.
  if (isLast || (next !== undefined && isDataStatement(next)))
    await context.ledger.update(migration.version, { ...progress(done + 1), running: 0 })
}

async function runLenient(context: MigratorContext, talk: Talk, text: string, lenient: boolean): Promise<void> {
  try {
    await runStatement(context, talk, text)
  } catch (error) {
    if (!lenient || !isDbError(error) || !context.dialect.alreadyDone?.(error.cause)) throw error
  }
}

/** The server refused it, so it did not run: the next attempt must not take it for done. */
async function noteFailure(
  { ledger }: MigratorContext,
  { migration, direction, statements }: JournalledScript,
  done: number,
): Promise<void> {
  const state = direction === 'up' ? ({ state: 'failed' } as const) : {}
  const note = { statement: done, running: 0, checksum: checksumOf(statements.slice(0, done)), ...state }
  // The refusal itself is what the caller must hear, whatever becomes of the note.
  await ledger.update(migration.version, note).catch((): DbError | undefined => undefined)
}

function isDataStatement(text: string): boolean {
  return /^(?:insert|update|delete|replace|with)\b/i.test(withoutComments(text))
}
