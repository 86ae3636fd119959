import { tables as mysqlTables } from '@archon-db/mysql'
import { tables as pgTables } from '@archon-db/pg'
import { tables as sqliteTables } from '@archon-db/sqlite'
import type { PGlite } from '@electric-sql/pglite'
import { createClient } from '@libsql/client'
import { sql } from 'drizzle-orm'
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql'
import type { MySqlTable } from 'drizzle-orm/mysql-core'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import mysql from 'mysql2/promise'
import postgres from 'postgres'
import type { Setting } from '../rows.ts'
import { type Drizzle, drizzleCases, type Tables } from './drizzle-cases.ts'
import type { Library } from './library.ts'

export async function drizzleOnLibsql(url: string): Promise<Library> {
  const client = createClient({ url })
  await client.execute('pragma synchronous = normal')
  return library(drizzleLibsql(client), sqliteTables, async () => client.close())
}

export async function drizzleOnPostgres(url: string): Promise<Library> {
  const client = postgres(url, { max: 20, onnotice: () => {} })
  return library(drizzlePostgres(client), pgTables, () => client.end())
}

/** On the client that it is compared with: a folder serves one only. */
export async function drizzleOnPglite(client: PGlite): Promise<Library> {
  return library(drizzlePglite(client), pgTables, async () => {})
}

export async function drizzleOnMysql(url: string): Promise<Library> {
  const pool = mysql.createPool({ uri: url, connectionLimit: 20, timezone: 'Z' })
  const db = drizzleMysql(pool)
  const { settings } = mysqlTables as { settings: MySqlTable }
  const upsert = (rows: readonly Setting[]): Promise<unknown> =>
    db
      .insert(settings)
      .values([...rows])
      .onDuplicateKeyUpdate({ set: { value: sql`values(value)` } })
  return library(db, mysqlTables, () => pool.end(), upsert)
}

function library(
  db: unknown,
  tables: unknown,
  close: () => Promise<void>,
  upsert?: (rows: readonly Setting[]) => Promise<unknown>,
): Library {
  return { cases: (stage) => drizzleCases(db as Drizzle, tables as Tables, stage, upsert), close }
}
