import type { ColumnInfo, Schema, TableInfo } from '../../packages/core/src/schema.ts'

export interface DialectSchema {
  readonly dialect: string
  readonly schema: Schema
}

/** Each dialect is compared with the first: tables, columns, nullability, defaults, unique and foreign keys. */
export function compareSchemas([first, ...others]: readonly DialectSchema[]): string[] {
  if (!first) return []
  return others.flatMap((other) => {
    const tables = union([...first.schema.tables.keys()], [...other.schema.tables.keys()])
    return tables.flatMap((name) => {
      const pair = { left: first.dialect, right: other.dialect }
      const [a, b] = [first.schema.tables.get(name), other.schema.tables.get(name)]
      return a && b ? compareTables(pair, a, b) : [onlyIn(pair, a !== undefined, `table ${name}`)]
    })
  })
}

interface Pair {
  readonly left: string
  readonly right: string
}

function compareTables(pair: Pair, a: TableInfo, b: TableInfo): string[] {
  const columns = union(a.columns.filter(isShared).map(nameOf), b.columns.filter(isShared).map(nameOf))
  return [
    ...columns.flatMap((name) => compareColumns(pair, a.name, a.byName.get(name), b.byName.get(name), name)),
    ...compareSets(pair, `${a.name} has a primary key`, [a.primaryKey.join(', ')], [b.primaryKey.join(', ')]),
    ...compareSets(pair, `${a.name} has a unique key`, a.uniques.map(describeUnique), b.uniques.map(describeUnique)),
    ...compareSets(pair, `${a.name} has a foreign key`, a.foreignKeys.map(describeKey), b.foreignKeys.map(describeKey)),
  ]
}

/** What a database keeps for itself is its own affair. */
function isShared({ kind }: ColumnInfo): boolean {
  return kind !== 'generated'
}

function nameOf({ name }: ColumnInfo): string {
  return name
}

function compareColumns(
  pair: Pair,
  table: string,
  a: ColumnInfo | undefined,
  b: ColumnInfo | undefined,
  name: string,
): string[] {
  if (!a || !b) return [onlyIn(pair, a !== undefined, `column ${table}.${name}`)]
  return PROPERTIES.flatMap((property) => {
    const [left, right] = [JSON.stringify(a[property] ?? null), JSON.stringify(b[property] ?? null)]
    return left === right
      ? []
      : [`${table}.${name}: ${property} is ${left} on ${pair.left} and ${right} on ${pair.right}.`]
  })
}

/** Lengths are left out: not every database can index a text without a longest length. */
const PROPERTIES = ['key', 'kind', 'nullable', 'primaryKey', 'autoIncrement', 'default', 'values', 'dimension'] as const

function describeUnique({ name, columns }: TableInfo['uniques'][number]): string {
  return `${name} (${columns.join(', ')})`
}

function describeKey({ columns, table, references, onDelete }: TableInfo['foreignKeys'][number]): string {
  return `(${columns.join(', ')}) to ${table} (${references.join(', ')}) on delete ${onDelete}`
}

function compareSets(pair: Pair, what: string, a: readonly string[], b: readonly string[]): string[] {
  const differing = union(a, b).filter((item) => a.includes(item) !== b.includes(item))
  return differing.map((item) => onlyIn(pair, a.includes(item), `${what} ${item}:`))
}

function onlyIn({ left, right }: Pair, isLeft: boolean, what: string): string {
  return `${what} is on ${isLeft ? left : right} and not on ${isLeft ? right : left}.`
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])]
}
