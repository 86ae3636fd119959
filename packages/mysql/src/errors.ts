import { DbError, type DbErrorCode } from '@archon-db/core/dialect'
import { schema } from './schema.ts'

type Known = readonly [DbErrorCode, string]

const STALE = 'Is the schema up to date? Run `archon-db migrate`.'
const LOST = 'The connection was lost; whether the statement ran is not known. Run the transaction again.'
const UNREACHABLE = 'The server cannot be reached. Check that it runs, its host and port, and the network between.'
const REFUSED = 'The server refused this user or password. Check the credentials in the connection string.'
const GRANT = 'The user of this connection may not do this. Grant it, or connect as another user.'
const TRUST = "The server's certificate is not trusted. Give its authority as ssl.ca or DB_SSL_CA_CERT."
const EXISTS: Known = ['unique_violation', 'A row with this key is stored already. Update it, or use upsert.']
const REFERENCE: Known = ['foreign_key_violation', 'A row this one refers to is missing, or others still refer to it.']
const REQUIRED: Known = ['not_null_violation', 'A required column has no value.']
const RULE: Known = ['check_violation', 'A value breaks a rule of the table.']
const DEADLOCK: Known = ['deadlock', 'Two transactions waited for each other, and this one was stopped. Run it again.']
const CHANGED: Known = [
  'serialization_failure',
  'Another transaction changed the same data. Run the transaction again.',
]
const STOPPED: Known = ['query_timeout', 'The statement took too long and was stopped.']
const FULL: Known = [
  'too_many_connections',
  'The server has no connection left. Lower the pool size, or raise max_connections.',
]
const TRIGGERS =
  "The server keeps a binary log and lets only privileged users make triggers and functions. Run SET GLOBAL log_bin_trust_function_creators = 1 as an administrator, or grant this user SUPER (MariaDB: BINLOG ADMIN), for the migration's time."

/** Numbers of the server's errors and codes of the driver; where neither is known, the SQLSTATE's class decides. */
export const ERROR_CODES: Readonly<Record<string, Known>> = {
  1062: EXISTS,
  1586: EXISTS,
  1022: EXISTS,
  1169: EXISTS,
  1761: EXISTS,
  1762: EXISTS,
  1216: REFERENCE,
  1217: REFERENCE,
  1451: REFERENCE,
  1452: REFERENCE,
  1048: REQUIRED,
  1364: REQUIRED,
  3819: RULE,
  4025: RULE,
  1213: DEADLOCK,
  1614: DEADLOCK,
  1020: CHANGED,
  3101: CHANGED,
  1180: CHANGED,
  1205: ['lock_timeout', 'Another transaction holds a lock this one needs. Try again.'],
  3572: ['lock_timeout', 'Another transaction holds a lock this one needs. Try again.'],
  3024: STOPPED,
  1969: STOPPED,
  1317: STOPPED,
  1028: STOPPED,
  1040: FULL,
  1203: FULL,
  1226: [
    'too_many_connections',
    'This user has used up what the server grants it. Lower the pool size, or raise its limit.',
  ],
  1053: ['connection_lost', `The server is shutting down. ${LOST}`],
  1077: ['connection_lost', `The server is shutting down. ${LOST}`],
  1079: ['connection_lost', `The server is shutting down. ${LOST}`],
  1080: ['connection_lost', LOST],
  1152: ['connection_lost', LOST],
  1158: ['connection_lost', LOST],
  1159: ['connection_lost', LOST],
  1160: ['connection_lost', LOST],
  1161: ['connection_lost', LOST],
  1184: ['connection_lost', LOST],
  1927: ['connection_lost', `The connection was killed. ${LOST}`],
  3169: ['connection_lost', `The connection was killed. ${LOST}`],
  4031: ['connection_lost', 'The server closed the connection because it had been idle.'],
  1021: ['connection_lost', "The server's disk is full. Free some space; what was committed is safe."],
  1114: ['connection_lost', "A table is full, or the server's disk is. Free some space; what was committed is safe."],
  1041: ['connection_lost', 'The server is out of memory.'],
  1049: ['connection_failed', 'The database does not exist on this server. Create it, or correct its name.'],
  1130: ['permission_denied', 'The server takes no connections from this machine. Grant the user access from here.'],
  1045: ['permission_denied', REFUSED],
  1698: ['permission_denied', REFUSED],
  3118: ['permission_denied', 'The account is locked. Unlock it, or connect as another user.'],
  1820: ['permission_denied', 'The password has expired. Change it first.'],
  1862: ['permission_denied', 'The password has expired. Change it first.'],
  1044: ['permission_denied', `${GRANT} Or there is no such database.`],
  1142: ['permission_denied', GRANT],
  1143: ['permission_denied', GRANT],
  1227: ['permission_denied', GRANT],
  1370: ['permission_denied', GRANT],
  1419: ['permission_denied', TRIGGERS],
  1290: ['permission_denied', 'The server runs with an option that forbids this; it may be a read-only replica.'],
  1836: ['permission_denied', 'The server is read-only; it may be a replica.'],
  1792: ['invalid_input', 'This transaction is read-only. Leave out readOnly to write.'],
  1264: ['invalid_input', 'A number is out of the range of its column.'],
  1690: ['invalid_input', 'A number is out of range.'],
  1365: ['invalid_input', 'A number was divided by zero.'],
  1406: ['invalid_input', 'A value is longer than its column takes.'],
  1265: ['invalid_input', 'A value is not one that its column takes.'],
  1292: ['invalid_input', 'A text is not the number or date it is taken for.'],
  1366: ['invalid_input', 'A value is not of the type that its column takes.'],
  1411: ['invalid_input', 'A text is not a date or time.'],
  3140: ['invalid_input', 'A value is not JSON.'],
  3141: ['invalid_input', 'A value is not JSON.'],
  3143: ['invalid_input', 'A JSON path is malformed.'],
  3157: ['invalid_input', 'JSON may be nested 100 levels deep at most.'],
  1242: ['invalid_input', 'A subquery returned more than one row.'],
  1054: ['invalid_input', `A statement names a column that does not exist. ${STALE}`],
  1146: ['invalid_input', `A statement names a table that does not exist. ${STALE}`],
  1051: ['invalid_input', `A statement names a table that does not exist. ${STALE}`],
  1305: ['invalid_input', `A statement names a function or savepoint that does not exist. ${STALE}`],
  1064: ['invalid_input', "The statement is not valid SQL. The cause has the server's own words."],
  1153: [
    'invalid_input',
    'The statement is larger than the server takes. Raise max_allowed_packet, or write less at once.',
  ],
  1301: ['invalid_input', 'A value is larger than the server takes. Raise max_allowed_packet.'],
  1390: ['invalid_input', 'A statement takes up to 65535 values. Send fewer at a time.'],
  1038: ['invalid_input', 'The rows are too long to be sorted. Raise sort_buffer_size, or order by other columns.'],
  1644: ['invalid_input', "A routine refused this. The cause has the routine's own words."],
  3699: [
    'invalid_filter',
    'The pattern takes the server too long to match. Make it simpler, or raise regexp_time_limit.',
  ],
  1139: ['invalid_filter', 'The server does not understand the regular expression.'],
  3008: ['unsupported', 'Rows refer to each other more than fifteen levels deep. Delete the lowest ones first.'],
  1235: ['unsupported', "The server cannot do this. The cause has the server's own words."],
  1665: [
    'unsupported',
    'The server logs statements (binlog_format = STATEMENT), which goes with no transaction here. Set it to ROW.',
  ],
  1461: [
    'too_many_connections',
    'The server keeps too many prepared statements. Raise max_prepared_stmt_count, or lower the pool size.',
  ],

  PROTOCOL_CONNECTION_LOST: ['connection_lost', LOST],
  ECONNRESET: ['connection_lost', LOST],
  EPIPE: ['connection_lost', LOST],
  CONNECTION_GONE: ['connection_lost', LOST],
  CONNECTION_SILENT: ['connection_lost', `The server has not answered for too long. ${LOST}`],
  ETIMEDOUT: ['connection_failed', `${UNREACHABLE} It did not answer in time.`],
  ECONNREFUSED: ['connection_failed', UNREACHABLE],
  EHOSTUNREACH: ['connection_failed', UNREACHABLE],
  ENETUNREACH: ['connection_failed', UNREACHABLE],
  ENOTFOUND: ['connection_failed', 'There is no such host. Check the host name in the connection string.'],
  EAI_AGAIN: ['connection_failed', 'The host name could not be looked up. Check the network.'],
  ENOENT: ['connection_failed', 'There is no such socket. Check that the server runs, and the path.'],
  EACCES: ['permission_denied', 'This user may not open the socket or the folder.'],
  HANDSHAKE_NO_SSL_SUPPORT: [
    'connection_failed',
    'The server takes no encrypted connections. Set it up for TLS, or do not ask for it.',
  ],
  HANDSHAKE_SSL_ERROR: ['connection_failed', TRUST],
  HANDSHAKE_UNKNOWN_ERROR: ['connection_failed', 'What answers at this address is not a MySQL or MariaDB server.'],
  AUTH_SWITCH_PLUGIN_ERROR: [
    'permission_denied',
    'The server asks for a way to log in that is not supported. Use caching_sha2_password.',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: ['connection_failed', TRUST],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['connection_failed', TRUST],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['connection_failed', TRUST],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['connection_failed', TRUST],
  CERT_HAS_EXPIRED: ['connection_failed', "The server's certificate has expired."],
  ERR_TLS_CERT_ALTNAME_INVALID: ['connection_failed', "The server's certificate is for another host name."],
}

const CLASSES: Readonly<Record<string, Known>> = {
  '08': ['connection_lost', LOST],
  '22': ['invalid_input', "A value does not fit. The cause has the server's own words."],
  '23': RULE,
  '28': ['permission_denied', REFUSED],
  '40': CHANGED,
  '42': ['invalid_input', "The statement is not valid here. The cause has the server's own words."],
}

/** An error as mysql2 gives it. */
interface DriverError {
  readonly errno?: unknown
  readonly code?: unknown
  readonly sqlState?: unknown
  readonly message?: unknown
  readonly sql?: unknown
}

/** Only names reach the message; the values that MySQL puts into its own words stay in the cause. */
export function toDbError(error: unknown): DbError {
  if (error instanceof DbError) return error
  const driver = (error ?? {}) as DriverError
  const known = lookUp(driver)
  if (!known)
    return new DbError('unknown', 'The server failed in a way this version does not know; the cause has the details.', {
      cause: error,
    })
  const place = placeOf(driver)
  return new DbError(known[0], withPlace(known[1], place), { ...place, cause: error })
}

function lookUp({ errno, code, sqlState }: DriverError): Known | undefined {
  const byNumber = typeof errno === 'number' && errno > 0 ? ERROR_CODES[errno] : undefined
  if (byNumber) return byNumber
  const byCode = typeof code === 'string' ? ERROR_CODES[code] : undefined
  return byCode ?? CLASSES[String(sqlState).slice(0, 2)]
}

/** The connection is of no more use, and what was under way on it is not known. */
export function isLost(error: unknown): boolean {
  return toDbError(error).code === 'connection_lost'
}

/** After these the server has rolled the whole transaction back. */
export function endsTransaction(error: unknown): boolean {
  const { code } = toDbError(error)
  return code === 'deadlock' || code === 'serialization_failure'
}

/** What a statement makes is there already; what it drops or renames is gone. */
const ALREADY_DONE: ReadonlySet<unknown> = new Set([
  ...[1050, 1060, 1061, 1304, 1359, 1826, 3822],
  ...[1051, 1054, 1091, 1146, 1305, 1360, 3821],
])

export function isAlreadyDone(error: unknown): boolean {
  return ALREADY_DONE.has((error as DriverError | null)?.errno)
}

interface Place {
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
}

const KEY = /for key '(?:(\w+)\.)?([^']+)'$/
const FOREIGN_KEY = /\(`[^`]+`\.`(\w+)`, CONSTRAINT `(\w+)` FOREIGN KEY \(([^)]*)\)/
const CHECK = /[Cc]heck constraint '(\w+)'|CONSTRAINT `(?:\w+\.)?(\w+)` failed/
const COLUMN = /(?:Column|Field|column) '(\w+)'|for column (?:`[^`]+`\.`[^`]+`\.)?`(\w+)`/
const WRITTEN = /^\s*(?:insert\s+into|update|delete\s+from)\s+`?(\w+)`?/i

/** The server names constraints and columns in its words, and the table at times; otherwise the statement names it. */
function placeOf({ message, sql }: DriverError): Place {
  const text = String(message ?? '')
  const written = WRITTEN.exec(String(sql ?? ''))?.[1]
  const reference = FOREIGN_KEY.exec(text)
  if (reference) return compact({ table: reference[1], constraint: reference[2], column: onlyName(reference[3]) })
  const key = KEY.exec(text)
  if (key) return placeOfKey(key[1] ?? written, key[2] as string)
  const check = CHECK.exec(text)
  if (check) return compact({ table: written, constraint: check[1] ?? check[2] })
  const column = COLUMN.exec(text)
  return column ? compact({ table: written, column: column[1] ?? column[2] }) : compact({ table: written })
}

function compact(place: { [K in keyof Place]: Place[K] | undefined }): Place {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined))
}

/** The column of a foreign key over one. */
function onlyName(list: string | undefined): string | undefined {
  return /^`(\w+)`$/.exec(list ?? '')?.[1]
}

/** The primary key has no name of its own here; it is called as PostgreSQL calls it. */
function placeOfKey(table: string | undefined, key: string): Place {
  const info = table === undefined ? undefined : schema.tables.get(table)
  const columns = key === 'PRIMARY' ? info?.primaryKey : info?.uniques.find(({ name }) => name === key)?.columns
  const constraint = key === 'PRIMARY' ? table && `${table}_pkey` : key
  return compact({ table, constraint, column: columns?.length === 1 ? columns[0] : undefined })
}

function withPlace(message: string, { table, column, constraint }: Place): string {
  const parts = [table && `table ${table}`, column && `column ${column}`, constraint && `constraint ${constraint}`]
  const place = parts.filter(Boolean).join(', ')
  return place ? `${message} (${place})` : message
}
