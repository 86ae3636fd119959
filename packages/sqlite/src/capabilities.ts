import type { Capabilities, Session } from '@archon-db/core/dialect'
import { dialect } from './dialect.ts'
import { toDbError } from './errors.ts'

/** What this SQLite can do, asked of itself. */
export async function readCapabilities(
  session: Session,
  index: Capabilities['vector']['index'],
): Promise<Capabilities> {
  try {
    const { rows } = await session.query({
      text: 'select sqlite_version(), (select count(*) from sqlite_master)',
      params: [],
      write: false,
      tables: [],
    })
    const version = String(rows[0]?.[0])
    return {
      product: 'SQLite (libSQL)',
      version,
      transactions: true,
      returning: true,
      json: true,
      fullText: true,
      vector: { native: false, index },
      maxParameters: dialect.traits.maxParameters,
    }
  } catch (error) {
    throw toDbError(error)
  }
}
