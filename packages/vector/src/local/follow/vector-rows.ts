import { type ColumnInfo, type Condition, hasDirection, type TableInfo } from '@archon-db/core/dialect'
import { type FollowedDatabase, Statements } from './statements.ts'

export type RowId = number | bigint

export interface VectorRow {
  readonly id: RowId
  /** Null where the row has none, or one that is nowhere: a number in it is not finite, or all are zero. */
  readonly vector: Float32Array | null
}

const BEFORE_ALL = -(2n ** 63n)
/** A megabyte: a few milliseconds of the event loop. */
const FLOATS_PER_BATCH = 262_144

/** Reads one embedding column of a table. */
export class VectorRows {
  /** So many rows are read at a time. */
  readonly batch: number
  readonly #statements: Statements
  readonly #id: ColumnInfo
  readonly #column: ColumnInfo

  constructor(database: FollowedDatabase, table: TableInfo, column: ColumnInfo) {
    this.#statements = new Statements(database, table)
    this.#id = table.byName.get('id') as ColumnInfo
    this.#column = column
    this.batch = Math.max(16, Math.floor(FLOATS_PER_BATCH / this.dimension))
  }

  get dimension(): number {
    return this.#column.dimension as number
  }

  count(): Promise<number> {
    return this.#statements.count()
  }

  /** All rows page by page, so that nothing is held open in between; from after a row on, where one is named. */
  async *pages(after: RowId = BEFORE_ALL): AsyncGenerator<VectorRow[]> {
    yield* this.#pages('page', [this.#id, this.#column], this.batch, after)
  }

  /** The ids of all rows, thousands at a time. */
  async *idsOfAll(): AsyncGenerator<VectorRow[]> {
    yield* this.#pages('ids', [this.#id], 5000, BEFORE_ALL)
  }

  async byIds(ids: readonly RowId[]): Promise<VectorRow[]> {
    const build = () => ({ columns: [this.#id, this.#column], where: this.#among() })
    return (await this.#statements.select('by ids', [ids], build)).map((row) => this.#toRow(row))
  }

  /** Those of the rows that are there with an embedding. */
  async present(ids: readonly RowId[]): Promise<Set<RowId>> {
    const missing: Condition = { type: 'isNull', field: { column: this.#column } }
    const where: Condition = { type: 'and', items: [this.#among(), { type: 'not', item: missing }] }
    const rows = await this.#statements.select('present', [ids], () => ({ columns: [this.#id], where }))
    return new Set(rows.map((row) => row.id as RowId))
  }

  async *#pages(name: string, columns: readonly ColumnInfo[], size: number, start: RowId): AsyncGenerator<VectorRow[]> {
    const where: Condition = { type: 'compare', field: { column: this.#id }, op: 'gt', value: 0 }
    const build = () => ({ columns, where, orderBy: this.#id, limit: 1 })
    for (let after = start; ; ) {
      const rows = await this.#statements.select(name, [after, size], build)
      const page = rows.map((row) => this.#toRow(row))
      if (page.length > 0) yield page
      if (page.length < size) return
      after = (page.at(-1) as VectorRow).id
    }
  }

  #among(): Condition {
    return { type: 'in', field: { column: this.#id }, values: 0 }
  }

  #toRow(row: Readonly<Record<string, unknown>>): VectorRow {
    const vector = (row[this.#column.key] ?? null) as Float32Array | null
    return { id: row.id as RowId, vector: vector && isUsable(vector) ? vector : null }
  }
}

function isUsable(vector: Float32Array): boolean {
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * 0
  return sum === 0 && hasDirection(vector)
}
