import type { Bound, CompareOp, JsonFragments, JsonScalar, PathSegment } from '@archon-db/core/dialect'
import { sql } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'
import { match } from './text.ts'

/** JSON in SQLite: text, looked into by the json1 functions. Paths are literals, so that expression indexes serve. */

type Path = readonly PathSegment[]

/** The types json_type() gives for each scalar. */
const TYPES: Record<JsonScalar, string> = {
  string: "('text')",
  number: "('integer', 'real')",
  boolean: "('true', 'false')",
}
const OPERATORS: Record<CompareOp, string> = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' }

export const json: JsonFragments = {
  get: (expr, path) => sql`(${expr} -> ${pathLiteral(path)})`,
  text: (expr, path) => {
    const type = typeAt(expr, path)
    return sql`(case when ${type} in ('true', 'false') then ${type} else cast(${expr} ->> ${pathLiteral(path)} as text) end)`
  },
  exists: (expr, path) => sql`(${typeAt(expr, path)} is not null)`,
  isNull: (expr, path) => sql`(coalesce(${typeAt(expr, path)}, 'null') = 'null')`,
  compare,
  inList: (expr, path, list, scalar) =>
    sql`(${valueAt(expr, path)} in (select value from json_each(${list})) and ${isType(expr, path, scalar)})`,
  match: (expr, path, op, pattern) =>
    sql`(case when ${typeAt(expr, path)} = 'text' then ${match(valueAt(expr, path), op, pattern)} end)`,
  contains: (expr, path, _value, document, leaves) => {
    const next = leaves.values()
    const place = { type: typeAt(expr, path), value: valueAt(expr, path), document: expr, path }
    const inner = isScalar(document)
      ? scalarAtTop(place, document, next.next().value as Bound)
      : all(containment(place, document, next, 0))
    return sql`(case when ${typeAt(expr, path)} is not null then coalesce(${inner}, 0) end)`
  },
}

/** Equality leaves the value bare so that an index on it is used; order holds between values of one type only. */
function compare(expr: SQL, path: Path, op: CompareOp, value: Bound, scalar: JsonScalar): SQL {
  if (op === 'ne') return sql`(not ${compare(expr, path, 'eq', value, scalar)})`
  if (op === 'eq') return sql`(${valueAt(expr, path)} = ${value} and ${isType(expr, path, scalar)})`
  return sql`(case when ${typeAt(expr, path)} in ${sql.raw(TYPES[scalar])} then ${valueAt(expr, path)} ${sql.raw(OPERATORS[op])} ${value} end)`
}

/** Unknown where the value is missing or JSON null. */
function isType(expr: SQL, path: Path, scalar: JsonScalar): SQL {
  return sql`nullif(${typeAt(expr, path)}, 'null') in ${sql.raw(TYPES[scalar])}`
}

function typeAt(expr: SQL, path: Path): SQL {
  return sql`json_type(${expr}, ${pathLiteral(path)})`
}

function valueAt(expr: SQL, path: Path): SQL {
  return sql`json_extract(${expr}, ${pathLiteral(path)})`
}

/** `$."a"[0]`, safe as a literal: SQLite's strings know one escape only, the doubled quote. */
function pathLiteral(path: Path): SQL {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `."${escapeKey(step)}"`)).join('')
  return sql.raw(`'${`$${text}`.replaceAll("'", "''")}'`)
}

/** Keys are compared in their JSON spelling; a quotation mark would end the step, so it goes as its code. */
function escapeKey(key: string): string {
  return JSON.stringify(key).slice(1, -1).replaceAll('\\"', '\\u0022')
}

/** A place whose JSON is compared: by a path into a column, or an element of json_each. */
interface Place {
  readonly type: SQL
  readonly value: SQL
  readonly document: SQL
  readonly path: Path
}

/** `place @> wanted`, spelled out along wanted's structure: what must hold, all of it. */
function containment(place: Place, wanted: unknown, leaves: Iterator<Bound>, depth: number): SQL[] {
  if (isScalar(wanted)) return [sameScalar(place.type, place.value, wanted, leaves.next().value as Bound)]
  return Array.isArray(wanted)
    ? containsArray(place, wanted, leaves, depth)
    : containsObject(place, wanted as Record<string, unknown>, leaves, depth)
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

/** An array contains a lone scalar, too, but only as the whole document. */
function scalarAtTop(place: Place, wanted: unknown, leaf: Bound): SQL {
  const same = sameScalar(place.type, place.value, wanted, leaf)
  const element = sameScalar(sql.raw('top.type'), sql.raw('top.atom'), wanted, leaf)
  return sql`(${same} or (${place.type} = 'array' and exists (select 1 from json_each(${place.document}, ${pathLiteral(place.path)}) as top where ${element})))`
}

function sameScalar(type: SQL, value: SQL, wanted: unknown, leaf: Bound): SQL {
  if (wanted === null) return sql`${type} = 'null'`
  return sql`(${type} in ${sql.raw(TYPES[typeof wanted as JsonScalar])} and ${value} = ${leaf})`
}

function containsObject(place: Place, wanted: Record<string, unknown>, leaves: Iterator<Bound>, depth: number): SQL[] {
  const parts = Object.entries(wanted).flatMap(([key, item]) => {
    const path = [...place.path, key]
    const inner = {
      type: typeAt(place.document, path),
      value: valueAt(place.document, path),
      document: place.document,
      path,
    }
    return containment(inner, item, leaves, depth)
  })
  return [sql`${place.type} = 'object'`, ...parts]
}

function containsArray(place: Place, wanted: readonly unknown[], leaves: Iterator<Bound>, depth: number): SQL[] {
  const alias = `e${depth}`
  const parts = wanted.map((item) => {
    const element = {
      type: sql.raw(`${alias}.type`),
      value: sql.raw(`${alias}.value`),
      document: sql.raw(`${alias}.value`),
      path: [],
    }
    const inner = all(containment(element, item, leaves, depth + 1))
    return sql`exists (select 1 from json_each(${place.document}, ${pathLiteral(place.path)}) as ${sql.identifier(alias)} where ${inner})`
  })
  return [sql`${place.type} = 'array'`, ...parts]
}

const TERMS_IN_A_ROW = 100

/** All of these, in brackets where there are many: SQLite takes a thousand terms in a row. */
function all(terms: readonly SQL[]): SQL {
  if (terms.length <= TERMS_IN_A_ROW) return sql.join([...terms], sql` and `)
  const groups: SQL[] = []
  for (let start = 0; start < terms.length; start += TERMS_IN_A_ROW)
    groups.push(sql`(${sql.join(terms.slice(start, start + TERMS_IN_A_ROW), sql` and `)})`)
  return all(groups)
}

/** The keys of the bound document over the stored ones, each value as it is spelled where it comes from. */
export function jsonMerge(expr: SQL, document: Bound): SQL {
  const stored = sql`case when json_type(${expr}) = 'object' then ${expr} else '{}' end`
  return sql`(select json_group_object(key, json(value)) from (
    select key, ${spelled(sql`source.document`)} as value from (select ${stored} as document) as source, json_each(source.document)
      where key not in (select key from json_each(${document}))
    union all select key, ${spelled(sql`source.document`)} as value from (select ${document} as document) as source, json_each(source.document)))`
}

/** A member of json_each as JSON text. Numbers are copied: printing them would cost them their last digits. */
function spelled(document: SQL): SQL {
  const key = "'$.\"' || replace(substr(json_quote(key), 2, length(json_quote(key)) - 2), '\\\"', '\\u0022') || '\"'"
  return sql`case when type in ('integer', 'real') then ${document} -> (${sql.raw(key)})
      when type in ('true', 'false') then type when type in ('object', 'array') then value else json_quote(value) end`
}
