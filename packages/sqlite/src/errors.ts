import { DbError, type DbErrorCode } from '@archon-db/core/dialect'
import { schema } from './schema.ts'

/** SQLite's result codes, extended ones before the primary code they refine. */
export const ERROR_CODES: Readonly<Record<string, readonly [DbErrorCode, string]>> = {
  SQLITE_CONSTRAINT_UNIQUE: ['unique_violation', 'A row with this key is stored already. Update it, or use upsert.'],
  SQLITE_CONSTRAINT_PRIMARYKEY: [
    'unique_violation',
    'A row with this key is stored already. Update it, or use upsert.',
  ],
  SQLITE_CONSTRAINT_ROWID: ['unique_violation', 'A row with this key is stored already. Update it, or use upsert.'],
  SQLITE_CONSTRAINT_FOREIGNKEY: [
    'foreign_key_violation',
    'A row this one refers to is missing, or others still refer to it.',
  ],
  SQLITE_CONSTRAINT_NOTNULL: ['not_null_violation', 'A required column has no value.'],
  SQLITE_CONSTRAINT_CHECK: ['check_violation', 'A value breaks a rule of the table.'],
  SQLITE_CONSTRAINT_DATATYPE: ['invalid_input', 'A value is of the wrong type for its column.'],
  SQLITE_CONSTRAINT: ['check_violation', 'A rule of the table was broken.'],
  SQLITE_BUSY_SNAPSHOT: ['serialization_failure', 'Another connection wrote meanwhile. Run the transaction again.'],
  SQLITE_BUSY: [
    'lock_timeout',
    'Another process holds the write lock of the database file. Try again, or raise lockTimeoutMs.',
  ],
  SQLITE_LOCKED: ['lock_timeout', 'Another statement holds a lock this one needs. Try again.'],
  SQLITE_READONLY: [
    'permission_denied',
    'The database cannot be written. Check the permissions of the file and its folder.',
  ],
  SQLITE_AUTH: ['permission_denied', 'The database refused this statement.'],
  SQLITE_PERM: ['permission_denied', 'The database file cannot be accessed. Check its permissions.'],
  SQLITE_CANTOPEN: [
    'connection_failed',
    'The database file cannot be opened. Check that its folder exists and can be written.',
  ],
  SQLITE_NOTADB: ['connection_failed', 'The file is not an SQLite database. Check the path; nothing was changed.'],
  SQLITE_CORRUPT: [
    'connection_failed',
    'The database file is damaged. Restore a backup; `archon-db doctor` shows what is wrong.',
  ],
  SQLITE_FULL: ['connection_lost', 'The disk is full. Free some space; what was committed is safe.'],
  SQLITE_IOERR: ['connection_lost', 'The disk reported an error. What was committed is safe if the disk is.'],
  SQLITE_INTERRUPT: ['query_timeout', 'The statement was interrupted.'],
  SQLITE_TOOBIG: ['invalid_input', 'A value is larger than SQLite stores (1 GB).'],
  SQLITE_MISMATCH: ['invalid_input', 'A value is of the wrong type for its column.'],
  SQLITE_RANGE: ['invalid_input', 'A statement has more values than it has places for them.'],
  TRANSACTION_CLOSED: ['connection_lost', 'The server ended the transaction.'],
  HRANA_WEBSOCKET_ERROR: ['connection_lost', 'The connection to the libSQL server was lost.'],
  SERVER_ERROR: ['connection_lost', 'The libSQL server reported an error.'],
  CLIENT_CLOSED: ['closed', 'This database handle is closed. Open a new one with connect().'],
}

interface DriverError {
  readonly code?: unknown
  readonly extendedCode?: unknown
  readonly message?: unknown
}

export function toDbError(error: unknown): DbError {
  if (error instanceof DbError) return error
  const { code, extendedCode, message = '' } = (error ?? {}) as DriverError
  const text = String(message)
  const known = lookUp(extendedCode) ?? lookUp(code === 'SQLITE_CONSTRAINT' ? constraintOf(text) : code)
  if (known) return new DbError(known[0], withPlace(known[1], text), { ...placeOf(text), cause: error })
  if (code === 'SQLITE_ERROR') return fromText(text, error)
  return new DbError('unknown', 'SQLite failed in a way this version does not know; the cause has the details.', {
    cause: error,
  })
}

/** A code, or the primary code it extends. */
function lookUp(code: unknown): readonly [DbErrorCode, string] | undefined {
  if (typeof code !== 'string') return undefined
  return ERROR_CODES[code] ?? ERROR_CODES[code.split('_').slice(0, 2).join('_')]
}

/** A server tells the primary code alone; its words are those of the extended one. */
function constraintOf(text: string): string {
  const kind = /(UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed/i.exec(text)?.[1] ?? ''
  return `SQLITE_CONSTRAINT_${kind.replace(' ', '').toUpperCase()}`
}

/** One generic code stands for every error in a statement's text. */
function fromText(text: string, cause: unknown): DbError {
  const missing = /no such (?:table|column)/i.test(text)
  const hint = missing ? ' Is the schema up to date? Run `archon-db migrate`.' : ''
  if (/readonly|read-only|query_only/i.test(text))
    return new DbError('invalid_input', 'This transaction is read-only.', { cause })
  if (/integer overflow/i.test(text))
    return new DbError('invalid_input', 'A number is out of the range of its column.', { cause })
  if (/pattern too complex/i.test(text))
    return new DbError(
      'invalid_filter',
      'A like pattern takes 50,000 bytes at most on SQLite; use contains for long texts.',
      {
        cause,
      },
    )
  return new DbError('invalid_input', `The statement is not valid here.${hint} The cause has SQLite's own words.`, {
    cause,
  })
}

const COLUMNS = /(UNIQUE )?constraint failed: (\w+\.\w+(?:, \w+\.\w+)*)/i
const NAMED = /constraint failed: (\w+)$/i
const INDEX = /constraint failed: index '(\w+)'/i

interface Place {
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
}

/** SQLite names the columns of a broken key, and the name of a broken check; the tables tell the rest. */
function placeOf(text: string): Place {
  const columns = COLUMNS.exec(text)
  if (columns) return placeOfColumns(columns[2] as string, columns[1] !== undefined)
  const named = (INDEX.exec(text) ?? NAMED.exec(text))?.[1]
  if (named === undefined || /FOREIGN KEY/i.test(text)) return {}
  const table = [...schema.tables.values()].find(({ checks }) => checks.includes(named))
  return { ...(table && { table: table.name }), constraint: named }
}

/** `t.a, t.b` */
function placeOfColumns(list: string, isKey: boolean): Place {
  const pairs = list.split(', ').map((name) => name.split('.') as [string, string])
  const names = pairs.map(([, column]) => column)
  const [[table] = ['']] = pairs
  const constraint = isKey ? keyOver(table, names) : undefined
  return { table, ...(names.length === 1 && { column: names[0] as string }), ...(constraint && { constraint }) }
}

/** The primary key has no name of its own here; it is called as PostgreSQL calls it. */
function keyOver(table: string, names: readonly string[]): string | undefined {
  const info = schema.tables.get(table)
  const wanted = names.join()
  if (info?.primaryKey.join() === wanted) return `${table}_pkey`
  return info?.uniques.find(({ columns }) => columns.join() === wanted)?.name
}

function withPlace(message: string, text: string): string {
  const { table, column, constraint } = placeOf(text)
  const place = [table && `table ${table}`, column && `column ${column}`, constraint && `constraint ${constraint}`]
    .filter(Boolean)
    .join(', ')
  return place ? `${message} (${place})` : message
}
