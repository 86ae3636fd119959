// What setup-databases, run-migrations and test-databases share: which database, where it is, and the command for it.
// Plain JavaScript for Node 20, like toolchain.mjs.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureToolchain, run } from './toolchain.mjs'

const script = fileURLToPath(import.meta.url)
const root = dirname(dirname(script))
const envFile = join(root, 'docker', '.env')

/** By the name that the scripts take: the command's type, and which addresses and variables are meant for it. */
const DATABASES = {
  postgres: { type: 'postgresql', scheme: /^postgres(ql)?:/, from: 'POSTGRES', to: 'POSTGRES', database: 'DB' },
  mysql: { type: 'mysql', scheme: /^mysql:/, from: 'MYSQL', to: 'MYSQL', database: 'DATABASE' },
  mariadb: { type: 'mysql', scheme: /^mariadb:/, from: 'MARIADB', to: 'MYSQL', database: 'DATABASE' },
  sqlite: { type: 'sqlite', scheme: /^(?!(postgres(ql)?|mysql|mariadb|pglite):)/ },
}
const COMMANDS = { setup: ['migrate'], migrate: ['migrate'], test: ['doctor'] }

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  const words = process.argv.slice(2)
  process.exitCode = ensureToolchain(script, words) ?? main(words)
}

function main([command, name, ...rest]) {
  const names = chosen(name, process.env)
  if (!Object.hasOwn(COMMANDS, command ?? '') || names === undefined || rest.length > 0) {
    console.error(`One of these, or all: ${Object.keys(DATABASES).join(', ')}.`)
    return 2
  }
  const codes = names.map((database) => oneDatabase(command, database))
  return Math.max(...codes)
}

/** The databases that are meant; without a name the one that the environment is set up for. */
export function chosen(name, environment) {
  if (name === 'all') return Object.keys(DATABASES)
  if (name !== undefined) return Object.hasOwn(DATABASES, name) ? [name] : undefined
  const url = environment.DATABASE_URL
  const known = Object.entries(DATABASES)
  const found = url
    ? known.find(([, { scheme }]) => scheme.test(url))
    : known.find(([, { type }]) => type === environment.DATABASE_TYPE)
  return [found?.[0] ?? 'sqlite']
}

function oneDatabase(command, database) {
  console.log(`== ${database}`)
  if (command === 'setup' && database !== 'sqlite' && !isConfigured(database, process.env)) {
    const code = startContainer(database)
    if (code !== 0) return code
  }
  const environment = environmentFor(database, process.env, readEnvFile(envFile))
  return archonDb(COMMANDS[command], environment)
}

function archonDb(words, environment) {
  const command = [join(root, 'packages', 'cli', 'src', 'bin.ts'), ...words]
  const options = { stdio: 'inherit', env: environment }
  return spawnSync(process.execPath, ['--conditions=archon-db-source', ...command], options).status ?? 1
}

/** Whether the environment itself says where this database is. */
export function isConfigured(database, environment) {
  const { scheme, from } = DATABASES[database]
  if (environment.DATABASE_URL) return scheme.test(environment.DATABASE_URL)
  return from !== undefined && Boolean(environment[`${from}_HOST`])
}

/**
 * The environment in which `archon-db` meets this database: what the caller's environment says of it, and for what
 * that leaves open the server that docker/.env describes.
 */
export function environmentFor(database, environment, dockerEnvironment) {
  const { type, scheme, from, to, database: nameVariable } = DATABASES[database]
  const { DATABASE_URL: url, ...rest } = environment
  const result = { ...rest, DATABASE_TYPE: type }
  // The address of another database is not for this one.
  if (url && scheme.test(url)) return { ...result, DATABASE_URL: url }
  if (from === undefined) return result
  const described = { HOST: '127.0.0.1' }
  for (const part of ['HOST', 'PORT', 'USER', 'PASSWORD', nameVariable]) {
    const value = environment[`${from}_${part}`] || dockerEnvironment[`${from}_${part}`] || described[part]
    if (value) result[`${to}_${part}`] = value
    else delete result[`${to}_${part}`]
  }
  return result
}

function startContainer(database) {
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) {
    console.error('No container engine answers. Name a server of your own by DATABASE_URL, or start Docker.')
    console.error('For servers to try things on, `pnpm servers up` needs no Docker.')
    return 1
  }
  if (!existsSync(envFile)) {
    writeFileSync(envFile, withPasswords(readFileSync(`${envFile}.example`, 'utf8')), { mode: 0o600 })
    console.log('Wrote docker/.env with new passwords.')
  }
  const compose = ['compose', '--file', join(root, 'docker', 'compose.yml'), '--profile', database]
  return run('docker', [...compose, 'up', '--detach', '--wait', database], { COMPOSE_PROFILES: '' })
}

/** The template with a random password wherever it leaves one open. */
export function withPasswords(template) {
  return template.replace(/^(\w*PASSWORD)=$/gm, (_, name) => `${name}=${randomBytes(18).toString('base64url')}`)
}

/** NAME=value lines, as docker/.env has them. */
export function readEnvFile(file) {
  if (!existsSync(file)) return {}
  const lines = readFileSync(file, 'utf8').matchAll(/^(\w+)=(.*)$/gm)
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]))
}
