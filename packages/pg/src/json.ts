import type { Bound, CompareOp, JsonFragments, JsonScalar, MatchOp, PathSegment } from '@archon-db/core/dialect'
import { sql } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'
import { match } from './text.ts'

/** Looking into jsonb. Paths are literals, so that expression indexes serve. */

type Path = readonly PathSegment[]

const OPERATORS: Record<CompareOp, string> = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' }
/** What a bound scalar is in SQL. */
const TYPES: Record<JsonScalar, SQL> = {
  string: sql.raw('text'),
  number: sql.raw('numeric'),
  boolean: sql.raw('boolean'),
}

export const json: JsonFragments = {
  get: valueAt,
  text: (expr, path) => sql`(${textAt(expr, path)} collate "C")`,
  exists: (expr, path) => sql`(${valueAt(expr, path)} is not null)`,
  isNull: (expr, path) => sql`(coalesce(${valueAt(expr, path)}, 'null'::jsonb) = 'null'::jsonb)`,
  compare,
  inList: (expr, path, list) => sql`(${presentAt(expr, path)} = any(${list}::jsonb[]))`,
  match: (expr: SQL, path: Path, op: MatchOp, pattern: Bound) =>
    ofType(expr, path, 'string', match(textAt(expr, path), op, pattern)),
  // A value that is null itself would be bound as SQL's null.
  contains: (expr, path, value, document) =>
    sql`(${valueAt(expr, path)} @> ${document === null ? sql.raw("'null'") : value}::jsonb)`,
}

function compare(expr: SQL, path: Path, op: CompareOp, value: Bound, scalar: JsonScalar): SQL {
  if (op === 'eq' || op === 'ne') return same(expr, path, op, value, scalar)
  const operator = sql.raw(OPERATORS[op])
  const text = textAt(expr, path)
  if (scalar === 'string')
    return ofType(expr, path, scalar, sql`${text} collate "C" ${operator} ${value}::text collate "C"`)
  return ofType(expr, path, scalar, sql`(${text})::${TYPES[scalar]} ${operator} ${value}::${TYPES[scalar]}`)
}

/** Equality of strings is asked for as text too, which is what indexes on a path hold. */
function same(expr: SQL, path: Path, op: 'eq' | 'ne', value: Bound, scalar: JsonScalar): SQL {
  const equal = sql`${presentAt(expr, path)} ${sql.raw(OPERATORS[op])} to_jsonb(${value}::${TYPES[scalar]})`
  if (op === 'ne' || scalar !== 'string' || !isChain(path)) return sql`(${equal})`
  return sql`(${textAt(expr, path)} = ${value}::text and ${equal})`
}

/** Unknown where the value is of another type. */
function ofType(expr: SQL, path: Path, scalar: JsonScalar, condition: SQL): SQL {
  return sql`(case when jsonb_typeof(${valueAt(expr, path)}) = ${sql.raw(`'${scalar}'`)} then ${condition} end)`
}

/** Unknown where the value is missing or JSON null. */
function presentAt(expr: SQL, path: Path): SQL {
  return sql`nullif(${valueAt(expr, path)}, 'null'::jsonb)`
}

function valueAt(expr: SQL, path: Path): SQL {
  if (path.length === 0) return expr
  return isChain(path)
    ? sql`(${chain(expr, path, '->')})`
    : sql`jsonb_path_query_first(${expr}, ${pathLiteral(path)}, '{}', true)`
}

function textAt(expr: SQL, path: Path): SQL {
  return path.length > 0 && isChain(path) ? sql`(${chain(expr, path, '->>')})` : sql`(${valueAt(expr, path)} #>> '{}')`
}

/** Keys alone. An index must not use `->`: that takes a lone scalar for an array of one. */
function isChain(path: Path): boolean {
  return path.every((step) => typeof step === 'string')
}

function chain(expr: SQL, path: Path, last: string): SQL {
  const steps = path.map((step, i) => sql.raw(` ${i === path.length - 1 ? last : '->'} ${literal(String(step))}`))
  return sql.join([expr, ...steps])
}

/** In strict mode keys are found in objects only, and numbers in arrays only. */
function pathLiteral(path: Path): SQL {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`))
  return sql.raw(literal(`strict $${steps.join('')}`))
}

/** Safe whatever standard_conforming_strings says. */
function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/** The keys of the bound document over the stored ones. */
export function jsonMerge(expr: SQL, document: Bound): SQL {
  return sql`(case when jsonb_typeof(${expr}) = 'object' then ${expr} else '{}'::jsonb end || ${document}::jsonb)`
}
