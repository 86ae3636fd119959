import type { DataAccess } from '../data-access.ts'
import { type EntityName, TABLE_NAMES } from '../rows.ts'

export type TableCounts = Record<EntityName, number>

/** How full the database is. */
export class MetricsRepository {
  readonly #access: DataAccess

  constructor(access: DataAccess) {
    this.#access = access
  }

  /** The number of rows of every table. */
  async counts(): Promise<TableCounts> {
    const names = Object.keys(TABLE_NAMES) as EntityName[]
    const counts = {} as TableCounts
    for (const name of names) counts[name] = await this.#access.count(TABLE_NAMES[name])
    return counts
  }
}
