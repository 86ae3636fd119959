import type {
  Codecs,
  ColumnInfo,
  Dialect,
  Fragments,
  OrderTerm,
  TableInfo,
  VectorFragments,
} from '@archon-db/core/dialect'
import { getTableName, renderer, sql } from '@archon-db/core/dialect'
import type { SQL, Table } from 'drizzle-orm'
import { collectionFragments } from './collections.ts'
import { decodeVector, decodeVectorBytes, encodeVector } from './columns.ts'
import { toDbError } from './errors.ts'
import { json, jsonMerge } from './json.ts'
import { migrations } from './migrations.ts'
import { schema } from './schema.ts'
import { tables } from './tables.ts'
import { candidates, encodePattern, match } from './text.ts'
import { vectorLog } from './vector-log.ts'
import { arrayLiteral } from './wire.ts'

/** What differs between servers; asked at the start and again when migrations have run. */
export interface Server {
  /** pgvector's version, `[0, 8, 7]`; null where embeddings are stored as arrays. */
  readonly vector: readonly number[] | null
  /** What is set when a connection opens lasts until it closes. Not so behind a pooler that shares connections. */
  readonly sessions: boolean
  /** The function is there by which the planner learns what a look at a vector costs. */
  readonly weighs: boolean
}

/** For a server whose answers `current` holds. */
export function createDialect(current: () => Server): Dialect {
  const vector = vectorFragments(current)
  return {
    name: 'pg',
    traits: {
      maxParameters: 65_533,
      insertBatch: 1000,
      transactionalDdl: true,
      concurrentReads: true,
      concurrentWrites: true,
      alwaysSerializable: false,
      get vectorSearch() {
        return current().vector !== null
      },
      shareable: true,
    },
    schema,
    tables: new Map(Object.values(tables).map((table) => [getTableName(table), table])),
    migrations,
    introspect: async (session) => (await import('./introspect.ts')).introspect(session),
    codecs: createCodecs(current),
    fragments: {
      ...fragments,
      // As text a vector is twice as long and takes twenty times as long to read.
      fetch: (expr, column, distinct) =>
        column.kind === 'vector' && !distinct && current().vector
          ? sql`vector_send(${expr})`
          : fragments.fetch(expr, column, distinct),
      get vector() {
        return current().vector === null ? undefined : vector
      },
      get collections() {
        return collectionFragments(current().vector !== null, atLeast(current().vector, 7))
      },
    } as Fragments,
    render,
    toDbError,
  }
}

const render = renderer('"', (index) => `$${index + 1}`)

type Convert = ((value: unknown) => unknown) | null

/** Values travel as text, and the server knows their types; see wire.ts for the way back. */
function createCodecs(current: () => Server): Codecs {
  const encode = (column: ColumnInfo): Convert => encoderOf(column, current)
  return {
    encode,
    decode: (column) => (column.kind === 'vector' ? vectorOf : null),
    encodeList(column, asJson) {
      const convert = asJson ? JSON.stringify : (encode(column) ?? String)
      return (values) => arrayLiteral((values as unknown[]).map((value) => String(convert(value))))
    },
    encodePattern,
  }
}

function encoderOf(column: ColumnInfo, current: () => Server): Convert {
  switch (column.kind) {
    case 'bigint':
    case 'boolean':
      return String
    case 'timestamp':
      return (value) => (value as Date).toISOString()
    case 'json':
      return (value) => JSON.stringify(value)
    case 'vector':
      return (value) =>
        current().vector ? encodeVector(value as Float32Array) : `{${(value as Float32Array).join(',')}}`
    default:
      return null
  }
}

function vectorOf(value: unknown): unknown {
  if (typeof value === 'string') return decodeVector(value)
  return value instanceof Uint8Array ? decodeVectorBytes(value) : value
}

const fragments: Omit<Fragments, 'vector'> = {
  comparable,
  equatable,
  fetch: (expr, column, distinct) => (distinct ? comparable(expr, column) : expr),
  store: (value) => value,
  operand: (value) => value,
  inList: (expr, list, column) => sql`(${equatable(expr, column)} = any(${list}))`,
  match,
  numberPast,
  distinct: (expr, value) => sql`(${expr} is distinct from ${value})`,
  orderBy,
  limit: (limit, offset) =>
    sql`${limit === null ? sql.empty() : sql` limit ${limit}`}${offset === null ? sql.empty() : sql` offset ${offset}`}`,
  lock: sql` for update`,
  json,
  jsonMerge: (expr, document) => jsonMerge(expr, document),
  onConflict,
  wasInserted: sql`(xmax = 0)`,
  aggregate,
  text: { candidates },
  vectorLog,
}

/** Databases that were made by others may hold microseconds. Where the column's own type says milliseconds, this is nothing. */
function milliseconds(expr: SQL): SQL {
  return sql`${expr}::timestamptz(3)`
}

function comparable(expr: SQL, column: ColumnInfo): SQL {
  if (column.kind === 'text') return sql`${expr} collate "C"`
  return equatable(expr, column)
}

function equatable(expr: SQL, column: ColumnInfo): SQL {
  return column.kind === 'timestamp' ? milliseconds(expr) : expr
}

/** Only what differs from PostgreSQL's own null order is said, as saying it can cost the index. */
function orderBy(expr: SQL, { field, direction, nulls }: OrderTerm): SQL {
  const natural = direction === 'asc' ? 'last' : 'first'
  const said = field.column.nullable || field.alias !== undefined
  return sql`${expr} ${sql.raw(direction)}${sql.raw(said && nulls !== natural ? ` nulls ${nulls}` : '')}`
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

/** How hard the index looks by default: enough for 0.98 of the true neighbours among 10,000 embeddings. */
const EFFORT = 100
/** pgvector's own upper limit. */
const MOST_EFFORT = 1000
/** The longest vector that an index holds in full precision. */
const FULL_PRECISION = 2000

/**
 * What every search wants set. An iterative scan goes on until a filter has let enough rows through; lists are those of
 * indexes that were built by others, on empty tables, and find little unless all are looked at.
 */
export const SEARCH_SETTINGS: Readonly<Record<string, string>> = {
  'hnsw.ef_search': String(EFFORT),
  'hnsw.iterative_scan': 'strict_order',
  'hnsw.max_scan_tuples': '2147483647',
  'hnsw.scan_mem_multiplier': '1000',
  'ivfflat.probes': '32768',
}

function vectorFragments(current: () => Server): VectorFragments {
  return {
    similarity: (expr, _column, query) => sql`(1 - (${expr} <=> ${query}))`,
    hasDirection: (expr, alone) =>
      alone && current().weighs ? sql`archon_weighed(vector_norm(${expr}) > 0)` : sql`vector_norm(${expr}) > 0`,
    distance(expr, { dimension = 0 }, query) {
      if (dimension <= FULL_PRECISION || !atLeast(current().vector, 7)) return sql`${expr} <=> ${query}`
      const half = sql.raw(`halfvec(${dimension})`)
      return sql`${expr}::${half} <=> ${query}::${half}`
    },
    prepare: (options) => preparation(current(), options),
  }
}

/** Settings for the transaction at hand, in one statement. Without iterative scans only a full comparison finds enough. */
function preparation(
  { vector, sessions }: Server,
  { exact, effort, alone }: Parameters<VectorFragments['prepare']>[0],
): SQL[] {
  if (exact || !atLeast(vector, 8)) return [settings({ enable_indexscan: 'off' })]
  const own =
    effort === undefined ? {} : { 'hnsw.ef_search': String(Math.min(Math.max(Math.round(effort), 1), MOST_EFFORT)) }
  // A planner without statistics takes a new table for a small one, and would rather read all of it.
  const byIndex = alone ? { enable_seqscan: 'off' } : {}
  const wanted = { ...(sessions ? {} : SEARCH_SETTINGS), ...own, ...byIndex }
  return Object.keys(wanted).length === 0 ? [] : [settings(wanted)]
}

function settings(values: Readonly<Record<string, string>>): SQL {
  const calls = Object.entries(values).map(([name, value]) => sql.raw(`set_config('${name}', '${value}', true)`))
  return sql`select ${sql.join(calls, sql`, `)}`
}

export function atLeast(version: readonly number[] | null, minor: number): boolean {
  const [major = 0, second = 0] = version ?? []
  return major > 0 || second >= minor
}

/** Further than callers move it one by one; beyond that nobody can have come across meanwhile. */
const STEPS = 10_000

/** Counting up is safe while others count, setting a sequence is not. */
function numberPast(table: TableInfo, column: ColumnInfo, highest: bigint): SQL {
  const behind = sql`
    select sequence, highest, highest - coalesce(pg_sequence_last_value(sequence), 0) as steps
    from (
      select pg_get_serial_sequence(quote_ident(${table.name}), ${column.name})::regclass as sequence,
             ${highest}::bigint as highest
    ) as own`
  return sql`
    select case
      when steps > ${sql.raw(`${STEPS}`)} then setval(sequence, highest)
      else (select nextval(sequence) as number from generate_series(1, steps) order by number desc limit 1)
    end
    from (${behind}) as behind`
}
