import type { ForeignKeyInfo, UniqueInfo } from '../schema.ts'

/**
 * What stands in a database, as its own catalogue tells. A dialect's `introspect` reads it; nothing here is taken from
 * what the schema ought to be.
 */
export interface LiveSchema {
  /** Tables of the schema this connection writes to, without those that the database keeps for its own use. */
  readonly tables: ReadonlyMap<string, LiveTable>
  /** Names of functions, procedures and types. */
  readonly routines: readonly string[]
  /** Every object's own text by kind and name, for telling whether two schemas of one engine are the same. */
  readonly definitions: ReadonlyMap<string, string>
}

export interface LiveTable {
  readonly name: string
  readonly columns: ReadonlyMap<string, LiveColumn>
  readonly primaryKey: readonly string[]
  /** Unique constraints, and unique indexes that come to the same: over plain columns and all rows. */
  readonly uniques: readonly UniqueInfo[]
  readonly foreignKeys: readonly ForeignKeyInfo[]
  readonly checks: readonly string[]
  /** Names of all others, without those that stand behind a key. */
  readonly indexes: readonly string[]
  readonly triggers: readonly string[]
}

export interface LiveColumn {
  readonly name: string
  /** As Drizzle's `getSQLType()` would say it, for instance `varchar(255)`. */
  readonly type: string
  readonly nullable: boolean
  readonly hasDefault: boolean
}
