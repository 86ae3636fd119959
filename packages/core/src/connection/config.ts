import { invalidInput } from '../errors.ts'
import { type Choice, chooseDatabase, unusedVariables } from './database-type.ts'
import { type Environment, SettingsReader } from './environment.ts'
import { redactUrl, secretsOf } from './redact.ts'
import { readSslConfig } from './ssl-config.ts'
import { parseTarget } from './targets.ts'
import {
  type Config,
  type ConnectOptions,
  DATABASE_TYPES,
  type DatabaseType,
  type LoggingConfig,
  type PoolConfig,
  type SslConfig,
} from './types.ts'
import { readVectorConfig } from './vector-config.ts'

const DEFAULT_POOL: PoolConfig = { size: 10, overflow: 0, timeoutMs: 30_000 }
const MILLISECONDS = { min: 1, max: 3_600_000, unit: 'milliseconds' }

/**
 * Everything that opening a database needs, out of options and the environment; options win. Throws one `invalid_input`
 * that lists all problems.
 *
 *     readConfig({ url: 'postgresql://…' }, process.env)
 */
export function readConfig(options: ConnectOptions = {}, env: Environment = process.env): Config {
  const reader = new SettingsReader(env)
  reader.checkNames(options, OPTION_NAMES)
  const type = readType(options, reader)
  const choice = chooseDatabase({ url: options.url, type, typeWins: options.type !== undefined }, reader)
  const ssl = readSslConfig(options.ssl, choice?.encrypted ?? false, reader)
  const settings = {
    pool: readPool(options.pool, reader),
    ssl,
    replicas: readReplicas(options.replicas, choice, reader),
    vector: readVectorConfig(options.vector, reader),
    logging: readLogging(options.logging, reader),
    ...readLockTimeout(options.lockTimeoutMs, reader),
  }
  if (reader.problems.length > 0 || !choice) throw configurationError(reader.problems)
  const byUrl = options.url !== undefined || reader.text('DATABASE_URL') !== undefined
  const warnings = warningsFor(ssl, unusedVariables({ type, byUrl }, reader), byUrl)
  const token = options.authToken === undefined ? {} : { authToken: options.authToken }
  return { ...choice.target, ...token, ...settings, warnings }
}

const OPTION_NAMES = ['url', 'type', 'authToken', 'pool', 'ssl', 'replicas', 'vector', 'logging', 'lockTimeoutMs']

function configurationError(problems: readonly string[]): Error {
  const heading =
    problems.length === 1 ? 'The configuration has a mistake:' : `The configuration has ${problems.length} mistakes:`
  return invalidInput([heading, ...problems.map((problem) => `- ${problem}`)].join('\n'))
}

/** A connection string given as an option says by itself what it is, whatever the environment is set up for. */
function readType(options: ConnectOptions, reader: SettingsReader): DatabaseType | undefined {
  if (options.type !== undefined) return reader.oneOf('type', options.type, DATABASE_TYPES)
  const value = options.url === undefined ? reader.text('DATABASE_TYPE') : undefined
  return value === undefined ? undefined : reader.oneOf('DATABASE_TYPE', value, DATABASE_TYPES)
}

const CONNECTIONS = { min: 1, max: 10_000, unit: 'connections' }

function readPool(options: ConnectOptions['pool'] = {}, reader: SettingsReader): PoolConfig {
  reader.checkNames(options, ['size', 'overflow', 'timeoutMs'], 'pool.')
  const { size, overflow, timeoutMs } = options
  const chosen = {
    size: reader.number({
      option: 'pool.size',
      value: size,
      variables: ['DATABASE_POOL_SIZE', 'DB_POOL_SIZE'],
      range: CONNECTIONS,
    }),
    overflow: reader.number({
      option: 'pool.overflow',
      value: overflow,
      variables: ['DB_MAX_OVERFLOW'],
      range: { ...CONNECTIONS, min: 0 },
    }),
    timeoutMs: timeoutMs === undefined ? poolSeconds(reader) : reader.within('pool.timeoutMs', timeoutMs, MILLISECONDS),
  }
  return {
    size: chosen.size ?? DEFAULT_POOL.size,
    overflow: chosen.overflow ?? DEFAULT_POOL.overflow,
    timeoutMs: chosen.timeoutMs ?? DEFAULT_POOL.timeoutMs,
  }
}

/** The variables count in seconds, as those of the servers they were taken over from do. */
function poolSeconds(reader: SettingsReader): number | undefined {
  const seconds = reader.integer(['DATABASE_POOL_TIMEOUT', 'DB_POOL_TIMEOUT'], { min: 1, max: 3600, unit: 'seconds' })
  return seconds === undefined ? undefined : seconds * 1000
}

function readLockTimeout(value: unknown, reader: SettingsReader): { lockTimeoutMs?: number } {
  const range = { ...MILLISECONDS, min: 0 }
  const lockTimeoutMs = reader.number({ option: 'lockTimeoutMs', value, variables: [], range })
  return lockTimeoutMs === undefined ? {} : { lockTimeoutMs }
}

function readLogging(options: ConnectOptions['logging'] = {}, reader: SettingsReader): LoggingConfig {
  reader.checkNames(options, ['queries', 'slowQueryMs'], 'logging.')
  const threshold = reader.number({
    option: 'logging.slowQueryMs',
    value: options.slowQueryMs ?? undefined,
    variables: options.slowQueryMs === null ? [] : ['SLOW_QUERY_THRESHOLD_MS'],
    range: { ...MILLISECONDS, min: 0 },
  })
  return { queries: options.queries ?? reader.flag('ENABLE_QUERY_LOGGING') ?? false, slowQueryMs: threshold ?? null }
}

/** Replicas are of the same kind as their primary; anything else could not answer the same queries. */
function readReplicas(given: ConnectOptions['replicas'], choice: Choice | undefined, reader: SettingsReader): string[] {
  const enabled = given === undefined ? reader.flag('ENABLE_READ_REPLICAS') : true
  const [name, urls] =
    given === undefined
      ? ['DATABASE_REPLICA_URLS', (reader.text('DATABASE_REPLICA_URLS') ?? '').split(/[\s,]+/)]
      : ['replicas', given]
  if (enabled === false) return []
  const listed = urls.filter((url) => url !== '')
  if (enabled && given === undefined && listed.length === 0) {
    reader.problem(name, 'is missing: ENABLE_READ_REPLICAS=true needs the addresses, separated by commas.')
  }
  return listed.flatMap((url, at) => {
    const target = parseTarget(url, `${name} (number ${at + 1})`, reader)
    if (!target) return []
    if (choice && target.kind !== choice.target.kind) {
      reader.problem(name, `(number ${at + 1}) is another kind of database than the primary.`)
    }
    return [target.url]
  })
}

/** What is allowed but probably not meant. */
function warningsFor(ssl: SslConfig, unused: readonly string[], byUrl: boolean): string[] {
  const unverified =
    'Connections are encrypted, but the server does not have to prove who it is. Give its authority as DB_SSL_CA_CERT.'
  const reason = byUrl
    ? 'the connection string decides.'
    : 'set DATABASE_TYPE to the database they belong to, or unset them.'
  return [
    ...(ssl.mode === 'on' && !ssl.verify ? [unverified] : []),
    ...(unused.length > 0 ? [`${unused.join(', ')} set but not used: ${reason}`] : []),
  ]
}

/** The configuration as it may be shown. */
export function describeConfig(config: Config): Record<string, unknown> {
  const { kind, url, path, pool, ssl, replicas, vector, logging } = config
  return {
    kind,
    url: redactUrl(url),
    path,
    pool,
    ssl: { mode: ssl.mode, verify: ssl.verify, ca: ssl.ca !== undefined },
    replicas: replicas.map(redactUrl),
    vector: { enabled: vector.enabled, store: vector.store?.name ?? null },
    logging,
  }
}

/** Every secret in a configuration, so that a text can be searched for them before it is shown. */
export function secretsIn(config: Config): string[] {
  const { store } = config.vector
  const key = store && 'apiKey' in store ? store.apiKey : undefined
  const own = [config.authToken, key].filter((secret) => secret !== undefined)
  return [...new Set([...own, ...[config.url, ...config.replicas].flatMap(secretsOf)])]
}
