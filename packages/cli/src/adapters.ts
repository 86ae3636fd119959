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
  mysql: async ({ url, pool, ssl, lockTimeoutMs }) => {
    const { connectMysql } = await import('@archon-db/mysql')
    return connectMysql({ url, pool, ssl, ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }) })
  },
}

export async function openConnection(config: Config): Promise<Connection> {
  const open = ADAPTERS[config.kind]
  if (!open) throw new DbError('unsupported', `No adapter of this package opens databases of the kind ${config.kind}.`)
  return open(config)
}
