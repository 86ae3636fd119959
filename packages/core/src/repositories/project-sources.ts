import type { DataAccess } from '../data-access.ts'
import type { DbError } from '../errors.ts'
import type { Filter } from '../filter/types.ts'
import { type Project, type ProjectSource, TABLE_NAMES } from '../rows.ts'
import { storeEach } from './bulk.ts'
import { type Draft, EntityTable } from './entity-table.ts'
import { allOf, given } from './filters.ts'
import type { Listing, ListOptions } from './paging.ts'

/** Archon keeps the kind of a link in its notes. */
export type LinkKind = 'technical' | 'business'

/** The ids of the sources that a project draws on, in the order they were linked. */
export type LinkedSources = Record<LinkKind, string[]>

export interface ProjectSourceFilter {
  readonly projectId?: string | undefined
  readonly projectIds?: readonly string[] | undefined
  readonly sourceId?: string | undefined
  readonly notes?: string | null | undefined
}

export interface ReplacedLinks {
  readonly ok: string[]
  readonly failed: { readonly sourceId: string; readonly error: DbError }[]
}

const ORDER = ['linkedAt', 'id']

/** Which sources a project draws on. */
export class ProjectSourceRepository {
  readonly #table: EntityTable<ProjectSource>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.projectSources)
  }

  list(filter: ProjectSourceFilter = {}, options?: ListOptions): Promise<Listing<ProjectSource>> {
    return this.#table.list({ where: whereOf(filter), orderBy: ORDER }, options)
  }

  count(filter: ProjectSourceFilter = {}): Promise<number> {
    return this.#table.count(whereOf(filter))
  }

  async listByProject(projectId: string): Promise<LinkedSources> {
    const linked = await this.listByProjects([projectId])
    return linked.get(projectId) ?? noSources()
  }

  /** For each of these projects, those without sources included; one query however many they are. */
  async listByProjects(projectIds: readonly string[]): Promise<Map<string, LinkedSources>> {
    const rows = await this.#table.all({ where: { projectId: { in: projectIds } }, orderBy: ORDER })
    const linked = new Map(projectIds.map((id) => [id, noSources()]))
    for (const { projectId, sourceId, notes } of rows) {
      if (notes === 'technical' || notes === 'business') linked.get(String(projectId))?.[notes].push(sourceId)
    }
    return linked
  }

  link(link: Draft<ProjectSource, 'projectId' | 'sourceId'>): Promise<ProjectSource> {
    return this.#table.insert(link)
  }

  unlink(projectId: string, sourceId: string): Promise<boolean> {
    return this.#table.deleteOne({ projectId, sourceId })
  }

  /** Makes these the project's sources of the kind. Those that cannot be linked, being of the other kind already, are told. */
  replace(
    projectId: string,
    kind: LinkKind,
    sourceIds: readonly string[],
    createdBy = 'system',
  ): Promise<ReplacedLinks> {
    const ids = [...new Set(sourceIds)]
    const rows = ids.map((sourceId) => ({ projectId, sourceId, notes: kind, createdBy }))
    return this.#table.access.transaction(async (tx) => {
      // Without turns, two that replace at once would keep both their lists.
      await new EntityTable<Project>(tx, TABLE_NAMES.projects).only('id').oneLocked({ id: projectId })
      await this.#table.in(tx).deleteAll({ projectId, notes: kind })
      const { errors } = await storeEach(tx, rows, (access, some) => this.#table.in(access).store(some))
      const failed = errors.map(({ index, error }) => ({ sourceId: String(ids[index]), error }))
      const refused = new Set(errors.map(({ index }) => index))
      return { ok: ids.filter((_, index) => !refused.has(index)), failed }
    })
  }
}

function noSources(): LinkedSources {
  return { technical: [], business: [] }
}

function whereOf({ projectIds, ...equal }: ProjectSourceFilter): Filter {
  return allOf(given(equal), projectIds && { projectId: { in: projectIds } })
}
