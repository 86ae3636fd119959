import { getTableName, sql } from '@archon-db/core/dialect'
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import { foreignKey } from './drizzle-core.ts'

/** For an index: this much of a text is read; whole texts would not fit. */
export const start = (column: string) => sql.raw(`\`${column}\`(255)`)
export const descending = (column: string) => sql.raw(`\`${column}\` desc`)

/** A foreign key. Rows are deleted together with what they refer to, unless said otherwise. */
export function refers(column: AnyMySqlColumn, target: AnyMySqlColumn, onDelete: 'cascade' | 'set null' = 'cascade') {
  const name = `${getTableName(column.table)}_${column.name}_fkey`
  return foreignKey({ name, columns: [column], foreignColumns: [target] }).onDelete(onDelete)
}
