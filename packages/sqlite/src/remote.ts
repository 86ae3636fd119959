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
import type { SqliteOptions } from './options.ts'
import { SavepointSession } from './savepoints.ts'
import { retryBusy } from './session.ts'

/** A libSQL server, spoken to through its own client. The server keeps writers in line. */
export async function connectRemote(options: SqliteOptions, lockTimeoutMs: number): Promise<Connection> {
  const { url, authToken } = options
  const client = createClient({ url, intMode: 'bigint', ...(authToken === undefined ? {} : { authToken }) })
  return new RemoteConnection(client, lockTimeoutMs)
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
  readonly #lockTimeoutMs: number
  #capabilities: Promise<Capabilities> | undefined
  #transactions = 0

  constructor(client: Client, lockTimeoutMs: number) {
    this.#client = client
    this.#lockTimeoutMs = lockTimeoutMs
  }

  async query(statement: Statement): Promise<RowsResult> {
    return toRows(await retryBusy(() => send(this.#client, statement), this.#lockTimeoutMs))
  }

  run(statement: Statement): Promise<RunResult> {
    return retryBusy(() => toRun(this.#client, statement), this.#lockTimeoutMs)
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
    const transaction = await retryBusy(
      () => this.#client.transaction(readOnly ? 'read' : 'write'),
      this.#lockTimeoutMs,
    )
    this.#transactions++
    return new RemoteTransaction(transaction, () => this.#transactions--)
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
    return { size: 1, open: 1, busy: this.#transactions, waiting: 0 }
  }

  async close(): Promise<void> {
    this.#client.close()
  }
}

class RemoteTransaction implements TransactionSession {
  readonly #transaction: Transaction
  readonly #done: () => void

  constructor(transaction: Transaction, done: () => void) {
    this.#transaction = transaction
    this.#done = done
  }

  async query(statement: Statement): Promise<RowsResult> {
    return toRows(await send(this.#transaction, statement))
  }

  run(statement: Statement): Promise<RunResult> {
    return toRun(this.#transaction, statement)
  }

  async *stream(statement: Statement, batchSize: number): AsyncGenerator<unknown[][]> {
    yield* pages(this.#transaction, statement, batchSize)
  }

  async commit(): Promise<void> {
    try {
      await this.#transaction.commit()
    } catch (error) {
      throw new DbError(
        'commit_unknown',
        'The connection was lost during COMMIT: it may have taken effect or not. Look before trying again.',
        { cause: error },
      )
    } finally {
      this.#end()
    }
  }

  async rollback(): Promise<void> {
    await this.#transaction.rollback().catch(() => undefined)
    this.#end()
  }

  #end(): void {
    this.#transaction.close()
    this.#done()
  }
}
