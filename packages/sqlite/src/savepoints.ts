import type {
  BeginOptions,
  RowsResult,
  RunResult,
  Session,
  Statement,
  TransactionSession,
} from '@archon-db/core/dialect'

/** A session inside one open transaction: what it begins are savepoints. */
export class SavepointSession implements Session {
  readonly #transaction: TransactionSession
  #count = 0

  constructor(transaction: TransactionSession) {
    this.#transaction = transaction
  }

  query(statement: Statement): Promise<RowsResult> {
    return this.#transaction.query(statement)
  }

  run(statement: Statement): Promise<RunResult> {
    return this.#transaction.run(statement)
  }

  stream(statement: Statement, batchSize: number): AsyncIterable<unknown[][]> {
    return this.#transaction.stream(statement, batchSize)
  }

  async begin(_options: BeginOptions): Promise<TransactionSession> {
    const transaction = this.#transaction
    const name = `step_${++this.#count}`
    const send = (text: string): Promise<RunResult> =>
      transaction.run({ text, params: [], write: true, tables: [], prepare: false })
    await send(`savepoint ${name}`)
    return {
      query: (statement) => transaction.query(statement),
      run: (statement) => transaction.run(statement),
      stream: (statement, batchSize) => transaction.stream(statement, batchSize),
      commit: async () => {
        await send(`release ${name}`)
      },
      rollback: async () => {
        await send(`rollback to ${name}`)
        await send(`release ${name}`)
      },
    }
  }

  async close(): Promise<void> {}
}
