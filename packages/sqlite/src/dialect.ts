import type { Bound, Codecs, ColumnInfo, Dialect, Fragments, MatchOp, OrderTerm } from '@archon-db/core/dialect'
import { getTableName, jsonNull, renderer, sql } from '@archon-db/core/dialect'
import type { SQL, Table } from 'drizzle-orm'
import { collections } from './collections.ts'
import { decodeVector, encodeVector, NOW } from './columns.ts'
import { toDbError } from './errors.ts'
import { json, jsonMerge } from './json.ts'
import { migrations } from './migrations.ts'
import { schema } from './schema.ts'
import { tables } from './tables.ts'
import { candidates, match, toGlob } from './text.ts'

const codecs: Codecs = {
  encode: encoderOf,
  decode: decoderOf,
  encodeList(column, asJson) {
    const encode = asJson ? null : encoderOf(column)
    return (values) => `[${(values as unknown[]).map((value) => literal(encode ? encode(value) : value)).join()}]`
  },
  encodePattern: patternEncoder,
}

function encoderOf(column: ColumnInfo): ((value: unknown) => unknown) | null {
  switch (column.kind) {
    case 'boolean':
      return (value) => (value ? 1 : 0)
    case 'timestamp':
      return (value) => (value as Date).getTime()
    case 'json':
      return (value) => JSON.stringify(value)
    case 'vector':
      return (value) => encodeVector(value as Float32Array)
    default:
      return null
  }
}

function decoderOf(column: ColumnInfo): ((value: unknown) => unknown) | null {
  switch (column.kind) {
    case 'boolean':
      return (value) => value === 1
    case 'timestamp':
      return (value) => new Date(value as number)
    case 'json':
      return (value) => JSON.parse(value as string) ?? jsonNull
    case 'vector':
      return (value) => decodeVector(value as Uint8Array)
    default:
      return null
  }
}

/** A number as json_each reads it; big ones keep all their digits. */
function literal(value: unknown): string {
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}

function patternEncoder(op: MatchOp): ((value: unknown) => unknown) | null {
  if (op !== 'like' && op !== 'ilike') return null
  return (value) => toGlob(value as string, op === 'ilike')
}

const fragments: Fragments = {
  comparable: (expr, column) => (column.kind === 'enum' ? enumRank(expr, column) : expr),
  equatable,
  fetch: (expr) => expr,
  store: (value) => value,
  operand: (value) => value,
  inList: (expr, list) => sql`(${expr} in (select value from json_each(${list})))`,
  match,
  distinct: (expr, value) => sql`(${expr} is not ${value})`,
  orderBy,
  limit(limit, offset) {
    if (limit === null && offset === null) return sql.empty()
    // SQLite has no offset without a limit; -1 is none.
    return offset === null ? sql` limit ${limit}` : sql` limit ${limit ?? sql.raw('-1')} offset ${offset}`
  },
  // Writers queue anyway: whoever may lock rows holds the only write lock.
  lock: sql.empty(),
  json,
  increment,
  jsonMerge: (expr, document) => jsonMerge(expr, document),
  onConflict,
  touch: (updatedAt) => sql`max(${sql.raw(NOW)}, coalesce(${updatedAt}, 0) + 1)`,
  aggregate,
  text: { candidates },
  collections,
}

/** Enums order by declaration. */
function enumRank(expr: SQL, column: ColumnInfo): SQL {
  const cases = (column.values ?? []).map((value, rank) => sql.raw(` when '${value}' then ${rank}`))
  return sql`(case ${expr}${sql.join(cases)} end)`
}

/** A sign keeps an index on yes and no out of it: SQLite, which has counted nothing, takes it for as good as any other. */
function equatable(expr: SQL, { kind }: ColumnInfo): SQL {
  return kind === 'boolean' ? sql`+${expr}` : expr
}

/** SQLite's own null order is first when ascending; only what differs is said, as saying it can cost the index. */
function orderBy(expr: SQL, { field, direction, nulls }: OrderTerm): SQL {
  const natural = direction === 'asc' ? 'first' : 'last'
  const said = field.column.nullable || field.alias !== undefined
  return sql`${expr} ${sql.raw(direction)}${sql.raw(said && nulls !== natural ? ` nulls ${nulls}` : '')}`
}

/** SQLite's integers have 64 bits, and turn into approximations beyond; abs() of the least one is its way to fail. */
function increment(expr: SQL, value: Bound, { kind }: ColumnInfo): SQL {
  const sum = sql`${expr} + ${value}`
  if (kind === 'double') return sum
  const fits = kind === 'integer' ? sql`${sum} between -2147483648 and 2147483647` : sql`typeof(${sum}) = 'integer'`
  return sql`(case when ${expr} is null or ${fits} then ${sum} else abs(-9223372036854775807 - 1 - 0 * ${expr}) end)`
}

function onConflict(_table: Table, conflict: readonly SQL[], update: readonly SQL[], touch: SQL | null): SQL {
  const target = sql.join([...conflict], sql`, `)
  const set = update.map((column) => sql`${column} = excluded.${column}`)
  if (touch) set.push(touch)
  return set.length === 0
    ? sql` on conflict (${target}) do nothing`
    : sql` on conflict (${target}) do update set ${sql.join(set, sql`, `)}`
}

function aggregate(name: string, expr: SQL | null): SQL {
  if (name === 'countOver') return sql`count(*) over ()`
  if (name === 'countDistinct') return sql`count(distinct ${expr})`
  return sql`${sql.raw(name)}(${expr ?? sql.raw('*')})`
}

const render = renderer('"', () => '?')

export const dialect: Dialect = {
  name: 'sqlite',
  traits: {
    maxParameters: 32_766,
    insertBatch: 500,
    transactionalDdl: true,
    concurrentReads: true,
    concurrentWrites: false,
    alwaysSerializable: true,
    vectorSearch: false,
    shareable: true,
  },
  schema,
  introspect: async (session) => (await import('./introspect.ts')).introspect(session),
  tables: new Map(Object.values(tables).map((table) => [getTableName(table), table])),
  migrations,
  codecs,
  fragments,
  render,
  toDbError,
}
