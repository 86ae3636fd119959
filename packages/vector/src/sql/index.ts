import type { Database } from '@archon-db/core'
import type { IndexStats } from '../local/index-contract.ts'
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
  /**
   * The most that these indexes may take in memory together. A collection that does not fit is compared row by row, as
   * exactly and more slowly. Unlimited when absent.
   */
  readonly maxMemoryBytes?: number
}

export interface SqlStore extends ServiceStore {
  /** The indexes in this process, of the collections searched so far; none where the database searches by itself. */
  indexes(): Promise<readonly CollectionIndexStats[]>
}

export interface CollectionIndexStats extends IndexStats {
  readonly collection: string
}

/**
 * Collections as tables of a database:
 * ```ts
 * const store = await openSqlStore(await connect({ url: 'postgresql://…' }))
 * ```
 * Closing the store leaves the database open.
 */
export async function openSqlStore(db: Database, options: SqlStoreOptions = {}): Promise<SqlStore> {
  const service = await SqlService.open(db, options)
  return Object.assign(new ServiceVectorStore(service), { indexes: () => service.indexes() })
}
