import {
  type BeginOptions,
  DbError,
  type Isolation,
  type RowsResult,
  type RunResult,
  type Session,
  type Statement,
  type TransactionSession,
} from '@archon-db/core/dialect'
import type { Client } from './client.ts'
import { endsTransaction, isLost, toDbError } from './errors.ts'
import { type BeforeSavepoint, fullTextStarter } from './fulltext.ts'
import type { Pool } from './pool.ts'
import { runWrite } from './write.ts'

/** How long a rollback may take before its connection is given up. */
const ROLLBACK_MS = 5000
/** So often is a statement by itself run again when it met a deadlock, which has undone it. */
const COLLISIONS = 5

export interface SessionOptions {
  /** Stops what a connection is doing, from another one. */
  readonly kill: (client: Client) => Promise<void>
  /** As of the server's flavour. */
  readonly startsFullText: boolean
}

/** The five verbs over a pool: each statement has a connection for itself, and so has each transaction. */
export class PoolSession implements Session {
  readonly #pool: Pool
  readonly #options: SessionOptions

  constructor(pool: Pool, options: SessionOptions) {
    this.#pool = pool
    this.#options = options
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#once(statement, (client) => client.query(statement))
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#once(statement, (client) => runWrite(client, statement, null))
  }

  async #once<T>(statement: Statement, work: (client: Client) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const client = this.#pool.take() ?? (await this.#pool.acquire())
      const { proven } = client
      try {
        return await work(client)
      } catch (error) {
        if (!(statement.write ? isUndone(error, statement, attempt) : proven && isUnheard(error, statement)))
          throw error
      } finally {
        this.#pool.release(client)
      }
    }
  }

  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    const client = await this.#pool.acquire()
    const { proven } = client
    let isUntouched = true
    try {
      for await (const batch of client.batches(statement, batchSize, () => this.#options.kill(client))) {
        isUntouched = false
        yield batch
      }
      return
    } catch (error) {
      if (!isUntouched || !proven || !isUnheard(error, statement)) throw error
    } finally {
      this.#pool.release(client)
    }
    yield* this.stream(statement, batchSize)
  }

  async begin(options: BeginOptions): Promise<TransactionSession> {
    const client = this.#pool.take() ?? (await this.#pool.acquire())
    const { proven } = client
    try {
      return await beginOn(client, options, () => this.#pool.release(client), this.#options)
    } catch (error) {
      this.#pool.release(client)
      // Nothing has happened in it yet.
      if (!proven || !isLost(error)) throw error
      return this.begin(options)
    }
  }

  close(): Promise<void> {
    return this.#pool.close(ROLLBACK_MS)
  }
}

export async function beginOn(
  client: Client,
  begin: BeginOptions,
  release: () => void,
  options: SessionOptions,
): Promise<TransactionSession> {
  for (const text of beginTexts(begin)) await client.command(text)
  return new ClientTransaction(client, release, options)
}

/** Whether a write by itself may be run once more, as a deadlock has undone it. What callers wrote is not looked into. */
function isUndone(error: unknown, { tables }: Statement, attempt: number): boolean {
  return tables.length > 0 && attempt <= COLLISIONS && toDbError(error).code === 'deadlock'
}

/** Whether a statement met a connection that had died unnoticed. Reading again does no harm, until a new one dies too. */
function isUnheard(error: unknown, { tables, write }: Statement): boolean {
  return tables.length > 0 && !write && isLost(error)
}

/** What gives each guarantee. 'read-committed' is what every connection is set to when it opens. */
const LEVELS: Readonly<Record<Isolation, string | null>> = {
  'read-committed': null,
  // Repeatable read would let updates be lost and writes miss rows, on MariaDB with its guard against it as well.
  snapshot: 'serializable',
  serializable: 'serializable',
}

function beginTexts({ isolation, readOnly }: BeginOptions): string[] {
  if (!readOnly) return levelled(LEVELS[isolation], 'start transaction')
  // Where nothing is written no update can be lost, and reading need not lock.
  return levelled(isolation === 'snapshot' ? 'repeatable read' : LEVELS[isolation], 'start transaction read only')
}

function levelled(level: string | null, begin: string): string[] {
  return level === null ? [begin] : [`set transaction isolation level ${level}`, begin]
}

class ClientTransaction implements TransactionSession {
  readonly #client: Client
  readonly #release: () => void
  readonly #options: SessionOptions
  readonly #beforeSavepoint: BeforeSavepoint
  #ended: unknown = null

  constructor(client: Client, release: () => void, options: SessionOptions) {
    this.#client = client
    this.#release = release
    this.#options = options
    this.#beforeSavepoint = options.startsFullText ? fullTextStarter(client) : async () => {}
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#guarded(statement, () => this.#client.query(statement))
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#guarded(statement, async () => {
      if (isSavepoint(statement)) await this.#beforeSavepoint()
      return runWrite(this.#client, statement, this.#beforeSavepoint)
    })
  }

  /** After a deadlock the server has no transaction any more: what came next would take effect at once. */
  async #guarded<T>(statement: Statement, work: () => Promise<T>): Promise<T> {
    this.#check(statement)
    try {
      return await work()
    } catch (error) {
      if (endsTransaction(error)) this.#ended = error
      throw error
    }
  }

  #check({ text, tables }: Statement): void {
    if (this.#ended) throw this.#ended
    // Statements of core's making are of the harmless kinds.
    if (tables.length === 0 && commits(text)) throw implicitCommit()
  }

  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    this.#check(statement)
    yield* this.#client.batches(statement, batchSize, () => this.#options.kill(this.#client))
  }

  async commit(): Promise<void> {
    const client = this.#client
    try {
      if (this.#ended) throw this.#ended
      if (client.gone)
        throw Object.assign(new Error('The connection was lost before COMMIT.'), { code: 'CONNECTION_GONE' })
      await client.command('commit').catch((error: unknown) => {
        throw isLost(error) ? unknownOutcome(error) : error
      })
    } catch (error) {
      // Whatever the server kept open must not reach the next caller.
      if (!client.gone) await this.#rollBack()
      throw error
    } finally {
      this.#release()
    }
  }

  async rollback(): Promise<void> {
    await this.#rollBack()
    this.#release()
  }

  async #rollBack(): Promise<void> {
    const client = this.#client
    const timer = setTimeout(() => client.destroy(), ROLLBACK_MS)
    if (client.pending > 0) await client.stop(() => this.#options.kill(client))
    await client.command('rollback').catch(() => client.destroy())
    clearTimeout(timer)
  }
}

/** Core's nested transactions; callers may not set savepoints. */
function isSavepoint({ text, tables }: Statement): boolean {
  return tables.length === 0 && text.startsWith('savepoint ')
}

const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*(?!!)[\s\S]*?\*\/|\()+/
const COMMITTING =
  /^(?:alter|analyze|begin|cache|change|check|clone|commit|create|drop|flush|grant|import|install|load\s+index|lock|optimize|purge|rename|repair|reset|restart|revoke|rollback(?!\s+(?:work\s+)?to\b)|set\s+(?:@@\S*\.?)?autocommit|set\s+(?:default\s+role|password)|shutdown|start|stop|truncate|uninstall|unlock|xa|\/\*!)/i
const TEMPORARY = /^(?:create|drop)\s+temporary\s+table\b/i

/** Whether a statement would commit what came before it, or end the transaction behind its back. */
function commits(text: string): boolean {
  const bare = text.replace(LEADING, '')
  return COMMITTING.test(bare) && !TEMPORARY.test(bare)
}

function implicitCommit(): DbError {
  return new DbError(
    'unsupported',
    'This statement would commit the transaction it stands in, as MySQL does at every change of the schema. Run it outside, through the database handle.',
  )
}

function unknownOutcome(cause: unknown): DbError {
  return new DbError(
    'commit_unknown',
    'The connection was lost during COMMIT: whether the transaction took place is not known. Look before running it again.',
    { cause },
  )
}
