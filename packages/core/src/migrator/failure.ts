import { DbError } from '../errors.ts'
import { labelOf, type Migration } from './migration.ts'

export interface FailurePoint {
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  /** Counted from 1. */
  readonly statement: number
  readonly statements: number
  /** One transaction held all of it, so that nothing of it is left. */
  readonly rolledBack: boolean
}

/** Says where it stopped, what is in place and what to do. */
export function statementFailed(point: FailurePoint, cause: DbError): DbError {
  const { migration, direction, statement, statements } = point
  const script = `${labelOf(migration)}/${direction}.sql`
  return new DbError(
    'migration_failed',
    `${script} failed at statement ${statement} of ${statements}: ${sentence(cause.message)} ${whatNow(point)}`,
    about(cause),
  )
}

function whatNow({ direction, statement, rolledBack }: FailurePoint): string {
  const command = direction === 'up' ? 'migrate' : 'rollback'
  if (rolledBack) return `All of it was rolled back. Mend the cause and run ${command} again.`
  const kept =
    statement === 1
      ? 'No statement of it is'
      : statement === 2
        ? 'Statement 1 is'
        : `Statements 1 to ${statement - 1} are`
  const undo = direction === 'up' ? ', or undo it with rollback' : ''
  return `${kept} in place and noted: they were not part of a transaction. Mend the cause and run ${command} again: it goes on with statement ${statement}${undo}.`
}

export function stepFailed(migration: Migration, direction: 'up' | 'down', batches: number, cause: DbError): DbError {
  const command = direction === 'up' ? 'migrate' : 'rollback'
  return new DbError(
    'migration_failed',
    `The data step of ${labelOf(migration)} failed after ${batches} batches of this run: ${sentence(cause.message)} Those are kept. Mend the cause and run ${command} again: it goes on with the next batch.`,
    about(cause),
  )
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}

function about(cause: DbError): {
  cause: DbError
  table: string | undefined
  column: string | undefined
  constraint: string | undefined
} {
  const { table, column, constraint } = cause
  return { cause, table, column, constraint }
}
