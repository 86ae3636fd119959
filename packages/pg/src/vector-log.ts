import { sql, type VectorLogFragments } from '@archon-db/core/dialect'

const TABLES = ['archon_crawled_pages', 'archon_code_examples']

const triggerOf = (table: string): string => `${table}_vector_changes`

/** pgvector needs no log, so the triggers that write it are disabled until a store outside the database follows it. */
export const vectorLog: VectorLogFragments = {
  start: TABLES.map(
    (table) => sql`alter table ${sql.identifier(table)} enable trigger ${sql.identifier(triggerOf(table))}`,
  ),
  isOn: sql`select 1 from pg_trigger where tgenabled <> 'D' and (${sql.join(
    TABLES.map((table) => sql`tgrelid = to_regclass(${table}) and tgname = ${triggerOf(table)}`),
    sql` or `,
  )}) having count(*) = ${sql.raw(String(TABLES.length))}`,
}
