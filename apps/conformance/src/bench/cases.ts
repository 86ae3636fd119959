import type { Database } from '@archon-db/core'
import type { Work } from './measure.ts'
import type { RawDriver } from './raw.ts'

/** What a case is given: the same data behind the contract and behind the bare driver. */
export interface Stage {
  readonly db: Database
  readonly raw: RawDriver
  readonly tasks: readonly string[]
  readonly project: string
}

export interface Case {
  readonly name: string
  readonly title: string
  /** The design's limit for archon-db's ratio, where it names one. */
  readonly budget?: number
  raw(stage: Stage): Work
  archon(stage: Stage): Work
}

const TASKS = 'archon_tasks'
const LIST = ['id', 'title', 'status', 'sources', 'task_order', 'created_at'] as const
const CHUNK = ['url', 'chunk_number', 'content', 'source_id', 'metadata'] as const

const pick = (stage: Stage, index: number): string => stage.tasks[index % stage.tasks.length] as string

let changed = 0
const settings = (): string[][] => {
  changed++
  return Array.from({ length: 1000 }, (_, i) => [`bench${i}`, `value ${changed}`])
}

let written = 0
const fresh = (): string => `https://example.org/${++written}`

export const CASES: readonly Case[] = [
  {
    name: 'point-read',
    title: 'one row by its key',
    budget: 1.05,
    raw: (stage) => (i) => stage.raw.all(`select * from ${TASKS} where id = ?`, [pick(stage, i)]),
    archon: (stage) => (i) => stage.db.select(TASKS, { where: { id: pick(stage, i) } }),
  },
  {
    name: 'point-write',
    title: 'one column of one row',
    budget: 1.05,
    raw: (stage) => (i) => stage.raw.run(`update ${TASKS} set title = ? where id = ?`, [`title ${i}`, pick(stage, i)]),
    archon: (stage) => (i) =>
      stage.db.update(TASKS, { title: `title ${i}` }, { where: { id: pick(stage, i) }, returning: false }),
  },
  {
    name: 'list-50',
    title: '50 rows with a JSON column, in order',
    budget: 1,
    raw: (stage) => async (i) => {
      const rows = await stage.raw.all(
        `select ${LIST.join(', ')} from ${TASKS} where task_order > ? order by task_order, id limit 50`,
        [i % 4000],
      )
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
    raw: (stage) => (i) =>
      stage.raw.all(
        `select t.title, p.title as project from ${TASKS} t join archon_projects p on t.project_id = p.id where t.task_order > ? order by t.task_order, t.id, p.id limit 50`,
        [i % 4000],
      ),
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
    name: 'bulk-insert',
    title: '10,000 rows',
    budget: 1.1,
    raw: (stage) => async () => {
      const url = fresh()
      await stage.raw.insertMany(
        'archon_crawled_pages',
        CHUNK,
        Array.from({ length: 10_000 }, (_, i) => [url, i, `content ${i}`, 'bench', JSON.stringify({ a: i })]),
      )
    },
    archon: (stage) => async () => {
      const url = fresh()
      const rows = Array.from({ length: 10_000 }, (_, i) => ({
        url,
        chunk_number: i,
        content: `content ${i}`,
        source_id: 'bench',
        metadata: { a: i },
      }))
      await stage.db.insert('archon_crawled_pages', rows, { returning: false })
    },
  },
  {
    name: 'upsert',
    title: '1,000 settings, all found',
    raw: (stage) => () => stage.raw.upsertMany('archon_settings', 'key', ['key', 'value'], settings()),
    archon: (stage) => () =>
      stage.db.upsert(
        'archon_settings',
        settings().map(([key, value]) => ({ key, value })),
        { onConflict: ['key'], returning: false },
      ),
  },
  {
    name: 'update-by-filter',
    title: 'some 500 rows at once',
    raw: (stage) => (i) =>
      stage.raw.run(`update ${TASKS} set feature = ? where task_order between ? and ?`, [`f${i}`, 1000, 1500]),
    archon: (stage) => (i) =>
      stage.db.update(
        TASKS,
        { feature: `f${i}` },
        { where: { task_order: { between: [1000, 1500] } }, returning: false },
      ),
  },
  {
    name: 'transaction',
    title: 'five statements',
    raw: (stage) => (i) =>
      stage.raw.transaction(async (run) => {
        for (let n = 0; n < 5; n++)
          await run(`update ${TASKS} set title = ? where id = ?`, [`t${i}`, pick(stage, i + n)])
      }),
    archon: (stage) => (i) =>
      stage.db.transaction(async (tx) => {
        for (let n = 0; n < 5; n++)
          await tx.update(TASKS, { title: `t${i}` }, { where: { id: pick(stage, i + n) }, returning: false })
      }),
  },
  {
    name: 'concurrent-100',
    title: '100 point reads at once',
    raw: (stage) => (i) =>
      Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          stage.raw.all(`select * from ${TASKS} where id = ?`, [pick(stage, i + n)]),
        ),
      ),
    archon: (stage) => (i) =>
      Promise.all(Array.from({ length: 100 }, (_, n) => stage.db.select(TASKS, { where: { id: pick(stage, i + n) } }))),
  },
]

const ROWS = 5000

/** 5,000 tasks of one project, one source, 1,000 settings. */
export async function prepare(db: Database): Promise<Pick<Stage, 'tasks' | 'project'>> {
  const { rows } = await db.insert<{ id: string }>('archon_projects', { title: 'bench' })
  const project = rows[0]?.id as string
  const tasks = await db.insert<{ id: string }>(
    TASKS,
    Array.from({ length: ROWS }, (_, i) => ({
      title: `task ${i}`,
      project_id: project,
      task_order: i,
      description: 'what is to be done, and why '.repeat(3),
      sources: [{ url: `https://example.org/${i}`, type: 'web', relevance: i / 7 }],
    })),
    { returning: ['id'] },
  )
  await db.insert('archon_sources', { source_id: 'bench' })
  await db.upsert(
    'archon_settings',
    Array.from({ length: 1000 }, (_, i) => ({ key: `bench${i}`, value: 'x' })),
    { onConflict: ['key'] },
  )
  return { project, tasks: tasks.rows.map((row) => row.id) }
}
