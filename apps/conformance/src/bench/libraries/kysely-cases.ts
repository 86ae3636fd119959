import type { Generated, Kysely } from 'kysely'
import { batches, freshChunks, type Setting } from '../rows.ts'
import { hundred, pick, type StageData } from '../stage.ts'
import { BATCH, type LibraryCases } from './library.ts'

interface Task {
  id: string
  title: string
  project_id: string
  status: string
  sources: unknown
  task_order: number
  feature: string | null
  created_at: unknown
}

interface Chunk {
  id: Generated<number>
  url: string
  chunk_number: number
  content: string
  source_id: string
  metadata: string
}

/** As it is stored: texts of JSON go in as they are. */
export interface Schema {
  archon_tasks: Task
  archon_projects: { id: string; title: string }
  archon_settings: Setting
  archon_crawled_pages: Chunk
}

export function kyselyCases(db: Kysely<Schema>, stage: StageData): LibraryCases {
  return { ...readCases(db, stage), ...writeCases(db, stage) }
}

function readCases(db: Kysely<Schema>, stage: StageData): LibraryCases {
  const tasks = db.selectFrom('archon_tasks')
  const read = (id: string): Promise<unknown> => tasks.selectAll().where('id', '=', id).execute()
  return {
    'point-read': { kysely: (i) => read(pick(stage, i)) },
    'list-50': {
      kysely: (i) =>
        tasks
          .select(['id', 'title', 'status', 'sources', 'task_order', 'created_at'])
          .where('task_order', '>', i % 4000)
          .orderBy('task_order')
          .orderBy('id')
          .limit(50)
          .execute(),
    },
    'filtered-count': {
      kysely: (i) =>
        tasks
          .select((eb) => eb.fn.countAll().as('n'))
          .where('status', '=', 'todo')
          .where('task_order', '>=', i % 4000)
          .execute(),
    },
    join: {
      kysely: (i) =>
        db
          .selectFrom('archon_tasks as t')
          .innerJoin('archon_projects as p', 't.project_id', 'p.id')
          .select(['t.title', 'p.title as project'])
          .where('t.task_order', '>', i % 4000)
          .orderBy('t.task_order')
          .orderBy('t.id')
          .limit(50)
          .execute(),
    },
    'concurrent-100': {
      kysely: (i) => hundred((n) => read(pick(stage, n)), i),
    },
    stream: {
      kysely: async () => {
        const rows = db
          .selectFrom('archon_crawled_pages')
          .select(['id', 'url', 'chunk_number', 'content', 'metadata'])
          .where('url', '=', 'stream')
          .orderBy('id')
          .stream(500)
        let count = 0
        for await (const _ of rows) count++
        return count
      },
    },
  }
}

function writeCases(db: Kysely<Schema>, stage: StageData): LibraryCases {
  const write = (on: Pick<Kysely<Schema>, 'updateTable'>, title: string, id: string): Promise<unknown> =>
    on.updateTable('archon_tasks').set({ title }).where('id', '=', id).execute()
  return {
    'point-write': { kysely: (i) => write(db, `title ${i}`, pick(stage, i)) },
    'update-by-filter': {
      kysely: (i) =>
        db
          .updateTable('archon_tasks')
          .set({ feature: `f${i}` })
          .where((eb) => eb.between('task_order', 1000, 1500))
          .execute(),
    },
    transaction: {
      kysely: (i) =>
        db.transaction().execute(async (tx) => {
          for (let n = 0; n < 5; n++) await write(tx, `t${i}`, pick(stage, i + n))
        }),
    },
    'bulk-insert': {
      kysely: () =>
        db.transaction().execute(async (tx) => {
          for (const batch of batches(freshChunks(), BATCH)) {
            const rows = batch.map(({ metadata, ...rest }) => ({ ...rest, metadata: JSON.stringify(metadata) }))
            await tx.insertInto('archon_crawled_pages').values(rows).execute()
          }
        }),
    },
  }
}
