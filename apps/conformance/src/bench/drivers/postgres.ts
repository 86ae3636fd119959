import postgres from 'postgres'
import { batches } from '../rows.ts'
import { insertStatement, numbered, type RawDriver, upsertStatement } from './raw.ts'

const PREPARED = { prepare: true }
/** A statement has 65,534 places at most. */
const BATCH = 5000

export function rawPostgres(url: string): RawDriver {
  const client = postgres(url, { max: 20, onnotice: () => {} })
  const send = (text: string, params: readonly unknown[]) => client.unsafe(numbered(text), params as never[], PREPARED)
  return {
    all: send,
    run: send,
    insertMany: (table, columns, rows) =>
      client.begin(async (tx) => {
        for (const part of batches(rows, BATCH)) {
          await tx.unsafe(numbered(insertStatement(table, columns, part.length)), part.flat() as never[], PREPARED)
        }
      }),
    upsertMany: (table, key, columns, rows) => send(upsertStatement(table, key, columns, rows.length), rows.flat()),
    transaction: (work) =>
      client.begin((tx) =>
        work((text, params) => tx.unsafe(numbered(text), params as never[], PREPARED)),
      ) as Promise<void>,
    stream: (text, params, size) => client.unsafe(numbered(text), params as never[]).cursor(size),
    json: (value) => value,
    boolean: (value) => value,
    close: () => client.end(),
  }
}
