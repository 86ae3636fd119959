import { isDbError } from '@archon-db/core'
import { describe, expect, test } from 'vitest'
import { parseAddress } from '../src/address.ts'

describe('parseAddress', () => {
  test('takes every part', () => {
    expect(
      parseAddress('postgresql://me%40home:p%2Fw@db.example.com:6000/my%20data?sslmode=require&search_path=app'),
    ).toEqual({
      host: 'db.example.com',
      port: 6000,
      user: 'me@home',
      password: 'p/w',
      database: 'my data',
      sslmode: 'require',
      pooled: false,
      settings: { search_path: 'app' },
    })
  })

  test('fills in what is left out', () => {
    const { host, port, user, password, database, sslmode } = parseAddress('postgres://localhost')
    expect([host, port, user, password, database, sslmode]).toEqual([
      'localhost',
      5432,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test.each([
    ['postgresql:///db?host=/var/run/postgresql', '/var/run/postgresql', 5432],
    ['postgresql:///db?host=/tmp&port=6000', '/tmp', 6000],
    ['postgresql://[::1]:5433/db', '::1', 5433],
  ])('finds the host in %s', (url, host, port) => {
    expect(parseAddress(url)).toMatchObject({ host, port })
  })

  test.each([
    ['postgresql://h/db', false],
    ['postgresql://h/db?pgbouncer=true', true],
    ['postgresql://h:6543/db', true],
    ['postgresql://h:6543/db?pgbouncer=false', false],
  ])('%s goes through a pooler: %s', (url, pooled) => {
    expect(parseAddress(url).pooled).toBe(pooled)
  })

  test('leaves out what other clients understand, and the server does not', () => {
    const { settings } = parseAddress(
      'postgresql://h/db?schema=public&connection_limit=5&supa=x&pgbouncer=true&statement_timeout=5000',
    )
    expect(settings).toEqual({ statement_timeout: '5000' })
  })

  test.each(['mysql://h/db', 'not an address', 'postgresql://u:%ZZ@h/db'])('refuses %s without repeating it', (url) => {
    try {
      parseAddress(url)
      expect.unreachable()
    } catch (error) {
      expect(isDbError(error, 'invalid_input')).toBe(true)
      expect((error as Error).message).not.toContain(url)
    }
  })
})
