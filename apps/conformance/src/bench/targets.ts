import type { Database } from '@archon-db/core'
import { mariadb } from '../backends/mariadb.ts'
import { mysql } from '../backends/mysql.ts'
import { pg } from '../backends/pg.ts'
import { pglite } from '../backends/pglite.ts'
import { sqlite } from '../backends/sqlite.ts'
import type { Backend } from '../harness/index.ts'
import { libsqlBinding, libsqlClient } from './drivers/libsql.ts'
import { rawMysql } from './drivers/mysql.ts'
import { type PgliteDriver, rawPglite } from './drivers/pglite.ts'
import { rawPostgres } from './drivers/postgres.ts'
import type { RawDriver } from './drivers/raw.ts'
import { drizzleOnLibsql, drizzleOnMysql, drizzleOnPglite, drizzleOnPostgres } from './libraries/drizzle.ts'
import { kyselyOn, kyselyOnMysql } from './libraries/kysely.ts'
import type { Library } from './libraries/library.ts'

/** A database, and who else can work on it. */
export interface BenchTarget {
  readonly backend: Backend
  /** The baseline: the driver that people use, and what the report calls it. */
  readonly driver: string
  raw(url: string, db: Database): Promise<RawDriver>
  /** Further drivers of the same engine. */
  readonly drivers?: Readonly<Record<string, (url: string) => RawDriver>>
  /** Other libraries, as far as they are compared. */
  libraries(url: string, raw: RawDriver): Promise<Library[]>
}

const onMysql = (backend: Backend): BenchTarget => ({
  backend,
  driver: 'mysql2',
  raw: async (url) => rawMysql(url),
  libraries: async (url) => [await drizzleOnMysql(url), kyselyOnMysql(url)],
})

export const TARGETS: readonly BenchTarget[] = [
  {
    backend: sqlite,
    driver: '@libsql/client',
    raw: async (url) => libsqlClient(url),
    drivers: { 'libsql binding': libsqlBinding },
    libraries: async (url, raw) => [await drizzleOnLibsql(url), kyselyOn('sqlite', raw)],
  },
  {
    backend: pg,
    driver: 'postgres.js',
    raw: async (url) => rawPostgres(url),
    libraries: async (url, raw) => [await drizzleOnPostgres(url), kyselyOn('postgres', raw)],
  },
  {
    backend: pglite,
    driver: 'PGlite',
    raw: rawPglite,
    libraries: async (_url, raw) => [await drizzleOnPglite((raw as PgliteDriver).client), kyselyOn('postgres', raw)],
  },
  onMysql(mysql),
  onMysql(mariadb),
]
