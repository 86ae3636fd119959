import { type Case, CHUNKS, hundred, pick, TASKS } from '../stage.ts'

const LIST = ['id', 'title', 'status', 'sources', 'task_order', 'created_at'] as const
const LIST_TEXT = `select ${LIST.join(', ')} from ${TASKS} where task_order > ? order by task_order, id limit 50`
const READ_TEXT = `select * from ${TASKS} where id = ?`
const JOIN_TEXT = `select t.title, p.title as project from ${TASKS} t join archon_projects p on t.project_id = p.id
  where t.task_order > ? order by t.task_order, t.id limit 50`
const OPEN_TEXT = `select * from ${TASKS} where project_id = ? and status <> 'done' and (archived = ? or archived is null)
  order by task_order, created_at, id limit 51`

/** A driver for a file crosses no network, so what the layer adds weighs more there. */
export const pointBudget = (backend: string): number => POINT_BUDGETS[backend] ?? 1.05

const POINT_BUDGETS: Readonly<Record<string, number>> = { sqlite: 1.15 }

export const READ_CASES: readonly Case[] = [
  {
    name: 'point-read',
    title: 'one row by its key',
    budget: pointBudget,
    raw: (stage) => (i) => stage.raw.all(READ_TEXT, [pick(stage, i)]),
    archon: (stage) => (i) => stage.db.select(TASKS, { where: { id: pick(stage, i) } }),
  },
  {
    name: 'list-50',
    title: '50 rows with a JSON column, in order',
    budget: () => 1,
    raw: (stage) => async (i) => {
      const rows = await stage.raw.all(LIST_TEXT, [i % 4000])
      return rows.map((row) => ({ ...row, sources: stage.raw.json((row as { sources: unknown }).sources) }))
    },
    archon: (stage) => (i) =>
      stage.db.select(TASKS, {
        columns: LIST,
        where: { task_order: { gt: i % 4000 } },
        orderBy: 'task_order',
        limit: 50,
      }),
  },
  {
    name: 'filtered-count',
    title: 'how many rows match',
    raw: (stage) => (i) =>
      stage.raw.all(`select count(*) as n from ${TASKS} where status = ? and task_order >= ?`, ['todo', i % 4000]),
    archon: (stage) => (i) => stage.db.count(TASKS, { status: 'todo', task_order: { gte: i % 4000 } }),
  },
  {
    name: 'join',
    title: '50 rows of two tables',
    raw: (stage) => (i) => stage.raw.all(JOIN_TEXT, [i % 4000]),
    archon: (stage) => (i) =>
      stage.db
        .from(TASKS)
        .select({ title: 'title', project: 'archon_projects.title' })
        .join('archon_projects', { left: 'project_id', right: 'id' })
        .where({ task_order: { gt: i % 4000 } })
        .orderBy('task_order')
        .limit(50)
        .execute(),
  },
  {
    name: 'repository-get',
    title: 'tasks.get(id), and the same SQL by hand',
    raw: (stage) => (i) => stage.raw.all(`${READ_TEXT} limit 1`, [pick(stage, i)]),
    archon: (stage) => (i) => stage.db.repositories.tasks.get(pick(stage, i)),
  },
  {
    name: 'repository-list',
    title: 'tasks.list() of a project, 50 a page, and the same SQL by hand',
    raw: (stage) => async () => {
      const rows = await stage.raw.all(OPEN_TEXT, [stage.project, stage.raw.boolean(false)])
      const read = (row: object, key: string): unknown => stage.raw.json((row as Record<string, unknown>)[key])
      return rows.map((row) => ({ ...row, sources: read(row, 'sources'), code_examples: read(row, 'code_examples') }))
    },
    archon: (stage) => () => stage.db.repositories.tasks.list({ projectId: stage.project }, { limit: 50 }),
  },
  {
    name: 'concurrent-100',
    title: '100 point reads at once, 20 connections',
    raw: (stage) => (i) => hundred((n) => stage.raw.all(READ_TEXT, [pick(stage, n)]), i),
    archon: (stage) => (i) => hundred((n) => stage.db.select(TASKS, { where: { id: pick(stage, n) } }), i),
  },
  {
    name: 'stream',
    title: '200,000 rows, 500 at a time',
    async prepare(db) {
      for (let start = 0; start < STREAMED; start += 20_000) {
        const rows = Array.from({ length: 20_000 }, (_, i) => ({
          url: 'stream',
          chunk_number: start + i,
          content: `content ${start + i}`,
          source_id: 'bench',
          metadata: { a: i },
        }))
        await db.insert(CHUNKS, rows, { returning: false })
      }
    },
    raw: (stage) => async () => {
      let rows = 0
      for await (const batch of stage.raw.stream(STREAM_TEXT, ['stream'], 500)) {
        for (const row of batch) stage.raw.json((row as { metadata: unknown }).metadata)
        rows += batch.length
      }
      mustBe(rows)
    },
    archon: (stage) => async () => {
      let rows = 0
      const spec = { columns: STREAM_COLUMNS, where: { url: 'stream' }, orderBy: 'id', batchSize: 500 } as const
      for await (const _ of stage.db.stream(CHUNKS, spec)) rows++
      mustBe(rows)
    },
  },
]

const STREAMED = 200_000
export const STREAM_COLUMNS = ['id', 'url', 'chunk_number', 'content', 'metadata'] as const
const STREAM_TEXT = `select ${STREAM_COLUMNS.join(', ')} from ${CHUNKS} where url = ? order by id`

export function mustBe(rows: number): void {
  if (rows !== STREAMED) throw new Error(`${rows} rows came instead of ${STREAMED}.`)
}
