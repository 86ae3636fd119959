export { connectPostgres, type PostgresOptions } from './connect.ts'
export { connectPglite, type PgliteOptions } from './pglite.ts'
export { schema } from './schema.ts'
export * as tables from './tables.ts'
