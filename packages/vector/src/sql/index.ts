import type { Database } from '@archon-db/core'
import { type ServiceStore, ServiceVectorStore } from '../shared/store.ts'
import { SqlService } from './service.ts'

export type { FilterExplanation } from '../shared/push-down.ts'
export type { ServiceStore } from '../shared/store.ts'

export interface SqlStoreOptions {
  /**
   * A folder for the index in this process, on databases that have none of their own, so that a restart need not read
   * all vectors. In memory when absent.
   */
  readonly indexPath?: string
}

/**
 * Collections as tables of a database:
 * ```ts
 * const store = await openSqlStore(await connect({ url: 'postgresql://…' }))
 * ```
 * Closing the store leaves the database open.
 */
export async function openSqlStore(db: Database, options: SqlStoreOptions = {}): Promise<ServiceStore> {
  return new ServiceVectorStore(await SqlService.open(db, options))
}
