import type { DataAccess } from '../data-access.ts'
import type { Filter } from '../filter/types.ts'
import { type Json, type Project, TABLE_NAMES, type Task } from '../rows.ts'
import { PROJECT_FIELDS, type ProjectField } from './document-versions.ts'
import { type Draft, EntityTable, type Patch } from './entity-table.ts'
import { allOf, given, phraseIn } from './filters.ts'
import type { Listing, ListOptions, NumberedPage, PageOptions } from './paging.ts'
import {
  addDoc,
  type DocOptions,
  type DocPatch,
  deleteDoc,
  type NewProjectDoc,
  type ProjectDoc,
  updateDoc,
} from './project-docs.ts'

/** A project without its JSON fields. */
export type ProjectSummary = Omit<Project, ProjectField>

export type NewProject = Draft<Project, 'title'>

export interface ProjectFilter {
  readonly ids?: readonly string[] | undefined
  readonly pinned?: boolean | undefined
  /** The whole phrase stands in title or description, whatever its case. */
  readonly search?: string | undefined
}

const LATEST_FIRST = 'desc(createdAt)'

/** Deleting a project deletes its tasks, its links to sources and its versions. */
export class ProjectRepository {
  readonly #table: EntityTable<Project>
  readonly #summaries: EntityTable<ProjectSummary>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.projects)
    this.#summaries = this.#table.without(...PROJECT_FIELDS)
  }

  get(id: string): Promise<Project | null> {
    return this.#table.one({ id })
  }

  list(
    filter: ProjectFilter | undefined,
    options: ListOptions & { readonly light: true },
  ): Promise<Listing<ProjectSummary>>
  list(filter?: ProjectFilter, options?: ListOptions): Promise<Listing<Project>>
  list(
    filter: ProjectFilter = {},
    options: ListOptions & { readonly light?: boolean } = {},
  ): Promise<Listing<ProjectSummary>> {
    const table = options.light ? this.#summaries : this.#table
    return table.list({ where: whereOf(filter), orderBy: LATEST_FIRST }, options)
  }

  page(filter: ProjectFilter = {}, options: PageOptions = {}): Promise<NumberedPage<ProjectSummary>> {
    return this.#summaries.page({ where: whereOf(filter), orderBy: LATEST_FIRST }, options)
  }

  count(filter: ProjectFilter = {}): Promise<number> {
    return this.#table.count(whereOf(filter))
  }

  create(project: NewProject): Promise<Project> {
    return this.#table.insert(project)
  }

  /** Pinning a project unpins the others. */
  update(id: string, patch: Patch<Project>): Promise<Project | null> {
    return patch.pinned ? this.#pin(id, patch) : this.#table.updateOne({ id }, patch)
  }

  /** Makes this the one pinned project. */
  setPinned(id: string): Promise<Project | null> {
    return this.#pin(id, { pinned: true })
  }

  #pin(id: string, patch: Patch<Project>): Promise<Project | null> {
    return this.#table.access.transaction(async (tx) => {
      const table = this.#table.in(tx)
      // Which project is pinned is a matter of all of them: two that pin at once must see each other.
      await table.only('id').all({ lock: 'update' })
      const project = await table.updateOne({ id }, patch)
      if (project) await table.updateAll({ pinned: true, id: { ne: id } }, { pinned: false })
      return project
    })
  }

  delete(id: string): Promise<{ deleted: boolean; deletedTasks: number }> {
    return this.#table.access.transaction(async (tx) => {
      const table = this.#table.in(tx)
      // A locked project gets no new tasks, so the number told is the number deleted.
      await table.only('id').oneLocked({ id })
      const deletedTasks = await new EntityTable<Task>(tx, TABLE_NAMES.tasks).count({ projectId: id })
      return { deleted: await table.deleteOne({ id }), deletedTasks }
    })
  }

  /** Undefined when there is no such project. */
  async getField(id: string, field: ProjectField): Promise<Json | undefined> {
    const row = await this.#table.only(field).one({ id })
    return row?.[field]
  }

  getFeatures(id: string): Promise<Json | undefined> {
    return this.getField(id, 'features')
  }

  updateField(id: string, field: ProjectField, value: Json): Promise<Project | null> {
    return this.update(id, { [field]: value })
  }

  /** Appends a document to the project's docs, with an id of its own unless it brings one. */
  addDoc(projectId: string, doc: NewProjectDoc, options: DocOptions = {}): Promise<ProjectDoc> {
    return addDoc(this.#table, projectId, doc, options)
  }

  /** Changes the keys that the patch has; null when there is no such document. */
  updateDoc(projectId: string, docId: string, patch: DocPatch, options: DocOptions = {}): Promise<ProjectDoc | null> {
    return updateDoc(this.#table, projectId, docId, patch, options)
  }

  deleteDoc(projectId: string, docId: string, options: DocOptions = {}): Promise<boolean> {
    return deleteDoc(this.#table, projectId, docId, options)
  }
}

function whereOf({ ids, search, ...equal }: ProjectFilter): Filter {
  return allOf(
    given(equal),
    ids && { id: { in: ids } },
    search !== undefined && phraseIn<Project>(search, ['title', 'description']),
  )
}
