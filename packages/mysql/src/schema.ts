import { describeSchema, describeTables, type Schema, type TableInfo } from '@archon-db/core/dialect'
import { traitsOf } from './columns.ts'
import { getTableConfig } from './drizzle-core.ts'
import { tables } from './tables.ts'

/** What the tables are, readable at run time. */
export const schema: Schema = describeSchema(
  [...describeTables(tables, { configOf: getTableConfig, traitsOf }).tables.values()].map(withoutHashes),
)

/** A unique key on the hash of a text is a unique key on the text: that is how callers name it. */
function withoutHashes(table: TableInfo): TableInfo {
  const uniques = table.uniques.map((unique) => ({
    ...unique,
    columns: unique.columns.map((name) => name.replace(/_hash$/, '')),
  }))
  return { ...table, uniques }
}
