import type { Row } from '@archon-db/core'
import {
  bindPlan,
  type ColumnInfo,
  type Condition,
  compile,
  type Dialect,
  type OutputColumn,
  type Plan,
  type Query,
  type SelectQuery,
  type Session,
  type TableInfo,
  type WriteQuery,
} from '@archon-db/core/dialect'

/** The database whose tables an index follows. What it reads must hold every commit: never a replica that lags. */
export interface FollowedDatabase extends Pick<Session, 'query' | 'run'> {
  readonly dialect: Dialect
}

/** A select with the values of its slots, in the order of their numbers. */
export interface Select {
  readonly columns: readonly ColumnInfo[]
  readonly where: Condition | null
  readonly orderBy?: ColumnInfo
  readonly descending?: boolean
  /** The slot that holds the number of rows. */
  readonly limit?: number
}

/** Compiles once what is asked again and again. */
export class Statements {
  readonly #database: FollowedDatabase
  readonly #table: TableInfo
  readonly #plans = new Map<string, Plan>()

  constructor(database: FollowedDatabase, table: TableInfo) {
    this.#database = database
    this.#table = table
  }

  async select(name: string, values: readonly unknown[], build: () => Select): Promise<Row[]> {
    const plan = this.#plan(name, () => toQuery(this.#table, build()))
    return plan.decode((await this.#database.query(bindPlan(plan, values))).rows)
  }

  async count(): Promise<number> {
    const outputs: OutputColumn[] = [{ as: 'rows', aggregate: 'count' }]
    const plan = this.#plan('count', () => ({
      ...toQuery(this.#table, { columns: [], where: null }),
      columns: outputs,
    }))
    const [row] = plan.decode((await this.#database.query(bindPlan(plan, []))).rows)
    return Number(row?.rows)
  }

  async delete(name: string, values: readonly unknown[], where: Condition): Promise<void> {
    await this.write(name, values, () => ({ kind: 'delete', table: this.#table, where, returning: null }))
  }

  /** The number of rows that it changed. */
  async write(name: string, values: readonly unknown[], build: () => WriteQuery): Promise<number> {
    const plan = this.#plan(name, build)
    return (await this.#database.run(bindPlan(plan, values))).changes
  }

  #plan(name: string, query: () => Query): Plan {
    const known = this.#plans.get(name)
    if (known) return known
    const plan = compile(this.#database.dialect, query())
    this.#plans.set(name, plan)
    return plan
  }
}

function toQuery(table: TableInfo, { columns, where, orderBy, descending, limit }: Select): SelectQuery {
  const direction = descending ? 'desc' : 'asc'
  return {
    kind: 'select',
    table,
    joins: [],
    columns: columns.map((column) => ({ as: column.key, field: { column } })),
    where,
    groupBy: [],
    orderBy: orderBy ? [{ field: { column: orderBy }, direction, nulls: descending ? 'first' : 'last' }] : [],
    limit: limit ?? null,
    offset: null,
    count: false,
    distinct: false,
    lock: false,
  }
}
