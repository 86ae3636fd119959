import { getTableName } from '@archon-db/core/dialect'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { foreignKey } from './drizzle-core.ts'

/** Goes with the row it names. Called as PostgreSQL itself would call it, which is how the application's own scripts have it. */
export const belongsTo = (column: AnyPgColumn, parent: AnyPgColumn) =>
  foreignKey({
    name: `${getTableName(column.table)}_${column.name}_fkey`,
    columns: [column],
    foreignColumns: [parent],
  }).onDelete('cascade')
