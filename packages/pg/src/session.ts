import {
  type BeginOptions,
  DbError,
  type RowsResult,
  type RunResult,
  type Session,
  type Statement,
  type TransactionSession,
} from '@archon-db/core/dialect'
import type { Answer } from './answer.ts'
import { isLost } from './errors.ts'
import { beginText, type Link, lost } from './link.ts'
import type { Pool } from './pool.ts'

/** How long a rollback may take before its connection is given up. */
const ROLLBACK_MS = 5000

/** The five verbs over a pool: each statement has a connection for itself, and so has each transaction. */
export class PoolSession implements Session {
  readonly #pool: Pool
  readonly #prologue: string

  /** `prologue` follows every BEGIN, where settings do not outlive a transaction. */
  constructor(pool: Pool, prologue: string = '') {
    this.#pool = pool
    this.#prologue = prologue
  }

  query(statement: Statement): Promise<RowsResult> {
    return statement.write || statement.prepare === false ? this.#alone(statement) : this.#read(statement)
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#alone(statement)
  }

  #alone(statement: Statement): Promise<Answer> {
    const pool = this.#pool
    const client = pool.take()
    return client ? sendOn(pool, client, statement) : pool.acquire().then((free) => sendOn(pool, free, statement))
  }

  #read(statement: Statement): Promise<Answer> {
    const pool = this.#pool
    const client = pool.takeToRead()
    if (!client) return this.#alone(statement)
    const { proven } = client
    return new Promise((resolve, reject) => {
      client.start(
        statement,
        (answer) => {
          pool.releaseRead(client)
          resolve(answer)
        },
        (error: unknown) => {
          pool.releaseRead(client)
          // A connection that died unnoticed says so at its next use. Reading again does no harm, until a new one dies too.
          if (proven && isLost(error)) resolve(this.#read(statement))
          else reject(error)
        },
      )
    })
  }

  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    const client = await this.#pool.acquire()
    const { proven } = client
    let isUntouched = true
    try {
      for await (const batch of client.cursor(statement, batchSize)) {
        isUntouched = false
        yield batch
      }
      return
    } catch (error) {
      if (!isUntouched || !proven || !isLost(error)) throw error
    } finally {
      this.#pool.release(client)
    }
    yield* this.stream(statement, batchSize)
  }

  async begin(options: BeginOptions): Promise<TransactionSession> {
    const client = await this.#pool.acquire()
    const { proven } = client
    try {
      await client.command(beginText(options, this.#prologue))
    } catch (error) {
      this.#pool.release(client)
      if (!proven || !isLost(error)) throw error
      return this.begin(options)
    }
    return new PoolTransaction(client, () => this.#pool.release(client))
  }

  close(): Promise<void> {
    return this.#pool.close(ROLLBACK_MS)
  }
}

function sendOn(pool: Pool, client: Link, statement: Statement): Promise<Answer> {
  return new Promise((resolve, reject) => {
    client.start(
      statement,
      (answer) => {
        pool.release(client)
        resolve(answer)
      },
      (error: unknown) => {
        pool.release(client)
        reject(error)
      },
    )
  })
}

let cursors = 0

export class PoolTransaction implements TransactionSession {
  readonly #client: Link
  readonly #release: () => void

  constructor(client: Link, release: () => void) {
    this.#client = client
    this.#release = release
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#client.send(statement)
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#client.send(statement)
  }

  /** A cursor with a name leaves the connection free for other statements between two batches. */
  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    const name = `archon_cursor_${++cursors}`
    await this.#client.send({
      ...statement,
      text: `declare ${name} no scroll cursor for ${statement.text}`,
      prepare: false,
    })
    try {
      for (;;) {
        const { rows: batch } = await this.#client.command(`fetch ${batchSize} from ${name}`)
        if (batch.length > 0) yield batch
        if (batch.length < batchSize) return
      }
    } finally {
      // After an error the transaction is only good for rollback, which closes the cursor too.
      await this.#client.command(`close ${name}`).catch(() => {})
    }
  }

  async commit(): Promise<void> {
    const client = this.#client
    try {
      if (client.gone) throw lost()
      const { command } = await client.command('commit').catch((error: unknown) => {
        throw isLost(error) ? unknownOutcome(error) : error
      })
      if (command === 'ROLLBACK')
        throw new DbError('invalid_input', 'An earlier statement of this transaction failed, so it was rolled back.')
    } finally {
      this.#release()
    }
  }

  async rollback(): Promise<void> {
    const client = this.#client
    if (client.pending > 0) client.cancel()
    const timer = setTimeout(() => client.destroy(), ROLLBACK_MS)
    await client.command('rollback').catch(() => client.destroy())
    clearTimeout(timer)
    this.#release()
  }
}

function unknownOutcome(cause: unknown): DbError {
  return new DbError(
    'commit_unknown',
    'The connection was lost during COMMIT: whether the transaction took place is not known. Look before running it again.',
    { cause },
  )
}
