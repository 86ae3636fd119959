import type { ForeignKeyInfo, LiveColumn, LiveSchema, LiveTable, Session, UniqueInfo } from '@archon-db/core/dialect'

type Reader = Pick<Session, 'query'>

/** Reads the schema out of SQLite's own catalogue. */
export async function introspect(session: Reader): Promise<LiveSchema> {
  const objects = await readObjects(session)
  const triggers = objects.filter(({ type }) => type === 'trigger')
  const tables = new Map<string, LiveTable>()
  for (const { name, sql } of await readTables(session)) {
    const owned = triggers.filter(({ table }) => table === name).map((trigger) => trigger.name)
    tables.set(name, await readTable(session, name, sql, owned))
  }
  return { tables, routines: [], definitions: new Map(objects.map(({ type, name, sql }) => [`${type} ${name}`, sql])) }
}

interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly table: string
  readonly sql: string
}

async function readObjects(session: Reader): Promise<SchemaObject[]> {
  const rows = await select(
    session,
    "select type, name, tbl_name, sql from sqlite_schema where sql is not null and name not like 'sqlite\\_%' escape '\\' order by type, name",
  )
  return rows.map(([type, name, table, sql]) => ({
    type: String(type),
    name: String(name),
    table: String(table),
    sql: String(sql),
  }))
}

/** Without the shadow tables in which text search keeps its index. */
async function readTables(session: Reader): Promise<{ name: string; sql: string }[]> {
  const rows = await select(
    session,
    "select t.name, s.sql from pragma_table_list t join sqlite_schema s on s.type = 'table' and s.name = t.name where t.schema = 'main' and t.type in ('table', 'virtual') and t.name not like 'sqlite\\_%' escape '\\' order by t.name",
  )
  return rows.map(([name, sql]) => ({ name: String(name), sql: String(sql) }))
}

async function readTable(session: Reader, name: string, sql: string, triggers: readonly string[]): Promise<LiveTable> {
  const columns = await select(
    session,
    'select name, type, "notnull", dflt_value, pk from pragma_table_xinfo(?) where hidden <> 1 order by cid',
    name,
  )
  const keys = columns.filter(([, , , , pk]) => Number(pk) > 0).toSorted((a, b) => Number(a[4]) - Number(b[4]))
  return {
    name,
    columns: new Map(columns.map((column) => [String(column[0]), describeColumn(column)])),
    primaryKey: keys.map(([column]) => String(column)),
    ...(await readIndexes(session, name)),
    foreignKeys: await readForeignKeys(session, name),
    checks: [...sql.matchAll(/\bconstraint\s+["`]?(\w+)["`]?\s+check\b/gi)].map(([, check]) => String(check)),
    triggers,
  }
}

function describeColumn([name, type, notNull, fallback, pk]: unknown[]): LiveColumn {
  const nullable = Number(notNull) === 0 && Number(pk) === 0
  return { name: String(name), type: String(type), nullable, hasDefault: fallback !== null }
}

async function readIndexes(session: Reader, table: string): Promise<{ uniques: UniqueInfo[]; indexes: string[] }> {
  const uniques: UniqueInfo[] = []
  const indexes: string[] = []
  const found = await select(
    session,
    'select name, "unique", origin, partial from pragma_index_list(?) order by name',
    table,
  )
  for (const [name, unique, origin, partial] of found) {
    if (origin === 'pk') continue
    const columns = await select(session, 'select name from pragma_index_info(?) order by seqno', String(name))
    const plain = Number(partial) === 0 && columns.every(([column]) => column !== null)
    if (Number(unique) === 1 && plain)
      uniques.push({ name: String(name), columns: columns.map(([column]) => String(column)) })
    else indexes.push(String(name))
  }
  return { uniques, indexes }
}

async function readForeignKeys(session: Reader, table: string): Promise<ForeignKeyInfo[]> {
  const rows = await select(
    session,
    'select id, "table", "from", "to", on_delete from pragma_foreign_key_list(?) order by id, seq',
    table,
  )
  const keys = new Map<unknown, unknown[][]>()
  for (const row of rows) keys.set(row[0], [...(keys.get(row[0]) ?? []), row])
  return [...keys.values()].map((parts) => ({
    columns: parts.map((part) => String(part[2])),
    table: String(parts[0]?.[1]),
    references: parts.map((part) => String(part[3])),
    onDelete: actionOf(String(parts[0]?.[4])),
  }))
}

function actionOf(action: string): ForeignKeyInfo['onDelete'] {
  if (action === 'CASCADE') return 'cascade'
  return action === 'SET NULL' ? 'set null' : 'restrict'
}

async function select(session: Reader, text: string, ...params: string[]): Promise<unknown[][]> {
  const { rows } = await session.query({ text, params, write: false, tables: [], prepare: false })
  return rows
}
