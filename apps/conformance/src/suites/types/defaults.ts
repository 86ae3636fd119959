import assert from 'node:assert/strict'
import type { Database, Row } from '@archon-db/core'
import type { SuiteBuilder } from '../../harness/index.ts'

/** `NOW`: the moment of the insert. `ID`: a key made for the row. */
const NOW = Symbol('now')
const ID = Symbol('id')

interface Table {
  /** Rows that must be there first. */
  readonly before?: readonly (readonly [table: string, row: Row])[]
  readonly row: Row
  readonly defaults: Row
}

const TIMES = { created_at: NOW, updated_at: NOW }
const SOURCE = ['archon_sources', { source_id: 's' }] as const
const VECTORS = {
  embedding_384: null,
  embedding_768: null,
  embedding_1024: null,
  embedding_1536: null,
  embedding_3072: null,
}
const EMBEDDED = {
  ...VECTORS,
  llm_chat_model: null,
  embedding_model: null,
  embedding_dimension: null,
  metadata: {},
  created_at: NOW,
  id: ID,
}
const PROJECT = '00000000-0000-4000-8000-000000000001'

/** A row with what is required alone, and what the others are then. */
const TABLES: Readonly<Record<string, Table>> = {
  archon_settings: {
    row: { key: 'k' },
    defaults: {
      id: ID,
      value: null,
      encrypted_value: null,
      is_encrypted: false,
      category: null,
      description: null,
      ...TIMES,
    },
  },
  archon_sources: {
    row: { source_id: 's' },
    defaults: {
      source_url: null, source_display_name: null, summary: null, total_word_count: 0, title: null, metadata: {}, ...TIMES,
      source_type: null, status: 'completed', error_message: null, crawled_at: null,
    }, // biome-ignore format: in groups
  },
  archon_page_metadata: {
    before: [SOURCE],
    row: { source_id: 's', url: 'u', full_content: 'c', word_count: 1, char_count: 1 },
    defaults: { id: ID, section_title: null, section_order: 0, chunk_count: 0, metadata: {}, ...TIMES },
  },
  archon_crawled_pages: {
    before: [SOURCE],
    row: { url: 'u', chunk_number: 0, content: 'c', source_id: 's' },
    defaults: { ...EMBEDDED, page_id: null, title: null, total_chunks: 1 },
  },
  archon_code_examples: {
    before: [SOURCE],
    row: { url: 'u', chunk_number: 0, content: 'c', summary: 's', source_id: 's' },
    defaults: { ...EMBEDDED, file_path: null, function_name: null, class_name: null, language: null },
  },
  archon_projects: {
    row: { title: 'p' },
    defaults: {
      id: ID,
      description: '',
      docs: [],
      features: [],
      data: [],
      github_repo: null,
      pinned: false,
      prd: {},
      ...TIMES,
    },
  },
  archon_tasks: {
    row: { title: 't' },
    defaults: {
      id: ID, project_id: null, parent_task_id: null, description: '', status: 'todo', assignee: 'User', task_order: 0,
      priority: 'medium', feature: null, sources: [], code_examples: [], archived: false, archived_at: null, archived_by: null, ...TIMES,
    }, // biome-ignore format: in groups
  },
  archon_project_sources: {
    row: { source_id: 's' },
    defaults: { id: ID, project_id: null, linked_at: NOW, created_by: 'system', notes: null },
  },
  archon_document_versions: {
    before: [['archon_projects', { id: PROJECT, title: 'p' }]],
    row: { project_id: PROJECT, field_name: 'docs', version_number: 1, content: [] },
    defaults: {
      id: ID,
      task_id: null,
      change_summary: null,
      change_type: 'update',
      document_id: null,
      created_by: 'system',
      created_at: NOW,
    },
  },
  archon_migrations: {
    row: { version: '9.9.9', migration_name: 'm' },
    defaults: { id: ID, applied_at: NOW, checksum: null },
  },
  archon_prompts: {
    row: { prompt_name: 'p', prompt: 'x' },
    defaults: { id: ID, description: null, ...TIMES },
  },
  archon_configured_repositories: {
    row: { repository_url: 'https://github.com/a/b' },
    defaults: {
      id: ID, display_name: null, owner: null, default_branch: null, is_verified: false, last_verified_at: null,
      default_sandbox_type: 'git_worktree', default_commands: ['create-branch', 'planning', 'execute', 'commit', 'create-pr'], ...TIMES,
    }, // biome-ignore format: in groups
  },
  archon_agent_work_orders: {
    row: { agent_work_order_id: 'w', repository_url: 'u', sandbox_identifier: 's', status: 'pending' },
    defaults: { git_branch_name: null, agent_session_id: null, metadata: {}, ...TIMES },
  },
  archon_agent_work_order_steps: {
    before: [
      [
        'archon_agent_work_orders',
        { agent_work_order_id: 'w', repository_url: 'u', sandbox_identifier: 's', status: 'pending' },
      ],
    ],
    row: {
      agent_work_order_id: 'w',
      step: 's',
      agent_name: 'a',
      success: true,
      duration_seconds: 0.5,
      executed_at: new Date(5),
      step_order: 1,
    },
    defaults: { id: ID, output: null, error_message: null, session_id: null },
  },
  archon_vector_index: {
    row: { table_name: 't', record_id: 'r' },
    defaults: { vector_service: 'local', external_id: null, metadata: {}, created_at: NOW },
  },
}

export function defaults(t: SuiteBuilder): void {
  for (const [table, expected] of Object.entries(TABLES)) {
    t.behaviour(`default.${table.slice('archon_'.length).replaceAll('_', '-')}`, async ({ db }) => {
      for (const [parent, row] of expected.before ?? []) await db.insert(parent, row)
      await checkDefaults(db, table, expected)
    })
  }
  t.behaviour('default.tables-are-all-here', async ({ db }) => {
    assert.deepEqual([...db.schema.tables.keys()].sort(), Object.keys(TABLES).sort())
  })
}

async function checkDefaults(db: Database, table: string, { row, defaults: wanted }: Table): Promise<void> {
  const { rows } = await db.insert(table, row)
  const stored = rows[0] ?? {}
  const found: Row = { ...stored }
  for (const [column, value] of Object.entries(wanted)) {
    if (value === NOW) found[column] = isNow(stored[column]) ? NOW : stored[column]
    if (value === ID) found[column] = isKey(stored[column]) ? ID : stored[column]
  }
  assert.deepEqual(found, { ...row, ...wanted })
  assert.deepEqual((await db.select(table)).rows, rows)
}

/** Servers have clocks of their own: half an hour is no time zone. */
function isNow(value: unknown): boolean {
  return value instanceof Date && Math.abs(value.getTime() - Date.now()) < 30 * 60_000
}

function isKey(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' ? value > 0 : /^[0-9a-f-]{36}$/.test(String(value))
}
