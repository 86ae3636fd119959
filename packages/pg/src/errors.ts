import { DbError, type DbErrorCode } from '@archon-db/core/dialect'

type Known = readonly [DbErrorCode, string]

const STALE = 'Is the schema up to date? Run `archon-db migrate`.'
const LOST = 'The connection was lost; whether the statement ran is not known. Run the transaction again.'
const UNREACHABLE = 'The server cannot be reached. Check that it runs, its host and port, and the network between.'
const REFUSED = 'The server refused this user or password. Check the credentials in the connection string.'
const TRUST = "The server's certificate is not trusted. Give its authority as ssl.ca or DB_SSL_CA_CERT."

/** SQLSTATEs of the server, codes of sockets and our own; where neither is known, the SQLSTATE's class decides. */
export const ERROR_CODES: Readonly<Record<string, Known>> = {
  '23505': ['unique_violation', 'A row with this key is stored already. Update it, or use upsert.'],
  '23503': ['foreign_key_violation', 'A row this one refers to is missing, or others still refer to it.'],
  '23502': ['not_null_violation', 'A required column has no value.'],
  '23514': ['check_violation', 'A value breaks a rule of the table.'],
  '23P01': ['check_violation', 'A row conflicts with another one by a rule of the table.'],
  '40001': ['serialization_failure', 'Another transaction changed the same data. Run the transaction again.'],
  '40P01': ['deadlock', 'Two transactions waited for each other, and this one was stopped. Run it again.'],
  '55P03': ['lock_timeout', 'Another transaction holds a lock this one needs. Try again.'],
  '57014': ['query_timeout', 'The statement took too long and was stopped.'],
  '57P01': ['connection_lost', `The server is shutting down. ${LOST}`],
  '57P02': ['connection_lost', `The server crashed. ${LOST}`],
  '57P03': ['connection_failed', 'The server is starting up or shutting down. Try again shortly.'],
  '57P05': ['connection_lost', 'The server closed the connection because it had been idle.'],
  '25P03': ['connection_lost', 'The server ended the transaction because it had been idle for too long.'],
  '25P04': ['query_timeout', 'The server ended the transaction because it took too long.'],
  '53300': [
    'too_many_connections',
    'The server has no connection left. Lower the pool size, or raise max_connections.',
  ],
  '53100': ['connection_lost', "The server's disk is full. Free some space; what was committed is safe."],
  '53200': ['connection_lost', 'The server is out of memory.'],
  '08P01': ['connection_failed', 'The server or the pooler before it refused the connection.'],
  '08001': ['connection_failed', UNREACHABLE],
  '08004': ['connection_failed', 'The server refused the connection.'],
  '08000': ['connection_lost', LOST],
  '08003': ['connection_lost', LOST],
  '08006': ['connection_lost', LOST],
  '28P01': ['permission_denied', REFUSED],
  '28000': ['permission_denied', `${REFUSED} It may also demand encryption, or not know the database for this user.`],
  '3D000': ['connection_failed', 'The database does not exist on this server. Create it, or correct its name.'],
  '42501': ['permission_denied', 'The user of this connection may not do this. Grant it, or connect as another user.'],
  '25006': ['invalid_input', 'This transaction is read-only, or the server is a replica.'],
  '25P02': ['invalid_input', 'An earlier statement of this transaction failed, so it can only roll back.'],
  '22001': ['invalid_input', 'A text is longer than its column takes.'],
  '22003': ['invalid_input', 'A number is out of the range of its column.'],
  '22007': ['invalid_input', 'A text is not a date or time.'],
  '22008': ['invalid_input', 'A date or time is out of range.'],
  '22012': ['invalid_input', 'A number was divided by zero.'],
  '22021': ['invalid_input', 'A text holds a character that the database cannot store.'],
  '22P02': ['invalid_input', 'A value is not of the type that its column takes.'],
  '22P05': ['invalid_input', 'A text holds a character that the database cannot store.'],
  '2201B': ['invalid_filter', 'The pattern is too long or too involved for the server.'],
  '21000': ['invalid_input', 'A statement touched one row twice, or a subquery returned too many.'],
  '42703': ['invalid_input', `A statement names a column that does not exist. ${STALE}`],
  '42P01': ['invalid_input', `A statement names a table that does not exist. ${STALE}`],
  '42704': ['invalid_input', `A statement names a type that does not exist. ${STALE}`],
  '42883': ['invalid_input', `A statement calls a function that does not exist. ${STALE}`],
  '42601': ['invalid_input', "The statement is not valid SQL. The cause has the server's own words."],
  '54000': ['invalid_input', 'A value is too large for an index or a text search.'],
  '54001': ['invalid_input', 'The statement is too involved for the server. Ask for less at a time.'],
  '54011': ['invalid_input', 'The statement has too many columns.'],
  '54023': ['invalid_input', 'The statement calls a function with too many arguments.'],
  '0A000': ['unsupported', "The server cannot do this. The cause has the server's own words."],

  CONNECTION_CLOSED: ['connection_lost', LOST],
  CONNECTION_DESTROYED: ['connection_lost', LOST],
  CONNECTION_ENDED: ['connection_lost', LOST],
  ECONNRESET: ['connection_lost', LOST],
  EPIPE: ['connection_lost', LOST],
  ETIMEDOUT: ['connection_lost', LOST],
  CONNECT_TIMEOUT: ['connection_failed', `${UNREACHABLE} It did not answer in time.`],
  ECONNREFUSED: ['connection_failed', UNREACHABLE],
  EHOSTUNREACH: ['connection_failed', UNREACHABLE],
  ENETUNREACH: ['connection_failed', UNREACHABLE],
  ENOTFOUND: ['connection_failed', 'There is no such host. Check the host name in the connection string.'],
  EAI_AGAIN: ['connection_failed', 'The host name could not be looked up. Check the network.'],
  ENOENT: ['connection_failed', 'There is no such socket. Check that the server runs, and the path.'],
  EACCES: ['permission_denied', 'This user may not open the socket or the folder.'],
  SELF_SIGNED_CERT_IN_CHAIN: ['connection_failed', TRUST],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['connection_failed', TRUST],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['connection_failed', TRUST],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['connection_failed', TRUST],
  CERT_HAS_EXPIRED: ['connection_failed', "The server's certificate has expired."],
  ERR_TLS_CERT_ALTNAME_INVALID: ['connection_failed', "The server's certificate is for another host name."],
  SASL_SIGNATURE_MISMATCH: ['permission_denied', 'The server could not prove that it knows the password.'],
  MAX_PARAMETERS_EXCEEDED: ['invalid_input', 'A statement takes up to 65534 values. Send fewer at a time.'],
  UNDEFINED_VALUE: ['invalid_input', 'A value of the statement is undefined. Say null where nothing is meant.'],
}

const CLASSES: Readonly<Record<string, Known>> = {
  '08': ['connection_lost', LOST],
  '22': ['invalid_input', "A value does not fit. The cause has the server's own words."],
  '23': ['check_violation', 'A rule of the table was broken.'],
  '28': ['permission_denied', REFUSED],
  '40': ['serialization_failure', 'The server rolled the transaction back. Run it again.'],
  '42': ['invalid_input', "The statement is not valid here. The cause has the server's own words."],
  '53': ['connection_lost', 'The server is short of resources.'],
  '54': ['invalid_input', 'The statement is beyond a limit of the server.'],
  '57': ['connection_lost', LOST],
}

/** An error of this side, by a code of the table. */
export function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

/** The server's error as it is read here, and as PGlite gives it; the two name its parts differently. */
interface DriverError {
  readonly code?: unknown
  readonly table_name?: unknown
  readonly column_name?: unknown
  readonly constraint_name?: unknown
  readonly table?: unknown
  readonly column?: unknown
  readonly constraint?: unknown
}

/** Only names reach the message; the values that PostgreSQL puts into its own details stay in the cause. */
export function toDbError(error: unknown): DbError {
  if (error instanceof DbError) return error
  const { code, ...driver } = readDriverError(error)
  const known = typeof code === 'string' ? (ERROR_CODES[code] ?? CLASSES[code.slice(0, 2)]) : undefined
  const place = placeOf(driver)
  if (!known)
    return new DbError('unknown', 'PostgreSQL failed in a way this version does not know; the cause has the details.', {
      ...place,
      cause: error,
    })
  return new DbError(known[0], withPlace(known[1], place), { ...place, cause: error })
}

function readDriverError(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {}
  const { code, table_name, column_name, constraint_name, table, column, constraint } = error as DriverError
  return { code, table_name, column_name, constraint_name, table, column, constraint }
}

/** Whether the connection is gone with this error. */
export function isLost(error: unknown): boolean {
  return toDbError(error).code === 'connection_lost'
}

interface Place {
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
}

function placeOf(error: DriverError): Place {
  const table = error.table_name ?? error.table
  const column = error.column_name ?? error.column
  const constraint = error.constraint_name ?? error.constraint
  return {
    ...(typeof table === 'string' ? { table } : {}),
    ...(typeof column === 'string' ? { column } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
  }
}

function withPlace(message: string, { table, column, constraint }: Place): string {
  const place = [table && `table ${table}`, column && `column ${column}`, constraint && `constraint ${constraint}`]
    .filter(Boolean)
    .join(', ')
  return place ? `${message} (${place})` : message
}
