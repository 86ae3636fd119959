import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '@archon-db/core'
import { PGlite, type Transaction } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { vector } from '@electric-sql/pglite-pgvector'
import { sql } from 'drizzle-orm'
import { batches } from '../rows.ts'
import { insertStatement, numbered, type RawDriver, upsertStatement } from './raw.ts'

const BATCH = 5000

/** Other libraries work on its client, as a folder has one only. */
export interface PgliteDriver extends RawDriver {
  readonly client: PGlite
}

/** A folder serves one PGlite only, so this one works on a copy of the data. */
export async function rawPglite(url: string, db: Database): Promise<PgliteDriver> {
  const folder = url.replace(/^pglite:/, '')
  await db.execute(sql`checkpoint`, { write: true })
  await cp(join(folder, 'data'), join(folder, 'raw'), { recursive: true })
  const client = await PGlite.create({ dataDir: join(folder, 'raw'), extensions: { vector, pg_trgm } })
  const send = (text: string, params: readonly unknown[]) => client.query<object>(numbered(text), params as unknown[])
  const inTransaction = (work: (tx: Transaction) => Promise<void>): Promise<void> => client.transaction(work)
  return {
    client,
    all: async (text, params) => (await send(text, params)).rows,
    run: send,
    insertMany: (table, columns, rows) =>
      inTransaction(async (tx) => {
        for (const part of batches(rows, BATCH)) {
          await tx.query(numbered(insertStatement(table, columns, part.length)), part.flat())
        }
      }),
    upsertMany: (table, key, columns, rows) => send(upsertStatement(table, key, columns, rows.length), rows.flat()),
    transaction: (work) => inTransaction((tx) => work((text, params) => tx.query(numbered(text), params as unknown[]))),
    async *stream(text, params) {
      yield (await send(text, params)).rows
    },
    json: (value) => value,
    boolean: (value) => value,
    close: () => client.close(),
  }
}
