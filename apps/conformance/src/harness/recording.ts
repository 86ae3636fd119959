import type { Connection, Session, Statement } from '@archon-db/core/dialect'

/** What a handle talks to in the connection's place. */
export type Through = (connection: Connection) => Connection

export const straight: Through = (connection) => connection

/** The same connection; `note` is told of every statement on its way, those in transactions included. */
export function recorded(connection: Connection, note: (statement: Statement) => void): Connection {
  return {
    ...verbs(connection, note),
    dialect: connection.dialect,
    ...(connection.vectors && { vectors: connection.vectors }),
    async begin(options) {
      const transaction = await connection.begin(options)
      return {
        ...verbs(transaction, note),
        commit: () => transaction.commit(),
        rollback: () => transaction.rollback(),
      }
    },
    capabilities: () => connection.capabilities(),
    withMigrationLock: (fn) => connection.withMigrationLock(fn),
    pool: () => connection.pool(),
    close: () => connection.close(),
  }
}

type Verbs = Pick<Session, 'query' | 'run' | 'stream'>

function verbs(session: Verbs, note: (statement: Statement) => void): Verbs {
  return {
    query(statement) {
      note(statement)
      return session.query(statement)
    },
    run(statement) {
      note(statement)
      return session.run(statement)
    },
    stream(statement, batchSize) {
      note(statement)
      return session.stream(statement, batchSize)
    },
  }
}
