import type { ServerKind } from '../kinds.ts'
import type { Engine } from './engine.ts'
import { mariadbEngine } from './mariadb.ts'
import { mysqlEngine } from './mysql.ts'
import { pgbouncerEngine } from './pgbouncer.ts'
import { postgresEngine } from './postgres.ts'

export const engines: Readonly<Record<ServerKind, Engine>> = {
  postgres: postgresEngine,
  mysql: mysqlEngine,
  mariadb: mariadbEngine,
  pgbouncer: pgbouncerEngine,
}
