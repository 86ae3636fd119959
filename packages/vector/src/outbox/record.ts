import { type ColumnInfo, type Condition, describeTable, type WriteQuery } from '@archon-db/core/dialect'
import { type FollowedDatabase, Statements } from '../local/follow/statements.ts'

/** What a store holds of the database, as of which place in the log of changes. */
export interface StoreState {
  /** Part of the collections' names, so that a store that is filled anew mixes with nothing of before. */
  readonly generation: string
  /** The place in the log; null before anything was sent. */
  readonly mark: string | null
  /** While all rows are copied: the column that is at work, and the last row of it that was sent. */
  readonly copying: { readonly column: string; readonly after: string | null } | null
  /** The collections that were made. */
  readonly held: readonly string[]
  /** Those of an earlier generation, to be dropped. */
  readonly dropping: readonly string[]
}

export interface StoreRecord {
  readonly state: StoreState
  /** Changes with every sign of life of the one who is at work; null when nobody is. */
  readonly lease: string | null
}

const NAME = column('name', true)
const STATE = column('state')
const LEASE = column('lease')

/** No table of the application's: it is made by migrations and read here alone. */
const STORES = describeTable({
  name: 'archon_vector_stores',
  columns: [NAME, STATE, LEASE],
  uniques: [],
  foreignKeys: [],
  checks: [],
})

const BY_NAME: Condition = { type: 'compare', field: { column: NAME }, op: 'eq', value: 0 }
const BY_LEASE: Condition = { type: 'compare', field: { column: LEASE }, op: 'eq', value: 1 }
const UNLEASED: Condition = { type: 'isNull', field: { column: LEASE } }

/** The row of one store in archon_vector_stores. Only the one who has the lease changes its state. */
export class StoreTable {
  readonly #database: FollowedDatabase
  readonly #statements: Statements
  readonly #name: string

  constructor(database: FollowedDatabase, name: string) {
    this.#database = database
    this.#statements = new Statements(database, STORES)
    this.#name = name
  }

  async read(): Promise<StoreRecord | null> {
    const build = () => ({ columns: [STATE, LEASE], where: BY_NAME })
    const [row] = await this.#statements.select('read', [this.#name], build)
    return row ? { state: JSON.parse(row.state as string) as StoreState, lease: row.lease as string | null } : null
  }

  async create(state: StoreState): Promise<void> {
    const build = (): WriteQuery => ({
      kind: 'insert',
      table: STORES,
      columns: [NAME, STATE],
      rows: 1,
      returning: null,
      onConflict: null,
    })
    try {
      await this.#statements.write('create', [this.#name, JSON.stringify(state)], build)
    } catch (error) {
      // Another process was faster.
      if (this.#database.dialect.toDbError(error).code !== 'unique_violation') throw error
    }
  }

  /** False when somebody else was faster. */
  async take(current: string | null, next: string): Promise<boolean> {
    return current === null
      ? await this.#setLease('take free', [this.#name, null, next], UNLEASED)
      : await this.#setLease('take', [this.#name, current, next], BY_LEASE)
  }

  /** False when the lease was lost. */
  async save(state: StoreState, lease: string, next: string): Promise<boolean> {
    const build = (): WriteQuery => ({
      ...update(BY_LEASE),
      set: [
        { type: 'set', column: LEASE, value: 2 },
        { type: 'set', column: STATE, value: 3 },
      ],
    })
    return (await this.#statements.write('save', [this.#name, lease, next, JSON.stringify(state)], build)) === 1
  }

  async release(lease: string): Promise<void> {
    await this.#setLease('release', [this.#name, lease, null], BY_LEASE)
  }

  async #setLease(name: string, values: readonly unknown[], where: Condition): Promise<boolean> {
    const build = (): WriteQuery => ({ ...update(where), set: [{ type: 'set', column: LEASE, value: 2 }] })
    return (await this.#statements.write(name, values, build)) === 1
  }
}

function update(where: Condition) {
  return { kind: 'update', table: STORES, where: { type: 'and', items: [BY_NAME, where] }, returning: null } as const
}

function column(name: string, primaryKey = false): ColumnInfo {
  return { key: name, name, kind: 'text', nullable: name === 'lease', primaryKey, autoIncrement: false }
}
