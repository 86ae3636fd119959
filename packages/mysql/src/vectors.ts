import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { lazySearcher, type VectorSearcher } from '@archon-db/core/dialect'
import type { FollowedDatabase, FollowOptions } from '@archon-db/vector/local'
import type { Address } from './address.ts'

/** The index in this process. In a folder it is given it keeps one of its own for each database. */
export function vectorsOf(
  database: FollowedDatabase,
  { host, port, socketPath, database: name }: Address,
  options: FollowOptions = {},
): VectorSearcher {
  const server = createHash('sha256')
    .update(socketPath ?? `${host}:${port}`)
    .digest('hex')
    .slice(0, 12)
  const folder =
    options.folder === undefined ? {} : { folder: join(options.folder, `${encodeURIComponent(name)}-${server}`) }
  return lazySearcher(async () => {
    const { followTables } = await import('@archon-db/vector/local')
    return followTables(database, { ...options, ...folder })
  })
}
