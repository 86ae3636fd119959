import { DbError } from '@archon-db/core'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES, toDbError } from '../src/errors.ts'

class DriverError extends Error {
  readonly code: string
  constructor(code: string, message = 'driver words') {
    super(message)
    this.code = code
  }
}

const EXPECTED: Record<keyof typeof ERROR_CODES, string> = {
  SQLITE_CONSTRAINT_UNIQUE: 'unique_violation',
  SQLITE_CONSTRAINT_PRIMARYKEY: 'unique_violation',
  SQLITE_CONSTRAINT_ROWID: 'unique_violation',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'foreign_key_violation',
  SQLITE_CONSTRAINT_NOTNULL: 'not_null_violation',
  SQLITE_CONSTRAINT_CHECK: 'check_violation',
  SQLITE_CONSTRAINT_DATATYPE: 'invalid_input',
  SQLITE_CONSTRAINT: 'check_violation',
  SQLITE_BUSY_SNAPSHOT: 'serialization_failure',
  SQLITE_BUSY: 'lock_timeout',
  SQLITE_LOCKED: 'lock_timeout',
  SQLITE_READONLY: 'permission_denied',
  SQLITE_AUTH: 'permission_denied',
  SQLITE_PERM: 'permission_denied',
  SQLITE_CANTOPEN: 'connection_failed',
  SQLITE_NOTADB: 'connection_failed',
  SQLITE_CORRUPT: 'connection_failed',
  SQLITE_FULL: 'connection_lost',
  SQLITE_IOERR: 'connection_lost',
  SQLITE_INTERRUPT: 'query_timeout',
  SQLITE_TOOBIG: 'invalid_input',
  SQLITE_MISMATCH: 'invalid_input',
  SQLITE_RANGE: 'invalid_input',
  TRANSACTION_CLOSED: 'connection_lost',
  HRANA_WEBSOCKET_ERROR: 'connection_lost',
  SERVER_ERROR: 'connection_lost',
  CLIENT_CLOSED: 'closed',
}

describe('every row of the table', () => {
  test('is expected here', () => {
    expect(Object.keys(ERROR_CODES).sort()).toEqual(Object.keys(EXPECTED).sort())
  })

  test.each(Object.entries(EXPECTED))('%s is %s', (code, expected) => {
    const cause = new DriverError(code)
    expect(toDbError(cause)).toMatchObject({ code: expected, cause })
  })
})

test('an extended code that is not listed goes by its primary code', () => {
  expect(toDbError(new DriverError('SQLITE_IOERR_WRITE')).code).toBe('connection_lost')
  expect(toDbError(new DriverError('SQLITE_READONLY_DIRECTORY')).code).toBe('permission_denied')
})

test.each([
  ['UNIQUE constraint failed: archon_prompts.prompt_name', 'unique_violation'],
  ['FOREIGN KEY constraint failed', 'foreign_key_violation'],
  ['NOT NULL constraint failed: archon_prompts.prompt', 'not_null_violation'],
  ['CHECK constraint failed: archon_tasks_status_check', 'check_violation'],
  ['a trigger said no', 'check_violation'],
])('a server tells the primary code alone, and in words that %s', (words, expected) => {
  const error = Object.assign(new Error(`SQLITE_CONSTRAINT: SQLite error: ${words}`), { code: 'SQLITE_CONSTRAINT' })
  expect(toDbError(error).code).toBe(expected)
})

test('the remote client puts the refined code into extendedCode', () => {
  const error = Object.assign(new DriverError('SQLITE_CONSTRAINT'), { extendedCode: 'SQLITE_CONSTRAINT_UNIQUE' })
  expect(toDbError(error).code).toBe('unique_violation')
})

test('places are named', () => {
  expect(toDbError(new DriverError('SQLITE_CONSTRAINT_UNIQUE', 'UNIQUE constraint failed: t.k'))).toMatchObject({
    table: 't',
    column: 'k',
    message: expect.stringContaining('table t, column k'),
  })
  expect(
    toDbError(new DriverError('SQLITE_CONSTRAINT_UNIQUE', 'UNIQUE constraint failed: t.a, t.b')).column,
  ).toBeUndefined()
  expect(toDbError(new DriverError('SQLITE_CONSTRAINT_NOTNULL', 'NOT NULL constraint failed: t.k'))).toMatchObject({
    table: 't',
    column: 'k',
  })
  expect(toDbError(new DriverError('SQLITE_CONSTRAINT_CHECK', 'CHECK constraint failed: my_check'))).toMatchObject({
    constraint: 'my_check',
  })
  expect(
    toDbError(new DriverError('SQLITE_CONSTRAINT_FOREIGNKEY', 'FOREIGN KEY constraint failed')).constraint,
  ).toBeUndefined()
})

test('keys and checks of our tables are called by their names', () => {
  const place = (code: string, words: string) => toDbError(new DriverError(code, words))
  expect(
    place(
      'SQLITE_CONSTRAINT_UNIQUE',
      'SQLITE_CONSTRAINT: SQLite error: UNIQUE constraint failed: archon_prompts.prompt_name',
    ),
  ).toMatchObject({ table: 'archon_prompts', column: 'prompt_name', constraint: 'archon_prompts_prompt_name_key' })
  expect(
    place(
      'SQLITE_CONSTRAINT_UNIQUE',
      'UNIQUE constraint failed: archon_project_sources.project_id, archon_project_sources.source_id',
    ),
  ).toMatchObject({ constraint: 'archon_project_sources_project_id_source_id_key' })
  expect(place('SQLITE_CONSTRAINT_PRIMARYKEY', 'UNIQUE constraint failed: archon_sources.source_id')).toMatchObject({
    constraint: 'archon_sources_pkey',
  })
  expect(place('SQLITE_CONSTRAINT_CHECK', 'CHECK constraint failed: archon_tasks_assignee_check')).toMatchObject({
    table: 'archon_tasks',
    constraint: 'archon_tasks_assignee_check',
  })
})

test('the driver’s words stay in the cause', () => {
  for (const code of [...Object.keys(ERROR_CODES), 'SQLITE_ERROR', 'SQLITE_NEW']) {
    expect(toDbError(new DriverError(code, 'near "hunter2": syntax error')).message).not.toContain('hunter2')
  }
})

test('a generic error is told apart by what it says', () => {
  expect(toDbError(new DriverError('SQLITE_ERROR', 'no such table: x'))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('migrate'),
  })
  expect(toDbError(new DriverError('SQLITE_ERROR', 'attempt to write a readonly database')).code).toBe('invalid_input')
  expect(toDbError(new Error('?')).code).toBe('unknown')
  expect(toDbError(undefined).code).toBe('unknown')
})

test('what is ours passes through', () => {
  const error = new DbError('closed', 'x')
  expect(toDbError(error)).toBe(error)
})
