import { DbError } from '@archon-db/core'
import type { Config } from '@archon-db/core/connection'
import type { Connection } from '@archon-db/core/dialect'

type OpenConnection = (config: Config) => Promise<Connection>

/** What opens each kind of database. Only the one that is asked for is ever loaded. */
const ADAPTERS: Readonly<Record<string, OpenConnection>> = {
  sqlite: async ({ url, path, authToken, lockTimeoutMs }) => {
    const { connectSqlite } = await import('@archon-db/sqlite')
    return connectSqlite({
      url: path ?? url,
      ...(authToken === undefined ? {} : { authToken }),
      ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
    })
  },
  postgres: async ({ url, pool, ssl, lockTimeoutMs }) => {
    const { connectPostgres } = await import('@archon-db/pg')
    return connectPostgres({ url, pool, ssl, ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }) })
  },
  pglite: async ({ path, pool }) => {
    const { connectPglite } = await import('@archon-db/pg')
    return connectPglite({ path, timeoutMs: pool.timeoutMs })
  },
  mysql: notYet('MySQL and MariaDB'),
}

export async function openConnection(config: Config): Promise<Connection> {
  const open = ADAPTERS[config.kind]
  if (!open) throw new DbError('unsupported', `No adapter of this package opens databases of the kind ${config.kind}.`)
  return open(config)
}

function notYet(product: string): OpenConnection {
  return async () => {
    throw new DbError(
      'unsupported',
      `${product} cannot be opened by this version yet. Use SQLite: a path, file: or libsql://.`,
    )
  }
}
