export { connectSqlite, type SqliteOptions } from './connect.ts'
export { dialect } from './dialect.ts'
export { schema } from './schema.ts'
export * as tables from './tables.ts'
