import { type ColumnInfo, narrowBigint, type TableInfo } from '@archon-db/core/dialect'
import type { RowId } from '../local/follow/vector-rows.ts'

/** One embedding column, and the name of its collection in each generation. */
export interface Embedded {
  readonly table: TableInfo
  readonly column: ColumnInfo
  readonly dimension: number
  /** `archon_crawled_pages.embedding_384` */
  readonly name: string
}

/** All columns that hold embeddings. */
export function embeddedColumns(tables: Iterable<TableInfo>): Embedded[] {
  return [...tables].flatMap((table) =>
    table.columns.flatMap((column) =>
      column.kind === 'vector' && column.dimension !== undefined
        ? [{ table, column, dimension: column.dimension, name: `${table.name}.${column.name}` }]
        : [],
    ),
  )
}

export function collectionOf({ table, dimension }: Embedded, generation: string): string {
  return `${table.name}-${dimension}-${generation}`
}

const MIDDLE = 2n ** 63n
const DIGITS = 20

/** As a text that sorts as the number does, so that stores break ties as databases do. */
export function toKey(id: RowId): string {
  return String(BigInt(id) + MIDDLE).padStart(DIGITS, '0')
}

export function fromKey(key: string): RowId {
  return narrowBigint(BigInt(key) - MIDDLE)
}

export function fromText(id: string): RowId {
  return narrowBigint(BigInt(id))
}

/** What was sent is no ground to go on from: the store lost it or is another one, or the log does not reach back so far. */
export class OutOfStep extends Error {
  constructor() {
    super('The vector store has to be filled anew.')
    this.name = 'OutOfStep'
  }
}
