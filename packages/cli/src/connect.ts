import { type Database, DbError, openDatabase } from '@archon-db/core'
import {
  attachLogging,
  type Config,
  type ConnectOptions,
  type Environment,
  readConfig,
} from '@archon-db/core/connection'
import { openConnection } from './adapters.ts'

/**
 * Opens the database that the options name, or else the environment, or else the file `archon.db` in the current folder.
 *
 *     const db = await connect()
 *     const db = await connect({ url: 'postgresql://user@host/archon' })
 */
export async function connect(options: ConnectOptions = {}, env: Environment = process.env): Promise<Database> {
  return openConfigured(readConfig(options, env))
}

/** Opens what a configuration says. `log` takes the lines that its logging asks for. */
export async function openConfigured(config: Config, log?: (line: string) => void): Promise<Database> {
  refuseWhatIsMissing(config)
  const connection = await openConnection(config)
  try {
    const database = await openDatabase(connection, { vectorSearch: config.vector.enabled })
    attachLogging(database, config.logging, log)
    return database
  } catch (error) {
    await connection.close()
    throw connection.dialect.toDbError(error)
  }
}

/** A setting that is passed over would be worse than one that is refused. */
function refuseWhatIsMissing({ replicas, vector }: Config): void {
  if (replicas.length > 0) {
    throw new DbError(
      'unsupported',
      'Read replicas are not used by this version yet. Unset DATABASE_REPLICA_URLS, or set ENABLE_READ_REPLICAS=false.',
    )
  }
  if (vector.store && vector.store.name !== 'local') {
    throw new DbError(
      'unsupported',
      `Chunks cannot be kept in ${vector.store.name} by this version yet. Unset VECTOR_DATABASE.`,
    )
  }
}
