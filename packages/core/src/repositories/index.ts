import type { DataAccess } from '../data-access.ts'
import { ChunkRepository } from './chunks.ts'
import { CodeExampleRepository } from './code-examples.ts'
import { ConfiguredRepositoryRepository } from './configured-repositories.ts'
import { DocumentVersionRepository } from './document-versions.ts'
import { MetricsRepository } from './metrics.ts'
import { MigrationRecordRepository } from './migration-records.ts'
import { PageRepository } from './pages.ts'
import { ProjectSourceRepository } from './project-sources.ts'
import { ProjectRepository } from './projects.ts'
import { PromptRepository } from './prompts.ts'
import { SettingsRepository } from './settings.ts'
import { SourceRepository } from './sources.ts'
import { TaskRepository } from './tasks.ts'
import { WorkOrderRepository } from './work-orders.ts'

export type { BulkResult } from './bulk.ts'
export type { ChunkFilter, ChunkSummary, NewChunk } from './chunks.ts'
export type { CodeExampleFilter, CodeExampleSummary, NewCodeExample } from './code-examples.ts'
export type { ConfiguredRepositoryFilter, NewConfiguredRepository } from './configured-repositories.ts'
export type {
  DocumentVersionFilter,
  NewDocumentVersion,
  ProjectField,
  RestoredVersion,
} from './document-versions.ts'
export type { Draft, Patch } from './entity-table.ts'
export type { TableCounts } from './metrics.ts'
export type { MigrationRecordFilter } from './migration-records.ts'
export type { NewPage, PageFilter, PageSummary } from './pages.ts'
export type { Listing, ListOptions, NumberedPage, PageOptions, Slice, SliceOptions } from './paging.ts'
export type { DocOptions, DocPatch, NewProjectDoc, ProjectDoc } from './project-docs.ts'
export type { LinkedSources, LinkKind, ProjectSourceFilter, ReplacedLinks } from './project-sources.ts'
export type { NewProject, ProjectFilter, ProjectSummary } from './projects.ts'
export type { PromptFilter } from './prompts.ts'
export type { SettingFilter } from './settings.ts'
export type { SourceFilter, SourceOrder, SourceSearchField } from './sources.ts'
export type { NewTask, TaskCounts, TaskFilter, TaskSummary } from './tasks.ts'
export type { NewWorkOrder, NewWorkOrderStep, WorkOrderFilter } from './work-orders.ts'

/** Everything Archon asks of its database, one repository per entity. In a transaction: `tx.repositories`. */
export interface Repositories {
  readonly settings: SettingsRepository
  readonly prompts: PromptRepository
  readonly sources: SourceRepository
  readonly pages: PageRepository
  readonly chunks: ChunkRepository
  readonly codeExamples: CodeExampleRepository
  readonly projects: ProjectRepository
  readonly projectSources: ProjectSourceRepository
  readonly tasks: TaskRepository
  readonly documentVersions: DocumentVersionRepository
  readonly workOrders: WorkOrderRepository
  readonly configuredRepositories: ConfiguredRepositoryRepository
  readonly migrations: MigrationRecordRepository
  readonly metrics: MetricsRepository
}

export function createRepositories(access: DataAccess): Repositories {
  return {
    settings: new SettingsRepository(access),
    prompts: new PromptRepository(access),
    sources: new SourceRepository(access),
    pages: new PageRepository(access),
    chunks: new ChunkRepository(access),
    codeExamples: new CodeExampleRepository(access),
    projects: new ProjectRepository(access),
    projectSources: new ProjectSourceRepository(access),
    tasks: new TaskRepository(access),
    documentVersions: new DocumentVersionRepository(access),
    workOrders: new WorkOrderRepository(access),
    configuredRepositories: new ConfiguredRepositoryRepository(access),
    migrations: new MigrationRecordRepository(access),
    metrics: new MetricsRepository(access),
  }
}
