import type { DataAccess } from '../data-access.ts'
import { invalidInput } from '../errors.ts'
import type { Filter } from '../filter/types.ts'
import type { JoinedSelectSpec, JoinSpec } from './parse-select.ts'
import type { OrderBy, Row } from './specs.ts'

/** The two sides of a join: a column of the tables so far, and one of the table that joins. */
export interface On {
  readonly left: string
  readonly right: string
}

/** `on('project_id', 'id')`: this side's column, the joined table's column. */
export function on(left: string, right: string): On {
  return { left, right }
}

/** A comparison for `whereJson`. */
export type JsonTest = string | number | boolean | null | Record<string, unknown>

/**
 * Builds a select step by step. Every step returns a new builder, so a half-built query can be shared.
 *
 *     await db.from('archon_tasks').select('id', 'title').where({ status: 'todo' }).orderBy('task_order').limit(5).execute()
 */
export class QueryBuilder<R extends object = Row> implements PromiseLike<R[]> {
  readonly #access: DataAccess
  readonly #table: string
  readonly #spec: JoinedSelectSpec

  constructor(access: DataAccess, table: string, spec: JoinedSelectSpec = {}) {
    this.#access = access
    this.#table = table
    this.#spec = spec
  }

  #with(change: Partial<JoinedSelectSpec>): QueryBuilder<R> {
    return new QueryBuilder<R>(this.#access, this.#table, { ...this.#spec, ...change })
  }

  /** Columns by name, or `{ key: 'column' }` to rename. Those of joined tables are written `table.column`. */
  select(...columns: string[] | [Readonly<Record<string, string>>]): QueryBuilder<R> {
    const [first] = columns
    return this.#with({ columns: typeof first === 'object' ? first : (columns as string[]) })
  }

  distinct(): QueryBuilder<R> {
    return this.#with({ distinct: true })
  }

  join(table: string, ...on: On[]): QueryBuilder<R> {
    return this.#join({ type: 'inner', table, on })
  }

  leftJoin(table: string, ...on: On[]): QueryBuilder<R> {
    return this.#join({ type: 'left', table, on })
  }

  #join(join: JoinSpec): QueryBuilder<R> {
    if (join.on.length === 0) throw invalidInput('A join needs at least one on(left, right).')
    return this.#with({ joins: [...(this.#spec.joins ?? []), join] })
  }

  /** Filters add up: all of them must hold. */
  where(filter: Filter): QueryBuilder<R> {
    const before = (this.#spec.where?.and ?? []) as readonly Filter[]
    return this.#with({ where: { and: [...before, filter] } as Filter })
  }

  /** Tests a value inside a JSON column: `whereJson('data', '$.a.b', 1)`, `whereJson('data', '$.n', { gte: 3 })`. */
  whereJson(column: string, path: string, test: JsonTest): QueryBuilder<R> {
    const rest = path.startsWith('$') ? path.slice(1) : `.${path}`
    return this.where({ [`${column}${rest}`]: test } as Filter)
  }

  orderBy(...terms: OrderBy[]): QueryBuilder<R> {
    return this.#with({ orderBy: [...((this.#spec.orderBy as OrderBy[] | undefined) ?? []), ...terms] })
  }

  limit(limit: number): QueryBuilder<R> {
    return this.#with({ limit })
  }

  offset(offset: number): QueryBuilder<R> {
    return this.#with({ offset })
  }

  async execute(): Promise<R[]> {
    return (await this.#access.select<R>(this.#table, this.#spec)).rows
  }

  async first(): Promise<R | null> {
    return (await this.limit(1).execute())[0] ?? null
  }

  /** Awaiting a builder runs it. */
  // biome-ignore lint/suspicious/noThenProperty: being awaitable is the point
  then<A = R[], B = never>(
    fulfilled?: ((rows: R[]) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.execute().then(fulfilled, rejected)
  }
}
