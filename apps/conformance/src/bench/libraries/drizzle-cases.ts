import type { tables } from '@archon-db/pg'
import { and, asc, between, count, eq, gt, gte, sql } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { batches, type Chunk, changedSettings, freshChunks, type Setting } from '../rows.ts'
import { hundred, pick, type StageData } from '../stage.ts'
import { BATCH, type LibraryCases } from './library.ts'

/** The dialects' builders are called alike, so one set of cases serves all. */
export type Drizzle = PostgresJsDatabase
export type Tables = typeof tables

export function drizzleCases(
  db: Drizzle,
  tables: Tables,
  stage: StageData,
  upsert: (rows: readonly Setting[]) => Promise<unknown> = upsertOn(db, tables),
): LibraryCases {
  return {
    ...readCases(db, tables, stage),
    ...writeCases(db, tables, stage),
    upsert: { drizzle: () => upsert(changedSettings()) },
  }
}

function readCases(db: Drizzle, { tasks, projects }: Tables, stage: StageData): LibraryCases {
  const { id, title, status, sources, order, createdAt } = tasks
  const read = (key: unknown) =>
    db
      .select()
      .from(tasks)
      .where(eq(id, key as string))
  const list = (from: unknown) =>
    db
      .select({ id, title, status, sources, order, createdAt })
      .from(tasks)
      .where(gt(order, from as number))
      .orderBy(asc(order), asc(id))
      .limit(50)
  const counted = (from: unknown) =>
    db
      .select({ n: count() })
      .from(tasks)
      .where(and(eq(status, 'todo'), gte(order, from as number)))
  const joined = (from: unknown) =>
    db
      .select({ title, project: projects.title })
      .from(tasks)
      .innerJoin(projects, eq(tasks.projectId, projects.id))
      .where(gt(order, from as number))
      .orderBy(asc(order), asc(id))
      .limit(50)
  const from = sql.placeholder('order')
  const prepared = {
    read: read(sql.placeholder('id')).prepare('bench_read'),
    list: list(from).prepare('bench_list'),
    counted: counted(from).prepare('bench_count'),
    joined: joined(from).prepare('bench_join'),
  }
  return {
    'point-read': {
      drizzle: (i) => read(pick(stage, i)),
      'drizzle prepared': (i) => prepared.read.execute({ id: pick(stage, i) }),
    },
    'list-50': {
      drizzle: (i) => list(i % 4000),
      'drizzle prepared': (i) => prepared.list.execute({ order: i % 4000 }),
    },
    'filtered-count': {
      drizzle: (i) => counted(i % 4000),
      'drizzle prepared': (i) => prepared.counted.execute({ order: i % 4000 }),
    },
    join: {
      drizzle: (i) => joined(i % 4000),
      'drizzle prepared': (i) => prepared.joined.execute({ order: i % 4000 }),
    },
    'concurrent-100': {
      drizzle: (i) => hundred((n) => read(pick(stage, n)), i),
      'drizzle prepared': (i) => hundred((n) => prepared.read.execute({ id: pick(stage, n) }), i),
    },
  }
}

function writeCases(db: Drizzle, { tasks, chunks }: Tables, stage: StageData): LibraryCases {
  const write = (on: Pick<Drizzle, 'update'>, text: unknown, key: unknown) =>
    on
      .update(tasks)
      .set({ title: text as string })
      .where(eq(tasks.id, key as string))
  const prepared = write(db, sql.placeholder('title'), sql.placeholder('id')).prepare('bench_write')
  return {
    'point-write': {
      drizzle: (i) => write(db, `title ${i}`, pick(stage, i)),
      'drizzle prepared': (i) => prepared.execute({ title: `title ${i}`, id: pick(stage, i) }),
    },
    'update-by-filter': {
      drizzle: (i) =>
        db
          .update(tasks)
          .set({ feature: `f${i}` })
          .where(between(tasks.order, 1000, 1500)),
    },
    transaction: {
      drizzle: (i) =>
        db.transaction(async (tx) => {
          for (let n = 0; n < 5; n++) await write(tx, `t${i}`, pick(stage, i + n))
        }),
    },
    'bulk-insert': {
      drizzle: () =>
        db.transaction(async (tx) => {
          for (const batch of batches(freshChunks(), BATCH)) await tx.insert(chunks).values(batch.map(named))
        }),
    },
  }
}

function upsertOn(db: Drizzle, { settings: table }: Tables): (rows: readonly Setting[]) => Promise<unknown> {
  return (rows) =>
    db
      .insert(table)
      .values([...rows])
      .onConflictDoUpdate({ target: table.key, set: { value: sql`excluded.value` } })
}

function named({ url, chunk_number: chunkNumber, content, source_id: sourceId, metadata }: Chunk) {
  return { url, chunkNumber, content, sourceId, metadata }
}
