import { DB_ERROR_CODES, DbError } from '@archon-db/core'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES, isLost, toDbError } from '../src/errors.ts'

/** What each code must become; written down again here, so that a change of the table is a decision. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  unique_violation: ['23505'],
  foreign_key_violation: ['23503'],
  not_null_violation: ['23502'],
  check_violation: ['23514', '23P01'],
  serialization_failure: ['40001'],
  deadlock: ['40P01'],
  lock_timeout: ['55P03'],
  query_timeout: ['57014', '25P04'],
  too_many_connections: ['53300'],
  permission_denied: ['28P01', '28000', '42501', 'EACCES', 'SASL_SIGNATURE_MISMATCH'],
  unsupported: ['0A000'],
  invalid_filter: ['2201B'],
  connection_lost: [
    ...['57P01', '57P02', '57P05', '25P03', '53100', '53200', '08000', '08003', '08006'],
    ...['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
  ],
  connection_failed: [
    ...['57P03', '08P01', '08001', '08004', '3D000', 'CONNECT_TIMEOUT', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'],
    ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_HAS_EXPIRED'],
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  invalid_input: [
    ...['25006', '25P02', '22001', '22003', '22007', '22008', '22012', '22021', '22P02', '22P05', '21000', '42703'],
    ...['42P01', '42704', '42883', '42601', '54000', '54001', '54011', '54023', 'MAX_PARAMETERS_EXCEEDED'],
    'UNDEFINED_VALUE',
  ],
}

const ROWS = Object.entries(EXPECTED).flatMap(([code, drivers]) => drivers.map((driver) => [driver, code] as const))
const SECRET = 'a value that must stay out of the message'

function driverError(code: string, more: object = {}): Error {
  return Object.assign(new Error(`driver says: ${SECRET}`), { code, detail: `Key (key)=(${SECRET})` }, more)
}

describe('toDbError', () => {
  test('knows every code of the table, and no other', () => {
    expect(ROWS.map(([driver]) => driver).sort()).toEqual(Object.keys(ERROR_CODES).sort())
  })

  test.each(ROWS)('turns %s into %s', (driver, code) => {
    const cause = driverError(driver)
    const error = toDbError(cause)
    expect(error.code).toBe(code)
    expect(DB_ERROR_CODES).toContain(error.code)
    expect(error.cause).toBe(cause)
    expect(error.message).not.toContain(SECRET)
  })

  test.each([
    ['08007', 'connection_lost'],
    ['22030', 'invalid_input'],
    ['23999', 'check_violation'],
    ['28999', 'permission_denied'],
    ['40003', 'serialization_failure'],
    ['42999', 'invalid_input'],
    ['53999', 'connection_lost'],
    ['54999', 'invalid_input'],
    ['57999', 'connection_lost'],
    ['XX000', 'unknown'],
    ['ESOMETHING', 'unknown'],
  ])('falls back from %s to its class: %s', (driver, code) => {
    expect(toDbError(driverError(driver)).code).toBe(code)
  })

  test.each([undefined, null, 'text', 42, {}])('calls %j unknown', (thrown) => {
    expect(toDbError(thrown).code).toBe('unknown')
  })

  test('passes a DbError through', () => {
    const error = new DbError('not_found', 'gone')
    expect(toDbError(error)).toBe(error)
  })

  test.each([
    ['the server', { table_name: 't', column_name: 'c', constraint_name: 't_c_key' }],
    ['PGlite', { table: 't', column: 'c', constraint: 't_c_key' }],
  ])('takes table, column and constraint from an error of %s', (_driver, place) => {
    const error = toDbError(driverError('23505', place))
    expect([error.table, error.column, error.constraint]).toEqual(['t', 'c', 't_c_key'])
    expect(error.message).toContain('(table t, column c, constraint t_c_key)')
  })

  test('tells a lost connection from other failures', () => {
    expect(isLost(driverError('57P01'))).toBe(true)
    expect(isLost(driverError('23505'))).toBe(false)
  })
})
