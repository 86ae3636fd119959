import type { Column, Table } from 'drizzle-orm'
import type { TableName, TableRows } from './rows.ts'
import {
  type ColumnDefault,
  type ColumnInfo,
  type ColumnKind,
  describeSchema,
  describeTable,
  type ForeignKeyInfo,
  type Schema,
  type TableInfo,
  type UniqueInfo,
} from './schema.ts'
import { getTableColumns, is, SQL } from './sql.ts'

/** What a column's Drizzle type tells beyond its name, nullability and default. */
export interface ColumnTraits {
  readonly kind: ColumnKind
  readonly autoIncrement?: boolean
  readonly maxLength?: number
  readonly values?: readonly string[]
  readonly dimension?: number
}

/** How a dialect's tables are read: `configOf` is Drizzle's getTableConfig of that dialect. */
export interface TableReader<T extends Table> {
  configOf(table: T): TableConfig
  traitsOf(column: Column): ColumnTraits
}

/** The part of getTableConfig's answer that all dialects share. */
export interface TableConfig {
  readonly name: string
  readonly checks: readonly { readonly name: string }[]
  readonly primaryKeys: readonly { readonly columns: readonly Column[] }[]
  readonly uniqueConstraints: readonly { readonly columns: readonly Column[]; getName(): string | undefined }[]
  readonly foreignKeys: readonly {
    readonly onDelete: string | undefined
    reference(): {
      readonly columns: readonly Column[]
      readonly foreignTable: Table
      readonly foreignColumns: readonly Column[]
    }
  }[]
}

/**
 * Reads the one description that validation, planning and introspection share out of a dialect's Drizzle tables.
 *
 * describeTables(tables, { configOf: getTableConfig, traitsOf })
 */
export function describeTables<T extends Table>(tables: Readonly<Record<string, T>>, reader: TableReader<T>): Schema {
  return describeSchema(Object.values(tables).map((table) => describeOne(table, reader)))
}

function describeOne<T extends Table>(table: T, reader: TableReader<T>): TableInfo {
  const config = reader.configOf(table)
  const composite = new Set(config.primaryKeys.flatMap((key) => key.columns.map((column) => column.name)))
  return describeTable({
    name: config.name,
    columns: Object.entries(getTableColumns(table)).map(([key, column]) =>
      describeColumn(key, column, reader.traitsOf(column), column.primary || composite.has(column.name)),
    ),
    uniques: config.uniqueConstraints.map((unique) => describeUnique(config.name, unique)),
    foreignKeys: config.foreignKeys.map((key) => describeForeignKey(key, reader)),
    checks: config.checks.map((check) => check.name),
  })
}

function describeColumn(key: string, column: Column, traits: ColumnTraits, primaryKey: boolean): ColumnInfo {
  const found = defaultOf(column, traits)
  return {
    key,
    name: column.name,
    nullable: !column.notNull && !primaryKey,
    primaryKey,
    autoIncrement: false,
    ...traits,
    ...(found && { default: found }),
  }
}

function defaultOf(column: Column, traits: ColumnTraits): ColumnDefault | undefined {
  if (traits.autoIncrement) return { type: 'sequence' }
  if (column.default === undefined) return undefined
  if (!is(column.default, SQL)) return { type: 'value', value: column.default }
  if (traits.kind === 'uuid') return { type: 'uuid' }
  if (traits.kind === 'timestamp') return { type: 'now' }
  throw new Error(
    `The default of ${column.name} is SQL, so its value is not known here: declare a plain value instead.`,
  )
}

type UniqueConfig = TableConfig['uniqueConstraints'][number]

function describeUnique(table: string, unique: UniqueConfig): UniqueInfo {
  const name = unique.getName()
  if (!name) throw new Error(`A unique constraint of ${table} has no name: give it one, errors are told apart by it.`)
  return { name, columns: namesOf(unique.columns) }
}

type ForeignKeyConfig = TableConfig['foreignKeys'][number]

function describeForeignKey<T extends Table>(key: ForeignKeyConfig, reader: TableReader<T>): ForeignKeyInfo {
  const { columns, foreignTable, foreignColumns } = key.reference()
  return {
    columns: namesOf(columns),
    // A foreign key points at a table of the same dialect, which Drizzle's shared type cannot say.
    table: reader.configOf(foreignTable as T).name,
    references: namesOf(foreignColumns),
    onDelete: key.onDelete === 'cascade' || key.onDelete === 'set null' ? key.onDelete : 'restrict',
  }
}

function namesOf(columns: readonly Column[]): string[] {
  return columns.map((column) => column.name)
}

/** A Drizzle table of any dialect that stores these rows. */
export type TableOf<Row> = Table & { readonly $inferSelect: Row }

/**
 * True when a table stores exactly these rows; otherwise the keys that are missing, extra, or differ in type or
 * nullability, so that the compiler's complaint names them.
 */
export type SameRow<Row, Selected> = [DifferingKeys<Row, Selected>] extends [never]
  ? true
  : DifferingKeys<Row, Selected>

type DifferingKeys<A, B> = { [K in keyof A | keyof B]: Differs<A, B, K> }[keyof A | keyof B]

type Differs<A, B, K> = K extends keyof A & keyof B ? (Same<A[K], B[K]> extends true ? never : K) : K

// Mutual assignability lets `any` pass, so identity is asked for instead.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/**
 * True when these tables are all the tables there are and each stores its rows of `TableRows`; otherwise what differs.
 * `Hidden` names the keys of columns that a database keeps for its own use (kind `generated`).
 */
export type TablesMatchRows<Tables extends TableRecord, Hidden extends string = never> = [
  MismatchedTables<Tables, Hidden>,
] extends [never]
  ? true
  : MismatchedTables<Tables, Hidden>

type TableRecord = Readonly<Record<string, Table>>

type MismatchedTables<Tables extends TableRecord, Hidden extends string> =
  | Exclude<TableName, PhysicalName<Tables[keyof Tables]>>
  | { [K in keyof Tables]: MismatchOf<PhysicalName<Tables[K]>, Omit<Tables[K]['$inferSelect'], Hidden>> }[keyof Tables]

type PhysicalName<T extends Table> = T['_']['name']

type MismatchOf<Name extends string, Selected> = Name extends TableName
  ? SameRow<TableRows[Name], Selected> extends true
    ? never
    : readonly [Name, SameRow<TableRows[Name], Selected>]
  : readonly [Name, 'has no row type']

/** Compiles only when its argument is `true`: `type Checked = Assert<TablesMatchRows<typeof tables>>`. */
export type Assert<T extends true> = T
