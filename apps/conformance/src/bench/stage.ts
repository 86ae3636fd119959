import type { Database } from '@archon-db/core'
import type { RawDriver } from './drivers/raw.ts'
import type { Work } from './measure.ts'

/** What a case is given: the same data behind the contract and behind the bare driver. */
export interface Stage extends StageData {
  readonly db: Database
  readonly raw: RawDriver
}

export interface StageData {
  /** Ids, in the order of the tasks. */
  readonly tasks: readonly string[]
  readonly project: string
}

/** Work that is compared: the bare driver's is the baseline. */
export interface Case {
  readonly name: string
  readonly title: string
  /** The design's limit for archon-db's ratio. */
  readonly budget?: (backend: string) => number
  /** Beyond what every case finds; once a backend. */
  prepare?(db: Database): Promise<void>
  raw(stage: Stage): Work
  archon(stage: Stage): Work
}

export const TASKS = 'archon_tasks'
export const CHUNKS = 'archon_crawled_pages'
const ROWS = 5000
/** A table whose rows are all alike in this leads planners astray. */
const STATUSES = ['todo', 'doing', 'review', 'done'] as const

export function pick({ tasks }: StageData, index: number): string {
  return tasks[index % tasks.length] as string
}

/** A hundred reads at once, each of another task. */
export function hundred(read: (index: number) => PromiseLike<unknown>, from: number): Promise<unknown> {
  return Promise.all(Array.from({ length: 100 }, (_, n) => read(from + n)))
}

/** 5,000 tasks of one project, one source, 1,000 settings. */
export async function prepareStage(db: Database): Promise<StageData> {
  const { rows } = await db.insert<{ id: string }>('archon_projects', { title: 'bench' })
  const project = rows[0]?.id as string
  const tasks = await db.insert<{ id: string }>(
    TASKS,
    Array.from({ length: ROWS }, (_, i) => ({
      title: `task ${i}`,
      project_id: project,
      task_order: i,
      status: STATUSES[i % STATUSES.length],
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
