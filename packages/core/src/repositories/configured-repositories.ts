import type { DataAccess } from '../data-access.ts'
import { type ConfiguredRepository, TABLE_NAMES } from '../rows.ts'
import { type Draft, EntityTable, type Patch } from './entity-table.ts'
import { given } from './filters.ts'
import type { Listing, ListOptions } from './paging.ts'

export interface ConfiguredRepositoryFilter {
  readonly isVerified?: boolean | undefined
  readonly owner?: string | null | undefined
}

export type NewConfiguredRepository = Draft<ConfiguredRepository, 'url'>

/** The repositories on GitHub that agents may work on. */
export class ConfiguredRepositoryRepository {
  readonly #table: EntityTable<ConfiguredRepository>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.configuredRepositories)
  }

  get(id: string): Promise<ConfiguredRepository | null> {
    return this.#table.one({ id })
  }

  getByUrl(url: string): Promise<ConfiguredRepository | null> {
    return this.#table.one({ url })
  }

  /** The latest first. */
  list(filter: ConfiguredRepositoryFilter = {}, options?: ListOptions): Promise<Listing<ConfiguredRepository>> {
    return this.#table.list({ where: given({ ...filter }), orderBy: 'desc(createdAt)' }, options)
  }

  count(filter: ConfiguredRepositoryFilter = {}): Promise<number> {
    return this.#table.count(given({ ...filter }))
  }

  create(repository: NewConfiguredRepository): Promise<ConfiguredRepository> {
    return this.#table.insert(repository)
  }

  update(id: string, patch: Patch<ConfiguredRepository>): Promise<ConfiguredRepository | null> {
    return this.#table.updateOne({ id }, patch)
  }

  delete(id: string): Promise<boolean> {
    return this.#table.deleteOne({ id })
  }
}
