import type { DataAccess } from '../data-access.ts'
import type { Filter } from '../filter/types.ts'
import { readableColumns, tableOf } from '../query/scope.ts'
import type { OrderBy, SelectResult, SelectSpec, WriteOptions } from '../query/specs.ts'
import type { TableName } from '../rows.ts'
import type { SearchHit, SearchSpec } from '../search/search.ts'
import { jsonNull } from '../values.ts'
import {
  type Listing,
  type ListOptions,
  type NumberedPage,
  numberedPage,
  type PageOptions,
  type Slice,
  type SliceOptions,
} from './paging.ts'

/** What a write takes for a value: dates also as ISO 8601 text, which is UTC when it names no offset. */
type Writable<Value> = Value extends Date ? Date | string : Value

/** A row to be: these keys must be given, the others have defaults. */
export type Draft<Entity, Required extends keyof Entity> = { [K in Required]: Writable<Entity[K]> } & {
  [K in Exclude<keyof Entity, Required>]?: Writable<Entity[K]> | undefined
}

/** The keys to change; what is absent or undefined stays as it is. */
export type Patch<Entity> = { [K in Exclude<keyof Entity, 'id'>]?: Writable<Entity[K]> | undefined }

/** Which rows, in which order. */
export interface RowQuery {
  readonly where?: Filter | undefined
  readonly orderBy?: OrderBy | readonly OrderBy[] | undefined
  /** In a transaction: keeps other writers off these rows until it ends. */
  readonly lock?: 'update'
}

/** How to search, the filter by entity keys. */
export type EntitySearch<Entity extends object> = Omit<SearchSpec<Entity>, 'columns' | 'naming'>

const naming = 'key'

/** One table as its repository sees it: by entity keys, and without the columns that are too large to carry along. */
export class EntityTable<Entity extends object> {
  readonly access: DataAccess
  readonly name: TableName
  readonly #columns: readonly string[] | undefined

  constructor(access: DataAccess, name: TableName, columns?: readonly string[]) {
    this.access = access
    this.name = name
    this.#columns = columns
  }

  /** The same table through another handle: inside a transaction. */
  in(access: DataAccess): EntityTable<Entity> {
    return new EntityTable(access, this.name, this.#columns)
  }

  /** The same table with these columns only. */
  only<Key extends keyof Entity & string>(...keys: readonly Key[]): EntityTable<Pick<Entity, Key>> {
    return new EntityTable(this.access, this.name, keys)
  }

  /** The same table with all columns but these. */
  without<Key extends keyof Entity & string>(...keys: readonly Key[]): EntityTable<Omit<Entity, Key>> {
    const dropped: ReadonlySet<string> = new Set(keys)
    return new EntityTable(
      this.access,
      this.name,
      this.#keys().filter((key) => !dropped.has(key)),
    )
  }

  #keys(): readonly string[] {
    return this.#columns ?? readableColumns(tableOf(this.access.schema, this.name)).map((column) => column.key)
  }

  /** The row that a unique key names. */
  async one(where: Filter): Promise<Entity | null> {
    const { rows } = await this.#select({ where, limit: 1 })
    return rows[0] ?? null
  }

  /** The same, kept from other writers until the transaction ends. */
  async oneLocked(where: Filter): Promise<Entity | null> {
    const { rows } = await this.#select({ where, lock: 'update' })
    return rows[0] ?? null
  }

  async exists(where: Filter): Promise<boolean> {
    return (await this.first(1, { where })).length > 0
  }

  async all(query: RowQuery = {}): Promise<Entity[]> {
    return (await this.#select(specOf(query))).rows
  }

  async first(count: number, query: RowQuery = {}): Promise<Entity[]> {
    return (await this.#select({ ...specOf(query), limit: count })).rows
  }

  async list(query: RowQuery, { limit, after }: ListOptions = {}): Promise<Listing<Entity>> {
    // A cursor without a limit is refused by the database contract, with the reason.
    const paging = limit === undefined ? (after ? { after } : {}) : { limit, after: after ?? null }
    const { rows, nextCursor = null } = await this.#select({ ...specOf(query), ...paging })
    return { items: rows, nextCursor }
  }

  async slice(query: RowQuery, { offset = 0, limit }: SliceOptions): Promise<Slice<Entity>> {
    const { rows, count = 0 } = await this.#select({ ...specOf(query), offset, limit, count: 'exact' })
    return { items: rows, total: count }
  }

  page(query: RowQuery, options: PageOptions = {}): Promise<NumberedPage<Entity>> {
    return numberedPage(options, (slice) => this.slice(query, slice))
  }

  async search(spec: EntitySearch<Entity>): Promise<SearchHit<Entity>[]> {
    const hits = await this.access.search(this.name, { ...spec, columns: this.#keys(), naming } as SearchSpec)
    return hits as SearchHit<Entity>[]
  }

  count(where?: Filter): Promise<number> {
    return this.access.count(this.name, where, { naming })
  }

  /** How many rows there are for each value of a column, or of a path into JSON. */
  async countBy(key: string, where?: Filter): Promise<Map<unknown, number>> {
    const spec = { groupBy: [key], aggregates: { count: 'count' }, naming, ...(where && { where }) } as const
    const groups = await this.access.aggregate(this.name, spec)
    return new Map(groups.map((group) => [group[key], Number(group.count)]))
  }

  async insert(row: object): Promise<Entity> {
    const [stored] = await this.insertAll([row])
    return stored as Entity
  }

  async insertAll(rows: readonly object[]): Promise<Entity[]> {
    return this.#plain(await this.access.insert<Entity>(this.name, rows, this.#returning))
  }

  /** Stores without fetching what was stored: for bulk. */
  async store(rows: readonly object[]): Promise<number> {
    return (await this.access.insert(this.name, rows, { naming, returning: false })).count
  }

  async upsert(rows: readonly object[], onConflict: readonly (keyof Entity & string)[]): Promise<Entity[]> {
    return this.#plain(await this.access.upsert<Entity>(this.name, rows, { onConflict, ...this.#returning }))
  }

  /** As upsert, but rows that are there stay as they are. */
  async insertMissing(rows: readonly object[], onConflict: readonly (keyof Entity & string)[]): Promise<Entity[]> {
    const options = { onConflict, whenFound: 'ignore', ...this.#returning } as const
    return this.#plain(await this.access.upsert<Entity>(this.name, rows, options))
  }

  /** Changes the row that a unique key names; null when there is none. */
  async updateOne(where: Filter, patch: object): Promise<Entity | null> {
    const result = await this.access.update<Entity>(this.name, patch, { where, ...this.#returning })
    return this.#plain(result)[0] ?? null
  }

  async updateAll(where: Filter, patch: object): Promise<number> {
    return (await this.access.update(this.name, patch, { where, naming, returning: false })).count
  }

  async deleteAll(where: Filter): Promise<number> {
    return (await this.access.delete(this.name, { where, naming, returning: false })).count
  }

  async deleteOne(where: Filter): Promise<boolean> {
    return (await this.deleteAll(where)) > 0
  }

  get #returning(): WriteOptions {
    return { naming, returning: this.#columns ?? true }
  }

  async #select(spec: SelectSpec): Promise<SelectResult<Entity>> {
    const columns = this.#columns ? { columns: this.#columns } : {}
    // Repositories type their filters themselves; here they are any filter.
    const result = await this.access.select<Entity>(this.name, { ...spec, ...columns, naming } as SelectSpec<Entity>)
    return { ...result, rows: this.#plain(result) }
  }

  /** To entities JSON's own null is null like any other. */
  #plain({ rows }: { readonly rows: Entity[] }): Entity[] {
    const keys = this.#jsonKeys()
    for (const row of rows) for (const key of keys) if (row[key] === jsonNull) Object.assign(row, { [key]: null })
    return rows
  }

  #jsonKeys(): (keyof Entity)[] {
    const { byKey } = tableOf(this.access.schema, this.name)
    return this.#keys().filter((key) => byKey.get(key)?.kind === 'json') as (keyof Entity)[]
  }
}

function specOf({ where, orderBy, lock }: RowQuery): SelectSpec {
  return { ...(where && { where }), ...(orderBy && { orderBy }), ...(lock && { lock }) }
}
