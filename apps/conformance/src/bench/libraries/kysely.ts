import {
  type Dialect,
  Kysely,
  MysqlDialect,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import mysql from 'mysql2'
import type { RawDriver } from '../drivers/raw.ts'
import { changedSettings, type Setting } from '../rows.ts'
import { kyselyCases, type Schema } from './kysely-cases.ts'
import { driverOver } from './kysely-driver.ts'
import type { Library } from './library.ts'

const PARTS = {
  postgres: [PostgresAdapter, PostgresQueryCompiler, PostgresIntrospector],
  sqlite: [SqliteAdapter, SqliteQueryCompiler, SqliteIntrospector],
} as const

/** Kysely on the very driver that it is compared with. */
export function kyselyOn(kind: keyof typeof PARTS, raw: RawDriver): Library {
  const [Adapter, Compiler, Introspector] = PARTS[kind]
  const dialect: Dialect = {
    createAdapter: () => new Adapter(),
    createDriver: () => driverOver(raw),
    createIntrospector: (db) => new Introspector(db),
    createQueryCompiler: () => new Compiler(),
  }
  return library(dialect, (db, rows) =>
    db
      .insertInto('archon_settings')
      .values(rows)
      .onConflict((on) => on.column('key').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
      .execute(),
  )
}

/** mysql2 is the driver of Kysely's own dialect. */
export function kyselyOnMysql(url: string): Library {
  const pool = mysql.createPool({ uri: url, connectionLimit: 20, timezone: 'Z' })
  return library(new MysqlDialect({ pool }), (db, rows) =>
    db.insertInto('archon_settings').values(rows).onDuplicateKeyUpdate({ value: sql<string>`values(value)` }).execute(),
  )
}

function library(dialect: Dialect, upsert: (db: Kysely<Schema>, rows: Setting[]) => Promise<unknown>): Library {
  const db = new Kysely<Schema>({ dialect })
  return {
    cases: (stage) => ({ ...kyselyCases(db, stage), upsert: { kysely: () => upsert(db, changedSettings()) } }),
    close: () => db.destroy(),
  }
}
