import type { Table } from 'drizzle-orm'
import type { Dialect } from '../dialect.ts'
import type { ColumnInfo, ForeignKeyInfo, TableInfo, UniqueInfo } from '../schema.ts'
import { getTableColumns } from '../sql.ts'
import { type ExpectedNames, expectedNames } from './expected-names.ts'
import { LEDGER } from './ledger.ts'
import type { LiveColumn, LiveSchema, LiveTable } from './live-schema.ts'
import { type Migration, splitStatements } from './migration.ts'

/** One way in which the live database is not what its ledger says. */
export interface SchemaDifference {
  readonly kind: 'missing' | 'unexpected' | 'different'
  readonly object:
    | 'table'
    | 'column'
    | 'primary key'
    | 'unique'
    | 'foreign key'
    | 'check'
    | 'index'
    | 'trigger'
    | 'routine'
  readonly name: string
  readonly table?: string
  readonly message: string
}

/** Tables with this prefix are ours to answer for; others in the same schema are somebody else's. */
const OURS = 'archon_'

/**
 * Every difference between a live schema and the one that the migrations in place amount to: names as their SQL says,
 * columns and constraints as the dialect's tables say. Columns that a pending migration is still to change are left out.
 */
export function schemaDrift(
  dialect: Dialect,
  live: LiveSchema,
  done: readonly Migration[],
  pending: readonly Migration[],
): SchemaDifference[] {
  const names = expectedNames(done)
  const future = pending.flatMap(({ up }) => splitStatements(up)).join('\n')
  const tables = [...names.tables].flatMap((name) => {
    const table = live.tables.get(name)
    if (!table) return [difference('missing', 'table', name)]
    const info = dialect.schema.tables.get(name)
    const drizzle = dialect.tables.get(name)
    const inside = info && drizzle ? insideTable({ info, drizzle, live: table, names, future }) : []
    return [...inside, ...ownedBy(names, table)]
  })
  const strangers = [...live.tables.keys()].filter(
    (name) => name.startsWith(OURS) && !names.tables.has(name) && name !== LEDGER,
  )
  const routines = [...names.routines].filter((name) => !live.routines.includes(name))
  return [
    ...tables,
    ...strangers.map((name) => difference('unexpected', 'table', name)),
    ...routines.map((name) => difference('missing', 'routine', name)),
  ]
}

interface ComparedTable {
  readonly info: TableInfo
  readonly drizzle: Table
  readonly live: LiveTable
  readonly names: ExpectedNames
  /** The SQL that is still to run. */
  readonly future: string
}

function insideTable({ info, drizzle, live, names, future }: ComparedTable): SchemaDifference[] {
  const isSettled = (word: string): boolean => !mentions(future, info.name, word)
  const uniques = live.uniques.filter(({ name }) => !names.indexes.has(name))
  const constraints = [
    ...compareLists('primary key', info.name, [columnsOf(info.primaryKey)], [columnsOf(live.primaryKey)]),
    ...compareLists('unique', info.name, info.uniques.map(uniqueColumns), live.uniques.map(uniqueColumns)).filter(
      ({ kind, name }) => kind === 'missing' || uniques.some((unique) => uniqueColumns(unique) === name),
    ),
    ...compareLists('foreign key', info.name, info.foreignKeys.map(describeKey), live.foreignKeys.map(describeKey)),
    ...compareLists('check', info.name, info.checks, live.checks),
  ]
  return [
    ...compareColumns(info, drizzle, live).filter(({ name }) => isSettled(name)),
    ...constraints.filter(({ name }) => name.split(/\W+/).every(isSettled)),
  ]
}

function columnsOf(names: readonly string[]): string {
  return names.join(', ')
}

function uniqueColumns({ columns }: UniqueInfo): string {
  return columnsOf(columns)
}

/** A pending statement about the table that holds the word: what it changes is not known before it ran. */
function mentions(future: string, table: string, word: string): boolean {
  return future.split(';').some((statement) => new RegExp(`\\b${table}\\b[\\s\\S]*\\b${word}\\b`).test(statement))
}

function compareColumns(info: TableInfo, drizzle: Table, live: LiveTable): SchemaDifference[] {
  const types = new Map(Object.values(getTableColumns(drizzle)).map((column) => [column.name, column.getSQLType()]))
  const known = info.columns.flatMap((column) => {
    const found = live.columns.get(column.name)
    if (!found) return [difference('missing', 'column', column.name, info.name)]
    const details = columnDetails(column, types.get(column.name) ?? '', found)
    return details.length === 0 ? [] : [difference('different', 'column', column.name, info.name, details.join(', '))]
  })
  const strangers = [...live.columns.keys()].filter((name) => !info.byName.has(name))
  return [...known, ...strangers.map((name) => difference('unexpected', 'column', name, info.name))]
}

function columnDetails(expected: ColumnInfo, type: string, found: LiveColumn): string[] {
  const details: string[] = []
  if (plainType(type) !== plainType(found.type)) details.push(`it is ${found.type} instead of ${type}`)
  if (expected.nullable !== found.nullable) details.push(found.nullable ? 'it takes null' : 'it does not take null')
  const expectsDefault = expected.default !== undefined
  const isNumbered = expected.autoIncrement || expected.kind === 'generated'
  if (!isNumbered && expectsDefault !== found.hasDefault)
    details.push(found.hasDefault ? 'it has a default' : 'it has no default')
  return details
}

function plainType(type: string): string {
  return type.toLowerCase().replaceAll(/\s+/g, '')
}

function describeKey({ columns, table, references, onDelete }: ForeignKeyInfo): string {
  return `${columns.join(', ')} → ${table} (${references.join(', ')}) on delete ${onDelete}`
}

function compareLists(
  object: SchemaDifference['object'],
  table: string,
  expected: readonly string[],
  found: readonly string[],
): SchemaDifference[] {
  const missing = expected
    .filter((name) => !found.includes(name))
    .map((name) => difference('missing', object, name, table))
  const unexpected = found
    .filter((name) => !expected.includes(name))
    .map((name) => difference('unexpected', object, name, table))
  return [...missing, ...unexpected]
}

function ownedBy(names: ExpectedNames, live: LiveTable): SchemaDifference[] {
  const of = (owned: ReadonlyMap<string, string>): string[] => {
    return [...owned].filter(([, table]) => table === live.name).map(([name]) => name)
  }
  const uniques = live.uniques.map(({ name }) => name).filter((name) => names.indexes.has(name))
  const isPossible = (name: string): boolean => names.possible.some((pattern) => pattern.test(name))
  const indexes = live.indexes.filter((name) => names.indexes.has(name) || !isPossible(name))
  return [
    ...compareLists('index', live.name, of(names.indexes), [...indexes, ...uniques]),
    ...compareLists('trigger', live.name, of(names.triggers), live.triggers),
  ]
}

function difference(
  kind: SchemaDifference['kind'],
  object: SchemaDifference['object'],
  name: string,
  table?: string,
  details?: string,
): SchemaDifference {
  const where = table === undefined ? '' : ` of ${table}`
  const what = `The ${object} ${name}${where}`
  const verdict =
    kind === 'missing'
      ? 'is missing.'
      : kind === 'unexpected'
        ? 'is there, and no migration made it.'
        : `differs: ${details}.`
  return { kind, object, name, ...(table === undefined ? {} : { table }), message: `${what} ${verdict}` }
}
