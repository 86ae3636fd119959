import type { Migration } from '@archon-db/core/dialect'

/** The journal the migrator reads: the folders of this package's drizzle/. */
export async function migrations(): Promise<readonly Migration[]> {
  const { readMigrations } = await import('@archon-db/core/migrations')
  return readMigrations(new URL('../drizzle/', import.meta.url))
}
