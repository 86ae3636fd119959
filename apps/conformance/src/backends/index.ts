import type { Backend } from '../harness/index.ts'
import { mariadb } from './mariadb.ts'
import { model } from './model.ts'
import { mysql } from './mysql.ts'
import { pg } from './pg.ts'
import { pgPooled } from './pg-pooled.ts'
import { pglite } from './pglite.ts'
import { sqlite, sqliteMemory } from './sqlite.ts'
import { sqliteRemote } from './sqlite-remote.ts'
import { withChroma } from './with-chroma.ts'

/** All backends, in the order of the matrix. Each has a file of its own; the dialect is loaded when it starts. */
export const BACKENDS: readonly Backend[] = [
  model,
  sqliteMemory,
  sqlite,
  sqliteRemote,
  pg,
  pglite,
  pgPooled,
  mysql,
  mariadb,
  withChroma(sqlite, 'sqlite-chroma', 'SQLite + Chroma'),
  withChroma(pg, 'pg-chroma', 'PostgreSQL + Chroma'),
  withChroma(mysql, 'mysql-chroma', 'MySQL + Chroma'),
]
