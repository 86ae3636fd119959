export { connectMysql, type MysqlOptions } from './connect.ts'
export { dialect } from './dialect.ts'
export { schema } from './schema.ts'
export * as tables from './tables.ts'
