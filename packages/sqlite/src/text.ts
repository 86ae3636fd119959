import { type Bound, getTableName, type MatchOp, parsePattern, sql, type TextTerm } from '@archon-db/core/dialect'
import type { SQL, Table } from 'drizzle-orm'

/** Patterns go through GLOB, which is case-sensitive for all of Unicode and knows character classes. */
export function match(expr: SQL, op: MatchOp, pattern: Bound): SQL {
  switch (op) {
    case 'contains':
      return sql`(instr(${expr}, ${pattern}) > 0)`
    case 'startsWith':
      return sql`(substr(${expr}, 1, length(${pattern})) = ${pattern})`
    case 'endsWith':
      return sql`(length(${expr}) >= length(${pattern}) and substr(${expr}, length(${expr}) - length(${pattern}) + 1) = ${pattern})`
    default:
      return sql`(${expr} glob ${pattern})`
  }
}

/** `50%` → `50*`; when case is folded `é` → `[Éé]`. What GLOB reserves goes into a class of its own. */
export function toGlob(pattern: string, foldCase: boolean): string {
  return parsePattern(pattern, foldCase)
    .map((token) => (token.type === 'run' ? '*' : token.type === 'one' ? '?' : globClass(token.chars)))
    .join('')
}

function globClass(chars: readonly string[]): string {
  const [only] = chars
  if (chars.length === 1 && only !== '*' && only !== '?' && only !== '[') return only as string
  return `[${chars.join('')}]`
}

/** The words of a table stand in a full-text table beside it, under its row numbers. */
export function candidates(table: Table, terms: readonly TextTerm[]): SQL {
  const name = getTableName(table)
  const words = terms.filter((term) => !term.substring)
  const conditions = terms.filter((term) => term.substring).map((term) => holds(table, term.prefix))
  if (words.length > 0) {
    const query = words.map((term) => `"${term.prefix.replaceAll('"', '""')}" *`).join(' AND ')
    const index = sql.identifier(`${name}_fts`)
    conditions.push(sql`${sql.identifier(name)}."id" in (select rowid from ${index} where ${index} match ${query})`)
  }
  return sql`(${sql.join(conditions, sql` and `)})`
}

function holds(table: Table, text: string): SQL {
  const name = getTableName(table)
  const columns = FIELDS[name] ?? ['content']
  return sql`(${sql.join(
    columns.map((column) => sql`instr(${sql.identifier(name)}.${sql.identifier(column)}, ${text}) > 0`),
    sql` or `,
  )})`
}

/** What the full-text tables index; see drizzle/. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  archon_crawled_pages: ['content'],
  archon_code_examples: ['content', 'summary'],
}
