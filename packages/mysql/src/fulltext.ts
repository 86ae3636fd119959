import type { Client } from './client.ts'

/** Run within a transaction, before it sets a savepoint. */
export type BeforeSavepoint = () => Promise<void>

/** The table is there for this alone, so no lock of anybody is in the way. */
const START = `begin not atomic
  insert into archon_fulltext_start (words) values ('');
  delete from archon_fulltext_start where id = last_insert_id();
end`

/** The table is missing, as migrations have not run; or nothing can be written, in this transaction or on this server. */
const HARMLESS: ReadonlySet<unknown> = new Set([1146, 1792, 1290, 1836])

/**
 * MariaDB notes what a transaction does to full-text indexes from its first such write on. A savepoint set before that is
 * unknown to these notes: going back to it leaves words out of the index, and the server aborts when the same row is
 * written once more. So the notes are begun before the first savepoint of each transaction.
 */
export function fullTextStarter(client: Client): BeforeSavepoint {
  let isStarted = false
  return async () => {
    if (isStarted) return
    isStarted = true
    try {
      await client.command(START)
    } catch (error) {
      if (!HARMLESS.has((error as { errno?: unknown } | null)?.errno)) throw error
    }
  }
}
