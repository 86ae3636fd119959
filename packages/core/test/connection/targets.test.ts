import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/connection/config.ts'
import { problemsOf, targetOf } from './support.ts'

describe('every form of address', () => {
  const forms: [address: string, kind: string, url: string, path: string | null][] = [
    ['postgresql://u:p@h:5433/d', 'postgres', 'postgresql://u:p@h:5433/d', null],
    ['postgres://h/d?sslmode=require', 'postgres', 'postgres://h/d?sslmode=require', null],
    ['postgresql:///d?host=/run/sockets', 'postgres', 'postgresql:///d?host=/run/sockets', null],
    ['POSTGRESQL://h/d', 'postgres', 'POSTGRESQL://h/d', null],
    ['mysql://u:p@h/d', 'mysql', 'mysql://u:p@h/d', null],
    ['mariadb://u@h/d', 'mysql', 'mariadb://u@h/d', null],
    ['libsql://db.example.com', 'sqlite', 'libsql://db.example.com', null],
    ['http://localhost:8080', 'sqlite', 'http://localhost:8080/', null],
    ['https://db.example.com', 'sqlite', 'https://db.example.com/', null],
    ['wss://db.example.com', 'sqlite', 'wss://db.example.com/', null],
    ['ws://127.0.0.1:8080', 'sqlite', 'ws://127.0.0.1:8080/', null],
    ['file:archon.db', 'sqlite', 'file:archon.db', 'archon.db'],
    ['file:///var/lib/archon.db', 'sqlite', 'file:///var/lib/archon.db', '/var/lib/archon.db'],
    ['file://localhost/var/lib/archon.db', 'sqlite', 'file://localhost/var/lib/archon.db', '/var/lib/archon.db'],
    ['file:with%20space.db', 'sqlite', 'file:with%20space.db', 'with space.db'],
    ['file::memory:', 'sqlite', 'file::memory:', null],
    ['data/archon.db', 'sqlite', 'file:data/archon.db', 'data/archon.db'],
    ['/var/100%/what?#.db', 'sqlite', 'file:/var/100%25/what%3F%23.db', '/var/100%/what?#.db'],
    ['C:\\data\\archon.db', 'sqlite', 'file:C:\\data\\archon.db', 'C:\\data\\archon.db'],
    [':memory:', 'sqlite', ':memory:', null],
    ['pglite:', 'pglite', 'pglite:', null],
    ['pglite:./data', 'pglite', 'pglite:./data', './data'],
    ['pglite:///var/lib/archon', 'pglite', 'pglite:/var/lib/archon', '/var/lib/archon'],
  ]

  test.each(forms)('%s', (address, kind, url, path) => {
    expect(targetOf({ DATABASE_URL: address })).toEqual([kind, url, path])
    expect(targetOf({}, { url: address })).toEqual([kind, url, path])
  })

  test('says whether a server is behind it', () => {
    expect(readConfig({ url: 'libsql://h' }, {}).server).toBe(true)
    expect(readConfig({ url: 'mysql://h/d' }, {}).server).toBe(true)
    expect(readConfig({ url: 'pglite:x' }, {}).server).toBe(false)
    expect(readConfig({ url: 'x.db' }, {}).server).toBe(false)
  })
})

describe('refused addresses', () => {
  test('a scheme that is not known, with those that are', () => {
    expect(problemsOf({ DATABASE_URL: 'mongodb://user:hunter2@host/db' })).toEqual([
      'DATABASE_URL begins with a scheme that is not known. It takes postgresql://user@host:5432/database, postgres://, ' +
        'mysql://user@host:3306/database, mariadb://, libsql://host, https://, http://, wss://, ws://, file:archon.db, ' +
        'pglite:folder, :memory: or a path.',
    ])
  })

  const SPELLING =
    'is not a well-formed address. Write it as scheme://user:password@host:port/database, ' +
    'with @ : / ? # % and spaces in the password percent-encoded.'

  test.each([
    'postgresql://user:pa/ss@host/db',
    'postgresql://user:1/2@host/db',
    'postgresql://user:pa#ss@host/db',
    'mysql://host/db#part',
    'mysql://host:port/db',
    'mysql:///db',
    'postgres:hunter2@host/db',
  ])('%s', (address) => {
    expect(problemsOf({ DATABASE_URL: address })).toEqual([`DATABASE_URL ${SPELLING}`])
  })

  test('a file: address without a file, with a host, or with a bad escape', () => {
    expect(problemsOf({ DATABASE_URL: 'file:' })).toEqual(['DATABASE_URL names no file after file:.'])
    expect(problemsOf({}, { url: 'file://data/archon.db' })).toEqual([
      'url has a host in a file: address. Write file:relative/path or file:/absolute/path.',
    ])
    expect(problemsOf({}, { url: 'file:archon.db?mode=ro' })).toEqual([
      'url has a ? or # after the file, where nothing is read. Encode them in a name: %3F, %23.',
    ])
    expect(problemsOf({}, { url: 'file:100%.db' })).toEqual([
      'url has a % that encodes nothing. Write a % in a path as %25.',
    ])
  })

  test('the web address of a Supabase project', () => {
    expect(problemsOf({ DATABASE_URL: 'https://abcdefghijklmnopqrst.supabase.co' })).toEqual([
      'DATABASE_URL is the web address of a Supabase project, not of its database. Set DATABASE_TYPE=supabase with ' +
        'SUPABASE_URL and SUPABASE_DB_PASSWORD instead, or use the connection string that Supabase shows under Connect.',
    ])
  })

  test('U+0000, a host that is missing, and nothing at all', () => {
    expect(problemsOf({}, { url: 'a\u0000b' })).toEqual(['url contains U+0000, which no address can.'])
    expect(problemsOf({}, { url: 'libsql://' })).toEqual(['url is not a well-formed address: it needs a host.'])
    expect(problemsOf({}, { url: ' ' })).toEqual([
      'url is empty. Leave it out for the default, a file called archon.db.',
    ])
  })
})

describe('the token of a remote server', () => {
  test('leaves the address', () => {
    const config = readConfig({}, { DATABASE_URL: 'libsql://h/?authToken=s3cret&tls=1' })
    expect(config.url).toBe('libsql://h/?tls=1')
    expect(config.authToken).toBe('s3cret')
  })

  test('comes from the variable, which an address and an option outrank', () => {
    const env = { LIBSQL_AUTH_TOKEN: 'from-env' }
    expect(readConfig({ url: 'libsql://h' }, env).authToken).toBe('from-env')
    expect(readConfig({ url: 'libsql://h?authToken=from-url' }, env).authToken).toBe('from-url')
    expect(readConfig({ url: 'libsql://h?authToken=from-url', authToken: 'from-option' }, env).authToken).toBe(
      'from-option',
    )
    expect(readConfig({ url: 'x.db' }, env).authToken).toBeUndefined()
  })
})
