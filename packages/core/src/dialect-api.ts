export * from './rows.ts'
export * from './schema.ts'
export * from './tables.ts'
