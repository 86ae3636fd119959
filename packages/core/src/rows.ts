/**
 * What the tables hold, one interface per table, the same on every dialect. A key is the entity's word for a column;
 * `tables.ts` of each dialect ties it to the physical name, and `tables.check.ts` beside it proves that the two agree.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Numbers given by the database: a number while it is exact, a bigint beyond 2^53. */
export type BigIntId = number | bigint

export const TASK_STATUSES = ['todo', 'doing', 'review', 'done'] as const
export type TaskStatus = (typeof TASK_STATUSES)[number]

export const TASK_PRIORITIES = ['low', 'medium', 'high', 'critical'] as const
export type TaskPriority = (typeof TASK_PRIORITIES)[number]

export const WORK_ORDER_STATUSES = ['pending', 'running', 'completed', 'failed'] as const
export type WorkOrderStatus = (typeof WORK_ORDER_STATUSES)[number]

export const SANDBOX_TYPES = ['git_worktree', 'full_clone', 'tmp_dir'] as const
export type SandboxType = (typeof SANDBOX_TYPES)[number]

/** A row of archon_settings. Credentials are settings whose value stands encrypted in `encryptedValue`. */
export interface Setting {
  id: string
  key: string
  value: string | null
  encryptedValue: string | null
  isEncrypted: boolean | null
  category: string | null
  description: string | null
  createdAt: Date | null
  updatedAt: Date | null
}

/** A row of archon_sources: a site or a set of documents that was crawled. `id` is derived from its address. */
export interface Source {
  id: string
  url: string | null
  displayName: string | null
  summary: string | null
  totalWordCount: number | null
  title: string | null
  metadata: Json
  createdAt: Date
  updatedAt: Date
  sourceType: string | null
  status: string | null
  errorMessage: string | null
  crawledAt: Date | null
}

/** A row of archon_page_metadata: a whole page, of which chunks are pieces. */
export interface Page {
  id: string
  sourceId: string
  url: string
  content: string
  sectionTitle: string | null
  sectionOrder: number | null
  wordCount: number
  charCount: number
  chunkCount: number
  createdAt: Date | null
  updatedAt: Date | null
  metadata: Json
}

/** A row of archon_crawled_pages: a piece of a page, small enough to be embedded. */
export interface Chunk {
  id: BigIntId
  url: string
  chunkNumber: number
  content: string
  metadata: Json
  sourceId: string
  embedding: Float32Array | null
  llmChatModel: string | null
  embeddingModel: string | null
  embeddingDimension: number | null
  createdAt: Date
  pageId: string | null
  title: string | null
  totalChunks: number | null
}

/** A row of archon_code_examples. */
export interface CodeExample {
  id: BigIntId
  url: string
  chunkNumber: number
  content: string
  summary: string
  metadata: Json
  sourceId: string
  embedding: Float32Array | null
  llmChatModel: string | null
  embeddingModel: string | null
  embeddingDimension: number | null
  createdAt: Date
  filePath: string | null
  functionName: string | null
  className: string | null
  language: string | null
}

/** The five columns of which an entity's one `embedding` fills the one of its length. */
export interface EmbeddingColumns {
  embedding384: Float32Array | null
  embedding768: Float32Array | null
  embedding1024: Float32Array | null
  embedding1536: Float32Array | null
  embedding3072: Float32Array | null
}

export type ChunkRow = Omit<Chunk, 'embedding'> & EmbeddingColumns
export type CodeExampleRow = Omit<CodeExample, 'embedding'> & EmbeddingColumns

/** A row of archon_projects. `docs`, `features` and `data` are lists by default, but may hold any JSON. */
export interface Project {
  id: string
  title: string
  description: string | null
  docs: Json
  features: Json
  data: Json
  githubRepo: string | null
  pinned: boolean | null
  createdAt: Date | null
  updatedAt: Date | null
  prd: Json
}

/** A row of archon_tasks. */
export interface Task {
  id: string
  projectId: string | null
  parentTaskId: string | null
  title: string
  description: string | null
  status: TaskStatus | null
  /** Nullable by its declaration, but a check refuses null and the empty string. */
  assignee: string | null
  order: number | null
  priority: TaskPriority
  feature: string | null
  sources: Json
  codeExamples: Json
  archived: boolean | null
  archivedAt: Date | null
  archivedBy: string | null
  createdAt: Date | null
  updatedAt: Date | null
}

/** A row of archon_project_sources: a source that a project draws on. `sourceId` is free text, not a foreign key. */
export interface ProjectSource {
  id: string
  projectId: string | null
  sourceId: string
  linkedAt: Date | null
  createdBy: string | null
  /** Archon keeps the kind of the link here: `technical` or `business`. */
  notes: string | null
}

/** A row of archon_document_versions: a field of a project (or, in old data, of a task) as it once was. */
export interface DocumentVersion {
  id: string
  projectId: string | null
  taskId: string | null
  fieldName: string
  versionNumber: number
  content: Json
  changeSummary: string | null
  changeType: string | null
  documentId: string | null
  createdBy: string | null
  createdAt: Date | null
}

/** A row of archon_migrations: Archon's own record of its migrations, which its user interface reads. */
export interface MigrationRecord {
  id: string
  version: string
  name: string
  appliedAt: Date | null
  checksum: string | null
}

/** A row of archon_prompts. */
export interface Prompt {
  id: string
  name: string
  prompt: string
  description: string | null
  createdAt: Date | null
  updatedAt: Date | null
}

/** A row of archon_configured_repositories: a repository on GitHub that agents may work on. */
export interface ConfiguredRepository {
  id: string
  url: string
  displayName: string | null
  owner: string | null
  defaultBranch: string | null
  isVerified: boolean | null
  lastVerifiedAt: Date | null
  defaultSandboxType: SandboxType | null
  defaultCommands: Json
  createdAt: Date | null
  updatedAt: Date | null
}

/** A row of archon_agent_work_orders. `id` is given by the application. */
export interface WorkOrder {
  id: string
  repositoryUrl: string
  sandboxIdentifier: string
  gitBranchName: string | null
  agentSessionId: string | null
  status: WorkOrderStatus
  metadata: Json
  createdAt: Date | null
  updatedAt: Date | null
}

/** A row of archon_agent_work_order_steps. */
export interface WorkOrderStep {
  id: string
  workOrderId: string
  step: string
  agentName: string
  success: boolean
  output: string | null
  errorMessage: string | null
  durationSeconds: number
  sessionId: string | null
  executedAt: Date
  order: number
}

/** A row of archon_vector_index: where the vector of a record is kept when it is kept outside of the record's table. */
export interface VectorIndexEntry {
  tableName: string
  recordId: string
  vectorService: string
  externalId: string | null
  metadata: Json
  createdAt: Date | null
}

/** Physical table name to the row it stores. */
export interface TableRows {
  archon_settings: Setting
  archon_sources: Source
  archon_page_metadata: Page
  archon_crawled_pages: ChunkRow
  archon_code_examples: CodeExampleRow
  archon_projects: Project
  archon_tasks: Task
  archon_project_sources: ProjectSource
  archon_document_versions: DocumentVersion
  archon_migrations: MigrationRecord
  archon_prompts: Prompt
  archon_configured_repositories: ConfiguredRepository
  archon_agent_work_orders: WorkOrder
  archon_agent_work_order_steps: WorkOrderStep
  archon_vector_index: VectorIndexEntry
}
export type TableName = keyof TableRows

/** Entity name to physical table name; parents stand before their children, so rows can be copied in this order. */
export const TABLE_NAMES = {
  settings: 'archon_settings',
  sources: 'archon_sources',
  pages: 'archon_page_metadata',
  chunks: 'archon_crawled_pages',
  codeExamples: 'archon_code_examples',
  projects: 'archon_projects',
  tasks: 'archon_tasks',
  projectSources: 'archon_project_sources',
  documentVersions: 'archon_document_versions',
  migrations: 'archon_migrations',
  prompts: 'archon_prompts',
  configuredRepositories: 'archon_configured_repositories',
  workOrders: 'archon_agent_work_orders',
  workOrderSteps: 'archon_agent_work_order_steps',
  vectorIndex: 'archon_vector_index',
} as const
export type EntityName = keyof typeof TABLE_NAMES
