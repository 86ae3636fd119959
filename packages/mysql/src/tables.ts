import {
  SANDBOX_TYPES,
  type SandboxType,
  TABLE_NAMES,
  TASK_PRIORITIES,
  TASK_STATUSES,
  WORK_ORDER_STATUSES,
  type WorkOrderStatus,
} from '@archon-db/core'
import { sql } from '@archon-db/core/dialect'
import { isRepositoryUrl, oneOf, typeChecks } from './checks.ts'
import {
  embeddingColumns,
  hashOf,
  json,
  keyText,
  numberedKey,
  text,
  timestamp,
  timestampNow,
  uuid,
  uuidKey,
  varchar,
  wordsOf,
} from './columns.ts'
import { boolean, check, double, index, int, mysqlEnum, mysqlTable, primaryKey, unique } from './drizzle-core.ts'
import { descending, refers, start } from './keys.ts'

/**
 * The tables as MySQL and MariaDB store them. A property is the entity's key, its first argument the physical name. What
 * Drizzle cannot declare (collations, full-text indexes, triggers, routines) stands in drizzle/, written by hand. Names
 * that end in _hash or _words are columns for the database's own use.
 */

export const settings = mysqlTable(
  TABLE_NAMES.settings,
  {
    id: uuidKey('id'),
    key: varchar('key', { length: 255 }).notNull(),
    value: text('value'),
    encryptedValue: text('encrypted_value'),
    isEncrypted: boolean('is_encrypted').default(false),
    category: varchar('category', { length: 100 }),
    description: text('description'),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_settings_key_key').on(t.key),
    index('idx_archon_settings_key').on(t.key),
    index('idx_archon_settings_category').on(t.category),
  ],
)

export const sources = mysqlTable(
  TABLE_NAMES.sources,
  {
    id: keyText('source_id').primaryKey(),
    url: text('source_url'),
    displayName: text('source_display_name'),
    summary: text('summary'),
    totalWordCount: int('total_word_count').default(0),
    title: text('title'),
    metadata: json('metadata').default({}),
    createdAt: timestampNow('created_at').notNull(),
    updatedAt: timestampNow('updated_at').notNull(),
    sourceType: varchar('source_type', { length: 50 }),
    status: varchar('status', { length: 50 }).default('completed'),
    errorMessage: text('error_message'),
    crawledAt: timestamp('crawled_at'),
  },
  (t) => [
    ...typeChecks(t),
    index('idx_archon_sources_title').on(start('title')),
    index('idx_archon_sources_url').on(start('source_url')),
    index('idx_archon_sources_display_name').on(start('source_display_name')),
  ],
)

export const pages = mysqlTable(
  TABLE_NAMES.pages,
  {
    id: uuidKey('id'),
    sourceId: keyText('source_id').notNull(),
    url: text('url').notNull(),
    content: text('full_content').notNull(),
    sectionTitle: text('section_title'),
    sectionOrder: int('section_order').default(0),
    wordCount: int('word_count').notNull(),
    charCount: int('char_count').notNull(),
    chunkCount: int('chunk_count').notNull().default(0),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
    metadata: json('metadata').default({}),
    urlHash: hashOf('url_hash', 'url'),
  },
  (t) => [
    ...typeChecks(t),
    refers(t.sourceId, sources.id),
    unique('archon_page_metadata_url_unique').on(t.urlHash),
    index('idx_archon_page_metadata_source_id').on(t.sourceId),
    index('idx_archon_page_metadata_url').on(start('url')),
    index('idx_archon_page_metadata_section').on(t.sourceId, start('section_title'), t.sectionOrder),
    index('idx_archon_page_metadata_created_at').on(t.createdAt),
  ],
)

export const chunks = mysqlTable(
  TABLE_NAMES.chunks,
  {
    id: numberedKey(),
    url: text('url').notNull(),
    chunkNumber: int('chunk_number').notNull(),
    content: text('content').notNull(),
    metadata: json('metadata').notNull().default({}),
    sourceId: keyText('source_id').notNull(),
    ...embeddingColumns(),
    createdAt: timestampNow('created_at').notNull(),
    pageId: uuid('page_id'),
    title: text('title'),
    totalChunks: int('total_chunks').default(1),
    urlHash: hashOf('url_hash', 'url'),
    words: wordsOf('content_words', sql.raw('`content`')),
  },
  (t) => [
    ...typeChecks(t),
    refers(t.sourceId, sources.id),
    refers(t.pageId, pages.id, 'set null'),
    unique('archon_crawled_pages_url_chunk_number_key').on(t.urlHash, t.chunkNumber),
    index('idx_archon_crawled_pages_url').on(start('url')),
    index('idx_archon_crawled_pages_source_id').on(t.sourceId),
    index('idx_archon_crawled_pages_page_id').on(t.pageId),
    index('idx_archon_crawled_pages_embedding_model').on(start('embedding_model')),
    index('idx_archon_crawled_pages_embedding_dimension').on(t.embeddingDimension),
    index('idx_archon_crawled_pages_llm_chat_model').on(start('llm_chat_model')),
  ],
)

export const codeExamples = mysqlTable(
  TABLE_NAMES.codeExamples,
  {
    id: numberedKey(),
    url: text('url').notNull(),
    chunkNumber: int('chunk_number').notNull(),
    content: text('content').notNull(),
    summary: text('summary').notNull(),
    metadata: json('metadata').notNull().default({}),
    sourceId: keyText('source_id').notNull(),
    ...embeddingColumns(),
    createdAt: timestampNow('created_at').notNull(),
    filePath: text('file_path'),
    functionName: text('function_name'),
    className: text('class_name'),
    language: varchar('language', { length: 50 }),
    urlHash: hashOf('url_hash', 'url'),
    words: wordsOf('content_words', sql.raw("concat(`content`, ' ', `summary`)")),
  },
  (t) => [
    ...typeChecks(t),
    refers(t.sourceId, sources.id),
    unique('archon_code_examples_url_chunk_number_key').on(t.urlHash, t.chunkNumber),
    index('idx_archon_code_examples_url').on(start('url')),
    index('idx_archon_code_examples_source_id').on(t.sourceId),
    index('idx_archon_code_examples_embedding_model').on(start('embedding_model')),
    index('idx_archon_code_examples_embedding_dimension').on(t.embeddingDimension),
    index('idx_archon_code_examples_llm_chat_model').on(start('llm_chat_model')),
  ],
)

export const projects = mysqlTable(
  TABLE_NAMES.projects,
  {
    id: uuidKey('id'),
    title: text('title').notNull(),
    description: text('description').default(''),
    docs: json('docs').default([]),
    features: json('features').default([]),
    data: json('data').default([]),
    githubRepo: text('github_repo'),
    pinned: boolean('pinned').default(false),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
    prd: json('prd').default({}),
  },
  (t) => typeChecks(t),
)

export const tasks = mysqlTable(
  TABLE_NAMES.tasks,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id'),
    parentTaskId: uuid('parent_task_id'),
    title: text('title').notNull(),
    description: text('description').default(''),
    status: mysqlEnum('status', TASK_STATUSES).default('todo'),
    assignee: text('assignee').default('User'),
    order: int('task_order').default(0),
    priority: mysqlEnum('priority', TASK_PRIORITIES).notNull().default('medium'),
    feature: text('feature'),
    sources: json('sources').default([]),
    codeExamples: json('code_examples').default([]),
    archived: boolean('archived').default(false),
    archivedAt: timestamp('archived_at'),
    archivedBy: text('archived_by'),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
  },
  (t) => [
    ...typeChecks(t),
    refers(t.projectId, projects.id),
    refers(t.parentTaskId, t.id),
    check('archon_tasks_assignee_check', sql.raw("`assignee` is not null and `assignee` <> ''")),
    index('idx_archon_tasks_project_id').on(t.projectId),
    // Without it every deleted task would scan the table for its subtasks.
    index('idx_archon_tasks_parent_task_id').on(t.parentTaskId),
    index('idx_archon_tasks_status').on(t.status),
    index('idx_archon_tasks_assignee').on(start('assignee')),
    index('idx_archon_tasks_order').on(t.order),
    index('idx_archon_tasks_place').on(t.projectId, t.status, t.order),
    index('idx_archon_tasks_priority').on(t.priority),
    index('idx_archon_tasks_archived').on(t.archived),
    index('idx_archon_tasks_archived_at').on(t.archivedAt),
  ],
)

export const projectSources = mysqlTable(
  TABLE_NAMES.projectSources,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id'),
    sourceId: keyText('source_id').notNull(),
    linkedAt: timestampNow('linked_at'),
    createdBy: text('created_by').default('system'),
    notes: text('notes'),
  },
  (t) => [
    ...typeChecks(t),
    refers(t.projectId, projects.id),
    unique('archon_project_sources_project_id_source_id_key').on(t.projectId, t.sourceId),
    index('idx_archon_project_sources_project_id').on(t.projectId),
    index('idx_archon_project_sources_source_id').on(t.sourceId),
  ],
)

export const documentVersions = mysqlTable(
  TABLE_NAMES.documentVersions,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id'),
    taskId: uuid('task_id'),
    fieldName: text('field_name').notNull(),
    versionNumber: int('version_number').notNull(),
    content: json('content').notNull(),
    changeSummary: text('change_summary'),
    changeType: text('change_type').default('update'),
    documentId: text('document_id'),
    createdBy: text('created_by').default('system'),
    createdAt: timestampNow('created_at'),
    fieldNameHash: hashOf('field_name_hash', 'field_name'),
  },
  (t) => [
    ...typeChecks(t),
    refers(t.projectId, projects.id),
    refers(t.taskId, tasks.id),
    check('archon_document_versions_owner_check', sql.raw('(`project_id` is null) <> (`task_id` is null)')),
    // One per owner: a single constraint over both owners never holds, because one of the two is always null.
    unique('archon_document_versions_project_version_key').on(t.projectId, t.fieldNameHash, t.versionNumber),
    unique('archon_document_versions_task_version_key').on(t.taskId, t.fieldNameHash, t.versionNumber),
    index('idx_archon_document_versions_project_id').on(t.projectId),
    index('idx_archon_document_versions_task_id').on(t.taskId),
    index('idx_archon_document_versions_field_name').on(start('field_name')),
    index('idx_archon_document_versions_version_number').on(t.versionNumber),
    index('idx_archon_document_versions_created_at').on(t.createdAt),
  ],
)

export const migrations = mysqlTable(
  TABLE_NAMES.migrations,
  {
    id: uuidKey('id'),
    version: varchar('version', { length: 20 }).notNull(),
    name: varchar('migration_name', { length: 255 }).notNull(),
    appliedAt: timestampNow('applied_at'),
    checksum: varchar('checksum', { length: 32 }),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_migrations_version_migration_name_key').on(t.version, t.name),
    index('idx_archon_migrations_version').on(t.version),
    index('idx_archon_migrations_applied_at').on(descending('applied_at')),
  ],
)

export const prompts = mysqlTable(
  TABLE_NAMES.prompts,
  {
    id: uuidKey('id'),
    name: text('prompt_name').notNull(),
    prompt: text('prompt').notNull(),
    description: text('description'),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
    nameHash: hashOf('prompt_name_hash', 'prompt_name'),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_prompts_prompt_name_key').on(t.nameHash),
    index('idx_archon_prompts_name').on(start('prompt_name')),
  ],
)

export const configuredRepositories = mysqlTable(
  TABLE_NAMES.configuredRepositories,
  {
    id: uuidKey('id'),
    url: text('repository_url').notNull(),
    displayName: text('display_name'),
    owner: text('owner'),
    defaultBranch: text('default_branch'),
    isVerified: boolean('is_verified').default(false),
    lastVerifiedAt: timestamp('last_verified_at'),
    defaultSandboxType: text('default_sandbox_type').$type<SandboxType>().default('git_worktree'),
    defaultCommands: json('default_commands').default(['create-branch', 'planning', 'execute', 'commit', 'create-pr']),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
    urlHash: hashOf('repository_url_hash', 'repository_url'),
  },
  (t) => [
    ...typeChecks(t),
    check('archon_configured_repositories_default_sandbox_type_check', oneOf('default_sandbox_type', SANDBOX_TYPES)),
    check('archon_configured_repositories_repository_url_check', sql.raw(isRepositoryUrl('repository_url'))),
    unique('archon_configured_repositories_repository_url_key').on(t.urlHash),
    index('idx_configured_repositories_url').on(start('repository_url')),
    index('idx_configured_repositories_verified').on(t.isVerified),
    index('idx_configured_repositories_created_at').on(descending('created_at')),
  ],
)

export const workOrders = mysqlTable(
  TABLE_NAMES.workOrders,
  {
    id: keyText('agent_work_order_id').primaryKey(),
    repositoryUrl: text('repository_url').notNull(),
    sandboxIdentifier: text('sandbox_identifier').notNull(),
    gitBranchName: text('git_branch_name'),
    agentSessionId: text('agent_session_id'),
    status: text('status').$type<WorkOrderStatus>().notNull(),
    metadata: json('metadata').default({}),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
  },
  (t) => [
    ...typeChecks(t),
    check('archon_agent_work_orders_status_check', oneOf('status', WORK_ORDER_STATUSES)),
    index('idx_agent_work_orders_status').on(start('status')),
    index('idx_agent_work_orders_repository').on(start('repository_url')),
    index('idx_agent_work_orders_created_at').on(descending('created_at')),
  ],
)

export const workOrderSteps = mysqlTable(
  TABLE_NAMES.workOrderSteps,
  {
    id: uuidKey('id'),
    workOrderId: keyText('agent_work_order_id').notNull(),
    step: text('step').notNull(),
    agentName: text('agent_name').notNull(),
    success: boolean('success').notNull(),
    output: text('output'),
    errorMessage: text('error_message'),
    durationSeconds: double('duration_seconds').notNull(),
    sessionId: text('session_id'),
    executedAt: timestamp('executed_at').notNull(),
    order: int('step_order').notNull(),
  },
  (t) => [
    ...typeChecks(t),
    refers(t.workOrderId, workOrders.id),
    index('idx_agent_work_order_steps_work_order_id').on(t.workOrderId),
    index('idx_agent_work_order_steps_executed_at').on(t.executedAt),
  ],
)

export const vectorIndex = mysqlTable(
  TABLE_NAMES.vectorIndex,
  {
    tableName: varchar('table_name', { length: 64 }).notNull(),
    recordId: varchar('record_id', { length: 255 }).notNull(),
    vectorService: varchar('vector_service', { length: 50 }).notNull().default('local'),
    externalId: text('external_id'),
    metadata: json('metadata').default({}),
    createdAt: timestampNow('created_at'),
  },
  (t) => [
    ...typeChecks(t),
    primaryKey({ name: 'archon_vector_index_pkey', columns: [t.tableName, t.recordId, t.vectorService] }),
  ],
)

/** All of them by entity name, parents before children. */
export const tables = {
  settings,
  sources,
  pages,
  chunks,
  codeExamples,
  projects,
  tasks,
  projectSources,
  documentVersions,
  migrations,
  prompts,
  configuredRepositories,
  workOrders,
  workOrderSteps,
  vectorIndex,
} as const
