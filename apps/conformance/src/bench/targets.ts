import { pg } from '../backends/pg.ts'
import { sqlite } from '../backends/sqlite.ts'
import { rawLibsql, rawPostgres } from './drivers.ts'
import { drizzleOnLibsql, drizzleOnPostgres } from './libraries.ts'
import type { BenchTarget } from './run.ts'

export const TARGETS: readonly BenchTarget[] = [
  { backend: sqlite, raw: rawLibsql, libraries: async (url) => [await drizzleOnLibsql(url)] },
  { backend: pg, raw: rawPostgres, libraries: async (url) => [await drizzleOnPostgres(url)] },
]
