import type { Bound, MatchOp, PatternToken, TextTerm } from '@archon-db/core/dialect'
import { caseVariants, getTableName, parsePattern, sql } from '@archon-db/core/dialect'
import type { SQL, Table } from 'drizzle-orm'

/**
 * Patterns without folding go through LIKE. Folding is core's, not the server's locale's: each letter becomes the set of
 * its case variants in a regular expression.
 */
export function match(expr: SQL, op: MatchOp, pattern: Bound): SQL {
  return op === 'ilike' ? sql`(${expr} ~ ${pattern})` : sql`(${expr} like ${pattern})`
}

export function encodePattern(op: MatchOp): ((value: unknown) => unknown) | null {
  switch (op) {
    case 'like':
      return null
    case 'ilike':
      return (value) => toRegex(parsePattern(value as string, true))
    case 'contains':
      return (value) => `%${escapeLike(value as string)}%`
    case 'startsWith':
      return (value) => `${escapeLike(value as string)}%`
    case 'endsWith':
      return (value) => `%${escapeLike(value as string)}`
  }
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

/** Runs at the ends need no anchor: a search that may begin anywhere can use a trigram index. */
function toRegex(tokens: readonly PatternToken[]): string {
  const first = tokens.findIndex((token) => token.type !== 'run')
  if (first < 0) return tokens.length === 0 ? '^$' : ''
  const end = tokens.findLastIndex((token) => token.type !== 'run') + 1
  const body = tokens.slice(first, end).map(regexOf).join('')
  return `${first === 0 ? '^' : ''}${body}${end === tokens.length ? '$' : ''}`
}

function regexOf(token: PatternToken): string {
  if (token.type === 'run') return '.*'
  return token.type === 'one' ? '.' : oneOf(token.chars)
}

function oneOf(chars: readonly string[]): string {
  return chars.length > 1 ? `[${chars.join('')}]` : (chars[0] as string).replace(/[\\^$.[\](){}*+?|]/, '\\$&')
}

/**
 * What `archon_words` of the first migration takes for a word's characters. Other letters end a word there: a prefix that
 * goes on with one is looked up by its beginning, and the rows found are searched for all of it.
 */
export const INDEXED: RegExp = /^[0-9A-Za-zÀ-ÖØ-öø-ſΆΈ-ΊΌΎ-ΡΣ-ώϴЀ-џҐґא-תء-ي٠-٩ẞΩKÅ]+/u

/** Texts too long for the index are in it under this, and are always looked at. */
const TOO_LONG = "'*'"

/** The words of a table stand in an index of their own; what it cannot tell apart is searched for in the text. */
export function candidates(table: Table, terms: readonly TextTerm[]): SQL {
  const lexemes: string[] = []
  const conditions: SQL[] = []
  for (const { prefix, substring } of terms) {
    const head = substring ? undefined : INDEXED.exec(prefix)?.[0]
    if (head !== undefined) lexemes.push(head === prefix ? `'${head}':*` : `'${head}'`)
    if (substring) conditions.push(holds(table, (field) => sql`${field} like ${`%${escapeLike(prefix)}%`}`))
    else if (head !== prefix)
      conditions.push(
        holds(table, (field) => sql`${field} ~ ${Array.from(prefix, (char) => oneOf(caseVariants(char))).join('')}`),
      )
  }
  if (lexemes.length > 0)
    conditions.unshift(
      sql`archon_words(${sql.join(fieldsOf(table), sql` || ' ' || `)}) @@ ${`(${lexemes.join(' & ')}) | ${TOO_LONG}`}::tsquery`,
    )
  return sql`(${sql.join(conditions, sql` and `)})`
}

function holds(table: Table, condition: (field: SQL) => SQL): SQL {
  return sql`(${sql.join(fieldsOf(table).map(condition), sql` or `)})`
}

/** What the indexes of the first migration are made of. */
function fieldsOf(table: Table): SQL[] {
  const name = getTableName(table)
  return (FIELDS[name] ?? ['content']).map((column) => sql`${sql.identifier(name)}.${sql.identifier(column)}`)
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  archon_crawled_pages: ['content'],
  archon_code_examples: ['content', 'summary'],
}
