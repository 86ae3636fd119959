import { type Connection, DbError, type Session, type TransactionSession } from '@archon-db/core/dialect'

/** Where the process dies: at its nth call to the database, before that took effect or just after. */
export interface Death {
  readonly call: number
  readonly when: 'before' | 'after'
}

/**
 * A database as MySQL is to the migrator: DDL commits by itself, so that a migration that dies leaves what it did.
 * Played by SQLite, whose statements are not wrapped into a transaction here; after its death nothing reaches it.
 */
export function withoutTransactionalDdl(connection: Connection, death?: Death): Connection {
  const life = new Life(death)
  const dialect = {
    ...connection.dialect,
    traits: { ...connection.dialect.traits, transactionalDdl: false },
    alreadyDone: (error: unknown) =>
      /already exists|duplicate column|no such (?:table|column|index)/.test(String(error)),
  }
  return {
    dialect,
    query: (statement) => connection.query(statement),
    run: (statement) => connection.run(statement),
    stream: (statement, size) => connection.stream(statement, size),
    begin: (options) => connection.begin(options),
    capabilities: () => connection.capabilities(),
    withMigrationLock: (fn) => fn(mortalSession(connection, life)),
    pool: () => connection.pool(),
    close: () => connection.close(),
  }
}

class Life {
  readonly #death: Death | undefined
  #calls = 0
  #over = false

  constructor(death: Death | undefined) {
    this.#death = death
  }

  async call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#over) throw dead()
    const isLast = ++this.#calls === this.#death?.call
    if (isLast && this.#death?.when === 'before') this.#end()
    const result = await work()
    if (isLast) this.#end()
    return result
  }

  #end(): never {
    this.#over = true
    throw dead()
  }
}

function dead(): DbError {
  return new DbError('connection_lost', 'The process has died.')
}

function mortalSession(connection: Connection, life: Life): Session {
  return {
    query: (statement) => life.call(() => connection.query(statement)),
    run: (statement) => life.call(() => connection.run(statement)),
    stream: (statement, size) => connection.stream(statement, size),
    begin: (options) => beginMortal(() => connection.begin(options), life),
    close: async () => {},
  }
}

async function beginMortal(begin: () => Promise<TransactionSession>, life: Life): Promise<TransactionSession> {
  let transaction: TransactionSession | undefined
  try {
    return await life.call(async () => {
      transaction = await begin()
      return mortalTransaction(transaction, life)
    })
  } catch (error) {
    await transaction?.rollback()
    throw error
  }
}

function mortalTransaction(transaction: TransactionSession, life: Life): TransactionSession {
  let open = true
  return {
    query: (statement) => life.call(() => transaction.query(statement)),
    run: (statement) => life.call(() => transaction.run(statement)),
    stream: (statement, size) => transaction.stream(statement, size),
    commit: async () => {
      try {
        await life.call(async () => {
          open = false
          await transaction.commit()
        })
      } finally {
        // The database ends the transaction of a client that is gone.
        if (open) await transaction.rollback()
      }
    },
    rollback: () => transaction.rollback(),
  }
}
