import { type Database, DbError, openDatabase } from '@archon-db/core'
import {
  attachLogging,
  type Config,
  type ConnectOptions,
  type Environment,
  readConfig,
} from '@archon-db/core/connection'
import type { Outbox } from '@archon-db/vector/outbox'
import { openConnection } from './adapters.ts'
import { outboxFor } from './stores.ts'

/**
 * Opens the database that the options name, or else the environment, or else the file `archon.db` in the current folder.
 *
 *     const db = await connect()
 *     const db = await connect({ url: 'postgresql://user@host/archon' })
 */
export async function connect(options: ConnectOptions = {}, env: Environment = process.env): Promise<Database> {
  return (await openConfigured(readConfig(options, env))).database
}

/** A database that is open, and the store outside it that its embeddings are sent to. */
export interface Opened {
  readonly database: Database
  readonly outbox: Outbox | null
}

/** Opens what a configuration says. `log` takes the lines that its logging asks for. */
export async function openConfigured(config: Config, log?: (line: string) => void): Promise<Opened> {
  refuseWhatIsMissing(config)
  const connection = await openConnection(config)
  try {
    const outbox = await outboxFor(connection, config)
    const vectors = outbox ? { vectors: outbox } : {}
    const database = await openDatabase(connection, { vectorSearch: config.vector.enabled, ...vectors })
    attachLogging(database, config.logging, log)
    return { database, outbox }
  } catch (error) {
    await connection.close()
    throw connection.dialect.toDbError(error)
  }
}

/** A setting that is passed over would be worse than one that is refused. */
function refuseWhatIsMissing({ replicas }: Config): void {
  if (replicas.length > 0) {
    throw new DbError(
      'unsupported',
      'Read replicas are not used by this version yet. Unset DATABASE_REPLICA_URLS, or set ENABLE_READ_REPLICAS=false.',
    )
  }
}
