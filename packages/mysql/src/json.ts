import type { Bound, CompareOp, JsonFragments, JsonScalar, PathSegment } from '@archon-db/core/dialect'
import { type SQL, sql } from 'drizzle-orm/sql/sql'
import type { Flavour } from './flavour.ts'
import { inList } from './lists.ts'
import type { Match } from './text.ts'

/** JSON by the functions that MySQL and MariaDB share. A path stands in the statement as it is, part of its shape. */

type Path = readonly PathSegment[]

/** What JSON_TYPE gives for each scalar. */
const TYPES: Record<JsonScalar, string> = {
  string: "('STRING')",
  number: "('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')",
  boolean: "('BOOLEAN')",
}
const OPERATORS: Record<CompareOp, string> = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' }
const LIST_TYPES: Record<JsonScalar, string> = { string: 'longtext', number: 'double', boolean: 'int' }

export function jsonFragments(flavour: Flavour, match: Match): JsonFragments {
  return {
    get: valueAt,
    text: (expr, path) => {
      const value = valueAt(expr, path)
      const text = sql`json_unquote(${value}) collate ${sql.raw(flavour.collation)}`
      return sql`(case when json_type(${value}) <> 'NULL' then ${text} end)`
    },
    exists: (expr, path) => sql`(json_type(${valueAt(expr, path)}) is not null)`,
    isNull: (expr, path) => sql`(coalesce(json_type(${valueAt(expr, path)}), 'NULL') = 'NULL')`,
    compare: (expr, path, op, value, scalar) => compare(valueAt(expr, path), op, value, scalar),
    inList: (expr, path, list, scalar) => {
      const value = valueAt(expr, path)
      return typed(
        value,
        scalar,
        inList(plain(value, scalar), list, LIST_TYPES[scalar], (item) => operand(item, scalar)),
      )
    },
    match: (expr, path, op, pattern) => {
      const value = valueAt(expr, path)
      return sql`(case when json_type(${value}) = 'STRING' then ${match(sql`json_unquote(${value})`, op, pattern)} end)`
    },
    contains: (expr, path, _value, document, leaves) => {
      const value = valueAt(expr, path)
      const inner = containment(value, document, leaves.values(), 0)
      return sql`(case when json_type(${value}) is not null then coalesce(${inner}, 0) end)`
    },
  }
}

/** Both functions would take a lone value for an array of it, so every index asks first. */
function valueAt(expr: SQL, path: Path): SQL {
  const value = sql`json_extract(${expr}, ${pathLiteral(path)})`
  const arrays = path.flatMap((step, i) => (typeof step === 'number' ? [path.slice(0, i)] : []))
  if (arrays.length === 0) return value
  const conditions = arrays.map((array) => sql`json_type(json_extract(${expr}, ${pathLiteral(array)})) = 'ARRAY'`)
  return sql`(case when ${sql.join(conditions, sql` and `)} then ${value} end)`
}

/** `'$."a"[0]'`, safe as a literal. What marks a list in a statement must not come from a key. */
function pathLiteral(path: Path): SQL {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`)).join('')
  const safe = `$${text}`.replaceAll('/*', '/\\u002a').replaceAll('\\', '\\\\').replaceAll("'", "''")
  return sql.raw(`'${safe}'`)
}

/** A scalar as it is compared: text by code point, as bytes are. */
function plain(value: SQL, scalar: JsonScalar): SQL {
  if (scalar === 'string') return sql`cast(json_unquote(${value}) as binary)`
  return scalar === 'number' ? sql`(${value} + 0e0)` : sql`(json_unquote(${value}) = 'true')`
}

function operand(value: Bound, scalar: JsonScalar): SQL {
  return scalar === 'string' ? sql`cast(${value} as binary)` : value
}

/** The condition on values of the type; false on others, and unknown where the value is missing or JSON null. */
function typed(value: SQL, scalar: JsonScalar, condition: SQL): SQL {
  return sql`(case when json_type(${value}) in ${sql.raw(TYPES[scalar])} then ${condition} when json_type(${value}) <> 'NULL' then 0 end)`
}

/** Order holds between values of one type only. */
function compare(value: SQL, op: CompareOp, bound: Bound, scalar: JsonScalar): SQL {
  if (op === 'ne') return sql`(not ${compare(value, 'eq', bound, scalar)})`
  const condition = sql`${plain(value, scalar)} ${sql.raw(OPERATORS[op])} ${operand(bound, scalar)}`
  if (op === 'eq') return typed(value, scalar, condition)
  return sql`(case when json_type(${value}) in ${sql.raw(TYPES[scalar])} then ${condition} end)`
}

/** `value @> wanted`, spelled out along wanted's structure; the engine's own JSON_CONTAINS looks deeper into arrays. */
function containment(value: SQL, wanted: unknown, leaves: Iterator<Bound>, depth: number, top = true): SQL {
  if (Array.isArray(wanted)) return containsArray(value, wanted, leaves, depth)
  if (typeof wanted === 'object' && wanted !== null) {
    return containsObject(value, wanted as Record<string, unknown>, leaves, depth)
  }
  const leaf = leaves.next().value as Bound
  const same = sameScalar(value, wanted, leaf)
  if (!top) return same
  const element = sameScalar(sql.raw('top.v'), wanted, leaf)
  return sql`(${same} or (json_type(${value}) = 'ARRAY' and exists (select 1 from ${elements(value, 'top')} where ${element})))`
}

function sameScalar(value: SQL, wanted: unknown, leaf: Bound): SQL {
  if (wanted === null) return sql`(json_type(${value}) = 'NULL')`
  return compare(value, 'eq', leaf, typeof wanted as JsonScalar)
}

function containsObject(value: SQL, wanted: Record<string, unknown>, leaves: Iterator<Bound>, depth: number): SQL {
  const parts = Object.entries(wanted).map(([key, item]) => {
    return containment(valueAt(value, [key]), item, leaves, depth, false)
  })
  return sql`(${sql.join([sql`json_type(${value}) = 'OBJECT'`, ...parts], sql` and `)})`
}

function containsArray(value: SQL, wanted: readonly unknown[], leaves: Iterator<Bound>, depth: number): SQL {
  const alias = `e${depth}`
  const parts = wanted.map((item) => {
    const inner = containment(sql.raw(`${alias}.v`), item, leaves, depth + 1, false)
    return sql`exists (select 1 from ${elements(value, alias)} where ${inner})`
  })
  return sql`(${sql.join([sql`json_type(${value}) = 'ARRAY'`, ...parts], sql` and `)})`
}

function elements(value: SQL, alias: string): SQL {
  return sql`json_table(${value}, '$[*]' columns (v json path '$')) as ${sql.raw(alias)}`
}

/**
 * The keys of the bound document over the stored ones, one level deep: the stored document without those keys, and the
 * new ones. What a server cannot look into (MariaDB: more than 32 levels) is refused, as the empty text is no JSON.
 */
export function jsonMerge(expr: SQL, document: Bound): SQL {
  const keys = sql`json_table(json_keys(${document}), '$[*]' columns (k longtext path '$')) as given`
  const removal = sql`(select coalesce(json_objectagg(k, null), '{}') from ${keys})`
  return sql`coalesce(json_merge_preserve(json_merge_patch(coalesce(${expr}, '{}'), ${removal}), ${document}), '')`
}
