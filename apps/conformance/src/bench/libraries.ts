import { tables as pgTables } from '@archon-db/pg'
import { tables as sqliteTables } from '@archon-db/sqlite'
import { createClient } from '@libsql/client'
import { asc, eq, gt, sql } from 'drizzle-orm'
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Stage } from './cases.ts'
import type { Work } from './measure.ts'

/** A library that people would use instead, on the same tables. */
export interface Library {
  /** Case name → variant → work. */
  cases(stage: Stage): Readonly<Record<string, Readonly<Record<string, Work>>>>
  close(): Promise<void>
}

export async function drizzleOnLibsql(url: string): Promise<Library> {
  const client = createClient({ url })
  const db = drizzleLibsql(client)
  const { tasks } = sqliteTables
  const read = db
    .select()
    .from(tasks)
    .where(eq(tasks.id, sql.placeholder('id')))
  const fields = {
    id: tasks.id,
    title: tasks.title,
    status: tasks.status,
    sources: tasks.sources,
    order: tasks.order,
    createdAt: tasks.createdAt,
  }
  const list = db
    .select(fields)
    .from(tasks)
    .where(gt(tasks.order, sql.placeholder('order')))
    .orderBy(asc(tasks.order), asc(tasks.id))
    .limit(50)
  const [readPrepared, listPrepared] = [read.prepare(), list.prepare()]
  return {
    cases: (stage) => ({
      'point-read': {
        drizzle: (i) =>
          db
            .select()
            .from(tasks)
            .where(eq(tasks.id, stage.tasks[i % stage.tasks.length] as string)),
        'drizzle prepared': (i) => readPrepared.all({ id: stage.tasks[i % stage.tasks.length] }),
      },
      'list-50': {
        drizzle: (i) =>
          db
            .select(fields)
            .from(tasks)
            .where(gt(tasks.order, i % 4000))
            .orderBy(asc(tasks.order), asc(tasks.id))
            .limit(50),
        'drizzle prepared': (i) => listPrepared.all({ order: i % 4000 }),
      },
    }),
    close: async () => client.close(),
  }
}

export async function drizzleOnPostgres(url: string): Promise<Library> {
  const client = postgres(url, { max: 20, onnotice: () => {} })
  const db = drizzlePostgres(client)
  const { tasks } = pgTables
  const fields = {
    id: tasks.id,
    title: tasks.title,
    status: tasks.status,
    sources: tasks.sources,
    order: tasks.order,
    createdAt: tasks.createdAt,
  }
  const readPrepared = db
    .select()
    .from(tasks)
    .where(eq(tasks.id, sql.placeholder('id')))
    .prepare('bench_read')
  const listPrepared = db
    .select(fields)
    .from(tasks)
    .where(gt(tasks.order, sql.placeholder('order')))
    .orderBy(asc(tasks.order), asc(tasks.id))
    .limit(50)
    .prepare('bench_list')
  return {
    cases: (stage) => ({
      'point-read': {
        drizzle: (i) =>
          db
            .select()
            .from(tasks)
            .where(eq(tasks.id, stage.tasks[i % stage.tasks.length] as string)),
        'drizzle prepared': (i) => readPrepared.execute({ id: stage.tasks[i % stage.tasks.length] }),
      },
      'list-50': {
        drizzle: (i) =>
          db
            .select(fields)
            .from(tasks)
            .where(gt(tasks.order, i % 4000))
            .orderBy(asc(tasks.order), asc(tasks.id))
            .limit(50),
        'drizzle prepared': (i) => listPrepared.execute({ order: i % 4000 }),
      },
    }),
    close: () => client.end(),
  }
}
