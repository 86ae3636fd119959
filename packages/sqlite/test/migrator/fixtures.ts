import { type DataStep, type Migration, Migrations } from '@archon-db/core'
import type { Connection } from '@archon-db/core/dialect'
import { sql } from 'drizzle-orm'
import type { Shared } from '../../../core/src/executor.ts'
import { QueryEvents } from '../../../core/src/observe/events.ts'
import { PlanCache } from '../../../core/src/query/plan.ts'

const BREAKPOINT = '\n--> statement-breakpoint\n'

export function migration(
  version: number,
  name: string,
  up: readonly string[],
  down: readonly string[],
  step?: DataStep,
): Migration {
  return {
    version,
    name,
    up: up.join(BREAKPOINT),
    down: down.join(BREAKPOINT),
    meta: { losesData: false },
    ...(step ? { step } : {}),
  }
}

/** Notes every batch in a table of its own, so that one that runs twice is seen. */
const inBatches: DataStep = {
  async up(db, cursor) {
    const [row] = await db.query(sql`select id from birds where id > ${Number(cursor ?? 0)} order by id limit 1`)
    if (row === undefined) return { cursor: null, rows: 0 }
    await db.run(sql`insert into visits (bird) values (${row[0]})`)
    await db.run(sql`update birds set song = name || '!' where id = ${row[0]}`)
    return { cursor: String(row[0]), rows: 1 }
  },
}

export const BIRDS: readonly Migration[] = [
  migration(
    1,
    'birds',
    [
      'create table birds (id integer primary key, name text not null)',
      'create index birds_name on birds (name)',
      "insert into birds (id, name) values (1, 'wren'), (2, 'rook'), (3, 'kite')",
      "insert into birds (id, name) values (4, 'swift')",
      'create table nests (id integer primary key, bird integer not null references birds (id))',
      'insert into nests (bird) values (1), (1)',
    ],
    ['drop table nests', 'drop index birds_name', 'drop table birds'],
  ),
  migration(
    2,
    'songs',
    ['alter table birds add column song text', 'create table visits (bird integer not null)'],
    ['drop table visits', 'alter table birds drop column song'],
    inBatches,
  ),
  migration(
    3,
    'names',
    ['alter table birds rename column name to species', 'update birds set species = upper(species) where id = 1'],
    ['update birds set species = lower(species) where id = 1', 'alter table birds rename column species to name'],
  ),
]

export function migrator(connection: Connection, migrations: readonly Migration[]): Migrations {
  const shared: Shared = {
    connection,
    dialect: connection.dialect,
    plans: new PlanCache(),
    events: new QueryEvents(),
    closed: false,
    vectorSearch: true,
  }
  return new Migrations(connection, shared).over(migrations)
}

/** Everything there is but the ledger, as the database itself tells it. */
export async function contents(
  connection: Connection,
): Promise<{ schema: string[]; rows: Record<string, unknown[][]> }> {
  const select = async (text: string): Promise<unknown[][]> =>
    (await connection.query({ text, params: [], write: false, tables: [], prepare: false })).rows
  const schema = await select(
    "select sql from sqlite_schema where sql is not null and name <> 'archon_schema_migrations' order by name",
  )
  const rows: Record<string, unknown[][]> = {}
  for (const [table] of await select(
    "select name from sqlite_schema where type = 'table' and name <> 'archon_schema_migrations' order by name",
  )) {
    rows[String(table)] = await select(`select * from ${table} order by 1`)
  }
  return { schema: schema.map(String), rows }
}
