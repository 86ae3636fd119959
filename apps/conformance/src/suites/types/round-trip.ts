import assert from 'node:assert/strict'
import type { Database, Row } from '@archon-db/core'

/** A column to store values in, with the rest of its row. */
export interface Place {
  readonly table: string
  readonly column: string
  row(db: Database, i: number): Promise<Row>
}

export const TEXT: Place = place('archon_prompts', 'prompt', (i) => ({ prompt_name: `n${i}` }))
export const NULLABLE_TEXT: Place = place('archon_tasks', 'feature', () => ({ title: 't' }))
export const VARCHAR: Place = place('archon_settings', 'category', (i) => ({ key: `k${i}` }))
export const INTEGER: Place = place('archon_tasks', 'task_order', () => ({ title: 't' }))
export const BOOLEAN: Place = place('archon_tasks', 'archived', () => ({ title: 't' }))
export const TIMESTAMP: Place = place('archon_tasks', 'archived_at', () => ({ title: 't' }))
export const ENUM: Place = place('archon_tasks', 'status', () => ({ title: 't' }))
export const UUID: Place = place('archon_prompts', 'id', (i) => ({ prompt_name: `n${i}`, prompt: 'x' }))

export const BIGINT: Place = {
  table: 'archon_crawled_pages',
  column: 'id',
  row: (db, i) => chunkRow(db, i),
}

export const DOUBLE: Place = {
  table: 'archon_agent_work_order_steps',
  column: 'duration_seconds',
  async row(db, i) {
    if (i === 0) {
      const order = { agent_work_order_id: 'w', repository_url: 'u', sandbox_identifier: 's', status: 'running' }
      await db.upsert('archon_agent_work_orders', order)
    }
    const executed_at = new Date(0)
    return { agent_work_order_id: 'w', agent_name: 'a', step: `s${i}`, success: true, executed_at, step_order: i }
  },
}

export function vectorPlace(dimension: number): Place {
  return { table: 'archon_crawled_pages', column: `embedding_${dimension}`, row: (db, i) => chunkRow(db, i) }
}

async function chunkRow(db: Database, i: number): Promise<Row> {
  if (i === 0) await db.upsert('archon_sources', { source_id: 's' }, { returning: false })
  return { url: `u${i}`, chunk_number: 0, content: 'c', source_id: 's' }
}

function place(table: string, column: string, row: (i: number) => Row): Place {
  return { table, column, row: async (_db, i) => row(i) }
}

/**
 * Stores each value and reads it back: from the insert itself, from a select, from an update. `expected` says what comes
 * back where that is not the value itself.
 */
export async function roundTrip(
  db: Database,
  where: Place,
  values: readonly unknown[],
  expected: readonly unknown[] = values,
): Promise<void> {
  const { table, column } = where
  for (const [i, value] of values.entries()) {
    const row = { ...(await where.row(db, i)), [column]: value }
    const inserted = await db.insert(table, row)
    same(inserted.rows[0]?.[column], expected[i], `inserted ${i}`)
    const [own] = db.schema.tables.get(table)?.primaryKey ?? []
    const key = { [own as string]: inserted.rows[0]?.[own as string] }
    const selected = await db.select(table, { columns: [column], where: key })
    same(selected.rows[0]?.[column], expected[i], `selected ${i}`)
    if (column === own) continue
    await db.update(table, { [column]: null }, { where: key }).catch(() => undefined)
    const updated = await db.update(table, { [column]: value }, { where: key })
    same(updated.rows[0]?.[column], expected[i], `updated ${i}`)
  }
}

/** Strict: -0 is not 0, and a number is not a bigint. */
export function same(actual: unknown, expected: unknown, message: string): void {
  assert.deepEqual(actual, expected, message)
}
