import type { DataAccess, Transaction } from '../data-access.ts'
import { invalidInput } from '../errors.ts'
import { type DocumentVersion, type Json, type Project, TABLE_NAMES } from '../rows.ts'
import { jsonNull } from '../values.ts'
import { EntityTable } from './entity-table.ts'
import { given } from './filters.ts'
import type { Listing, ListOptions } from './paging.ts'
import { transactRetrying } from './transact.ts'

/** The fields of a project that hold JSON and whose versions can be restored. */
export const PROJECT_FIELDS = ['docs', 'features', 'data', 'prd'] as const
export type ProjectField = (typeof PROJECT_FIELDS)[number]

export interface DocumentVersionFilter {
  readonly projectId?: string | undefined
  /** Old data has versions of tasks as well. */
  readonly taskId?: string | undefined
  readonly fieldName?: string | undefined
  readonly documentId?: string | undefined
  readonly changeType?: string | undefined
}

export interface NewDocumentVersion {
  readonly projectId: string
  readonly fieldName: string
  readonly content: Json
  readonly changeSummary?: string | null | undefined
  /** Default `update`. */
  readonly changeType?: string | null | undefined
  /** The one document of the field that changed. */
  readonly documentId?: string | null | undefined
  readonly createdBy?: string | null | undefined
}

export interface RestoredVersion {
  readonly project: Project
  /** The field as it was before. */
  readonly backup: DocumentVersion
  /** The restoring, as a version of its own. */
  readonly record: DocumentVersion
}

const ORDER = ['desc(versionNumber)', 'desc(createdAt)']

/** Fields of projects as they once were, numbered from 1 for each field of each project. */
export class DocumentVersionRepository {
  readonly #table: EntityTable<DocumentVersion>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.documentVersions)
  }

  get(projectId: string, fieldName: string, versionNumber: number): Promise<DocumentVersion | null> {
    return this.#table.one({ projectId, fieldName, versionNumber })
  }

  /** The latest version first. */
  list(filter: DocumentVersionFilter = {}, options?: ListOptions): Promise<Listing<DocumentVersion>> {
    return this.#table.list({ where: given({ ...filter }), orderBy: ORDER }, options)
  }

  count(filter: DocumentVersionFilter = {}): Promise<number> {
    return this.#table.count(given({ ...filter }))
  }

  /** The number that `create` would give now. */
  nextVersion(projectId: string, fieldName: string): Promise<number> {
    return nextVersion(this.#table.access, projectId, fieldName)
  }

  /** Stores the next version; however many do so at once, no number is given twice and none is left out. */
  create(version: NewDocumentVersion): Promise<DocumentVersion> {
    return transactRetrying(this.#table.access, async (tx) => {
      await lockProject(tx, version.projectId)
      return recordVersion(tx, version)
    })
  }

  /** Puts the field back to this version, keeping what it held as another; null when there is no such version. */
  restore(
    projectId: string,
    fieldName: string,
    versionNumber: number,
    createdBy?: string,
  ): Promise<RestoredVersion | null> {
    const field = PROJECT_FIELDS.find((name) => name === fieldName)
    if (!field)
      throw invalidInput(`Versions of ${PROJECT_FIELDS.join(', ')} can be restored, of other fields only read.`)
    return transactRetrying(this.#table.access, async (tx) => {
      const before = await lockProject(tx, projectId)
      const version = await this.#table.in(tx).one({ projectId, fieldName, versionNumber })
      if (!before || !version) return null
      const about = { projectId, fieldName, createdBy }
      const backup = await recordVersion(tx, {
        ...about,
        content: before[field],
        changeType: 'backup',
        changeSummary: `Before restoring version ${versionNumber}`,
      })
      const project = (await projectsIn(tx).updateOne({ id: projectId }, { [field]: version.content })) as Project
      const record = await recordVersion(tx, {
        ...about,
        content: version.content,
        changeType: 'restore',
        changeSummary: `Restored version ${versionNumber}`,
      })
      return { project, backup, record }
    })
  }
}

/** Needs the lock on the project, without which two may take the same number. */
export async function recordVersion(
  tx: Transaction,
  { content, ...version }: NewDocumentVersion,
): Promise<DocumentVersion> {
  const versionNumber = await nextVersion(tx, version.projectId, version.fieldName)
  const table = new EntityTable<DocumentVersion>(tx, TABLE_NAMES.documentVersions)
  return table.insert({ ...version, content: content ?? jsonNull, versionNumber })
}

async function nextVersion(access: DataAccess, projectId: string, fieldName: string): Promise<number> {
  const [row] = await access.aggregate<{ last: number | null }>(TABLE_NAMES.documentVersions, {
    aggregates: { last: 'max(versionNumber)' },
    where: { projectId, fieldName },
    naming: 'key',
  })
  return (row?.last ?? 0) + 1
}

function projectsIn(tx: Transaction): EntityTable<Project> {
  return new EntityTable(tx, TABLE_NAMES.projects)
}

function lockProject(tx: Transaction, id: string): Promise<Project | null> {
  return projectsIn(tx).oneLocked({ id })
}
