import { DbError } from '../errors.ts'
import type { QueryEvent, QueryListener } from '../observe/events.ts'
import type { LoggingConfig } from './types.ts'

/** Whatever tells about its statements: a Database, as far as this file is concerned. */
export interface Observable {
  onQuery(listener: QueryListener): () => void
}

/**
 * Writes the statements that the configuration asks for, and nothing that was bound to them. Returns the function that
 * ends it. Lines go to standard error by default: standard output may carry a protocol.
 */
export function attachLogging(
  database: Observable,
  { queries, slowQueryMs }: LoggingConfig,
  write: (line: string) => void = writeError,
): () => void {
  // Without a listener statements are not even timed.
  if (!queries && slowQueryMs === null) return () => {}
  return database.onQuery((event) => {
    const slow = slowQueryMs !== null && event.durationMs >= slowQueryMs
    if (slow || queries) write(queryLine(event, slow))
  })
}

function queryLine(event: QueryEvent, slow: boolean): string {
  const { durationMs, rows, tables, text, transaction, error } = event
  const outcome = error ? `failed (${error instanceof DbError ? error.code : error.name})` : `${rows} rows`
  const about = [outcome, tables.join(', '), transaction === undefined ? '' : `transaction ${transaction}`]
  const what = about.filter((part) => part !== '').join(', ')
  return `archon-db ${slow ? 'slow query' : 'query'} ${durationMs.toFixed(1)} ms, ${what}: ${text.replace(/\s+/g, ' ').trim()}`
}

function writeError(line: string): void {
  console.error(line)
}
