import { lazySearcher, type VectorSearcher } from '@archon-db/core/dialect'
import type { FollowedDatabase } from '@archon-db/vector/local'
import type { SqliteOptions } from './options.ts'

/** The index in this process; beside a database file there is a folder for what it keeps. */
export function vectorsOf(
  database: FollowedDatabase,
  path: string | null,
  options: SqliteOptions['vectors'] = {},
): VectorSearcher {
  const folder = path === null ? {} : { folder: `${path}.vectors` }
  return lazySearcher(async () => {
    const { followTables } = await import('@archon-db/vector/local')
    return followTables(database, { ...folder, ...options })
  })
}
