import { isDbError } from '@archon-db/core'
import { describe, expect, test } from 'vitest'
import { parseAddress } from '../src/address.ts'

describe('parseAddress', () => {
  test('takes an address apart', () => {
    expect(parseAddress('mysql://me:p%40ss%2Fword@db.example:3307/archon?ssl-mode=verify-ca')).toEqual({
      host: 'db.example',
      port: 3307,
      user: 'me',
      password: 'p@ss/word',
      database: 'archon',
      socketPath: undefined,
      sslMode: 'VERIFY_CA',
    })
  })

  test('fills in what is left out', () => {
    expect(parseAddress('mariadb://host/archon')).toMatchObject({ port: 3306, user: 'root', password: undefined })
    expect(parseAddress('mysql:///archon?socketPath=/run/db.sock')).toMatchObject({
      host: 'localhost',
      socketPath: '/run/db.sock',
    })
    expect(parseAddress('mysql://[::1]:3306/archon').host).toBe('::1')
    expect(parseAddress('mysql://h/archon?ssl=true').sslMode).toBe('VERIFY_IDENTITY')
  })

  test.each([
    ['postgresql://host/archon', 'malformed'],
    ['mysql://me:secret@host/', 'names no database'],
    ['mysql://me:se%cret@host/archon', 'malformed'],
    ['mysql://me:secret@host/archon?multipleStatements=true', '"multipleStatements"'],
    ['mysql://me:secret@host/archon?ssl-mode=sometimes', 'ssl-mode'],
  ])('refuses %s', (address, words) => {
    const refusal = refused(address)
    expect(refusal).toContain(words)
    expect(refusal).not.toContain('secret')
  })

  function refused(address: string): string {
    try {
      parseAddress(address)
    } catch (error) {
      if (isDbError(error, 'invalid_input')) return error.message
      throw error
    }
    throw new Error('it was taken')
  }
})
