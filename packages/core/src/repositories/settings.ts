import type { DataAccess } from '../data-access.ts'
import { type Setting, TABLE_NAMES } from '../rows.ts'
import { type Draft, EntityTable, type Patch } from './entity-table.ts'
import { given } from './filters.ts'
import type { Listing, ListOptions } from './paging.ts'

export interface SettingFilter {
  readonly category?: string | null | undefined
  readonly isEncrypted?: boolean | undefined
}

const ORDER = ['key']

/** Configuration and credentials by key. Encryption happens above: what comes here as `encryptedValue` is stored as it is. */
export class SettingsRepository {
  readonly #table: EntityTable<Setting>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.settings)
  }

  get(key: string): Promise<Setting | null> {
    return this.#table.one({ key })
  }

  list(filter: SettingFilter = {}, options?: ListOptions): Promise<Listing<Setting>> {
    return this.#table.list({ where: given({ ...filter }), orderBy: ORDER }, options)
  }

  listAll(): Promise<Setting[]> {
    return this.#table.all({ orderBy: ORDER })
  }

  listByCategory(category: string): Promise<Setting[]> {
    return this.#table.all({ where: { category }, orderBy: ORDER })
  }

  count(filter: SettingFilter = {}): Promise<number> {
    return this.#table.count(given({ ...filter }))
  }

  /** Creates the setting or changes what is given of it; `createdAt` stays what it was. */
  async upsert(setting: Draft<Setting, 'key'>): Promise<Setting> {
    const [stored] = await this.#table.upsert([setting], ['key'])
    return stored as Setting
  }

  update(key: string, patch: Patch<Setting>): Promise<Setting | null> {
    return this.#table.updateOne({ key }, patch)
  }

  delete(key: string): Promise<boolean> {
    return this.#table.deleteOne({ key })
  }
}
