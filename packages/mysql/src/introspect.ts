import type { ForeignKeyInfo, LiveColumn, LiveSchema, LiveTable, Session, UniqueInfo } from '@archon-db/core/dialect'

type Reader = Pick<Session, 'query'>
type Row = readonly (string | null)[]

/** Reads the schema out of the server's own catalogue, the same for MySQL and MariaDB. */
export async function introspect(session: Reader): Promise<LiveSchema> {
  const rows: CatalogueRows = {
    columns: await select(session, COLUMNS),
    indexes: await select(session, INDEXES),
    keys: await select(session, FOREIGN_KEYS),
    checks: await select(session, CHECKS),
    triggers: await select(session, TRIGGERS),
  }
  const names = (await select(session, TABLES)).map(([name]) => String(name))
  const routines = await select(session, ROUTINES)
  const definitions = new Map<string, string>()
  for (const name of names) definitions.set(`table ${name}`, await definitionOf(session, name))
  for (const [table, name, ...definition] of rows.triggers)
    definitions.set(`trigger ${table}.${name}`, definition.join(' '))
  for (const [name, ...definition] of routines) definitions.set(`routine ${name}`, definition.join(' '))
  return {
    tables: new Map(names.map((name) => [name, describeTable(name, rows)])),
    routines: routines.map(([name]) => String(name)),
    definitions,
  }
}

/** Each begins with the name of the table. */
interface CatalogueRows {
  readonly columns: readonly Row[]
  readonly indexes: readonly Row[]
  readonly keys: readonly Row[]
  readonly checks: readonly Row[]
  readonly triggers: readonly Row[]
}

const TABLES = `select table_name from information_schema.tables
  where table_schema = database() and table_type = 'BASE TABLE' order by 1`

const COLUMNS = `select table_name, column_name, data_type, column_type, collation_name, is_nullable, column_default, extra,
    generation_expression
  from information_schema.columns where table_schema = database() order by table_name, ordinal_position`

const INDEXES = `select table_name, index_name, non_unique, column_name
  from information_schema.statistics where table_schema = database() order by table_name, index_name, seq_in_index`

const FOREIGN_KEYS = `select k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name,
    r.delete_rule
  from information_schema.key_column_usage k join information_schema.referential_constraints r
    on r.constraint_schema = k.constraint_schema and r.table_name = k.table_name and r.constraint_name = k.constraint_name
  where k.table_schema = database() order by k.table_name, k.constraint_name, k.ordinal_position`

const CHECKS = `select t.table_name, t.constraint_name, c.check_clause
  from information_schema.table_constraints t join information_schema.check_constraints c
    on c.constraint_schema = t.constraint_schema and c.constraint_name = t.constraint_name
  where t.table_schema = database() and t.constraint_type = 'CHECK' order by 1, 2`

const TRIGGERS = `select event_object_table, trigger_name, action_timing, event_manipulation, action_statement
  from information_schema.triggers where trigger_schema = database() order by 1, 2`

const ROUTINES = `select routine_name, routine_type, dtd_identifier, routine_definition
  from information_schema.routines where routine_schema = database() order by 1, 2`

async function select(session: Reader, text: string): Promise<Row[]> {
  const { rows } = await session.query({ text, params: [], write: false, tables: [], prepare: false })
  return Array.from(rows, (row) => Array.from(row, asText))
}

/** Parts of the catalogue come as bytes, depending on the server. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value)
}

/** How far the numbering of rows has come is no part of a schema, and the character set follows from the collation. */
async function definitionOf(session: Reader, table: string): Promise<string> {
  const [row] = await select(session, `show create table \`${table}\``)
  return String(row?.[1])
    .replace(/ AUTO_INCREMENT=\d+/, '')
    .replaceAll(' CHARACTER SET utf8mb4', '')
}

function describeTable(name: string, rows: CatalogueRows): LiveTable {
  const of = (list: readonly Row[]): Row[] => list.filter(([table]) => table === name)
  const checks = of(rows.checks)
  const columns = of(rows.columns)
  const keys = of(rows.keys)
  const indexes = groupByName(of(rows.indexes))
  const uniques: UniqueInfo[] = []
  const others: string[] = []
  for (const [index, parts] of indexes) {
    if (index === 'PRIMARY' || isOfKey(index, parts, keys)) continue
    if (parts[0]?.[2] === '0')
      uniques.push({ name: index, columns: parts.map(([, , , column]) => textBehind(columns, column)) })
    else others.push(index)
  }
  return {
    name,
    columns: new Map(columns.map((column) => [String(column[1]), describeColumn(column, checks)])),
    primaryKey: (indexes.get('PRIMARY') ?? []).map(([, , , column]) => String(column)),
    uniques,
    foreignKeys: [...groupByName(keys).values()].map(describeKey),
    checks: checks.map(([, check]) => String(check)),
    indexes: others,
    triggers: of(rows.triggers).map(([, trigger]) => String(trigger)),
  }
}

/** The server makes an index for a foreign key that finds none, and names it after the key or its first column. */
function isOfKey(index: string, parts: readonly Row[], keys: readonly Row[]): boolean {
  if (keys.some(([, key]) => key === index)) return true
  const columns = parts.map(([, , , column]) => column).join()
  return (
    parts[0]?.[3] === index &&
    [...groupByName(keys).values()].some((key) => key.map(([, , column]) => column).join() === columns)
  )
}

function groupByName(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(String(row[1]), [...(groups.get(String(row[1])) ?? []), row])
  return groups
}

/** A unique key on the hash of a text is a unique key on the text. */
function textBehind(columns: readonly Row[], name: string | null | undefined): string {
  const expression = columns.find(([, column]) => column === name)?.[8] ?? ''
  return /^unhex\(sha2\(`(\w+)`/i.exec(expression)?.[1] ?? String(name)
}

function describeColumn(column: Row, checks: readonly Row[]): LiveColumn {
  const [, name, , , , nullable, value, extra] = column
  // MariaDB writes out that there is no default.
  const hasDefault = value !== null && value?.toUpperCase() !== 'NULL'
  const isGenerated = /\b(?:STORED|VIRTUAL|PERSISTENT) GENERATED\b/i.test(extra ?? '')
  return {
    name: String(name),
    type: typeOf(column, checks),
    nullable: nullable === 'YES',
    hasDefault: hasDefault && !isGenerated,
  }
}

/** In the words of tables.ts, which say more than the server keeps. */
function typeOf([table, name, type, fullType, collation]: Row, checks: readonly Row[]): string {
  if (type === 'json' || (type === 'longtext' && collation === 'utf8mb4_bin')) return '{{json}}'
  if (fullType === 'tinyint(1)') return 'boolean'
  // MariaDB still shows how wide a number is printed.
  if (type === 'int' || type === 'bigint') return type
  const [, , check = ''] = checks.find(([, found]) => found === `${table}_${name}_check`) ?? []
  const [, length] = type === 'blob' ? (/length\(`\w+`\)\s*=\s*(\d+)/i.exec(check ?? '') ?? []) : []
  return length === undefined ? String(fullType) : `blob(${length})`
}

function describeKey(parts: readonly Row[]): ForeignKeyInfo {
  const [, , , table, , rule] = parts[0] ?? []
  return {
    columns: parts.map(([, , column]) => String(column)),
    table: String(table),
    references: parts.map(([, , , , column]) => String(column)),
    onDelete: rule === 'CASCADE' ? 'cascade' : rule === 'SET NULL' ? 'set null' : 'restrict',
  }
}
