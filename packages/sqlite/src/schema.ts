import { describeTables, type Schema } from '@archon-db/core/dialect'
import { getTableConfig } from 'drizzle-orm/sqlite-core/utils'
import { traitsOf } from './columns.ts'
import { tables } from './tables.ts'

/** What the tables are, readable at run time. */
export const schema: Schema = describeTables(tables, { configOf: getTableConfig, traitsOf })
