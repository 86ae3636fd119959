import type { Connection, Statement } from '@archon-db/core/dialect'

/** What a database means to do with a statement, as EXPLAIN tells it. */
export interface Planner {
  /** The tables that the statement reads, the one it writes included, and how it finds their rows. */
  accesses(connection: Connection, statement: Statement): Promise<readonly TableAccess[]>
  /** Counts the rows anew: plans are made by how many there are. */
  refreshStatistics(connection: Connection): Promise<void>
}

export interface TableAccess {
  /** Its physical name. */
  readonly table: string
  /** By which index rows are looked up; null when all of the table is read, or an index from one end to the other. */
  readonly index: string | null
}
