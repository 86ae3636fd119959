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
import { embedding, json, text, timestamp, timestampNow, tsvector, uuidKey, varchar } from './columns.ts'
import {
  bigserial,
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  unique,
  uniqueIndex,
  uuid,
} from './drizzle-core.ts'
import { belongsTo } from './keys.ts'

/**
 * The tables as PostgreSQL stores them. A property is the entity's key, its first argument the physical name. What
 * depends on the server (vector and trigram indexes) and what Drizzle cannot declare (triggers, functions, policies)
 * stands in drizzle/, written by hand.
 */

export const taskStatus = pgEnum('task_status', TASK_STATUSES)
export const taskPriority = pgEnum('task_priority', TASK_PRIORITIES)

const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map((value) => `'${value}'`).join(', ')})`)

/** What the application's own SQL functions search; kept by the database. */
const searchWords = (source: string) =>
  tsvector('content_search_vector').generatedAlwaysAs(sql.raw(`archon_document_words(${source})`))

export const settings = pgTable(
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
    unique('archon_settings_key_key').on(t.key),
    index('idx_archon_settings_key').on(t.key),
    index('idx_archon_settings_category').on(t.category),
  ],
)

export const sources = pgTable(
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
    sourceType: varchar('source_type', { length: 50 }),
    status: varchar('status', { length: 50 }).default('completed'),
    errorMessage: text('error_message'),
    crawledAt: timestamp('crawled_at'),
  },
  (t) => [
    index('idx_archon_sources_title').on(t.title),
    index('idx_archon_sources_url').on(t.url),
    index('idx_archon_sources_display_name').on(t.displayName),
    index('idx_archon_sources_metadata').using('gin', t.metadata),
    index('idx_archon_sources_knowledge_type').on(sql`(${t.metadata} ->> 'knowledge_type')`),
  ],
)

export const pages = pgTable(
  TABLE_NAMES.pages,
  {
    id: uuidKey('id'),
    sourceId: text('source_id').notNull(),
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
    belongsTo(t.sourceId, sources.id),
    unique('archon_page_metadata_url_unique').on(t.url),
    index('idx_archon_page_metadata_source_id').on(t.sourceId),
    index('idx_archon_page_metadata_url').on(t.url),
    index('idx_archon_page_metadata_section').on(t.sourceId, t.sectionTitle, t.sectionOrder),
    index('idx_archon_page_metadata_metadata').using('gin', t.metadata),
    index('idx_archon_page_metadata_created_at').on(t.createdAt),
  ],
)

const numberedKey = () => bigserial('id', { mode: 'number' }).primaryKey().$type<BigIntId>()

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

export const chunks = pgTable(
  TABLE_NAMES.chunks,
  {
    id: numberedKey(),
    url: varchar('url').notNull(),
    chunkNumber: integer('chunk_number').notNull(),
    content: text('content').notNull(),
    metadata: json('metadata').notNull().default({}),
    sourceId: text('source_id').notNull(),
    ...embeddingColumns(),
    createdAt: timestampNow('created_at').notNull(),
    pageId: uuid('page_id'),
    title: text('title'),
    totalChunks: integer('total_chunks').default(1),
    contentSearchVector: searchWords('content'),
  },
  (t) => [
    belongsTo(t.sourceId, sources.id),
    foreignKey({ name: 'archon_crawled_pages_page_id_fkey', columns: [t.pageId], foreignColumns: [pages.id] }).onDelete(
      'set null',
    ),
    unique('archon_crawled_pages_url_chunk_number_key').on(t.url, t.chunkNumber),
    index('idx_archon_crawled_pages_metadata').using('gin', t.metadata),
    index('idx_archon_crawled_pages_content_search').using('gin', t.contentSearchVector),
    index('idx_archon_crawled_pages_source_id').on(t.sourceId),
    index('idx_archon_crawled_pages_page_id').on(t.pageId),
    index('idx_archon_crawled_pages_embedding_model').on(t.embeddingModel),
    index('idx_archon_crawled_pages_embedding_dimension').on(t.embeddingDimension),
    index('idx_archon_crawled_pages_llm_chat_model').on(t.llmChatModel),
  ],
)

export const codeExamples = pgTable(
  TABLE_NAMES.codeExamples,
  {
    id: numberedKey(),
    url: varchar('url').notNull(),
    chunkNumber: integer('chunk_number').notNull(),
    content: text('content').notNull(),
    summary: text('summary').notNull(),
    metadata: json('metadata').notNull().default({}),
    sourceId: text('source_id').notNull(),
    ...embeddingColumns(),
    createdAt: timestampNow('created_at').notNull(),
    filePath: text('file_path'),
    functionName: text('function_name'),
    className: text('class_name'),
    language: varchar('language', { length: 50 }),
    contentSearchVector: searchWords("content || ' ' || summary"),
  },
  (t) => [
    belongsTo(t.sourceId, sources.id),
    unique('archon_code_examples_url_chunk_number_key').on(t.url, t.chunkNumber),
    index('idx_archon_code_examples_metadata').using('gin', t.metadata),
    index('idx_archon_code_examples_content_search').using('gin', t.contentSearchVector),
    index('idx_archon_code_examples_source_id').on(t.sourceId),
    index('idx_archon_code_examples_embedding_model').on(t.embeddingModel),
    index('idx_archon_code_examples_embedding_dimension').on(t.embeddingDimension),
    index('idx_archon_code_examples_llm_chat_model').on(t.llmChatModel),
  ],
)

export const projects = pgTable(TABLE_NAMES.projects, {
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
})

export const tasks = pgTable(
  TABLE_NAMES.tasks,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id'),
    parentTaskId: uuid('parent_task_id'),
    title: text('title').notNull(),
    description: text('description').default(''),
    status: taskStatus('status').default('todo'),
    assignee: text('assignee').default('User'),
    order: integer('task_order').default(0),
    priority: taskPriority('priority').notNull().default('medium'),
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
    belongsTo(t.projectId, projects.id),
    belongsTo(t.parentTaskId, t.id),
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

export const projectSources = pgTable(
  TABLE_NAMES.projectSources,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id'),
    sourceId: text('source_id').notNull(),
    linkedAt: timestampNow('linked_at'),
    createdBy: text('created_by').default('system'),
    notes: text('notes'),
  },
  (t) => [
    belongsTo(t.projectId, projects.id),
    unique('archon_project_sources_project_id_source_id_key').on(t.projectId, t.sourceId),
    index('idx_archon_project_sources_project_id').on(t.projectId),
    index('idx_archon_project_sources_source_id').on(t.sourceId),
  ],
)

export const documentVersions = pgTable(
  TABLE_NAMES.documentVersions,
  {
    id: uuidKey('id'),
    projectId: uuid('project_id'),
    taskId: uuid('task_id'),
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
    belongsTo(t.projectId, projects.id),
    belongsTo(t.taskId, tasks.id),
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

export const migrations = pgTable(
  TABLE_NAMES.migrations,
  {
    id: uuidKey('id'),
    version: varchar('version', { length: 20 }).notNull(),
    name: varchar('migration_name', { length: 255 }).notNull(),
    appliedAt: timestampNow('applied_at'),
    checksum: varchar('checksum', { length: 32 }),
  },
  (t) => [
    unique('archon_migrations_version_migration_name_key').on(t.version, t.name),
    index('idx_archon_migrations_version').on(t.version),
    index('idx_archon_migrations_applied_at').on(t.appliedAt.desc().nullsFirst()),
  ],
)

export const prompts = pgTable(
  TABLE_NAMES.prompts,
  {
    id: uuidKey('id'),
    name: text('prompt_name').notNull(),
    prompt: text('prompt').notNull(),
    description: text('description'),
    createdAt: timestampNow('created_at'),
    updatedAt: timestampNow('updated_at'),
  },
  (t) => [unique('archon_prompts_prompt_name_key').on(t.name), index('idx_archon_prompts_name').on(t.name)],
)

export const configuredRepositories = pgTable(
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
    check(
      'archon_configured_repositories_repository_url_check',
      sql.raw(`repository_url ~ '^https://github\\.com/[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/?$'`),
    ),
    check('archon_configured_repositories_default_sandbox_type_check', oneOf('default_sandbox_type', SANDBOX_TYPES)),
    unique('archon_configured_repositories_repository_url_key').on(t.url),
    uniqueIndex('idx_configured_repositories_url').on(t.url),
    index('idx_configured_repositories_commands').using('gin', t.defaultCommands),
    index('idx_configured_repositories_verified').on(t.isVerified),
    index('idx_configured_repositories_created_at').on(t.createdAt.desc().nullsFirst()),
  ],
)

export const workOrders = pgTable(
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
    check('archon_agent_work_orders_status_check', oneOf('status', WORK_ORDER_STATUSES)),
    index('idx_agent_work_orders_status').on(t.status),
    index('idx_agent_work_orders_repository').on(t.repositoryUrl),
    index('idx_agent_work_orders_metadata').using('gin', t.metadata),
    index('idx_agent_work_orders_created_at').on(t.createdAt.desc().nullsFirst()),
  ],
)

export const workOrderSteps = pgTable(
  TABLE_NAMES.workOrderSteps,
  {
    id: uuidKey('id'),
    workOrderId: text('agent_work_order_id').notNull(),
    step: text('step').notNull(),
    agentName: text('agent_name').notNull(),
    success: boolean('success').notNull(),
    output: text('output'),
    errorMessage: text('error_message'),
    durationSeconds: doublePrecision('duration_seconds').notNull(),
    sessionId: text('session_id'),
    executedAt: timestamp('executed_at').notNull(),
    order: integer('step_order').notNull(),
  },
  (t) => [
    belongsTo(t.workOrderId, workOrders.id),
    index('idx_agent_work_order_steps_work_order_id').on(t.workOrderId),
    index('idx_agent_work_order_steps_executed_at').on(t.executedAt),
  ],
)

export const vectorIndex = pgTable(
  TABLE_NAMES.vectorIndex,
  {
    tableName: varchar('table_name', { length: 64 }).notNull(),
    recordId: varchar('record_id', { length: 255 }).notNull(),
    vectorService: varchar('vector_service', { length: 50 }).notNull().default('local'),
    externalId: text('external_id'),
    metadata: json('metadata').default({}),
    createdAt: timestampNow('created_at'),
  },
  (t) => [primaryKey({ name: 'archon_vector_index_pkey', columns: [t.tableName, t.recordId, t.vectorService] })],
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
