/** Every way a call can fail. Closed: callers may switch over it. */
export const DB_ERROR_CODES = [
  'unique_violation',
  'foreign_key_violation',
  'not_null_violation',
  'check_violation',
  'invalid_input',
  'invalid_filter',
  'not_found',
  'unsupported',
  'serialization_failure',
  'deadlock',
  'lock_timeout',
  'query_timeout',
  'connection_failed',
  'connection_lost',
  'commit_unknown',
  'pool_exhausted',
  'too_many_connections',
  'permission_denied',
  'migration_failed',
  'migration_drift',
  'closed',
  'unknown',
] as const

export type DbErrorCode = (typeof DB_ERROR_CODES)[number]

/** Errors after which the same transaction may succeed when it is run again from its start. */
const RETRYABLE: ReadonlySet<DbErrorCode> = new Set([
  'serialization_failure',
  'deadlock',
  'lock_timeout',
  'connection_failed',
  'connection_lost',
  'pool_exhausted',
  'too_many_connections',
])

export interface DbErrorDetails {
  readonly constraint?: string | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
  /** The driver's own error, or whatever brought this one about. */
  readonly cause?: unknown
}

/**
 * The one error this library throws. Its message says what to do and never holds a parameter value or a secret;
 * the driver's error, which may, is the `cause`.
 */
export class DbError extends Error {
  readonly code: DbErrorCode
  readonly retryable: boolean
  readonly constraint?: string
  readonly table?: string
  readonly column?: string

  constructor(code: DbErrorCode, message: string, details: DbErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DbError'
    this.code = code
    this.retryable = RETRYABLE.has(code)
    if (details.constraint !== undefined) this.constraint = details.constraint
    if (details.table !== undefined) this.table = details.table
    if (details.column !== undefined) this.column = details.column
  }

  /** Without the cause: a log line made of this cannot leak what the driver put into its own message. */
  toJSON(): Record<string, unknown> {
    const { code, message, retryable, constraint, table, column } = this
    return { code, message, retryable, constraint, table, column }
  }
}

export function isDbError(error: unknown, code?: DbErrorCode): error is DbError {
  return error instanceof DbError && (code === undefined || error.code === code)
}

export function invalidInput(message: string, details?: DbErrorDetails): DbError {
  return new DbError('invalid_input', message, details)
}

export function invalidFilter(message: string, details?: DbErrorDetails): DbError {
  return new DbError('invalid_filter', message, details)
}

/** Names what was wrong with a value without showing it. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Date) return 'a Date'
  if (ArrayBuffer.isView(value)) return value.constructor.name
  const type = typeof value
  return type === 'object' || type === 'undefined' ? (type === 'object' ? 'an object' : type) : `a ${type}`
}
