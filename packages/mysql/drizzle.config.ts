import { defineConfig } from 'drizzle-kit'

/** Read by scripts/generate-migration.mjs alone; no server is ever asked. */
export default defineConfig({
  dialect: 'mysql',
  schema: './src/tables.ts',
  out: './drizzle/snapshots',
})
