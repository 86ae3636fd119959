import { describeTables, type Schema } from '@archon-db/core/dialect'
import { traitsOf } from './columns.ts'
import { getTableConfig } from './drizzle-core.ts'
import { tables } from './tables.ts'

/** What the tables are, readable at run time. */
export const schema: Schema = describeTables(tables, { configOf: getTableConfig, traitsOf })
