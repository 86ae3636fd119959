import { type Migration, readMigrations } from '@archon-db/core/dialect'

/** The journal the migrator reads: the folders of this package's drizzle/. */
export function migrations(): Promise<readonly Migration[]> {
  return readMigrations(new URL('../drizzle/', import.meta.url))
}
