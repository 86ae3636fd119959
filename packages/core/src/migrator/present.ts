import { sql } from 'drizzle-orm/sql/sql'
import type { Dialect } from '../dialect.ts'
import { isUnreachable, type Talk } from './ledger.ts'

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
