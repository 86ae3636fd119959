import type { DataAccess } from '../data-access.ts'
import type { Filter } from '../filter/types.ts'
import { increment } from '../query/specs.ts'
import { type Project, TABLE_NAMES, type Task, type TaskPriority, type TaskStatus } from '../rows.ts'
import { type Draft, EntityTable, type Patch } from './entity-table.ts'
import { allOf, given, phraseIn } from './filters.ts'
import type { Listing, ListOptions, NumberedPage, PageOptions } from './paging.ts'

/** A task without the sources and code examples attached to it. */
export type TaskSummary = Omit<Task, 'sources' | 'codeExamples'>

export type NewTask = Draft<Task, 'title'>

export interface TaskFilter {
  readonly ids?: readonly string[] | undefined
  readonly projectId?: string | null | undefined
  readonly parentTaskId?: string | null | undefined
  readonly status?: TaskStatus | undefined
  readonly assignee?: string | undefined
  readonly priority?: TaskPriority | undefined
  readonly feature?: string | null | undefined
  /** Also tasks that are done, when no status is asked for. */
  readonly includeClosed?: boolean | undefined
  readonly includeArchived?: boolean | undefined
  /** The whole phrase stands in title, description or feature, whatever its case. */
  readonly search?: string | undefined
}

export type TaskCounts = Record<TaskStatus, number>

const ORDER = ['order', 'createdAt']
const NOT_ARCHIVED: Filter = { or: [{ archived: false }, { archived: null }] }

/** Tasks with their places in their project. A subtask goes where its parent goes. */
export class TaskRepository {
  readonly #table: EntityTable<Task>
  readonly #summaries: EntityTable<TaskSummary>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.tasks)
    this.#summaries = this.#table.without('sources', 'codeExamples')
  }

  get(id: string): Promise<Task | null> {
    return this.#table.one({ id })
  }

  /** Open tasks that are not archived, unless the filter says otherwise, in their order. */
  list(filter: TaskFilter | undefined, options: ListOptions & { readonly light: true }): Promise<Listing<TaskSummary>>
  list(filter?: TaskFilter, options?: ListOptions): Promise<Listing<Task>>
  list(
    filter: TaskFilter = {},
    options: ListOptions & { readonly light?: boolean } = {},
  ): Promise<Listing<TaskSummary>> {
    const table = options.light ? this.#summaries : this.#table
    return table.list({ where: whereOf(filter), orderBy: ORDER }, options)
  }

  page(filter: TaskFilter = {}, options: PageOptions = {}): Promise<NumberedPage<TaskSummary>> {
    return this.#summaries.page({ where: whereOf(filter), orderBy: ORDER }, options)
  }

  count(filter: TaskFilter = {}): Promise<number> {
    return this.#table.count(whereOf(filter))
  }

  /** How many tasks of each status the projects have that have any; archived tasks do not count. */
  async countsByProject(projectIds?: readonly string[]): Promise<Map<string, TaskCounts>> {
    const where = allOf(NOT_ARCHIVED, { projectId: { isNull: false } }, projectIds && { projectId: { in: projectIds } })
    const rows = await this.#table.access.aggregate<{ projectId: string; status: TaskStatus | null; count: number }>(
      TABLE_NAMES.tasks,
      { groupBy: ['projectId', 'status'], aggregates: { count: 'count' }, where, naming: 'key' },
    )
    const counts = new Map<string, TaskCounts>()
    for (const { projectId, status, count } of rows) {
      const ofProject = counts.get(projectId) ?? noTasks()
      counts.set(projectId, ofProject)
      if (status) ofProject[status] = count
    }
    return counts
  }

  /**
   * A task with an order takes that place: those of the same project and status from there on move down by one.
   * Order 0, the default, is no particular place and moves nothing.
   */
  create(task: NewTask): Promise<Task> {
    const { projectId, order, status = 'todo' } = task
    if (!projectId || !order || !status) return this.#table.insert(task)
    return this.#table.access.transaction(async (tx) => {
      // Two that take the same place must see each other, so they take turns by project.
      await new EntityTable<Project>(tx, TABLE_NAMES.projects).only('id').oneLocked({ id: projectId })
      const tasks = new TaskRepository(tx)
      await tasks.shiftOrder(projectId, status, order)
      return tasks.#table.insert(task)
    })
  }

  /** Moves the tasks from this place on, in one statement; tells how many. */
  shiftOrder(projectId: string, status: TaskStatus, from: number, by = 1): Promise<number> {
    return this.#table.updateAll({ projectId, status, order: { gte: from } }, { order: increment(by) })
  }

  update(id: string, patch: Patch<Task>): Promise<Task | null> {
    return this.#table.updateOne({ id }, patch)
  }

  /** Archives the task and its direct subtasks; null when there is no such task that is not archived yet. */
  archive(id: string, by = 'system'): Promise<Task | null> {
    const patch = { archived: true, archivedAt: new Date(), archivedBy: by }
    return this.#table.access.transaction(async (tx) => {
      const table = this.#table.in(tx)
      const task = await table.updateOne(allOf({ id }, NOT_ARCHIVED), patch)
      if (task) await table.updateAll(allOf({ parentTaskId: id }, NOT_ARCHIVED), patch)
      return task
    })
  }

  delete(id: string): Promise<boolean> {
    return this.#table.deleteOne({ id })
  }
}

function noTasks(): TaskCounts {
  return { todo: 0, doing: 0, review: 0, done: 0 }
}

function whereOf({ ids, includeClosed, includeArchived, search, ...equal }: TaskFilter): Filter {
  return allOf(
    given(equal),
    ids && { id: { in: ids } },
    equal.status === undefined && !includeClosed && { status: { ne: 'done' } },
    !includeArchived && NOT_ARCHIVED,
    search !== undefined && phraseIn<Task>(search, ['title', 'description', 'feature']),
  )
}
