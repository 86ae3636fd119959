import {
  caseVariants,
  getTableName,
  type MatchOp,
  type PatternToken,
  parsePattern,
  sql,
  type TextTerm,
} from '@archon-db/core/dialect'
import type { SQL, Table } from 'drizzle-orm'
import type { Flavour } from './flavour.ts'

/** Says `expr` matches a pattern that `encodePattern` made. */
export type Match = (expr: SQL, op: MatchOp, pattern: SQL) => SQL

/**
 * LIKE does all the work. For `ilike` both sides are folded to one case, as far as the server's case mapping agrees with
 * core's; a pattern with other letters goes as a regular expression, which the server gives up on in very long texts.
 */
export function matcher(flavour: Flavour): Match {
  const fold = folder(flavour)
  return (expr, op, pattern) => {
    if (op !== 'ilike') return sql`(${expr} like ${pattern})`
    const form = sql`left(${pattern}, 1)`
    const rest = sql`substring(${pattern}, 2)`
    const like = sql`${fold(expr)} like ${fold(rest)}`
    return sql`(case when ${form} = ${sql.raw(`'${FOLDED}'`)} then ${like} else ${expr} regexp if(${form} = ${sql.raw(`'${REGEXP}'`)}, ${rest}, 'x') end)`
  }
}

const FOLDED = 'f'
const REGEXP = 'r'

/** Upper case of lower case: sigma has two lower-case forms. The dotted capital I has no lower case of its own in core. */
function folder({ folding }: Flavour): (expr: SQL) => SQL {
  const collation = sql.raw(folding)
  return (expr) => sql`(upper(lower(replace(${expr}, 'İ', '\\0') collate ${collation})) collate utf8mb4_bin)`
}

export function encodePattern(op: MatchOp, pattern: string): string {
  switch (op) {
    case 'like':
      return pattern
    case 'contains':
      return `%${literal(pattern)}%`
    case 'startsWith':
      return `${literal(pattern)}%`
    case 'endsWith':
      return `%${literal(pattern)}`
    default:
      return folds(pattern) ? FOLDED + pattern : REGEXP + toRegexp(parsePattern(pattern, true))
  }
}

function literal(text: string): string {
  return text.replace(/[%_\\]/g, '\\$&')
}

/**
 * Where letters are paired differently, or not yet, by a server's version of Unicode: additions to Latin and Cyrillic,
 * Georgian, and nearly all scripts that came with Unicode 7 and later.
 */
const OTHERWISE =
  /[\u019b\u023a-\u02af\u10a0-\u10ff\u13a0-\u13ff\u1c80-\u1cbf\u1d79-\u1d8f\u2c00-\u2d2f\ua640-\uabbf\u{10400}-\u{1efff}]/u

/** No server that is supported maps these: characters without case are the same everywhere. */
function folds(pattern: string): boolean {
  for (const char of pattern) if (OTHERWISE.test(char) && caseVariants(char).length > 1) return false
  return true
}

/** `50%ɐ` → `\A5050.*[ɐⱯ]…\z`; a run at either end needs nothing but a missing anchor. */
function toRegexp(tokens: readonly PatternToken[]): string {
  const start = tokens[0]?.type === 'run' ? '' : '\\A'
  const end = tokens.at(-1)?.type === 'run' ? '' : '\\z'
  const inner = tokens.slice(start === '' ? 1 : 0, end === '' && tokens.length > 1 ? -1 : undefined)
  return `(?s)${start}${inner.map(regexpToken).join('')}${end}`
}

function regexpToken(token: PatternToken): string {
  if (token.type === 'run') return '.*?'
  if (token.type === 'one') return '.'
  return `[${token.chars.map((char) => `\\x{${(char.codePointAt(0) as number).toString(16)}}`).join('')}]`
}

/** What the full-text indexes of one server hold. */
export interface WordIndex {
  /** Shorter words are not in it. */
  readonly shortest: number
  readonly longest: number
  /** Its stop words are not the usual ones. */
  readonly ownStopWords: boolean
}

/** InnoDB's own stop words, which it leaves out. */
const STOP_WORDS =
  'a about an are as at be by com de en for from how i in is it la of on or that the this to was what when where who will with und the www'.split(
    ' ',
  )
/** The longest word that core looks for. */
const LONGEST_WORD = 84

/** Full text where the index is sure to hold every such word; all else is looked for in the text itself. */
export function candidates(
  match: Match,
  index: WordIndex,
): (table: Table, terms: readonly TextTerm[], inTransaction: boolean) => SQL {
  return (table, terms, inTransaction) => {
    const indexed = terms.filter((term) => !inTransaction && isIndexed(term, index))
    const conditions = terms.filter((term) => !indexed.includes(term)).map((term) => holds(match, table, term))
    if (indexed.length > 0) {
      const query = indexed.map((term) => `+${term.prefix}*`).join(' ')
      conditions.push(
        sql`match (${sql.identifier(getTableName(table))}.content_words) against (${query} in boolean mode)`,
      )
    }
    return sql`(${sql.join(conditions, sql` and `)})`
  }
}

/** Only plain letters and digits: of others, the index has its own idea of where a word ends. */
function isIndexed({ prefix, substring }: TextTerm, { shortest, longest, ownStopWords }: WordIndex): boolean {
  if (substring || ownStopWords || prefix.length < shortest || longest < LONGEST_WORD) return false
  return /^[a-z0-9]+$/.test(prefix) && !STOP_WORDS.some((word) => word.startsWith(prefix))
}

function holds(match: Match, table: Table, { prefix }: TextTerm): SQL {
  const name = getTableName(table)
  const pattern = encodePattern('ilike', `%${literal(prefix)}%`)
  const fields = (FIELDS[name] ?? ['content']).map((field) =>
    match(sql`${sql.identifier(name)}.${sql.identifier(field)}`, 'ilike', sql`${pattern}`),
  )
  return sql`(${sql.join(fields, sql` or `)})`
}

/** What the content_words columns are made of; see tables.ts. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  archon_crawled_pages: ['content'],
  archon_code_examples: ['content', 'summary'],
}
