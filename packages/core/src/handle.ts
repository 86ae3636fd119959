import type {
  DataAccess,
  ExecuteOptions,
  ExecuteResult,
  StreamSpec,
  Transaction,
  TransactionOptions,
} from './data-access.ts'
import type { Connection } from './dialect.ts'
import { invalidInput } from './errors.ts'
import type { Executor } from './executor.ts'
import { runInsert, runUpsert } from './insert.ts'
import type { SelectQuery } from './query/ast.ts'
import { QueryBuilder } from './query/builder.ts'
import { encodeCursor } from './query/cursor.ts'
import { toNumber } from './query/decode.ts'
import { checkCall } from './query/options.ts'
import { type JoinedSelectSpec, type ParsedSelect, parseAggregate, parseSelect } from './query/parse-select.ts'
import { parseDelete, parseInsert, parseUpdate, parseUpsert } from './query/parse-write.ts'
import { bindPlan, type Plan } from './query/plan.ts'
import type {
  AggregateSpec,
  CallOptions,
  FilteredWriteOptions,
  Row,
  SelectResult,
  SelectSpec,
  UpsertOptions,
  UpsertResult,
  WriteOptions,
  WriteResult,
} from './query/specs.ts'
import { createRepositories, type Repositories } from './repositories/index.ts'
import type { Schema } from './schema.ts'
import type { SearchHit, SearchSpec } from './search/search.ts'
import { is, SQL } from './sql.ts'
import { beginTransaction, nestTransaction } from './transaction.ts'
import { runUpdateOrDelete } from './write.ts'

/** The one implementation of DataAccess over SQL; a Database and every Transaction is one. */
export class Handle implements DataAccess {
  readonly executor: Executor
  #repositories: Repositories | undefined

  constructor(executor: Executor) {
    this.executor = executor
  }

  get schema(): Schema {
    return this.executor.shared.dialect.schema
  }

  get connection(): Connection {
    return this.executor.shared.connection
  }

  get repositories(): Repositories {
    this.#repositories ??= createRepositories(this)
    return this.#repositories
  }

  async select<R extends object = Row>(table: string, spec: SelectSpec = {}): Promise<SelectResult<R>> {
    const parsed = parseSelect(this.schema, table, spec as JoinedSelectSpec)
    const plan = this.executor.plan(parsed.key, () => parsed.query)
    const { rows: arrays } = await this.executor.query(bindPlan(plan, parsed.values), spec.signal)
    if (!parsed.page && !parsed.query.count) return { rows: plan.decode(arrays) as R[] }
    const count = parsed.query.count ? { count: await this.#countOf(parsed, arrays) } : {}
    if (parsed.page) return { ...pageOf<R>(plan, arrays, parsed.page), ...count }
    return { rows: plan.decode(arrays) as R[], ...count }
  }

  /** The count rides on every row; past the last page there is no row to carry it. */
  async #countOf({ query, values, page }: ParsedSelect, arrays: unknown[][]): Promise<number> {
    const [first] = arrays
    if (first) return Number(toNumber(first[query.columns.length]))
    const isAll = page ? query.counted === undefined : query.limit === null && query.offset === null
    if (isAll) return 0
    const [row] = await this.executor.select(countingQuery(query), values)
    return Number(toNumber(row?.[0]))
  }

  async aggregate<R extends object = Row>(table: string, spec: AggregateSpec): Promise<R[]> {
    const parsed = parseAggregate(this.schema, table, spec)
    const plan = this.executor.plan(parsed.key, () => parsed.query)
    const { rows } = await this.executor.query(bindPlan(plan, parsed.values), spec.signal)
    return plan.decode(rows) as R[]
  }

  async count(table: string, where?: SelectSpec['where'], options: CallOptions = {}): Promise<number> {
    const [row] = await this.aggregate<{ n: number }>(table, {
      aggregates: { n: 'count' },
      ...(where ? { where } : {}),
      ...options,
    })
    return row?.n ?? 0
  }

  async insert<R extends object = Row>(
    table: string,
    rows: object | readonly object[],
    options: WriteOptions = {},
  ): Promise<WriteResult<R>> {
    const result = await runInsert(this.executor, parseInsert(this.schema, table, rows, options), options.signal)
    return result as WriteResult<R>
  }

  async upsert<R extends object = Row>(
    table: string,
    rows: object | readonly object[],
    options: UpsertOptions = {},
  ): Promise<UpsertResult<R>> {
    const result = await runUpsert(this.executor, parseUpsert(this.schema, table, rows, options), options.signal)
    return result as UpsertResult<R>
  }

  async update<R extends object = Row>(
    table: string,
    patch: object,
    options: FilteredWriteOptions = {},
  ): Promise<WriteResult<R>> {
    return (await runUpdateOrDelete(
      this.executor,
      parseUpdate(this.schema, table, patch, options),
      options.signal,
    )) as WriteResult<R>
  }

  async delete<R extends object = Row>(table: string, options: FilteredWriteOptions = {}): Promise<WriteResult<R>> {
    return (await runUpdateOrDelete(
      this.executor,
      parseDelete(this.schema, table, options),
      options.signal,
    )) as WriteResult<R>
  }

  async search(table: string, spec: SearchSpec): Promise<SearchHit[]> {
    const { search } = await import('./search/search.ts')
    return search(this.executor, table, spec)
  }

  from(table: string): QueryBuilder {
    return new QueryBuilder(this, table)
  }

  async execute(query: SQL, options: ExecuteOptions = {}): Promise<ExecuteResult> {
    checkCall(options)
    if (!is(query, SQL)) throw invalidInput('execute takes a Drizzle statement: execute(sql`select …`).')
    const { sql: text, params } = this.executor.shared.dialect.render(query)
    const result = await this.executor.raw({ text, params, prepare: false }, options)
    const { columns } = result
    const rows = result.rows.map((values) => Object.fromEntries(columns.map((name, i) => [name, values[i]])))
    return { rows, count: result.changes ?? rows.length }
  }

  async *stream<R extends object = Row>(table: string, spec: StreamSpec = {}): AsyncGenerator<R> {
    checkCall(spec)
    const { batchSize = 500 } = spec
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) throw invalidInput('batchSize takes a whole number from 1.')
    const parsed = parseSelect(this.schema, table, spec as JoinedSelectSpec)
    const plan = this.executor.plan(parsed.key, () => parsed.query)
    for await (const batch of this.executor.stream(bindPlan(plan, parsed.values), batchSize, spec.signal)) {
      yield* plan.decode(batch) as R[]
    }
  }

  transaction<T>(fn: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (typeof fn !== 'function')
      return Promise.reject(invalidInput('transaction takes a function: transaction(async (tx) => …).'))
    // An error thrown before the first await is a rejection like any other.
    const run = async (executor: Executor): Promise<T> => fn(new Handle(executor))
    return this.executor.transaction
      ? nestTransaction(this.executor, run, options)
      : beginTransaction(this.executor, run, options)
  }
}

function countingQuery({ counted, ...query }: SelectQuery): SelectQuery {
  return {
    ...query,
    columns: [{ as: 'count', aggregate: 'count' }],
    where: counted === undefined ? query.where : counted,
    count: false,
    limit: null,
    offset: null,
    orderBy: [],
    lock: false,
  }
}

/** One row more than the page was asked for, to know whether there is a next one. */
function pageOf<R>(plan: Plan, arrays: unknown[][], page: NonNullable<ParsedSelect['page']>): SelectResult<R> {
  const more = arrays.length > page.size
  const kept = more ? arrays.slice(0, page.size) : arrays
  const last = kept[kept.length - 1]
  const nextCursor = more && last ? encodeCursor(page.order, plan.keys(last)) : null
  return { rows: plan.decode(kept) as R[], nextCursor }
}
