import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../../src/servers/processes.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
type Environment = Readonly<Record<string, string | undefined>>

/** What the helper scripts share; it is plain JavaScript, for a Node that reads nothing else. */
interface Databases {
  chosen(name: string | undefined, environment: Environment): string[] | undefined
  environmentFor(database: string, environment: Environment, dockerEnvironment: Environment): Environment
  isConfigured(database: string, environment: Environment): boolean
  readEnvFile(file: string): Record<string, string>
  withPasswords(template: string): string
}

const databases = (await import(join(root, 'scripts', 'databases.mjs'))) as Databases
const { chosen, environmentFor, isConfigured, readEnvFile, withPasswords } = databases

describe('which databases are meant', () => {
  test.each([
    { name: 'all', environment: {}, names: ['postgres', 'mysql', 'mariadb', 'sqlite'] },
    { name: 'mysql', environment: {}, names: ['mysql'] },
    { name: undefined, environment: {}, names: ['sqlite'] },
    { name: undefined, environment: { DATABASE_TYPE: 'postgresql' }, names: ['postgres'] },
    { name: undefined, environment: { DATABASE_TYPE: 'mysql' }, names: ['mysql'] },
    { name: undefined, environment: { DATABASE_URL: 'mariadb://db/app' }, names: ['mariadb'] },
    { name: undefined, environment: { DATABASE_URL: 'file:some.db' }, names: ['sqlite'] },
    { name: 'oracle', environment: {}, names: undefined },
    { name: 'toString', environment: {}, names: undefined },
  ])('$name with $environment', ({ name, environment, names }) => {
    expect(chosen(name, environment)).toEqual(names)
  })
})

describe('where a database is', () => {
  const docker = {
    POSTGRES_USER: 'archon',
    POSTGRES_PASSWORD: 'p',
    POSTGRES_DB: 'app',
    POSTGRES_PORT: '5432',
    MARIADB_PORT: '3307',
  }

  test('what docker/.env describes is on this machine', () => {
    expect(environmentFor('postgres', { HOME: '/home/me' }, docker)).toEqual({
      HOME: '/home/me',
      DATABASE_TYPE: 'postgresql',
      POSTGRES_HOST: '127.0.0.1',
      POSTGRES_PORT: '5432',
      POSTGRES_USER: 'archon',
      POSTGRES_PASSWORD: 'p',
      POSTGRES_DB: 'app',
    })
  })

  test('the environment is asked first', () => {
    const environment = environmentFor('postgres', { POSTGRES_HOST: 'db', POSTGRES_PORT: '6000' }, docker)
    expect(environment).toMatchObject({ POSTGRES_HOST: 'db', POSTGRES_PORT: '6000', POSTGRES_DB: 'app' })
  })

  test('an address is kept for its own database and kept from the others', () => {
    const environment = { DATABASE_URL: 'postgresql://db/app', DATABASE_TYPE: 'postgresql' }
    expect(environmentFor('postgres', environment, docker)).toEqual(environment)
    expect(environmentFor('sqlite', environment, docker)).toEqual({ DATABASE_TYPE: 'sqlite' })
  })

  test('MariaDB has variables of its own, and the command knows it as MySQL', () => {
    const environment = environmentFor('mariadb', { MYSQL_PASSWORD: 'of the other server' }, docker)
    expect(environment).toEqual({ DATABASE_TYPE: 'mysql', MYSQL_HOST: '127.0.0.1', MYSQL_PORT: '3307' })
  })

  test.each([
    { database: 'mysql', environment: { MYSQL_HOST: 'db' }, configured: true },
    { database: 'mysql', environment: { DATABASE_URL: 'mysql://db/app' }, configured: true },
    { database: 'mysql', environment: { DATABASE_URL: 'postgresql://db/app', MYSQL_HOST: 'db' }, configured: false },
    { database: 'mysql', environment: {}, configured: false },
  ])('$database is configured by $environment: $configured', ({ database, environment, configured }) => {
    expect(isConfigured(database, environment)).toBe(configured)
  })
})

test('docker/.env gets a password wherever the template has none, never the same twice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scripts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const template = readFileSync(join(root, 'docker', '.env.example'), 'utf8')
  writeFileSync(join(folder, '.env'), withPasswords(template))
  const values = readEnvFile(join(folder, '.env'))
  const passwords = Object.entries(values).filter(([name]) => name.endsWith('PASSWORD'))
  expect(passwords.length).toBe(template.match(/PASSWORD=$/gm)?.length)
  for (const [name, value] of passwords) expect(value, name).toMatch(/^[\w-]{24}$/)
  expect(new Set(passwords.map(([, value]) => value)).size).toBe(passwords.length)
  expect(values.POSTGRES_USER).toBe('archon')
})

test.each(['setup-databases', 'run-migrations', 'test-databases'])(
  '%s refuses a database it does not know',
  async (name) => {
    await expect(run(join(root, 'scripts', name), ['oracle'])).rejects.toThrow('One of these, or all: postgres, mysql')
  },
)

test('a database is migrated and looked at by the scripts', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scripts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const env = { ...process.env, DATABASE_TYPE: 'sqlite', DATABASE_URL: `file:${join(folder, 'new.db')}` }
  await run(join(root, 'scripts', 'setup-databases'), ['sqlite'], { env })
  const again = await run(join(root, 'scripts', 'run-migrations'), ['sqlite'], { env })
  expect(again).toContain('== sqlite')
  await run(join(root, 'scripts', 'test-databases'), ['sqlite'], { env })
})
