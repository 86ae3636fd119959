import assert from 'node:assert/strict'
import type { DataAccess, Row } from '@archon-db/core'

/** The only row of a result. */
export function one<R extends object = Row>(rows: readonly R[]): R {
  assert.equal(rows.length, 1, 'exactly one row')
  return rows[0] as R
}

/** Titles and orders of all tasks, by title. */
export async function tasksOf(db: DataAccess): Promise<[unknown, unknown][]> {
  const { rows } = await db.select('archon_tasks', { columns: ['title', 'task_order'], orderBy: 'title' })
  return rows.map((row) => [row.title, row.task_order])
}
