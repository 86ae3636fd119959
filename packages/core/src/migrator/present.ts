import type { Dialect, Session } from '../dialect.ts'
import type { DbError, DbErrorCode } from '../errors.ts'
import { sql } from '../sql.ts'

/** What talks to the database: a Session, or a transaction on it. */
export type Talk = Pick<Session, 'query' | 'run'>

/** Errors that say nothing about whether the table is there. */
const UNREACHABLE: ReadonlySet<DbErrorCode> = new Set([
  'connection_failed',
  'connection_lost',
  'pool_exhausted',
  'too_many_connections',
  'permission_denied',
  'query_timeout',
  'lock_timeout',
  'closed',
])

export function isUnreachable({ code }: DbError): boolean {
  return UNREACHABLE.has(code)
}

/** Those of our tables that are there. */
export async function presentTables(dialect: Dialect, talk: Talk): Promise<string[]> {
  const names: string[] = []
  for (const name of dialect.schema.tables.keys()) if (await isPresent(dialect, talk, name)) names.push(name)
  return names
}

/** Catalogues differ between databases; that a table can be read is the same everywhere. */
export async function isPresent(dialect: Dialect, talk: Talk, name: string): Promise<boolean> {
  const { sql: text, params } = dialect.render(sql`select 1 from ${sql.identifier(name)} where 1 = 0`)
  try {
    await talk.query({ text, params, write: false, tables: [name], prepare: false })
    return true
  } catch (error) {
    if (isUnreachable(dialect.toDbError(error))) throw error
    return false
  }
}
