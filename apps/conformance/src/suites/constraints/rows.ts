import type { DataAccess, Row } from '@archon-db/core'

export function keyOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** Parents that the rows below refer to. */
export async function addParents(db: DataAccess): Promise<void> {
  await db.insert('archon_sources', { source_id: 's' })
  await db.insert('archon_projects', { id: keyOf(1), title: 'p' })
  await db.insert('archon_tasks', { id: keyOf(1), title: 't', project_id: keyOf(1) })
  await db.insert('archon_page_metadata', { id: keyOf(1), ...page('parent') })
  await db.insert('archon_agent_work_orders', workOrder('w'))
}

export const page = (url: string): Row => ({ source_id: 's', url, full_content: 'c', word_count: 1, char_count: 1 })
export const chunk = (url: string, chunk_number = 0): Row => ({ url, chunk_number, content: 'c', source_id: 's' })
export const example = (url: string): Row => ({ ...chunk(url), summary: 's' })
export const workOrder = (id: string): Row => ({
  agent_work_order_id: id,
  repository_url: 'u',
  sandbox_identifier: 's',
  status: 'pending',
})
export const version = (version_number: number): Row => ({
  project_id: keyOf(1),
  field_name: 'docs',
  version_number,
  content: [],
})

/** A complete row of every table, which can be stored once the parents are there. */
export const ROWS: Readonly<Record<string, Row>> = {
  archon_settings: { key: 'k' },
  archon_sources: { source_id: 'other' },
  archon_page_metadata: page('u'),
  archon_crawled_pages: chunk('u'),
  archon_code_examples: example('u'),
  archon_projects: { title: 'p' },
  archon_tasks: { title: 't' },
  archon_project_sources: { project_id: keyOf(1), source_id: 's' },
  archon_document_versions: version(1),
  archon_migrations: { version: '1', migration_name: 'm' },
  archon_prompts: { prompt_name: 'p', prompt: 'x' },
  archon_configured_repositories: { repository_url: 'https://github.com/a/b' },
  archon_agent_work_orders: workOrder('other'),
  archon_agent_work_order_steps: {
    agent_work_order_id: 'w',
    step: 's',
    agent_name: 'a',
    success: true,
    duration_seconds: 0.5,
    executed_at: new Date(5),
    step_order: 1,
  },
  archon_vector_index: { table_name: 't', record_id: 'r' },
}

/** `archon_page_metadata` → `page-metadata` */
export function idOf(table: string): string {
  return table.slice('archon_'.length).replaceAll('_', '-')
}
