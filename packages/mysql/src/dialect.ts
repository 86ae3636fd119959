import type { ColumnInfo, Dialect, Fragments, OrderTerm } from '@archon-db/core/dialect'
import { getTableName, renderer, sql } from '@archon-db/core/dialect'
import type { SQL, Table } from 'drizzle-orm'
import { collectionFragments } from './collections.ts'
import { isAlreadyDone, toDbError } from './errors.ts'
import { type Flavour, MYSQL } from './flavour.ts'
import { jsonFragments, jsonMerge } from './json.ts'
import { inList } from './lists.ts'
import { migrations } from './migrations.ts'
import { returning } from './returning.ts'
import { schema } from './schema.ts'
import { tables } from './tables.ts'
import { candidates, matcher, type WordIndex } from './text.ts'
import { codecs } from './values.ts'

/** What differs between servers; asked when a connection opens. */
export interface Server {
  readonly flavour: Flavour
  readonly words: WordIndex
  /** Bytes that one statement or row may have. */
  readonly maxPacket: number
  /** From one number that the server gives out to the next: more than one in some clusters. */
  readonly idStep: number
}

export function createDialect(server: Server): Dialect {
  return {
    name: server.flavour.product.toLowerCase(),
    traits: {
      maxParameters: 65_535,
      insertBatch: 1000,
      maxStatementBytes: server.maxPacket,
      transactionalDdl: false,
      concurrentReads: true,
      concurrentWrites: true,
      alwaysSerializable: false,
      vectorSearch: false,
      shareable: true,
    },
    schema,
    tables: new Map(Object.values(tables).map((table) => [getTableName(table), table])),
    migrations,
    introspect: async (session) => (await import('./introspect.ts')).introspect(session),
    codecs,
    fragments: createFragments(server),
    render,
    toDbError,
    alreadyDone: isAlreadyDone,
    returning: returning(server.idStep),
  }
}

const render = renderer('`', () => '?')

function createFragments({ flavour, words }: Server): Fragments {
  const match = matcher(flavour)
  return {
    comparable: (expr, column) => (column.kind === 'enum' ? enumRank(expr, column) : expr),
    fetch: (expr) => expr,
    store: (value) => value,
    operand,
    inList: (expr, list, column) => inList(expr, list, listType(column, flavour), (item) => operand(item, column)),
    match,
    distinct: (expr, value) => sql`(not (${expr} <=> ${value}))`,
    orderBy,
    limit(limit, offset) {
      if (limit === null && offset === null) return sql.empty()
      return offset === null ? sql` limit ${limit}` : sql` limit ${limit ?? NO_LIMIT} offset ${offset}`
    },
    lock: sql` for update`,
    json: jsonFragments(flavour, match),
    jsonMerge: (expr, document) => jsonMerge(flavour, expr, document),
    onConflict,
    aggregate,
    text: { candidates: candidates(match, words) },
    collections: collectionFragments(flavour),
  }
}

/** There is no offset without a limit; this is more than any table holds. */
const NO_LIMIT = sql.raw('18446744073709551615')

/** A parameter is a double or a text to the server, and would be compared as one. */
function operand(value: SQL, column: ColumnInfo): SQL {
  return column.kind === 'bigint' ? sql`cast(${value} as signed)` : value
}

/** Enums order by declaration; FIELD counts from 1 and has 0 for null. */
function enumRank(expr: SQL, column: ColumnInfo): SQL {
  const values = (column.values ?? []).map((value) => `'${value}'`).join(', ')
  return sql`nullif(field(${expr}, ${sql.raw(values)}), 0)`
}

function listType({ kind, maxLength }: ColumnInfo, { collation }: Flavour): string {
  switch (kind) {
    case 'integer':
    case 'bigint':
      return 'bigint'
    case 'double':
      return 'double'
    case 'boolean':
      return 'int'
    case 'timestamp':
      return 'datetime(3)'
    case 'uuid':
      return `char(36) collate ${collation}`
    default:
      return `${maxLength === undefined ? 'longtext' : `varchar(${maxLength})`} collate ${collation}`
  }
}

/** Null is least here; only what differs from that is said, as saying it costs the index. */
function orderBy(expr: SQL, { field, direction, nulls }: OrderTerm): SQL {
  const natural = direction === 'asc' ? 'first' : 'last'
  const said = (field.column.nullable || field.alias !== undefined) && nulls !== natural
  const ordered = sql`${expr} ${sql.raw(direction)}`
  return said ? sql`${expr} is null ${sql.raw(nulls === 'last' ? 'asc' : 'desc')}, ${ordered}` : ordered
}

/** Fires on any key; returning.ts uses it on rows alone that it has found by theirs and locked. */
function onConflict(_table: Table, conflict: readonly SQL[], update: readonly SQL[]): SQL {
  const [key] = conflict
  const set = update.map((column) => sql`${column} = values(${column})`)
  return sql` on duplicate key update ${sql.join(set.length > 0 ? set : [sql`${key} = ${key}`], sql`, `)}`
}

function aggregate(name: string, expr: SQL | null): SQL {
  if (name === 'countOver') return sql`count(*) over ()`
  if (name === 'countDistinct') return sql`count(distinct ${expr})`
  // Of whole numbers the average would have four digits after the point.
  if (name === 'avg') return sql`avg(${expr} + 0e0)`
  return sql`${sql.raw(name)}(${expr ?? sql.raw('*')})`
}

/** For a server as it comes, where none is at hand. */
export const dialect: Dialect = createDialect({
  flavour: MYSQL,
  words: { shortest: 3, longest: 84, ownStopWords: false },
  maxPacket: 64 * 2 ** 20,
  idStep: 1,
})
