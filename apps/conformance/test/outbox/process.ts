import { type Database, openDatabase } from '@archon-db/core'
import { connectSqlite } from '@archon-db/sqlite'
import { openChromaStore } from '@archon-db/vector/chroma'
import { type Outbox, openOutbox } from '@archon-db/vector/outbox'

/** So soon is the work of a killed process taken over. */
const LEASE_MS = 300

/** What each process of the test has open. */
export async function openBoth(path: string, chromaUrl: string): Promise<{ db: Database; outbox: Outbox }> {
  const connection = await connectSqlite({ url: path })
  const open = () => openChromaStore({ url: chromaUrl })
  const outbox = openOutbox(connection, { name: 'chroma', open, leaseMs: LEASE_MS, pollMs: 0 })
  return { db: await openDatabase(connection, { vectors: outbox }), outbox }
}
