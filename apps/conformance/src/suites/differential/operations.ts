import {
  type ColumnInfo,
  type Filter,
  increment,
  jsonMerge,
  type OrderInput,
  type Schema,
  type TableInfo,
} from '@archon-db/core'
import fc, { type Arbitrary } from 'fast-check'
import { filterOn, usable } from './filters.ts'
import { COUNTED, jsonObject, MERGED, valueFor } from './values.ts'

/** What is done to the model and to the backend alike. Plain data, so that a counterexample can be read. */
export type Operation =
  | { readonly do: 'insert'; readonly table: string; readonly rows: object[]; readonly returning: boolean }
  | {
      readonly do: 'upsert'
      readonly table: string
      readonly rows: object[]
      readonly onConflict: string[]
      readonly whenFound: 'update' | 'ignore'
    }
  | { readonly do: 'update'; readonly table: string; readonly patch: object; readonly where: Filter }
  | { readonly do: 'delete'; readonly table: string; readonly where: Filter }
  | { readonly do: 'select'; readonly table: string; readonly spec: ReadSpec }
  | {
      readonly do: 'pages'
      readonly table: string
      readonly where: Filter
      readonly orderBy: OrderInput[]
      readonly size: number
    }
  | { readonly do: 'stream'; readonly table: string; readonly where: Filter; readonly batchSize: number }
  | {
      readonly do: 'aggregate'
      readonly table: string
      readonly where: Filter
      readonly groupBy: string[]
      readonly aggregates: Record<string, string>
    }
  | { readonly do: 'join'; readonly type: 'join' | 'leftJoin'; readonly where: Filter; readonly orderBy: OrderInput[] }
  | { readonly do: 'transaction'; readonly steps: Operation[]; readonly end: 'commit' | 'rollback' }

export interface ReadSpec {
  readonly columns?: string[]
  readonly where?: Filter
  readonly orderBy?: OrderInput[]
  readonly limit?: number
  readonly offset?: number
  readonly distinct?: boolean
  readonly count?: 'exact'
}

/** Parents before children, with every kind of column but vectors, and every kind of foreign key. */
export const TABLES = [
  'archon_sources',
  'archon_projects',
  'archon_tasks',
  'archon_page_metadata',
  'archon_crawled_pages',
  'archon_settings',
  'archon_agent_work_orders',
  'archon_agent_work_order_steps',
] as const

export class Operations {
  readonly #tables: readonly TableInfo[]
  readonly #table: Arbitrary<TableInfo>

  constructor(schema: Schema) {
    this.#tables = TABLES.map((name) => schema.tables.get(name)!)
    this.#table = fc.constantFrom(...this.#tables)
  }

  /** Rows that most likely fit together, to have something to work on. */
  get population(): Arbitrary<Operation[]> {
    const inserts = this.#tables.map((table) =>
      fc.array(insertInto(table, soundRow(table)), { maxLength: 10, size: 'max' }),
    )
    return fc.tuple(...inserts).map((perTable) => perTable.flat())
  }

  get reads(): Arbitrary<Operation> {
    return fc.oneof(
      { weight: 5, arbitrary: this.#table.chain((table) => this.#select(table)) },
      { weight: 2, arbitrary: this.#table.chain((table) => this.#pages(table)) },
      { weight: 2, arbitrary: this.#table.chain((table) => this.#aggregate(table)) },
      this.#table.chain((table) => this.#stream(table)),
      this.#join(),
    )
  }

  get writes(): Arbitrary<Operation> {
    return fc.oneof(
      { weight: 4, arbitrary: this.#table.chain((table) => insertInto(table, rowsOf(table))) },
      { weight: 3, arbitrary: this.#table.chain((table) => this.#upsert(table)) },
      { weight: 4, arbitrary: this.#table.chain((table) => this.#update(table)) },
      this.#table.chain((table) => this.#delete(table)),
    )
  }

  /** Of reads and writes, committed or not, one in another. */
  get transactions(): Arbitrary<Operation> {
    const step = fc.oneof({ weight: 3, arbitrary: this.writes }, { weight: 1, arbitrary: this.reads })
    const end = fc.constantFrom<'commit' | 'rollback'>('commit', 'rollback')
    const inner = transaction(step, end)
    return transaction(fc.oneof({ weight: 4, arbitrary: step }, { weight: 1, arbitrary: inner }), end)
  }

  #upsert(table: TableInfo): Arbitrary<Operation> {
    const keys = [table.primaryKey, ...table.uniques.map(({ columns }) => columns)].map((columns) => [...columns])
    return fc.record({
      do: fc.constant('upsert' as const),
      table: fc.constant(table.name),
      rows: rowsOf(table),
      onConflict: fc.constantFrom(...keys),
      whenFound: fc.constantFrom<'update' | 'ignore'>('update', 'update', 'ignore'),
    })
  }

  #update(table: TableInfo): Arbitrary<Operation> {
    const unique = new Set([...table.primaryKey, ...table.uniques.flatMap(({ columns }) => columns)])
    const free = usable(table).filter(({ name }) => !unique.has(name))
    const assignments = fc.uniqueArray(fc.constantFrom(...free).chain(assignmentTo), {
      minLength: 1,
      maxLength: 3,
      selector: ([name]) => name,
    })
    return fc.record({
      do: fc.constant('update' as const),
      table: fc.constant(table.name),
      patch: assignments.map((pairs) => Object.fromEntries(pairs)),
      where: filterOn(table),
    })
  }

  #delete(table: TableInfo): Arbitrary<Operation> {
    return fc.record({ do: fc.constant('delete' as const), table: fc.constant(table.name), where: filterOn(table) })
  }

  #select(table: TableInfo): Arbitrary<Operation> {
    const names = usable(table).map(({ name }) => name)
    const plain = fc.record(
      {
        columns: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
        where: filterOn(table),
        orderBy: orderOn(table),
        limit: fc.integer({ min: 0, max: 6 }),
        offset: fc.integer({ min: 0, max: 4 }),
        count: fc.constant('exact' as const),
      },
      { requiredKeys: [] },
    )
    const ordered = usable(table).filter(isOrdered)
    const distinct = fc.record({
      columns: fc.uniqueArray(fc.constantFrom(...ordered.map(({ name }) => name)), { minLength: 1, maxLength: 2 }),
      where: filterOn(table),
      distinct: fc.constant(true),
    })
    return fc
      .oneof({ weight: 5, arbitrary: plain }, distinct)
      .map((spec) => ({ do: 'select', table: table.name, spec }))
  }

  #pages(table: TableInfo): Arbitrary<Operation> {
    const size = fc.integer({ min: 1, max: 4 })
    return fc.record({
      do: fc.constant('pages' as const),
      table: fc.constant(table.name),
      where: filterOn(table),
      orderBy: orderOn(table),
      size,
    })
  }

  #stream(table: TableInfo): Arbitrary<Operation> {
    const batchSize = fc.integer({ min: 1, max: 4 })
    return fc.record({
      do: fc.constant('stream' as const),
      table: fc.constant(table.name),
      where: filterOn(table),
      batchSize,
    })
  }

  #aggregate(table: TableInfo): Arbitrary<Operation> {
    const columns = usable(table)
    const groupable = columns.filter((column) => isOrdered(column) && column.kind !== 'double')
    const calls = ['count', ...columns.flatMap(aggregatesOf)]
    return fc.record({
      do: fc.constant('aggregate' as const),
      table: fc.constant(table.name),
      where: filterOn(table),
      groupBy: fc.uniqueArray(fc.constantFrom(...groupable.map(({ name }) => name)), { maxLength: 2 }),
      aggregates: fc
        .uniqueArray(fc.constantFrom(...calls), { minLength: 1, maxLength: 3 })
        .map((chosen) => Object.fromEntries(chosen.map((call) => [`:${call}`, call]))),
    })
  }

  #join(): Arbitrary<Operation> {
    const tasks = this.#tables.find(({ name }) => name === 'archon_tasks')!
    const type = fc.constantFrom<'join' | 'leftJoin'>('join', 'leftJoin')
    return fc.record({ do: fc.constant('join' as const), type, where: filterOn(tasks), orderBy: orderOn(tasks) })
  }
}

function insertInto({ name }: TableInfo, rows: Arbitrary<object[]>): Arbitrary<Operation> {
  return fc.record({ do: fc.constant('insert' as const), table: fc.constant(name), rows, returning: fc.boolean() })
}

function transaction(step: Arbitrary<Operation>, end: Arbitrary<'commit' | 'rollback'>): Arbitrary<Operation> {
  return fc.record({
    do: fc.constant('transaction' as const),
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    end,
  })
}

/** Rows that may refer to each other come one at a time: whether a reference may point ahead differs by engine. */
function rowsOf(table: TableInfo): Arbitrary<object[]> {
  const refersToItself = table.foreignKeys.some((key) => key.table === table.name)
  return fc.array(rowOf(table), { minLength: 1, maxLength: refersToItself ? 1 : 3 })
}

/** One row that is refused for a taken key or a missing parent only. */
function soundRow(table: TableInfo): Arbitrary<object[]> {
  const sound = (column: ColumnInfo): Arbitrary<unknown> => (column.nullable ? cellOf(column) : valueFor(column))
  return rowOf(table, sound).map((row) => [row])
}

/** Columns whose value is checked by the table, null or not: left to their default in sound rows. */
const UNSOUND: ReadonlySet<string> = new Set(['assignee'])

/** A row with every required column and some of the others. Now and then a required one is null, to be refused. */
function rowOf(table: TableInfo, cell: (column: ColumnInfo) => Arbitrary<unknown> = cellOf): Arbitrary<object> {
  const columns = usable(table).filter(({ name }) => cell === cellOf || !UNSOUND.has(name))
  const values = Object.fromEntries(columns.map((column) => [column.name, cell(column)]))
  const required = columns.filter(isRequired).map(({ name }) => name)
  return fc.record(values, { requiredKeys: required }).map((row) => ({ ...row }))
}

/** What has no default, what makes rows collide, and what the clock would decide otherwise. */
function isRequired({ nullable, default: preset, primaryKey, name }: ColumnInfo): boolean {
  return primaryKey || name === 'created_at' || (!nullable && preset === undefined)
}

function cellOf(column: ColumnInfo): Arbitrary<unknown> {
  const value = valueFor(column)
  if (column.primaryKey) return value
  const nullWeight = column.nullable ? 6 : 1
  return fc.oneof({ weight: 29, arbitrary: value }, { weight: nullWeight, arbitrary: fc.constant(null) })
}

function assignmentTo(column: ColumnInfo): Arbitrary<[string, unknown]> {
  const plain = cellOf(column)
  const named = (value: Arbitrary<unknown>): Arbitrary<[string, unknown]> => value.map((item) => [column.name, item])
  if (COUNTED.has(column.name)) return named(fc.oneof(plain, fc.integer({ min: -3, max: 3 }).map(increment)))
  if (MERGED.has(column.name))
    return named(
      fc.oneof(
        plain,
        jsonObject.map((document) => jsonMerge({ ...document })),
      ),
    )
  return named(plain)
}

function isOrdered({ kind }: ColumnInfo): boolean {
  return kind !== 'json' && kind !== 'vector'
}

function orderOn(table: TableInfo): Arbitrary<OrderInput[]> {
  const column = fc.constantFrom(
    ...usable(table)
      .filter(isOrdered)
      .map(({ name }) => name),
  )
  const term = fc.record(
    {
      column,
      direction: fc.constantFrom<'asc' | 'desc'>('asc', 'desc'),
      nulls: fc.constantFrom<'first' | 'last'>('first', 'last'),
    },
    { requiredKeys: ['column'] },
  )
  return fc.uniqueArray(term, { maxLength: 3, selector: (item) => item.column })
}

function aggregatesOf({ name, kind }: ColumnInfo): string[] {
  if (kind === 'json') return [`count(${name})`]
  const counts = [`count(${name})`, `countDistinct(${name})`]
  if (kind === 'uuid' || kind === 'boolean' || kind === 'enum') return counts
  const ends = [`min(${name})`, `max(${name})`]
  return kind === 'integer' || kind === 'double'
    ? [...counts, ...ends, `sum(${name})`, `avg(${name})`]
    : [...counts, ...ends]
}
