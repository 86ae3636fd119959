import type { Database } from '@archon-db/core'
import { sql } from '@archon-db/core/dialect'
import { wipeTables } from '../harness/index.ts'

/** Deleted rows stay in indexes until the server tidies up, and an index of neighbours would have to wade through them. */
export async function wipeWithIndexes(db: Database): Promise<void> {
  for (const name of await wipeTables(db)) {
    await db.execute(sql`truncate ${sql.identifier(name)} cascade`, { write: true })
  }
}
