/** What a dialect's journal is read with. Apart from `@archon-db/core/dialect`, as most programs never migrate. */
export { readMigrations } from './migrator/files.ts'
export { splitStatements } from './migrator/migration.ts'
