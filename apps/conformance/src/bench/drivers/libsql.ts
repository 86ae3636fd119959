import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@libsql/client'
import { batches } from '../rows.ts'
import { insertStatement, type RawDriver, upsertStatement } from './raw.ts'

/** What archon-db sets on its connections, so that the same durability is compared. */
export const SETTINGS: readonly string[] = [
  'synchronous = normal',
  'foreign_keys = on',
  'cache_size = -16000',
  'recursive_triggers = off',
]

/** Rows of one statement. With one each it takes nine times as long. */
const BATCH = 100

/** The published client. It opens a new connection after every transaction, which must be set up again. */
export function libsqlClient(url: string): RawDriver {
  const client = createClient({ url })
  let ready = false
  const prepared = async (): Promise<Client> => {
    if (!ready) for (const setting of SETTINGS) await client.execute(`pragma ${setting}`)
    ready = true
    return client
  }
  const send = async (sql: string, args: readonly unknown[]) => {
    const connection = ready ? client : await prepared()
    return connection.execute({ sql, args: args as never[] })
  }
  return {
    all: async (text, params) => (await send(text, params)).rows,
    run: send,
    insertMany: async (table, columns, rows) => {
      const parts = [...batches(rows, BATCH)]
      return (await prepared()).batch(
        parts.map((part) => ({ sql: insertStatement(table, columns, part.length), args: part.flat() as never[] })),
        'write',
      )
    },
    upsertMany: (table, key, columns, rows) => send(upsertStatement(table, key, columns, rows.length), rows.flat()),
    async transaction(work) {
      const transaction = await (await prepared()).transaction('write')
      ready = false
      await work((sql, args) => transaction.execute({ sql, args: args as never[] }))
      await transaction.commit()
    },
    async *stream(text, params) {
      yield (await send(text, params)).rows
    },
    json: (value) => JSON.parse(String(value)),
    boolean: Number,
    close: async () => client.close(),
  }
}

interface Statement {
  all(params: readonly unknown[]): object[]
  run(params: readonly unknown[]): unknown
  iterate(params: readonly unknown[]): Iterable<object>
}

interface Binding {
  prepare(text: string): Statement
  exec(text: string): void
  close(): void
}

export function sqlitePath(url: string): string {
  return fileURLToPath(url.replace(/^file:\/(?!\/)/, 'file:///'))
}

/** The binding below the client, which archon-db itself speaks to: statements kept, everything synchronous. */
export function libsqlBinding(url: string): RawDriver {
  // A dependency of the package for SQLite, and found where that one finds it.
  const load = createRequire(import.meta.resolve('@archon-db/sqlite'))
  const Database = load('libsql') as new (path: string) => Binding
  const db = new Database(sqlitePath(url))
  for (const setting of SETTINGS) db.exec(`pragma ${setting}`)
  const statements = new Map<string, Statement>()
  const prepare = (text: string): Statement => {
    const known = statements.get(text) ?? db.prepare(text)
    statements.set(text, known)
    return known
  }
  const run = async (text: string, params: readonly unknown[]): Promise<unknown> => prepare(text).run(params)
  const transaction: RawDriver['transaction'] = async (work) => {
    db.exec('begin immediate')
    await work(run)
    db.exec('commit')
  }
  return {
    all: async (text, params) => prepare(text).all(params),
    run,
    insertMany: (table, columns, rows) =>
      transaction(async () => {
        for (const part of batches(rows, BATCH)) prepare(insertStatement(table, columns, part.length)).run(part.flat())
      }),
    upsertMany: (table, key, columns, rows) => run(upsertStatement(table, key, columns, rows.length), rows.flat()),
    transaction,
    async *stream(text, params, size) {
      let batch: object[] = []
      for (const row of prepare(text).iterate(params)) {
        if (batch.push(row) < size) continue
        yield batch
        batch = []
      }
      yield batch
    },
    json: (value) => JSON.parse(String(value)),
    boolean: Number,
    close: async () => db.close(),
  }
}
