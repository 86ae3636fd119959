import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cacheFolder } from '../../src/servers/cache.ts'
import { acquireServer, isRunning, mustRun, type ServerKind, serverKinds, variableOf } from '../../src/servers/index.ts'
import { withLock } from '../../src/servers/lock.ts'
import { findAll, findOne, unpackedPackages } from '../../src/servers/packages.ts'

let base = ''

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'finding-')))
  chmodSync(base, 0o755)
  vi.stubEnv('XDG_CACHE_HOME', base)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(base, { recursive: true, force: true })
})

describe('a server named in the environment', () => {
  const named: Record<ServerKind, string> = {
    postgres: 'postgresql://someone:secret@127.0.0.1:PORT/app',
    pgbouncer: 'postgresql://someone:secret@127.0.0.1:PORT/app',
    mysql: 'mysql://someone:secret@127.0.0.1:PORT/app',
    mariadb: 'mysql://someone:secret@127.0.0.1:PORT/app',
  }

  test.each(serverKinds)('%s: one that does not answer is not replaced by another', async (kind) => {
    vi.stubEnv(variableOf(kind), named[kind].replace('PORT', String(await closedPort())))
    const server = await acquireServer(kind)
    if (isRunning(server)) throw new Error('nothing listens there')
    expect(server.notRun).toContain(`${variableOf(kind)} names a server that does not answer`)
    expect(server.notRun).not.toContain('secret')
  })
})

describe('a backend without a server', () => {
  test.each([
    { environment: {}, named: [], fails: false },
    { environment: { CI: 'true' }, named: [], fails: true },
    { environment: { CI: 'false' }, named: [], fails: false },
    { environment: {}, named: ['mysql'], fails: true },
    { environment: {}, named: ['postgres'], fails: false },
    { environment: { CONFORMANCE_MYSQL_URL: 'mysql://db/app' }, named: [], fails: true },
    { environment: { CONFORMANCE_POSTGRES_URL: 'postgresql://db/app' }, named: [], fails: false },
  ] as const)('fails the run: $fails with $environment and $named named', ({ environment, named, fails }) => {
    expect(mustRun('mysql', named, environment)).toBe(fails)
  })
})

describe('packages', () => {
  test('are taken from the cache, newest first, and an unfinished folder does not count', async () => {
    const packages = join(cacheFolder(), 'packages')
    for (const name of ['thing-1', 'thing-2', 'other-3']) mkdirSync(join(packages, name), { recursive: true })
    await expect(unpackedPackages('thing', [], [])).rejects.toThrow('no packages for thing')
    writeFileSync(join(packages, 'thing-1', '.complete'), '')
    writeFileSync(join(packages, 'other-3', '.complete'), '')
    expect(await unpackedPackages('thing', [], [])).toBe(join(packages, 'thing-1'))
  })

  test('files are found by pattern', () => {
    for (const name of ['lib/a/libc.so.6', 'lib/b/libc.so.6', 'lib/b/libcxso.6']) {
      mkdirSync(join(base, name), { recursive: true })
    }
    expect(findAll(base, 'lib/*/libc.so.6').sort()).toEqual([
      join(base, 'lib/a/libc.so.6'),
      join(base, 'lib/b/libc.so.6'),
    ])
    expect(findOne(base, 'lib/b/libc.so.*')).toBe(join(base, 'lib/b/libc.so.6'))
    expect(() => findOne(base, 'lib/*/missing')).toThrow('lib/*/missing is missing')
  })
})

describe('the lock', () => {
  test('lets one in at a time', async () => {
    let inside = 0
    const most: number[] = []
    const work = async (): Promise<void> => {
      most.push(++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside--
    }
    await Promise.all(Array.from({ length: 5 }, async () => await withLock('one', work)))
    expect(most).toEqual([1, 1, 1, 1, 1])
  })

  test('is given back when the work fails', async () => {
    await expect(withLock('one', async () => await Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock('one', async () => 'in')).toBe('in')
  })

  test('is taken from an owner that is gone', async () => {
    mkdirSync(join(cacheFolder(), 'locks'), { recursive: true })
    const path = join(cacheFolder(), 'locks', 'one.lock')
    writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'before this one' }))
    expect(await withLock('one', async () => 'in')).toBe('in')
  })
})

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
