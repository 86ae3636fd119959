import type { RunningServer, ServerKind } from '../kinds.ts'
import { mysqlDatabases } from './mysql.ts'
import { postgresDatabases } from './postgres.ts'

/** Databases on one server. Names are lower-case words joined by `_`. */
export interface Databases {
  /** An empty database; returns its URL. */
  create(name: string): Promise<string>
  /** A copy of a database that nobody is connected to, migrations not replayed; returns its URL. */
  clone(template: string, name: string): Promise<string>
  /** Removes a database and closes the connections to it; a name that is not there is no error. */
  drop(name: string): Promise<void>
  /** Closes the connection that this object works through. */
  close(): Promise<void>
}

/** Makes, copies and drops databases: `databasesOn(server).clone('migrated', 'tasks_7')`. */
export function databasesOn(server: Pick<RunningServer, 'kind' | 'url'>): Databases {
  return makers[server.kind](server.url)
}

const makers: Readonly<Record<ServerKind, (url: string) => Databases>> = {
  postgres: postgresDatabases,
  pgbouncer: postgresDatabases,
  mysql: mysqlDatabases,
  mariadb: mysqlDatabases,
}
