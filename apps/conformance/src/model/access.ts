import {
  type AggregateSpec,
  type CallOptions,
  createRepositories,
  type DataAccess,
  DbError,
  type FilteredWriteOptions,
  QueryBuilder,
  type Row,
  type SearchHit,
  type SearchSpec,
  type SelectResult,
  type SelectSpec,
  type StreamSpec,
  type Transaction,
  type TransactionOptions,
  type UpsertOptions,
  type UpsertResult,
  type WriteOptions,
  type WriteResult,
} from '@archon-db/core'
import {
  encodeCursor,
  type JoinedSelectSpec,
  type ParsedSelect,
  parseAggregate,
  parseDelete,
  parseInsert,
  parseSelect,
  parseUpdate,
  parseUpsert,
  type Schema,
} from '@archon-db/core/dialect'
import { runSearch } from './search.ts'
import { runSelect, type Selected } from './select.ts'
import { runTransaction } from './transaction.ts'
import type { Turn } from './turn.ts'
import { runDelete, runInsert, runUpdate, type Written } from './write.ts'

/** The contract, every call interpreted over rows in memory. */
export class ModelAccess implements DataAccess {
  readonly turn: Turn
  #repositories: DataAccess['repositories'] | undefined

  constructor(turn: Turn) {
    this.turn = turn
  }

  get schema(): Schema {
    return this.turn.store.world.schema
  }

  get repositories(): DataAccess['repositories'] {
    this.#repositories ??= createRepositories(this)
    return this.#repositories
  }

  async select<R extends object = Row>(table: string, spec: SelectSpec = {}): Promise<SelectResult<R>> {
    const parsed = parseSelect(this.schema, table, spec as JoinedSelectSpec)
    const selected = await this.turn.read((state) => runSelect(state, parsed.query, parsed.values), spec.signal)
    const count = parsed.query.count ? { count: selected.matches } : {}
    if (parsed.page) return { ...pageOf(parsed, parsed.page, selected), ...count } as SelectResult<R>
    return { rows: selected.rows as R[], ...count }
  }

  async aggregate<R extends object = Row>(table: string, spec: AggregateSpec): Promise<R[]> {
    const { query, values } = parseAggregate(this.schema, table, spec)
    return (await this.turn.read((state) => runSelect(state, query, values), spec.signal)).rows as R[]
  }

  async count(table: string, where?: SelectSpec['where'], options: CallOptions = {}): Promise<number> {
    const [row] = await this.aggregate<{ n: number }>(table, {
      aggregates: { n: 'count' },
      ...(where && { where }),
      ...options,
    })
    return row?.n ?? 0
  }

  async insert<R extends object = Row>(
    table: string,
    rows: object | readonly object[],
    options: WriteOptions = {},
  ): Promise<WriteResult<R>> {
    const parsed = parseInsert(this.schema, table, rows, options)
    const { world } = this.turn.store
    return resultOf(await this.turn.write((state) => runInsert(world, state, parsed), options.signal))
  }

  async upsert<R extends object = Row>(
    table: string,
    rows: object | readonly object[],
    options: UpsertOptions = {},
  ): Promise<UpsertResult<R>> {
    const parsed = parseUpsert(this.schema, table, rows, options)
    const { world } = this.turn.store
    const written = await this.turn.write((state) => runInsert(world, state, parsed), options.signal)
    return { ...resultOf<R>(written), inserted: written.inserted }
  }

  async update<R extends object = Row>(
    table: string,
    patch: object,
    options: FilteredWriteOptions,
  ): Promise<WriteResult<R>> {
    const parsed = parseUpdate(this.schema, table, patch, options)
    const { world } = this.turn.store
    return resultOf(await this.turn.write((state) => runUpdate(world, state, parsed), options.signal))
  }

  async delete<R extends object = Row>(table: string, options: FilteredWriteOptions): Promise<WriteResult<R>> {
    const parsed = parseDelete(this.schema, table, options)
    const { world } = this.turn.store
    return resultOf(await this.turn.write((state) => runDelete(world, state, parsed), options.signal))
  }

  search(table: string, spec: SearchSpec): Promise<SearchHit[]> {
    return this.turn.read((state) => runSearch(this.schema, state, table, spec), spec.signal)
  }

  from(table: string): QueryBuilder {
    return new QueryBuilder(this, table)
  }

  execute(): Promise<never> {
    return Promise.reject(new DbError('unsupported', 'The model has no SQL. Use select, insert, update or delete.'))
  }

  async *stream<R extends object = Row>(table: string, spec: StreamSpec = {}): AsyncGenerator<R> {
    const { batchSize = 500 } = spec
    if (!Number.isSafeInteger(batchSize) || batchSize < 1)
      throw new DbError('invalid_input', 'batchSize takes a whole number from 1.')
    const { rows } = await this.select(table, spec)
    for (const row of rows) {
      spec.signal?.throwIfAborted()
      this.turn.check(false)
      yield row as R
    }
  }

  transaction<T>(fn: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (typeof fn !== 'function') return Promise.reject(new DbError('invalid_input', 'transaction takes a function.'))
    return runTransaction(this.turn, async (turn) => fn(new ModelAccess(turn)), options)
  }
}

function resultOf<R extends object>({ rows, count }: Written): WriteResult<R> {
  return { rows: rows as R[], count }
}

/** A page is cut from one row more, whose absence says that this was the last one. */
function pageOf({ query }: ParsedSelect, page: NonNullable<ParsedSelect['page']>, { rows }: Selected): SelectResult {
  const kept = rows.slice(0, page.size)
  const last = kept.at(-1)
  const keys = query.columns.filter(({ key }) => key !== undefined).sort((a, b) => Number(a.key) - Number(b.key))
  const nextCursor =
    rows.length > page.size && last
      ? encodeCursor(
          page.order,
          keys.map(({ as }) => last[as]),
        )
      : null
  const names = query.columns.filter(({ hidden }) => !hidden).map(({ as }) => as)
  const visible = kept.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])))
  return { rows: visible, nextCursor }
}
