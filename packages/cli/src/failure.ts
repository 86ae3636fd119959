import { DbError, type DbErrorCode } from '@archon-db/core'
import { UsageError } from './arguments.ts'
import type { Terminal } from './terminal.ts'

/** What to do, where the message cannot know it: it was written for a caller, this is read by a person at a terminal. */
const ADVICE: Partial<Record<DbErrorCode, string>> = {
  connection_failed: '`archon-db doctor` looks at each step of connecting.',
  connection_lost: 'Run the command again. If it happens again, `archon-db doctor` looks at each step.',
  permission_denied: 'The user of the connection string lacks a right. `archon-db doctor` says which.',
  lock_timeout: 'Another process is writing. Wait for it, or end it, and run the command again.',
  too_many_connections: 'The server takes no more connections. End some, or raise its limit.',
  commit_unknown:
    'The connection broke while the change was being stored. Look whether it is there before trying again.',
  migration_drift: '`archon-db status` lists what differs.',
  migration_failed: 'Mend the cause and run `archon-db migrate` again: it goes on where it stopped.',
  unknown: 'Run it again with --verbose to see the cause.',
}

export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : 1
}

export function printFailure(error: unknown, terminal: Terminal, verbose: boolean): void {
  const label = terminal.noteStyle('red', 'Error:')
  terminal.note(`${label} ${messageOf(error)}`)
  const advice = adviceFor(error)
  if (advice) terminal.note(advice)
  if (verbose && !(error instanceof UsageError)) terminal.note(terminal.noteStyle('dim', traceOf(error)))
}

export function failureData(error: unknown): Record<string, unknown> {
  const advice = adviceFor(error)
  const about =
    error instanceof DbError
      ? error.toJSON()
      : { code: error instanceof UsageError ? 'usage' : 'unknown', message: messageOf(error) }
  return { error: { ...about, ...(advice ? { advice } : {}) } }
}

function adviceFor(error: unknown): string | undefined {
  if (error instanceof DbError) return ADVICE[error.code]
  if (!(error instanceof UsageError)) return ADVICE.unknown
  return error.command
    ? `archon-db ${error.command.name} --help shows what it takes.`
    : 'archon-db --help shows what there is.'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The error and everything that brought it about. The terminal hides known secrets. */
function traceOf(error: unknown): string {
  const parts: string[] = []
  for (let at = error; at !== undefined && parts.length < 5; at = at instanceof Error ? at.cause : undefined) {
    parts.push(at instanceof Error ? (at.stack ?? String(at)) : String(at))
  }
  return parts.join('\nCaused by: ')
}
