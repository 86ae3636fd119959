import { totalmem } from 'node:os'
import type {
  ColumnInfo,
  TableInfo,
  VectorHit,
  VectorIndexStatus,
  VectorQuery,
  VectorScan,
  VectorSearcher,
} from '@archon-db/core/dialect'
import type { VectorIndexOptions } from '../open.ts'
import { FollowedColumn } from './followed-column.ts'
import { searchByScan } from './scan-search.ts'
import type { FollowedDatabase } from './statements.ts'

/** What users may set about the indexes of embedding columns. */
export interface FollowOptions extends Pick<VectorIndexOptions, 'engine' | 'quantization' | 'graphFloats' | 'threads'> {
  /** Where indexes are kept, so that a restart need not read the tables. Without it they are in memory alone. */
  readonly folder?: string
  /** Memory for the vectors of all indexes together. What does not fit is searched in the table. Default: a quarter. */
  readonly maxBytes?: number
  /** From so many components in all (rows × dimension) an index is kept on disk. Default 262,144: a megabyte. */
  readonly snapshotFloats?: number
  /** Where several transactions write at a time: how long after its first write one may commit. Default one hour. */
  readonly longestTransactionMs?: number
  readonly onProgress?: (progress: FollowProgress) => void
}

/** Told with every batch while a table is read as a whole. */
export interface FollowProgress {
  readonly table: string
  readonly column: string
  readonly rows: number
  readonly total: number
}

const SNAPSHOT_FLOATS = 262_144
const LONGEST_TRANSACTION_MS = 3_600_000

/**
 * Nearest rows for a database that cannot search vectors itself. Each column that is searched gets an index, which
 * follows the table by the log that triggers write: `vectors = lazySearcher(async () => followTables(session, options))`.
 */
export function followTables(database: FollowedDatabase, options: FollowOptions = {}): VectorSearcher {
  return new FollowedTables(database, options)
}

class FollowedTables implements VectorSearcher {
  readonly #database: FollowedDatabase
  readonly #options: FollowOptions
  readonly #columns = new Map<string, FollowedColumn>()
  readonly #maxBytes: number

  constructor(database: FollowedDatabase, options: FollowOptions) {
    this.#database = database
    this.#options = options
    this.#maxBytes = options.maxBytes ?? totalmem() / 4
  }

  async search(query: VectorQuery, scan: VectorScan): Promise<VectorHit[]> {
    return (await this.#columnOf(query).search(query)) ?? (await searchByScan(query, scan))
  }

  status(): VectorIndexStatus[] {
    return Array.from(this.#columns.values(), (column) => column.status())
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#columns.values(), (column) => column.close()))
  }

  #columnOf({ table, column }: VectorQuery): FollowedColumn {
    const name = `${table}.${column}`
    const known = this.#columns.get(name)
    if (known) return known
    const info = this.#database.dialect.schema.tables.get(table) as TableInfo
    const followed = this.#follow(info, info.byName.get(column) as ColumnInfo)
    this.#columns.set(name, followed)
    return followed
  }

  #follow(table: TableInfo, column: ColumnInfo): FollowedColumn {
    const {
      folder,
      snapshotFloats = SNAPSHOT_FLOATS,
      onProgress,
      engine,
      quantization,
      graphFloats,
      threads,
    } = this.#options
    const late = this.#database.dialect.traits.concurrentWrites
    const longestTransactionMs = this.#options.longestTransactionMs ?? LONGEST_TRANSACTION_MS
    return new FollowedColumn(this.#database, table, column, {
      rules: { late, longestTransactionMs },
      // Where writers take turns the log prunes itself.
      prune: late,
      folder,
      snapshotFloats,
      index: withoutUndefined({ engine, quantization, graphFloats, threads }),
      hasRoom: (asking, bytes) => this.#bytesBeside(asking) + bytes <= this.#maxBytes,
      onProgress: (rows, total) => onProgress?.({ table: table.name, column: column.name, rows, total }),
    })
  }

  #bytesBeside(asking: FollowedColumn): number {
    let sum = 0
    for (const column of this.#columns.values()) if (column !== asking) sum += column.bytes
    return sum
  }
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>
}
