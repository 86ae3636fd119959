import {
  type BigIntId,
  SANDBOX_TYPES,
  type SandboxType,
  TABLE_NAMES,
  TASK_PRIORITIES,
  TASK_STATUSES,
  WORK_ORDER_STATUSES,
  type WorkOrderStatus,
} from '@archon-db/core'
import { sql } from '@archon-db/core/dialect'
import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core'
import { isRepositoryUrl, oneOf, typeChecks } from './checks.ts'
import { boolean, double, embedding, json, timestamp, timestampNow, uuid, uuidKey, varchar } from './columns.ts'
import { check, index, integer, primaryKey, sqliteTable, text, unique, uniqueIndex } from './drizzle-core.ts'

/**
 * The tables as SQLite stores them. A property is the entity's key, its first argument the physical name. What Drizzle
 * cannot declare (triggers, full-text tables) stands in drizzle/, written by hand.
 */

export const settings = sqliteTable(
  TABLE_NAMES.settings,
  {
    id: uuidKey('id'),
    key: varchar('key', 255).notNull(),
    value: text('value'),
    encryptedValue: text('encrypted_value'),
    isEncrypted: boolean('is_encrypted').default(false),
    category: varchar('category', 100),
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

export const sources = sqliteTable(
  TABLE_NAMES.sources,
  {
    id: text('source_id').primaryKey(),
    url: text('source_url'),
    displayName: text('source_display_name'),
    summary: text('summary'),
    totalWordCount: integer('total_word_count').default(0),
    title: text('title'),
    metadata: json('metadata').default({}),
    createdAt: timestampNow('created_at').notNull(),
    updatedAt: timestampNow('updated_at').notNull(),
    sourceType: varchar('source_type', 50),
    status: varchar('status', 50).default('completed'),
    errorMessage: text('error_message'),
    crawledAt: timestamp('crawled_at'),
  },
  (t) => [
    ...typeChecks(t),
    index('idx_archon_sources_title').on(t.title),
    index('idx_archon_sources_url').on(t.url),
    index('idx_archon_sources_display_name').on(t.displayName),
    index('idx_archon_sources_knowledge_type').on(sql`json_extract("metadata", '$.knowledge_type')`),
  ],
)

export const pages = sqliteTable(
  TABLE_NAMES.pages,
  {
    id: uuidKey('id'),
    sourceId: text('source_id')
      .notNull()
      .references(() => sources.id, { onDelete: 'cascade' }),
    url: text('url').notNull(),
    content: text('full_content').notNull(),
    sectionTitle: text('section_title'),
    sectionOrder: integer('section_order').default(0),
    wordCount: integer('word_count').notNull(),
    charCount: integer('char_count').notNull(),
    chunkCount: integer('chunk_count').notNull().default(0),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
    metadata: json('metadata').default({}),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_page_metadata_url_unique').on(t.url),
    index('idx_archon_page_metadata_source_id').on(t.sourceId),
    index('idx_archon_page_metadata_url').on(t.url),
    index('idx_archon_page_metadata_section').on(t.sourceId, t.sectionTitle, t.sectionOrder),
    index('idx_archon_page_metadata_created_at').on(t.createdAt),
  ],
)

/** AUTOINCREMENT: the number of a deleted row is never given again, so what was kept under it outside is never mistaken. */
const numberedKey = () => integer('id').primaryKey({ autoIncrement: true }).$type<BigIntId>()

/** What chunks and code examples share. */
const embeddingColumns = () => ({
  embedding384: embedding('embedding_384', { dimension: 384 }),
  embedding768: embedding('embedding_768', { dimension: 768 }),
  embedding1024: embedding('embedding_1024', { dimension: 1024 }),
  embedding1536: embedding('embedding_1536', { dimension: 1536 }),
  embedding3072: embedding('embedding_3072', { dimension: 3072 }),
  llmChatModel: text('llm_chat_model'),
  embeddingModel: text('embedding_model'),
  embeddingDimension: integer('embedding_dimension'),
})

export const chunks = sqliteTable(
  TABLE_NAMES.chunks,
  {
    id: numberedKey(),
    url: text('url').notNull(),
    chunkNumber: integer('chunk_number').notNull(),
    content: text('content').notNull(),
    metadata: json('metadata').notNull().default({}),
    sourceId: text('source_id')
      .notNull()
      .references(() => sources.id, { onDelete: 'cascade' }),
    ...embeddingColumns(),
    createdAt: timestampNow('created_at').notNull(),
    pageId: uuid('page_id').references(() => pages.id, { onDelete: 'set null' }),
    title: text('title'),
    totalChunks: integer('total_chunks').default(1),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_crawled_pages_url_chunk_number_key').on(t.url, t.chunkNumber),
    index('idx_archon_crawled_pages_source_id').on(t.sourceId),
    index('idx_archon_crawled_pages_page_id').on(t.pageId),
    index('idx_archon_crawled_pages_embedding_model').on(t.embeddingModel),
    index('idx_archon_crawled_pages_embedding_dimension').on(t.embeddingDimension),
    index('idx_archon_crawled_pages_llm_chat_model').on(t.llmChatModel),
  ],
)

export const codeExamples = sqliteTable(
  TABLE_NAMES.codeExamples,
  {
    id: numberedKey(),
    url: text('url').notNull(),
    chunkNumber: integer('chunk_number').notNull(),
    content: text('content').notNull(),
    summary: text('summary').notNull(),
    metadata: json('metadata').notNull().default({}),
    sourceId: text('source_id')
      .notNull()
      .references(() => sources.id, { onDelete: 'cascade' }),
    ...embeddingColumns(),
    createdAt: timestampNow('created_at').notNull(),
    filePath: text('file_path'),
    functionName: text('function_name'),
    className: text('class_name'),
    language: varchar('language', 50),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_code_examples_url_chunk_number_key').on(t.url, t.chunkNumber),
    index('idx_archon_code_examples_source_id').on(t.sourceId),
    index('idx_archon_code_examples_embedding_model').on(t.embeddingModel),
    index('idx_archon_code_examples_embedding_dimension').on(t.embeddingDimension),
    index('idx_archon_code_examples_llm_chat_model').on(t.llmChatModel),
  ],
)

export const projects = sqliteTable(
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

export const tasks = sqliteTable(
  TABLE_NAMES.tasks,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id').references(() => projects.id, { onDelete: 'cascade' }),
    parentTaskId: uuid('parent_task_id').references((): AnySQLiteColumn => tasks.id, { onDelete: 'cascade' }),
    title: text('title').notNull(),
    description: text('description').default(''),
    status: text('status', { enum: TASK_STATUSES }).default('todo'),
    assignee: text('assignee').default('User'),
    order: integer('task_order').default(0),
    priority: text('priority', { enum: TASK_PRIORITIES }).notNull().default('medium'),
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
    check('archon_tasks_assignee_check', sql.raw(`"assignee" is not null and "assignee" <> ''`)),
    index('idx_archon_tasks_project_id').on(t.projectId),
    // Without it every deleted task would scan the table for its subtasks.
    index('idx_archon_tasks_parent_task_id').on(t.parentTaskId),
    index('idx_archon_tasks_status').on(t.status),
    index('idx_archon_tasks_assignee').on(t.assignee),
    index('idx_archon_tasks_order').on(t.order),
    index('idx_archon_tasks_place').on(t.projectId, t.status, t.order),
    index('idx_archon_tasks_priority').on(t.priority),
    index('idx_archon_tasks_archived').on(t.archived),
    index('idx_archon_tasks_archived_at').on(t.archivedAt),
  ],
)

export const projectSources = sqliteTable(
  TABLE_NAMES.projectSources,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id').references(() => projects.id, { onDelete: 'cascade' }),
    sourceId: text('source_id').notNull(),
    linkedAt: timestampNow('linked_at'),
    createdBy: text('created_by').default('system'),
    notes: text('notes'),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_project_sources_project_id_source_id_key').on(t.projectId, t.sourceId),
    index('idx_archon_project_sources_project_id').on(t.projectId),
    index('idx_archon_project_sources_source_id').on(t.sourceId),
  ],
)

export const documentVersions = sqliteTable(
  TABLE_NAMES.documentVersions,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id').references(() => projects.id, { onDelete: 'cascade' }),
    taskId: uuid('task_id').references(() => tasks.id, { onDelete: 'cascade' }),
    fieldName: text('field_name').notNull(),
    versionNumber: integer('version_number').notNull(),
    content: json('content').notNull(),
    changeSummary: text('change_summary'),
    changeType: text('change_type').default('update'),
    documentId: text('document_id'),
    createdBy: text('created_by').default('system'),
    createdAt: timestampNow('created_at'),
  },
  (t) => [
    ...typeChecks(t),
    check('archon_document_versions_owner_check', sql.raw(`("project_id" is null) <> ("task_id" is null)`)),
    // One per owner: a single constraint over both owners never holds, because one of the two is always null.
    unique('archon_document_versions_project_version_key').on(t.projectId, t.fieldName, t.versionNumber),
    unique('archon_document_versions_task_version_key').on(t.taskId, t.fieldName, t.versionNumber),
    index('idx_archon_document_versions_project_id').on(t.projectId),
    index('idx_archon_document_versions_task_id').on(t.taskId),
    index('idx_archon_document_versions_field_name').on(t.fieldName),
    index('idx_archon_document_versions_version_number').on(t.versionNumber),
    index('idx_archon_document_versions_created_at').on(t.createdAt),
  ],
)

export const migrations = sqliteTable(
  TABLE_NAMES.migrations,
  {
    id: uuidKey('id'),
    version: varchar('version', 20).notNull(),
    name: varchar('migration_name', 255).notNull(),
    appliedAt: timestampNow('applied_at'),
    checksum: varchar('checksum', 32),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_migrations_version_migration_name_key').on(t.version, t.name),
    index('idx_archon_migrations_version').on(t.version),
    index('idx_archon_migrations_applied_at').on(sql`"applied_at" desc`),
  ],
)

export const prompts = sqliteTable(
  TABLE_NAMES.prompts,
  {
    id: uuidKey('id'),
    name: text('prompt_name').notNull(),
    prompt: text('prompt').notNull(),
    description: text('description'),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
  },
  (t) => [
    ...typeChecks(t),
    unique('archon_prompts_prompt_name_key').on(t.name),
    index('idx_archon_prompts_name').on(t.name),
  ],
)

export const configuredRepositories = sqliteTable(
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
  },
  (t) => [
    ...typeChecks(t),
    check('archon_configured_repositories_default_sandbox_type_check', oneOf('default_sandbox_type', SANDBOX_TYPES)),
    check('archon_configured_repositories_repository_url_check', sql.raw(isRepositoryUrl('repository_url'))),
    unique('archon_configured_repositories_repository_url_key').on(t.url),
    uniqueIndex('idx_configured_repositories_url').on(t.url),
    index('idx_configured_repositories_verified').on(t.isVerified),
    index('idx_configured_repositories_created_at').on(sql`"created_at" desc`),
  ],
)

export const workOrders = sqliteTable(
  TABLE_NAMES.workOrders,
  {
    id: text('agent_work_order_id').primaryKey(),
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
    index('idx_agent_work_orders_status').on(t.status),
    index('idx_agent_work_orders_repository').on(t.repositoryUrl),
    index('idx_agent_work_orders_created_at').on(sql`"created_at" desc`),
  ],
)

export const workOrderSteps = sqliteTable(
  TABLE_NAMES.workOrderSteps,
  {
    id: uuidKey('id'),
    workOrderId: text('agent_work_order_id')
      .notNull()
      .references(() => workOrders.id, { onDelete: 'cascade' }),
    step: text('step').notNull(),
    agentName: text('agent_name').notNull(),
    success: boolean('success').notNull(),
    output: text('output'),
    errorMessage: text('error_message'),
    durationSeconds: double('duration_seconds').notNull(),
    sessionId: text('session_id'),
    executedAt: timestamp('executed_at').notNull(),
    order: integer('step_order').notNull(),
  },
  (t) => [
    ...typeChecks(t),
    index('idx_agent_work_order_steps_work_order_id').on(t.workOrderId),
    index('idx_agent_work_order_steps_executed_at').on(t.executedAt),
  ],
)

export const vectorIndex = sqliteTable(
  TABLE_NAMES.vectorIndex,
  {
    tableName: varchar('table_name', 64).notNull(),
    recordId: varchar('record_id', 255).notNull(),
    vectorService: varchar('vector_service', 50).notNull().default('local'),
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
