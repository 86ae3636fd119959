import {
  type BeginOptions,
  type Capabilities,
  type Connection,
  DbError,
  narrowBigint,
  type PoolStatus,
  type RowsResult,
  type RunResult,
  type Session,
  type Statement,
  type TransactionSession,
} from '@archon-db/core/dialect'
import { type Client, createClient, type InArgs, type ResultSet, type Transaction } from '@libsql/client'
import { readCapabilities } from './capabilities.ts'
import { dialect } from './dialect.ts'
import { toDbError } from './errors.ts'
import type { SqliteOptions } from './options.ts'
import { SavepointSession } from './savepoints.ts'
import { closedError, retryBusy } from './session.ts'
import { shareLock, type WriteLock } from './write-lock.ts'

/**
 * A libSQL server, spoken to through its own client. Writers of this process stand in line here, as before a file; those of
 * others the server keeps waiting, and turns away in the end.
 */
export async function connectRemote(options: SqliteOptions, lockTimeoutMs: number): Promise<Connection> {
  const { url, authToken } = options
  const client = createClient({ url, intMode: 'bigint', ...(authToken === undefined ? {} : { authToken }) })
  return new RemoteConnection(client, shareLock(url), lockTimeoutMs)
}

type Target = Pick<Client, 'execute'> | Pick<Transaction, 'execute'>

async function send(target: Target, { text, params }: Statement): Promise<ResultSet> {
  return target.execute({ sql: text, args: params.map(toArgument) as InArgs })
}

function toArgument(value: unknown): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return value instanceof Date ? BigInt(value.getTime()) : value
}

function toRows({ rows, columns, rowsAffected }: ResultSet): RowsResult {
  const arrays = rows.map((row) => columns.map((_, i) => fromDriver(row[i])))
  return { rows: arrays, columns, changes: rowsAffected }
}

function fromDriver(value: unknown): unknown {
  if (typeof value === 'bigint') return narrowBigint(value)
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value
}

async function toRun(target: Target, statement: Statement): Promise<RunResult> {
  const result = await send(target, statement)
  const { lastInsertRowid } = result
  return {
    changes: result.rows.length || result.rowsAffected,
    ...(lastInsertRowid === undefined ? {} : { firstId: lastInsertRowid }),
  }
}

/** The protocol has no cursors: a page at a time, in the statement's own order. */
async function* pages(target: Target, statement: Statement, size: number): AsyncGenerator<unknown[][]> {
  for (let offset = 0; ; offset += size) {
    const text = `select * from (${statement.text}) limit ${size} offset ${offset}`
    const { rows } = toRows(await send(target, { ...statement, text }))
    if (rows.length > 0) yield rows
    if (rows.length < size) return
  }
}

class RemoteConnection implements Connection {
  readonly dialect = dialect
  readonly #client: Client
  readonly #lock: WriteLock
  readonly #leave: () => void
  readonly #lockTimeoutMs: number
  #capabilities: Promise<Capabilities> | undefined
  #transactions = 0
  #closed = false

  constructor(client: Client, { lock, leave }: ReturnType<typeof shareLock>, lockTimeoutMs: number) {
    this.#client = client
    this.#lock = lock
    this.#leave = leave
    this.#lockTimeoutMs = lockTimeoutMs
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#once(statement, async () => toRows(await send(this.#client, statement)))
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#once(statement, () => toRun(this.#client, statement))
  }

  async #once<T>(statement: Statement, work: () => Promise<T>): Promise<T> {
    if (!statement.write) return retryBusy(work, this.#lockTimeoutMs)
    const release = await this.#turn()
    try {
      return await retryBusy(work, this.#lockTimeoutMs)
    } finally {
      release()
    }
  }

  async #turn(): Promise<() => void> {
    const release = await this.#lock.acquire(this.#lockTimeoutMs)
    if (!this.#closed) return release
    release()
    throw closedError()
  }

  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    const transaction = await this.begin({ isolation: 'snapshot', readOnly: true })
    try {
      yield* transaction.stream(statement, batchSize)
    } finally {
      await transaction.rollback()
    }
  }

  async begin({ readOnly }: BeginOptions): Promise<TransactionSession> {
    const release = readOnly ? () => {} : await this.#turn()
    this.#transactions++
    const open = (): Promise<Transaction> => this.#client.transaction(readOnly ? 'read' : 'write')
    return new RemoteTransaction(open, this.#lockTimeoutMs, () => {
      this.#transactions--
      release()
    })
  }

  capabilities(): Promise<Capabilities> {
    this.#capabilities ??= readCapabilities(this, 'none')
    return this.#capabilities
  }

  async withMigrationLock<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    const transaction = await this.begin({ isolation: 'serializable', readOnly: false })
    try {
      return await fn(new SavepointSession(transaction))
    } finally {
      await transaction.commit()
    }
  }

  pool(): PoolStatus {
    return { size: 1, open: 1, busy: this.#transactions, waiting: this.#lock.waiting }
  }

  /** Waits for the transaction that is running; those still in line are told that it is over. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const release = await this.#lock.acquire(this.#lockTimeoutMs).catch(() => undefined)
    this.#client.close()
    release?.()
    this.#leave()
  }
}

/** The client sends BEGIN with the first statement, and a transaction whose BEGIN failed is good for nothing more. */
class RemoteTransaction implements TransactionSession {
  readonly #open: () => Promise<Transaction>
  readonly #lockTimeoutMs: number
  readonly #done: () => void
  #begun: Promise<Transaction> | undefined

  constructor(open: () => Promise<Transaction>, lockTimeoutMs: number, done: () => void) {
    this.#open = open
    this.#lockTimeoutMs = lockTimeoutMs
    this.#done = done
  }

  async query(statement: Statement): Promise<RowsResult> {
    return toRows(await send(await this.#begin(), statement))
  }

  async run(statement: Statement): Promise<RunResult> {
    return toRun(await this.#begin(), statement)
  }

  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    yield* pages(await this.#begin(), statement, batchSize)
  }

  #begin(): Promise<Transaction> {
    this.#begun ??= retryBusy(async () => {
      const transaction = await this.#open()
      await transaction.execute('select 1')
      return transaction
    }, this.#lockTimeoutMs)
    return this.#begun
  }

  async commit(): Promise<void> {
    try {
      await (await this.#begun)?.commit()
    } catch (error) {
      throw toDbError(error).code === 'connection_lost' ? unknownOutcome(error) : error
    } finally {
      await this.#end()
    }
  }

  async rollback(): Promise<void> {
    await this.#begun?.then((transaction) => transaction.rollback()).catch(() => undefined)
    await this.#end()
  }

  async #end(): Promise<void> {
    await this.#begun?.then((transaction) => transaction.close()).catch(() => undefined)
    this.#done()
  }
}

function unknownOutcome(cause: unknown): DbError {
  return new DbError(
    'commit_unknown',
    'The connection was lost during COMMIT: it may have taken effect or not. Look before trying again.',
    { cause },
  )
}
