import type { CollectionSpec, DataAccess, Metadata } from '@archon-db/core'
import {
  bindPlan,
  type CollectionFragments,
  type Compiler,
  compile,
  compileFragment,
  type Dialect,
  dialectOf,
  drizzleRunner,
  type InsertQuery,
  type OutputColumn,
  type Plan,
  type PlanCache,
  type Query,
  type SQL,
  sql,
  type TableInfo,
} from '@archon-db/core/dialect'
import { FlatIndex } from '../local/flat.ts'
import { compareHits, type IndexHit, TopK } from '../local/top-k.ts'
import type { CheckedItem } from '../shared/input.ts'
import { scorer } from '../shared/score.ts'
import type { ServiceCollection, StoredItem, StoredVector } from '../shared/service.ts'
import type { FollowedIndex } from './followed-index.ts'
import { amongIds, changedSince, collectionTable, columnOf, countOf, selectFrom } from './table.ts'
import type { SqlFilter } from './words.ts'

const EMBEDDING = sql`embedding`
const ITEM = ['id', 'metadata', 'content', 'embedding'] as const
const READ_BATCH = 5000
/** Before the first revision. */
const ALL = -1
const WRITE_BYTES = 4_000_000
/** Beyond what roundings make of 0. */
const SURELY_CLOSER = 1e-5
/** Of a component or a character, at most, in whatever way they are sent. */
const SENT_BYTES = 12

/** A collection as one transaction sees it. */
export interface SqlPlace {
  readonly access: DataAccess
  readonly spec: CollectionSpec
  readonly table: string
  /** Of statements without a filter: they come again and again. */
  readonly plans: PlanCache
  /** Of the rows written here. */
  readonly revision: number
  /** Where the database does not search by itself. */
  readonly index: FollowedIndex | null
}

export class SqlCollection implements ServiceCollection<SqlFilter> {
  readonly spec: CollectionSpec
  readonly #place: SqlPlace
  readonly #dialect: Dialect
  readonly #table: TableInfo

  constructor(place: SqlPlace) {
    this.spec = place.spec
    this.#place = place
    this.#dialect = dialectOf(place.access)
    this.#table = collectionTable(place.table, place.spec.dimension)
  }

  async count(): Promise<number> {
    const [row] = await this.#rows<{ n: number }>('count', () => countOf(this.#table), [])
    return Number(row?.n)
  }

  async write(items: readonly CheckedItem[]): Promise<void> {
    const { columns } = this.#table
    const { revision } = this.#place
    for (const part of this.#parts(items)) {
      const query: InsertQuery = {
        kind: 'insert',
        table: this.#table,
        columns,
        rows: part.length,
        returning: null,
        onConflict: { columns: columns.slice(0, 1), update: columns.slice(1) },
      }
      await this.#run(
        compile(this.#dialect, query),
        part.flatMap(({ id, metadata, content, vector }) => [id, revision, metadata, content, vector]),
      )
    }
  }

  /** As many as one statement may carry. */
  *#parts(items: readonly CheckedItem[]): Generator<readonly CheckedItem[]> {
    const { insertBatch, maxParameters, maxStatementBytes = Number.POSITIVE_INFINITY } = this.#dialect.traits
    const most = Math.max(1, Math.min(insertBatch, Math.floor(maxParameters / this.#table.columns.length)))
    const heaviest = Math.min(WRITE_BYTES, maxStatementBytes / 2)
    let start = 0
    let bytes = 0
    for (let end = 0; end < items.length; end++) {
      const size = sizeOf(items[end] as CheckedItem)
      if (end > start && (end - start === most || bytes + size > heaviest)) {
        yield items.slice(start, end)
        start = end
        bytes = 0
      }
      bytes += size
    }
    yield items.slice(start)
  }

  async remove(ids: readonly string[]): Promise<void> {
    const where = amongIds(this.#table)
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      const query: Query = { kind: 'delete', table: this.#table, where, returning: null }
      await this.#run(compile(this.#dialect, query), [ids.slice(start, start + READ_BATCH)])
    }
  }

  async read(ids: readonly string[]): Promise<StoredVector[]> {
    const found: StoredVector[] = []
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      const part = ids.slice(start, start + READ_BATCH)
      const rows = await this.#rows<ItemRow>('items', () => selectFrom(this.#table, ITEM, amongIds(this.#table)), [
        part,
      ])
      found.push(...rows.map(toItem))
    }
    return found
  }

  async nearest(vector: Float32Array, limit: number, filter: SqlFilter | null): Promise<StoredVector[]> {
    const { index } = this.#place
    if (!index) return await this.#nearestBySql(vector, limit, filter)
    const ids = await this.#nearestByIndex(index, vector, limit, filter)
    const items = new Map((await this.read(ids)).map((item) => [item.id, item]))
    return ids.flatMap((id) => items.get(id) ?? [])
  }

  async *scan(filter: SqlFilter | null, what: 'ids' | 'items'): AsyncGenerator<readonly StoredItem[]> {
    const ids = await this.ids(filter)
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      const part = ids.slice(start, start + READ_BATCH)
      yield what === 'items' ? await this.read(part) : part.map((id) => ({ id, metadata: {}, content: null }))
    }
  }

  async ids(filter: SqlFilter | null): Promise<string[]> {
    return await this.#ids(filter ? null : 'ids', filter)
  }

  /** Ids and vectors of what was written after a revision, in parts. */
  async *changes(since: number): AsyncGenerator<{ key: string; vector: Float32Array }[]> {
    const ids = await this.#ids('changed', { condition: changedSince(this.#table), values: [since] })
    const query = (): Query => selectFrom(this.#table, ['id', 'embedding'], amongIds(this.#table))
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      const rows = await this.#rows<ItemRow>('vectors', query, [ids.slice(start, start + READ_BATCH)])
      yield rows.map(({ id, embedding }) => ({ key: id, vector: embedding }))
    }
  }

  async #nearestByIndex(
    index: FollowedIndex,
    vector: Float32Array,
    limit: number,
    filter: SqlFilter | null,
  ): Promise<string[]> {
    const among = filter && new Set(await this.ids(filter))
    const found = await index.nearest(this, this.#place.revision, { vector, limit, among })
    return found ?? (await this.#nearestOneByOne(vector, limit, among))
  }

  /** With a part of the vectors in memory at a time. */
  async #nearestOneByOne(vector: Float32Array, limit: number, among: ReadonlySet<string> | null): Promise<string[]> {
    const best = new TopK<IndexHit>(limit, compareHits)
    for await (const part of this.changes(ALL)) {
      const flat = new FlatIndex(this.spec)
      for (const { key, vector: stored } of part) if (among?.has(key) ?? true) flat.set(key, stored)
      for (const hit of flat.search(vector, { topK: limit })) best.offer(hit)
    }
    return best.sorted().map(({ key }) => key as string)
  }

  async #nearestBySql(vector: Float32Array, limit: number, filter: SqlFilter | null): Promise<StoredVector[]> {
    const { collections, vector: search } = this.#dialect.fragments
    const { distance } = collections as Required<CollectionFragments>
    const { dimension, metric } = this.spec
    const how = { exact: false, effort: Math.max(200, limit), alone: filter === null }
    for (const statement of search?.prepare(how) ?? []) {
      await this.#place.access.execute(statement)
    }
    const near = await this.#itemsBy('near', filter, limit, [vector], (compiler, slot) => {
      const query = compiler.bind(slot, this.#dialect.codecs.encode(columnOf(this.#table, 'embedding')))
      return { order: distance(EMBEDDING, query, dimension, metric) }
    })
    const left = collections?.unindexed?.(EMBEDDING, metric) ?? null
    if (left === null || this.#isCloserThanNothing(near, vector, limit)) return near
    const others = await this.#itemsBy('left', filter, limit, [], () => ({ and: left, order: sql`id` }))
    return [...new Map([...near, ...others].map((item) => [item.id, item])).values()]
  }

  /** What has no direction scores 0, and would come after all of these. */
  #isCloserThanNothing(near: readonly StoredVector[], vector: Float32Array, limit: number): boolean {
    const last = near.at(-1)
    return last !== undefined && near.length >= limit && scorer(this.spec.metric, vector)(last.vector) > SURELY_CLOSER
  }

  /** `build` says what the items are ordered by; its own values stand in the slots from the one it is given. */
  async #itemsBy(
    name: string,
    filter: SqlFilter | null,
    limit: number,
    own: readonly unknown[],
    build: (compiler: Compiler, slot: number) => { readonly order: SQL; readonly and?: SQL },
  ): Promise<StoredVector[]> {
    const values = [...(filter?.values ?? []), ...own]
    const make = (): Plan => {
      const outputs = ITEM.map((as): OutputColumn => ({ as, field: { column: columnOf(this.#table, as) } }))
      const { fetch } = this.#dialect.fragments
      const columns = ITEM.map((as) => fetch(sql`${sql.identifier(as)}`, columnOf(this.#table, as)))
      return compileFragment(
        this.#dialect,
        this.#table,
        (compiler) => {
          const { order, and } = build(compiler, values.length - own.length)
          const where = compiler.where(filter?.condition ?? null, and ? [and] : [])
          return sql`select ${sql.join(columns, sql`, `)} from ${sql.identifier(this.#table.name)}${where} order by ${order} limit ${sql.raw(String(limit))}`
        },
        outputs,
      )
    }
    const plan = filter ? make() : this.#plan(`${name} ${limit}`, make)
    return (await this.#decoded<ItemRow>(plan, values)).map(toItem)
  }

  async #ids(name: string | null, filter: SqlFilter | null): Promise<string[]> {
    const query = (): Query => selectFrom(this.#table, ['id'], filter?.condition ?? null)
    return (await this.#rows<{ id: string }>(name, query, filter?.values ?? [])).map(({ id }) => id)
  }

  /** Under a name, which stands for one shape of a statement, its plan is kept. */
  async #rows<Row>(name: string | null, query: () => Query, values: readonly unknown[]): Promise<Row[]> {
    const make = (): Plan => compile(this.#dialect, query())
    return await this.#decoded<Row>(name === null ? make() : this.#plan(name, make), values)
  }

  #plan(name: string, make: () => Plan): Plan {
    return this.#place.plans.get(`${this.#table.name} ${name}`, make)
  }

  async #decoded<Row>(plan: Plan, values: readonly unknown[]): Promise<Row[]> {
    return plan.decode(await this.#run(plan, values)) as Row[]
  }

  async #run(plan: Plan, values: readonly unknown[]): Promise<unknown[][]> {
    const { text, params } = bindPlan(plan, values)
    return (await drizzleRunner(this.#place.access)(text, params)).rows
  }
}

function sizeOf({ vector, metadata, content }: CheckedItem): number {
  return (vector.length + JSON.stringify(metadata).length + (content?.length ?? 0)) * SENT_BYTES
}

interface ItemRow {
  readonly id: string
  readonly metadata: Metadata
  readonly content: string | null
  readonly embedding: Float32Array
}

function toItem({ id, metadata, content, embedding }: ItemRow): StoredVector {
  return { id, metadata, content, vector: embedding }
}
