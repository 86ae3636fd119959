import type { DataAccess } from '../data-access.ts'
import { isDbError } from '../errors.ts'
import { type MigrationRecord, TABLE_NAMES } from '../rows.ts'
import { type Draft, EntityTable } from './entity-table.ts'
import { given } from './filters.ts'
import type { Listing, ListOptions } from './paging.ts'

export interface MigrationRecordFilter {
  readonly version?: string | undefined
}

/** Archon's own record of its migrations, which its user interface reads; this library's ledger is another table. */
export class MigrationRecordRepository {
  readonly #table: EntityTable<MigrationRecord>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.migrations)
  }

  /** False before the schema was created. */
  async tableExists(): Promise<boolean> {
    try {
      // In a transaction of its own, so that a missing table does not spoil the caller's.
      await this.#table.access.transaction((tx) => this.#table.in(tx).first(0))
      return true
    } catch (error) {
      // A statement this plain is invalid for one reason only.
      if (isDbError(error, 'invalid_input')) return false
      throw error
    }
  }

  list(filter: MigrationRecordFilter = {}, options?: ListOptions): Promise<Listing<MigrationRecord>> {
    return this.#table.list({ where: given({ ...filter }), orderBy: 'desc(appliedAt)' }, options)
  }

  /** The latest first. */
  listApplied(): Promise<MigrationRecord[]> {
    return this.#table.all({ orderBy: 'desc(appliedAt)' })
  }

  count(filter: MigrationRecordFilter = {}): Promise<number> {
    return this.#table.count(given({ ...filter }))
  }

  /** Recording what is recorded already changes nothing. */
  async record(migration: Draft<MigrationRecord, 'version' | 'name'>): Promise<MigrationRecord> {
    const [stored] = await this.#table.insertMissing([migration], ['version', 'name'])
    return stored as MigrationRecord
  }
}
