import { tables as mysqlTables } from '@archon-db/mysql'
import { tables as pgTables } from '@archon-db/pg'
import { tables as sqliteTables } from '@archon-db/sqlite'
import { createClient } from '@libsql/client'
import { and, asc, count, eq, gt, gte, sql } from 'drizzle-orm'
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { drizzle as drizzlePostgres, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import mysql from 'mysql2/promise'
import postgres from 'postgres'
import { pick, type StageData } from '../stage.ts'
import type { Library, LibraryCases } from './library.ts'

/** The dialects' builders are called alike, so one set of cases serves all. */
type Drizzle = PostgresJsDatabase
type Tables = typeof pgTables

export async function drizzleOnLibsql(url: string): Promise<Library> {
  const client = createClient({ url })
  await client.execute('pragma synchronous = normal')
  return library(drizzleLibsql(client), sqliteTables, async () => client.close())
}

export async function drizzleOnPostgres(url: string): Promise<Library> {
  const client = postgres(url, { max: 20, onnotice: () => {} })
  return library(drizzlePostgres(client), pgTables, () => client.end())
}

export async function drizzleOnMysql(url: string): Promise<Library> {
  const pool = mysql.createPool({ uri: url, connectionLimit: 20, timezone: 'Z' })
  return library(drizzleMysql(pool), mysqlTables, () => pool.end())
}

function library(db: unknown, tables: unknown, close: () => Promise<void>): Library {
  return { cases: (stage) => drizzleCases(db as Drizzle, tables as Tables, stage), close }
}

function drizzleCases(db: Drizzle, { tasks, projects }: Tables, stage: StageData): LibraryCases {
  const { id, title, status, sources, order, createdAt } = tasks
  const read = (key: unknown) =>
    db
      .select()
      .from(tasks)
      .where(eq(id, key as string))
  const write = (text: unknown, key: unknown) =>
    db
      .update(tasks)
      .set({ title: text as string })
      .where(eq(id, key as string))
  const list = (from: unknown) =>
    db
      .select({ id, title, status, sources, order, createdAt })
      .from(tasks)
      .where(gt(order, from as number))
      .orderBy(asc(order), asc(id))
      .limit(50)
  const counted = (from: number) =>
    db
      .select({ n: count() })
      .from(tasks)
      .where(and(eq(status, 'todo'), gte(order, from)))
  const joined = (from: number) =>
    db
      .select({ title, project: projects.title })
      .from(tasks)
      .innerJoin(projects, eq(tasks.projectId, projects.id))
      .where(gt(order, from))
      .orderBy(asc(order), asc(id), asc(projects.id))
      .limit(50)
  const prepared = {
    read: read(sql.placeholder('id')).prepare('bench_read'),
    write: write(sql.placeholder('title'), sql.placeholder('id')).prepare('bench_write'),
    list: list(sql.placeholder('order')).prepare('bench_list'),
  }
  return {
    'point-read': {
      drizzle: (i) => read(pick(stage, i)),
      'drizzle prepared': (i) => prepared.read.execute({ id: pick(stage, i) }),
    },
    'point-write': {
      drizzle: (i) => write(`title ${i}`, pick(stage, i)),
      'drizzle prepared': (i) => prepared.write.execute({ title: `title ${i}`, id: pick(stage, i) }),
    },
    'list-50': {
      drizzle: (i) => list(i % 4000),
      'drizzle prepared': (i) => prepared.list.execute({ order: i % 4000 }),
    },
    'filtered-count': { drizzle: (i) => counted(i % 4000) },
    join: { drizzle: (i) => joined(i % 4000) },
    'concurrent-100': {
      drizzle: (i) => Promise.all(Array.from({ length: 100 }, (_, n) => read(pick(stage, i + n)))),
    },
  }
}
