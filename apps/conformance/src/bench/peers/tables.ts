/** The tables as the cases need them; every peer makes its own entities of this, with the columns' names. */
export interface PeerTable {
  readonly table: string
  readonly columns: Readonly<Record<string, ColumnKind>>
}

export type ColumnKind =
  | 'uuidKey'
  | 'numberedKey'
  | 'uuid'
  | 'text'
  | 'uniqueText'
  | 'status'
  | 'priority'
  | 'integer'
  | 'boolean'
  | 'json'
  | 'timestamp'

export const TASK_TABLE: PeerTable = {
  table: 'archon_tasks',
  columns: {
    id: 'uuidKey',
    project_id: 'uuid',
    parent_task_id: 'uuid',
    title: 'text',
    description: 'text',
    status: 'status',
    assignee: 'text',
    task_order: 'integer',
    priority: 'priority',
    feature: 'text',
    sources: 'json',
    code_examples: 'json',
    archived: 'boolean',
    archived_at: 'timestamp',
    archived_by: 'text',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
}

export const PROJECT_TABLE: PeerTable = {
  table: 'archon_projects',
  columns: {
    id: 'uuidKey',
    title: 'text',
    description: 'text',
    docs: 'json',
    features: 'json',
    data: 'json',
    github_repo: 'text',
    pinned: 'boolean',
    created_at: 'timestamp',
    updated_at: 'timestamp',
    prd: 'json',
  },
}

export const SETTING_TABLE: PeerTable = {
  table: 'archon_settings',
  columns: {
    id: 'uuidKey',
    key: 'uniqueText',
    value: 'text',
    encrypted_value: 'text',
    is_encrypted: 'boolean',
    category: 'text',
    description: 'text',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
}

/** What the cases write alone: some libraries name every column they know in every insert. */
export const CHUNK_TABLE: PeerTable = {
  table: 'archon_crawled_pages',
  columns: {
    id: 'numberedKey',
    url: 'text',
    chunk_number: 'integer',
    content: 'text',
    source_id: 'text',
    metadata: 'json',
  },
}
