import type { Bound, CompareOp, JsonFragments, JsonScalar, PathSegment } from '@archon-db/core/dialect'
import { sql } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'
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

/** The JSON at a path below some JSON. */
type ValueAt = (expr: SQL, path: Path) => SQL

export function jsonFragments(flavour: Flavour, match: Match): JsonFragments {
  const valueAt = flavour.missesMinus ? valueAtAnyKey : valueAtPath
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
      const items = (item: SQL): SQL => operand(item, scalar)
      return typed(value, scalar, inList(plain(value, scalar), list, LIST_TYPES[scalar], items))
    },
    match: (expr, path, op, pattern) => {
      const value = valueAt(expr, path)
      return sql`(case when json_type(${value}) = 'STRING' then ${match(sql`json_unquote(${value})`, op, pattern)} end)`
    },
    contains: (expr, path, _value, document, leaves) => {
      const value = valueAt(expr, path)
      const inner = containment({ value, valueAt, depth: 0 }, document, leaves.values(), true)
      return sql`(case when json_type(${value}) is not null then coalesce(${inner}, 0) end)`
    },
  }
}

/** Both functions would take a lone value for an array of it, so every index asks first. */
function valueAtPath(expr: SQL, path: Path): SQL {
  const value = sql`json_extract(${expr}, ${pathLiteral(path)})`
  const arrays = path.flatMap((step, i) => (typeof step === 'number' ? [path.slice(0, i)] : []))
  if (arrays.length === 0) return value
  const conditions = arrays.map((array) => sql`json_type(json_extract(${expr}, ${pathLiteral(array)})) = 'ARRAY'`)
  return sql`(case when ${sql.join(conditions, sql` and `)} then ${value} end)`
}

/** A key that no path leads to is looked for among the keys: its value stands at the same place among the values. */
function valueAtAnyKey(expr: SQL, path: Path): SQL {
  const at = path.findIndex((step) => typeof step === 'string' && step.startsWith('-'))
  if (at < 0) return valueAtPath(expr, path)
  const object = valueAtPath(expr, path.slice(0, at))
  const key = (path[at] as string).replace(/[%_\\]/g, '\\$&')
  const place = sql`json_unquote(json_search(json_keys(${object}), 'one', ${key}))`
  return valueAtAnyKey(sql`json_extract(json_extract(${object}, '$.*'), ${place})`, path.slice(at + 1))
}

/** `'$."a"[0]'`, safe as a literal. What marks a list in a statement must not come from a key: `\\*` is a star, too. */
function pathLiteral(path: Path): SQL {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`)).join('')
  const safe = `$${text}`.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('/*', '/\\*')
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

/** Some JSON that is compared with a document. */
interface Place {
  readonly value: SQL
  readonly valueAt: ValueAt
  /** How many arrays were gone into; names their elements. */
  readonly depth: number
}

/** `value @> wanted`, spelled out along wanted's structure; the engine's own JSON_CONTAINS looks deeper into arrays. */
function containment(place: Place, wanted: unknown, leaves: Iterator<Bound>, top: boolean): SQL {
  if (Array.isArray(wanted)) return containsArray(place, wanted, leaves)
  if (typeof wanted === 'object' && wanted !== null) {
    return containsObject(place, wanted as Record<string, unknown>, leaves)
  }
  const leaf = leaves.next().value as Bound
  const same = sameScalar(place.value, wanted, leaf)
  if (!top) return same
  const { from, element } = elementsOf(place)
  const inArray = holdsForSome(from, sameScalar(element, wanted, leaf))
  return sql`(${same} or (json_type(${place.value}) = 'ARRAY' and ${inArray}))`
}

function sameScalar(value: SQL, wanted: unknown, leaf: Bound): SQL {
  if (wanted === null) return sql`(json_type(${value}) = 'NULL')`
  return compare(value, 'eq', leaf, typeof wanted as JsonScalar)
}

function containsObject(place: Place, wanted: Record<string, unknown>, leaves: Iterator<Bound>): SQL {
  const parts = Object.entries(wanted).map(([key, item]) => {
    return containment({ ...place, value: place.valueAt(place.value, [key]) }, item, leaves, false)
  })
  return sql`(${sql.join([sql`json_type(${place.value}) = 'OBJECT'`, ...parts], sql` and `)})`
}

function containsArray(place: Place, wanted: readonly unknown[], leaves: Iterator<Bound>): SQL {
  const { from, element } = elementsOf(place)
  const parts = wanted.map((item) => {
    const inner = containment({ ...place, value: element, depth: place.depth + 1 }, item, leaves, false)
    return holdsForSome(from, inner)
  })
  return sql`(${sql.join([sql`json_type(${place.value}) = 'ARRAY'`, ...parts], sql` and `)})`
}

/** Not by EXISTS: MySQL makes a join of several, and forgets to look into the array of the next row. */
function holdsForSome(from: SQL, condition: SQL): SQL {
  return sql`(select coalesce(max(${condition}), 0) from ${from})`
}

/** The elements of an array as rows. MySQL gives JSON null as SQL's null, and no element is missing. */
function elementsOf({ value, depth }: Place): { from: SQL; element: SQL } {
  const alias = `e${depth}`
  return {
    from: sql`json_table(${value}, '$[*]' columns (v json path '$')) as ${sql.raw(alias)}`,
    element: sql.raw(`coalesce(${alias}.v, 'null')`),
  }
}

/**
 * The keys of the bound document over the stored ones, one level deep: the stored document without those keys, and the
 * new ones. What a server cannot look into (MariaDB: more than 32 levels) is refused, as the empty text is no JSON.
 */
export function jsonMerge(flavour: Flavour, expr: SQL, document: Bound): SQL {
  const keys = sql`json_table(json_keys(${document}), '$[*]' columns (k longtext path '$')) as given`
  const removal = sql`(select coalesce(json_objectagg(k, null), '{}') from ${keys})`
  const over = (stored: SQL): SQL => sql`json_merge_preserve(json_merge_patch(${stored}, ${removal}), ${document})`
  const stored = sql`coalesce(${expr}, '{}')`
  const merged = flavour.patchesByOrder ? belowMark(stored, over) : over(stored)
  return sql`coalesce(${merged}, '')`
}

/** The work is done with a key before all others, one that no document has: U+0000 is refused everywhere. */
function belowMark(stored: SQL, work: (marked: SQL) => SQL): SQL {
  const mark = (value: string): SQL => sql.raw(`'{"\\\\u0000": ${value}}'`)
  return sql`json_merge_patch(${work(sql`json_merge_preserve(${mark('0')}, ${stored})`)}, ${mark('null')})`
}
