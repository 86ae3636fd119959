import { DbError } from '@archon-db/core'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES, endsTransaction, isAlreadyDone, isLost, toDbError } from '../src/errors.ts'

interface Driver {
  readonly errno?: number
  readonly code?: string
  readonly sqlState?: string
  readonly sql?: string
}

function driverError(message: string, details: Driver): Error {
  return Object.assign(new Error(message), details)
}

const EXPECTED: Readonly<Record<string, readonly (string | number)[]>> = {
  unique_violation: [1022, 1062, 1169, 1586, 1761, 1762],
  foreign_key_violation: [1216, 1217, 1451, 1452],
  not_null_violation: [1048, 1364],
  check_violation: [3819, 4025],
  deadlock: [1213, 1614],
  serialization_failure: [1020, 1180, 3101],
  lock_timeout: [1205, 3572],
  query_timeout: [1028, 1317, 1969, 3024],
  too_many_connections: [1040, 1203, 1226, 1461],
  connection_lost: [
    ...[1021, 1041, 1053, 1077, 1079, 1080, 1114, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 3169, 4031],
    ...['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'CONNECTION_GONE', 'CONNECTION_SILENT'],
  ],
  connection_failed: [
    ...[1049, 'ETIMEDOUT', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
    ...['HANDSHAKE_NO_SSL_SUPPORT', 'HANDSHAKE_SSL_ERROR', 'HANDSHAKE_UNKNOWN_ERROR', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ...['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ],
  permission_denied: [
    ...[1044, 1045, 1130, 1142, 1143, 1227, 1290, 1370, 1419, 1698, 1820, 1836, 1862, 3118],
    ...['EACCES', 'AUTH_SWITCH_PLUGIN_ERROR'],
  ],
  invalid_input: [
    ...[1038, 1051, 1054, 1064, 1146, 1153, 1242, 1264, 1265, 1292, 1301, 1305, 1365, 1366, 1390, 1406, 1411],
    ...[1644, 1690, 1792, 3140, 3141, 3143, 3157],
  ],
  invalid_filter: [1139, 3699],
  unsupported: [1235, 1665, 3008],
}

const ROWS = Object.entries(EXPECTED).flatMap(([code, drivers]) => drivers.map((driver) => [driver, code] as const))

describe('every row of the table', () => {
  test('is expected here', () => {
    expect(Object.keys(ERROR_CODES).sort()).toEqual(ROWS.map(([driver]) => String(driver)).sort())
  })

  test.each(ROWS)('%s is %s', (driver, code) => {
    const cause = driverError('words', typeof driver === 'number' ? { errno: driver } : { code: driver, errno: -1 })
    expect(toDbError(cause)).toMatchObject({ code, cause })
  })
})

describe('what the table lacks', () => {
  test.each([
    ['08S01', 'connection_lost'],
    ['22999', 'invalid_input'],
    ['23999', 'check_violation'],
    ['28999', 'permission_denied'],
    ['40999', 'serialization_failure'],
    ['42999', 'invalid_input'],
    ['HY000', 'unknown'],
  ])('goes by the class of SQLSTATE %s: %s', (sqlState, code) => {
    expect(toDbError(driverError('words', { errno: 59_999, sqlState })).code).toBe(code)
  })

  test.each([undefined, null, 'text', 42, {}])('calls %j unknown', (thrown) => {
    expect(toDbError(thrown).code).toBe('unknown')
  })

  test('passes a DbError through', () => {
    const error = new DbError('not_found', 'gone')
    expect(toDbError(error)).toBe(error)
  })
})

describe('the place', () => {
  const sql = 'insert into `archon_prompts` (`id`) values (?)'

  test.each([
    [1062, "Duplicate entry 'secret' for key 'archon_prompts.archon_prompts_prompt_name_key'"],
    [1062, "Duplicate entry 'secret' for key 'archon_prompts_prompt_name_key'"],
  ])('of a broken unique key: %i %s', (errno, message) => {
    const error = toDbError(driverError(message, { errno, sql }))
    expect(error).toMatchObject({
      table: 'archon_prompts',
      column: 'prompt_name',
      constraint: 'archon_prompts_prompt_name_key',
    })
    expect(error.message).not.toContain('secret')
  })

  test('of a value that looks like the end of the message', () => {
    const message = "Duplicate entry 'x' for key 'y' for key 'archon_tasks.PRIMARY'"
    expect(toDbError(driverError(message, { errno: 1062 }))).toMatchObject({
      table: 'archon_tasks',
      column: 'id',
      constraint: 'archon_tasks_pkey',
    })
  })

  test('of a key over several columns', () => {
    const message = "Duplicate entry 'secret' for key 'archon_crawled_pages_url_chunk_number_key'"
    const error = toDbError(driverError(message, { errno: 1062, sql: 'insert into `archon_crawled_pages` (`url`)' }))
    expect([error.table, error.column]).toEqual(['archon_crawled_pages', undefined])
  })

  test('of a broken reference', () => {
    const message =
      'Cannot add or update a child row: a foreign key constraint fails (`db`.`archon_tasks`, CONSTRAINT `archon_tasks_project_id_fkey` FOREIGN KEY (`project_id`) REFERENCES `archon_projects` (`id`) ON DELETE CASCADE)'
    expect(toDbError(driverError(message, { errno: 1452 }))).toMatchObject({
      table: 'archon_tasks',
      column: 'project_id',
      constraint: 'archon_tasks_project_id_fkey',
    })
  })

  test.each([
    [
      3819,
      "Check constraint 'archon_tasks_assignee_check' is violated.",
      { constraint: 'archon_tasks_assignee_check' },
    ],
    [
      4025,
      'CONSTRAINT `archon_tasks_assignee_check` failed for `db`.`archon_tasks`',
      { constraint: 'archon_tasks_assignee_check' },
    ],
    [4025, 'CONSTRAINT `archon_tasks.data` failed for `db`.`archon_tasks`', { constraint: 'data' }],
    [1048, "Column 'prompt' cannot be null", { table: 'archon_prompts', column: 'prompt' }],
    [1364, "Field 'prompt' doesn't have a default value", { table: 'archon_prompts', column: 'prompt' }],
    [1406, "Data too long for column 'key' at row 1", { column: 'key' }],
    [1366, "Incorrect string value: 'secret' for column `db`.`archon_prompts`.`prompt` at row 1", { column: 'prompt' }],
  ])('of %i %s', (errno, message, place) => {
    const error = toDbError(driverError(message, { errno, sql }))
    expect(error).toMatchObject(place)
    expect(error.message).not.toContain('secret')
  })
})

test('a lost connection, an ended transaction and a repeated statement are told from others', () => {
  const of = (errno: number): Error => driverError('words', { errno })
  expect([of(1927), of(1213), of(1062)].map(isLost)).toEqual([true, false, false])
  expect([of(1927), of(1213), of(1020), of(1205)].map(endsTransaction)).toEqual([false, true, true, false])
  expect([of(1050), of(1091), of(1062)].map(isAlreadyDone)).toEqual([true, true, false])
  expect(isAlreadyDone(undefined)).toBe(false)
})
