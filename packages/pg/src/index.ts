export { connectPostgres, type PostgresOptions } from './connect.ts'
export { drizzle, type PgDrizzle } from './drizzle.ts'
export { schema } from './schema.ts'
export * as tables from './tables.ts'
