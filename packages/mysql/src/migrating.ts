import { createHash } from 'node:crypto'
import {
  type BeginOptions,
  DbError,
  type RowsResult,
  type RunResult,
  type Session,
  type Statement,
  type TransactionSession,
} from '@archon-db/core/dialect'
import type { Client } from './client.ts'
import { type Flavour, fillIn } from './flavour.ts'
import { beginOn, type SessionOptions } from './session.ts'

const LOCK_WAIT_S = 60

/** Names of locks belong to the whole server, so the database is part of this one. */
export async function lockMigrations(client: Client): Promise<void> {
  const { rows } = await client.command('select database()')
  const name = `archon-db/migrate/${createHash('sha1').update(String(rows[0]?.[0])).digest('hex')}`
  for (;;) {
    const [got] = (await client.command(`select get_lock('${name}', ${LOCK_WAIT_S})`)).rows
    if (Number(got?.[0]) === 1) return
    if (got?.[0] === null)
      throw new DbError('migration_failed', 'The server would not give the lock for migrations. Run migrate again.')
  }
}

/**
 * The connection that holds the lock, and no other: without it nothing must go on. What differs between MySQL and
 * MariaDB is put in as statements run, so that the ledger's checksums are of the same text on both.
 */
export class MigrationSession implements Session {
  readonly #client: Client
  readonly #flavour: Flavour
  readonly #options: SessionOptions

  constructor(client: Client, flavour: Flavour, options: SessionOptions) {
    this.#client = client
    this.#flavour = flavour
    this.#options = options
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#client.query(this.#filled(statement))
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#client.run(this.#filled(statement))
  }

  stream(statement: Statement, batchSize: number): AsyncIterable<unknown[][]> {
    return this.#client.batches(statement, batchSize, () => this.#options.kill(this.#client))
  }

  begin(options: BeginOptions): Promise<TransactionSession> {
    return beginOn(this.#client, options, () => {}, this.#options)
  }

  async close(): Promise<void> {}

  #filled(statement: Statement): Statement {
    return statement.text.includes('{{') ? { ...statement, text: fillIn(statement.text, this.#flavour) } : statement
  }
}
