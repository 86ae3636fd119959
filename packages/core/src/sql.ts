/**
 * The parts of Drizzle that run, named once for core and the dialects. Node looks for Drizzle's files through a very
 * long package.json: each import of one costs more than a millisecond at every start, and its index files bring all.
 */
export { CasingCache } from 'drizzle-orm/casing'
export { is } from 'drizzle-orm/entity'
export { SQL, sql } from 'drizzle-orm/sql/sql'
export { getTableName } from 'drizzle-orm/table'
export { getTableColumns } from 'drizzle-orm/utils'
