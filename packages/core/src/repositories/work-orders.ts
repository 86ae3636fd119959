import type { DataAccess } from '../data-access.ts'
import { jsonMerge } from '../query/specs.ts'
import { type Json, TABLE_NAMES, type WorkOrder, type WorkOrderStatus, type WorkOrderStep } from '../rows.ts'
import { type Draft, EntityTable, type Patch } from './entity-table.ts'
import { given } from './filters.ts'
import type { Listing, ListOptions } from './paging.ts'

export interface WorkOrderFilter {
  readonly status?: WorkOrderStatus | undefined
  readonly repositoryUrl?: string | undefined
}

export type NewWorkOrder = Draft<WorkOrder, 'id' | 'repositoryUrl' | 'sandboxIdentifier' | 'status'>

/** Steps are in the order they are given, unless they say another. */
export type NewWorkOrderStep = Draft<
  Omit<WorkOrderStep, 'workOrderId'>,
  'step' | 'agentName' | 'success' | 'durationSeconds' | 'executedAt'
>

/** What agents were asked to do, and the steps they took. */
export class WorkOrderRepository {
  readonly #table: EntityTable<WorkOrder>
  readonly #steps: EntityTable<WorkOrderStep>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.workOrders)
    this.#steps = new EntityTable(access, TABLE_NAMES.workOrderSteps)
  }

  get(id: string): Promise<WorkOrder | null> {
    return this.#table.one({ id })
  }

  /** The latest first. */
  list(filter: WorkOrderFilter = {}, options?: ListOptions): Promise<Listing<WorkOrder>> {
    return this.#table.list({ where: given({ ...filter }), orderBy: 'desc(createdAt)' }, options)
  }

  count(filter: WorkOrderFilter = {}): Promise<number> {
    return this.#table.count(given({ ...filter }))
  }

  create(order: NewWorkOrder): Promise<WorkOrder> {
    return this.#table.insert(order)
  }

  update(id: string, patch: Patch<WorkOrder>): Promise<WorkOrder | null> {
    return this.#table.updateOne({ id }, patch)
  }

  /** The keys of `metadata` replace the stored ones in the same statement; other keys stay. */
  updateStatus(
    id: string,
    status: WorkOrderStatus,
    metadata?: { readonly [key: string]: Json },
  ): Promise<WorkOrder | null> {
    return this.#table.updateOne({ id }, { status, ...(metadata && { metadata: jsonMerge(metadata) }) })
  }

  updateGitBranch(id: string, gitBranchName: string | null): Promise<WorkOrder | null> {
    return this.update(id, { gitBranchName })
  }

  updateSessionId(id: string, agentSessionId: string | null): Promise<WorkOrder | null> {
    return this.update(id, { agentSessionId })
  }

  delete(id: string): Promise<boolean> {
    return this.#table.deleteOne({ id })
  }

  /** Puts these steps in the place of all that were there, or changes nothing. */
  saveSteps(workOrderId: string, steps: readonly NewWorkOrderStep[]): Promise<WorkOrderStep[]> {
    return this.#table.access.transaction(async (tx) => {
      // Without turns, two that save at once would keep the steps of both.
      await this.#table.only('id').in(tx).oneLocked({ id: workOrderId })
      const table = this.#steps.in(tx)
      await table.deleteAll({ workOrderId })
      return table.insertAll(steps.map((step, index) => ({ ...step, workOrderId, order: step.order ?? index })))
    })
  }

  getSteps(workOrderId: string): Promise<WorkOrderStep[]> {
    return this.#steps.all({ where: { workOrderId }, orderBy: 'order' })
  }
}
