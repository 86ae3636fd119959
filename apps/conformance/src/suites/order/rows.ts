import type { DataAccess, OrderBy, SelectSpec } from '@archon-db/core'

export const TASKS = 'archon_tasks'
export const PROMPTS = 'archon_prompts'

/** A key that sorts as the number does. */
export function keyOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** Stores tasks whose keys are in the order of the list. */
export async function addTasks(db: DataAccess, tasks: readonly object[]): Promise<void> {
  const rows = tasks.map((task, i) => ({ id: keyOf(i + 1), title: `t${i + 1}`, ...task }))
  await db.insert(TASKS, rows, { returning: false })
}

/** Values of one column of a table in the order asked for. */
export async function ordered(
  db: DataAccess,
  table: string,
  column: string,
  orderBy: OrderBy | readonly OrderBy[] | undefined,
  spec: SelectSpec = {},
): Promise<unknown[]> {
  const { rows } = await db.select(table, { ...spec, columns: [column], ...(orderBy !== undefined && { orderBy }) })
  return rows.map((row) => row[column])
}
