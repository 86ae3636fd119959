import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeConfig, readConfig, secretsIn } from '../../src/connection/config.ts'
import type { ConnectOptions } from '../../src/connection/types.ts'
import { failureOf, problemsOf, targetOf } from './support.ts'

describe('which database', () => {
  test('a file called archon.db when nothing is said', () => {
    expect(readConfig({}, {})).toEqual({
      kind: 'sqlite',
      url: 'file:./archon.db',
      path: './archon.db',
      server: false,
      pool: { size: 10, overflow: 0, timeoutMs: 30_000 },
      ssl: { mode: 'default', verify: true },
      replicas: [],
      vector: { enabled: true, store: null },
      logging: { queries: false, slowQueryMs: null },
      warnings: [],
    })
    expect(targetOf({ DATABASE_TYPE: 'sqlite' })).toEqual(targetOf({}))
    expect(targetOf({ DATABASE_TYPE: '', DATABASE_URL: ' ' })).toEqual(targetOf({}))
  })

  test('the parts of a PostgreSQL server, encoded', () => {
    const env = {
      DATABASE_TYPE: 'PostgreSQL',
      POSTGRES_HOST: 'db.example.com',
      POSTGRES_PORT: '5433',
      POSTGRES_USER: 'arch@n',
      POSTGRES_PASSWORD: 'p@ss/w#rd? %',
      POSTGRES_DB: 'my db',
    }
    const [kind, url] = targetOf(env)
    expect(kind).toBe('postgres')
    expect(url).toBe('postgresql://arch%40n:p%40ss%2Fw%23rd%3F%20%25@db.example.com:5433/my%20db')
    expect(targetOf({ ...env, DATABASE_TYPE: 'postgres' })).toEqual([kind, url, null])
  })

  test('defaults of the parts, and both names of the database', () => {
    expect(targetOf({ DATABASE_TYPE: 'postgresql', POSTGRES_DATABASE: 'a' })[1]).toBe('postgresql://localhost:5432/a')
    expect(targetOf({ DATABASE_TYPE: 'mysql', MYSQL_DATABASE: 'a', MYSQL_HOST: '::1' })).toEqual([
      'mysql',
      'mysql://[::1]:3306/a',
      null,
    ])
    expect(targetOf({ DATABASE_TYPE: 'mariadb', MYSQL_DB: 'a', MYSQL_USER: 'u' })[1]).toBe('mysql://u@localhost:3306/a')
  })

  test('what is wrong with the parts, all of it', () => {
    expect(problemsOf({ DATABASE_TYPE: 'mysql', MYSQL_HOST: 'h:3306/x', MYSQL_PORT: 'hunter2' })).toEqual([
      'MYSQL_HOST takes a host name alone; the port has its own variable.',
      'MYSQL_PORT takes a whole number from 1 to 65535.',
      'MYSQL_DATABASE is missing: name the database, or set DATABASE_URL.',
    ])
    expect(problemsOf({ DATABASE_TYPE: 'postgresql', POSTGRES_DB: 'a', POSTGRES_DATABASE: 'b' })).toEqual([
      'POSTGRES_DB and POSTGRES_DATABASE are two names of one setting but differ. Keep one.',
    ])
  })

  test('an address outranks the parts, an option outranks both', () => {
    const env = { DATABASE_TYPE: 'postgresql', POSTGRES_DB: 'parts', DATABASE_URL: 'postgres://h/url' }
    expect(targetOf(env)[1]).toBe('postgres://h/url')
    expect(targetOf(env, { url: 'x.db' })).toEqual(['sqlite', 'file:x.db', 'x.db'])
    expect(targetOf(env, { type: 'sqlite' })).toEqual(['sqlite', 'file:./archon.db', './archon.db'])
    expect(targetOf(env, { type: 'postgresql' })[1]).toBe('postgres://h/url')
  })

  test('a type and an address that contradict each other', () => {
    const problem = 'is the address of another kind of database than the type says. Change one of them.'
    expect(problemsOf({ DATABASE_TYPE: 'mysql', DATABASE_URL: 'postgres://h/d' })).toEqual([`DATABASE_URL ${problem}`])
    expect(problemsOf({}, { type: 'sqlite', url: 'postgres://h/d' })).toEqual([`url ${problem}`])
    expect(targetOf({ DATABASE_TYPE: 'postgresql', DATABASE_URL: 'pglite:x' })[0]).toBe('pglite')
  })

  test('a type that does not exist, with the one that was meant', () => {
    const known = 'sqlite, postgresql, mysql, supabase, postgres, mariadb'
    expect(problemsOf({ DATABASE_TYPE: 'postgress' })).toEqual([
      `DATABASE_TYPE takes one of ${known}. Did you mean postgres?`,
    ])
    expect(problemsOf({ DATABASE_TYPE: 'oracle' })).toEqual([`DATABASE_TYPE takes one of ${known}.`])
  })
})

describe('Supabase', () => {
  const env = {
    DATABASE_TYPE: 'supabase',
    SUPABASE_URL: 'https://abcdefghijklmnopqrst.supabase.co',
    SUPABASE_DB_PASSWORD: 'p:w',
  }

  test('through the pooler of its region', () => {
    const config = readConfig({}, { ...env, SUPABASE_REGION: 'eu-central-1' })
    expect(config.url).toBe(
      'postgresql://postgres.abcdefghijklmnopqrst:p%3Aw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true',
    )
    expect(config.ssl).toEqual({ mode: 'on', verify: false })
    expect(config.warnings).toEqual([
      'Connections are encrypted, but the server does not have to prove who it is. Give its authority as DB_SSL_CA_CERT.',
    ])
  })

  test('directly without a region, or by its connection string', () => {
    expect(targetOf(env)[1]).toBe('postgresql://postgres:p%3Aw@db.abcdefghijklmnopqrst.supabase.co:5432/postgres')
    const config = readConfig({}, { DATABASE_TYPE: 'supabase', DATABASE_URL: 'postgresql://u:p@h:6543/postgres' })
    expect(config.url).toBe('postgresql://u:p@h:6543/postgres')
    expect(config.ssl.mode).toBe('on')
  })

  test('what is missing or cannot be', () => {
    expect(problemsOf({ DATABASE_TYPE: 'supabase' })).toEqual([
      'SUPABASE_URL is missing: it is https://<project>.supabase.co, or set DATABASE_URL.',
      "SUPABASE_DB_PASSWORD is missing: it is the password of the project's database, not one of its keys.",
    ])
    expect(problemsOf({ ...env, SUPABASE_URL: 'http://localhost:8000', SUPABASE_REGION: 'a/b' })).toEqual([
      'SUPABASE_URL is not https://<project>.supabase.co. For a Supabase of your own, set DATABASE_URL.',
      'SUPABASE_REGION takes a region such as eu-central-1.',
    ])
    expect(problemsOf({ ...env, DB_SSL_ENABLED: 'false' })).toEqual([
      'DB_SSL_ENABLED cannot be false here: this database takes encrypted connections only.',
    ])
  })
})

describe('pool', () => {
  test('both families of names; time in seconds', () => {
    expect(readConfig({}, { DATABASE_POOL_SIZE: '20', DB_MAX_OVERFLOW: '5', DATABASE_POOL_TIMEOUT: '3' }).pool).toEqual(
      {
        size: 20,
        overflow: 5,
        timeoutMs: 3000,
      },
    )
    expect(readConfig({}, { DB_POOL_SIZE: '7', DB_POOL_TIMEOUT: '2' }).pool).toEqual({
      size: 7,
      overflow: 0,
      timeoutMs: 2000,
    })
  })

  test('options win, and may be partial', () => {
    const pool = readConfig(
      { pool: { size: 3, timeoutMs: 250 } },
      { DB_POOL_SIZE: '7', DB_MAX_OVERFLOW: '1', DB_POOL_TIMEOUT: '9' },
    ).pool
    expect(pool).toEqual({ size: 3, overflow: 1, timeoutMs: 250 })
  })

  test('wrong numbers, wherever they stand', () => {
    expect(problemsOf({ DB_POOL_SIZE: '0', DB_MAX_OVERFLOW: '-1', DB_POOL_TIMEOUT: '1.5' })).toEqual([
      'DB_POOL_SIZE takes a whole number of connections from 1 to 10000.',
      'DB_MAX_OVERFLOW takes a whole number of connections from 0 to 10000.',
      'DB_POOL_TIMEOUT takes a whole number of seconds from 1 to 3600.',
    ])
    const options = { pool: { size: Number.NaN, overflow: 1e9, timeoutMs: 0 }, lockTimeoutMs: -1 }
    expect(problemsOf({}, options)).toEqual([
      'pool.size takes a whole number of connections from 1 to 10000.',
      'pool.overflow takes a whole number of connections from 0 to 10000.',
      'pool.timeoutMs takes a whole number of milliseconds from 1 to 3600000.',
      'lockTimeoutMs takes a whole number of milliseconds from 0 to 3600000.',
    ])
  })

  test('a wrong variable does not matter where an option takes its place', () => {
    const env = {
      DB_POOL_SIZE: 'x',
      DB_MAX_OVERFLOW: 'x',
      DB_POOL_TIMEOUT: 'x',
      DATABASE_URL: 'x://',
      DATABASE_TYPE: 'x',
    }
    const pool = { size: 1, overflow: 2, timeoutMs: 3 }
    expect(readConfig({ pool, url: ':memory:' }, env).pool).toEqual(pool)
  })

  test('two names that differ', () => {
    expect(problemsOf({ DATABASE_POOL_SIZE: '5', DB_POOL_SIZE: '6' })).toEqual([
      'DATABASE_POOL_SIZE and DB_POOL_SIZE are two names of one setting but differ. Keep one.',
    ])
    expect(readConfig({}, { DATABASE_POOL_SIZE: '5', DB_POOL_SIZE: '5' }).pool.size).toBe(5)
  })
})

describe('encryption', () => {
  const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-db-config-'))
    writeFileSync(join(folder, 'ca.pem'), PEM)
    writeFileSync(join(folder, 'other.txt'), 'hunter2')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(['true', '1', 'yes', 'ON'])('on: %s', (value) => {
    expect(readConfig({}, { DB_SSL_ENABLED: value }).ssl).toEqual({ mode: 'on', verify: true })
  })

  test.each(['false', '0', 'no', 'Off'])('off: %s', (value) => {
    expect(readConfig({}, { DB_SSL_ENABLED: value }).ssl).toEqual({ mode: 'off', verify: false })
  })

  test('certificates from a file, from the variable, and with written line breaks', () => {
    const expected = { mode: 'on', verify: true, ca: PEM }
    expect(readConfig({}, { DB_SSL_CA_CERT: join(folder, 'ca.pem') }).ssl).toEqual(expected)
    expect(readConfig({ ssl: { ca: PEM } }, {}).ssl).toEqual(expected)
    const written = '-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----'
    expect(readConfig({}, { DB_SSL_ENABLED: 'true', DB_SSL_CA_CERT: written }).ssl.ca).toBe(PEM.trim())
  })

  test('options win', () => {
    expect(readConfig({ ssl: false }, { DB_SSL_ENABLED: 'true' }).ssl).toEqual({ mode: 'off', verify: false })
    expect(readConfig({ ssl: { verify: false } }, {}).ssl).toEqual({ mode: 'on', verify: false })
  })

  test('what is not a certificate', () => {
    expect(problemsOf({ DB_SSL_CA_CERT: join(folder, 'missing.pem'), DB_SSL_ENABLED: 'maybe' })).toEqual([
      'DB_SSL_ENABLED takes true or false.',
      'DB_SSL_CA_CERT names a file that cannot be read.',
    ])
    expect(problemsOf({ DB_SSL_CA_CERT: join(folder, 'other.txt') })).toEqual([
      'DB_SSL_CA_CERT holds no certificate in PEM form.',
    ])
  })
})

describe('replicas', () => {
  const primary = 'postgres://h/d'

  test('addresses by commas and spaces; switched off by the other variable', () => {
    const env = { DATABASE_URL: primary, DATABASE_REPLICA_URLS: 'postgres://r1/d, postgres://r2/d' }
    expect(readConfig({}, env).replicas).toEqual(['postgres://r1/d', 'postgres://r2/d'])
    expect(readConfig({}, { ...env, ENABLE_READ_REPLICAS: 'false' }).replicas).toEqual([])
    expect(readConfig({ replicas: [] }, env).replicas).toEqual([])
  })

  test('none, of another kind, or malformed', () => {
    expect(problemsOf({ DATABASE_URL: primary, ENABLE_READ_REPLICAS: 'true' })).toEqual([
      'DATABASE_REPLICA_URLS is missing: ENABLE_READ_REPLICAS=true needs the addresses, separated by commas.',
    ])
    expect(
      problemsOf({ DATABASE_URL: primary, DATABASE_REPLICA_URLS: 'postgres://r/d,mysql://r/d,mysql://:hunter2' }),
    ).toEqual([
      'DATABASE_REPLICA_URLS (number 2) is another kind of database than the primary.',
      'DATABASE_REPLICA_URLS (number 3) is not a well-formed address. Write it as scheme://user:password@host:port/database, ' +
        'with @ : / ? # % and spaces in the password percent-encoded.',
    ])
  })
})

describe('vectors', () => {
  test('each store with what it needs', () => {
    const store = (env: Record<string, string>) => readConfig({}, env).vector.store
    expect(store({ VECTOR_DATABASE: 'local' })).toEqual({ name: 'local' })
    expect(store({ VECTOR_DATABASE: 'chroma', CHROMA_URL: 'http://c:1' })).toEqual({
      name: 'chroma',
      url: 'http://c:1',
    })
    expect(store({ VECTOR_DATABASE: 'weaviate', WEAVIATE_URL: 'https://w', WEAVIATE_API_KEY: 'k' })).toEqual({
      name: 'weaviate',
      url: 'https://w',
      apiKey: 'k',
    })
    const addresses = { WEAVIATE_URL: 'http://w:8080', WEAVIATE_GRPC_URL: 'http://w:50052' }
    expect(store({ VECTOR_DATABASE: 'weaviate', ...addresses })).toEqual({
      name: 'weaviate',
      url: 'http://w:8080',
      grpcUrl: 'http://w:50052',
    })
    expect(store({ VECTOR_DATABASE: 'pinecone', PINECONE_API_KEY: 'k', PINECONE_INDEX: 'i' })).toEqual({
      name: 'pinecone',
      apiKey: 'k',
      index: 'i',
    })
    expect(store({ VECTOR_DATABASE: 'pinecone', PINECONE_API_KEY: 'k' })).toEqual({ name: 'pinecone', apiKey: 'k' })
  })

  test('switched off, a store needs nothing', () => {
    const vector = readConfig({}, { ENABLE_VECTOR_SEARCH: 'false', VECTOR_DATABASE: 'chroma' }).vector
    expect(vector).toEqual({ enabled: false, store: null })
  })

  test('what is missing or wrong', () => {
    expect(problemsOf({ VECTOR_DATABASE: 'pincone' })).toEqual([
      'VECTOR_DATABASE takes one of local, chroma, weaviate, pinecone. Did you mean pinecone?',
    ])
    expect(problemsOf({ VECTOR_DATABASE: 'pinecone' })).toEqual([
      'PINECONE_API_KEY is missing: VECTOR_DATABASE=pinecone needs it.',
    ])
    expect(problemsOf({ VECTOR_DATABASE: 'weaviate', WEAVIATE_URL: 'localhost:8080' })).toEqual([
      'WEAVIATE_URL takes an http:// or https:// address.',
    ])
    expect(problemsOf({}, { vector: { store: 'chroma' } })).toEqual([
      'CHROMA_URL is missing: give the address of the server, such as http://localhost:8000.',
    ])
  })
})

describe('logging', () => {
  test('variables and options', () => {
    const env = { ENABLE_QUERY_LOGGING: 'true', SLOW_QUERY_THRESHOLD_MS: '200' }
    expect(readConfig({}, env).logging).toEqual({ queries: true, slowQueryMs: 200 })
    expect(readConfig({ logging: { queries: false, slowQueryMs: null } }, env).logging).toEqual({
      queries: false,
      slowQueryMs: null,
    })
    expect(readConfig({ logging: { slowQueryMs: 0 } }, {}).logging).toEqual({ queries: false, slowQueryMs: 0 })
  })
})

describe('problems', () => {
  test('all at once, each naming its variable', () => {
    const env = {
      DATABASE_TYPE: 'sqllite',
      DATABASE_URL: 'redis://localhost',
      DB_POOL_SIZE: 'many',
      DB_SSL_ENABLED: 'perhaps',
      ENABLE_READ_REPLICAS: 'true',
      VECTOR_DATABASE: 'faiss',
      ENABLE_QUERY_LOGGING: '2',
      SLOW_QUERY_THRESHOLD_MS: '-5',
    }
    expect(problemsOf(env).map((line) => line.split(' ')[0])).toEqual([
      'DATABASE_TYPE',
      'DATABASE_URL',
      'DB_SSL_ENABLED',
      'DB_POOL_SIZE',
      'DATABASE_REPLICA_URLS',
      'VECTOR_DATABASE',
      'SLOW_QUERY_THRESHOLD_MS',
      'ENABLE_QUERY_LOGGING',
    ])
  })

  test('an option that does not exist, with the one that was meant', () => {
    const options = {
      uri: 'postgres://h/d',
      pool: { max: 5 },
      ssl: { certificate: '' },
      vector: { stores: 'local' },
      logging: { slowQuery: 1 },
    } as ConnectOptions
    expect(problemsOf({}, options)).toEqual([
      'uri is not an option. Did you mean url?',
      'ssl.certificate is not an option.',
      'pool.max is not an option.',
      'vector.stores is not an option. Did you mean vector.store?',
      'logging.slowQuery is not an option. Did you mean logging.slowQueryMs?',
    ])
  })

  test('never show a value, whichever variable a secret was pasted into', () => {
    const names = [
      'DATABASE_TYPE',
      'DATABASE_URL',
      'DB_POOL_SIZE',
      'DB_MAX_OVERFLOW',
      'DB_POOL_TIMEOUT',
      'DB_SSL_ENABLED',
      'DB_SSL_CA_CERT',
      'DATABASE_REPLICA_URLS',
      'ENABLE_READ_REPLICAS',
      'VECTOR_DATABASE',
      'ENABLE_VECTOR_SEARCH',
      'ENABLE_QUERY_LOGGING',
      'SLOW_QUERY_THRESHOLD_MS',
    ]
    const secrets = [
      'hunter2:correct/horse',
      'x://admin:hunter2@host:correct/horse',
      'postgres://admin:hunter2#@correct:horse/x',
    ]
    for (const secret of secrets) {
      const error = failureOf(Object.fromEntries(names.map((name) => [name, secret])))
      expect(error.message.split('\n').length).toBeGreaterThan(9)
      expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toMatch(/hunter2|correct|horse/)
    }
  })
})

describe('warnings', () => {
  test('variables of a database that is not the one in use', () => {
    expect(readConfig({}, { POSTGRES_HOST: 'h', MYSQL_USER: 'u' }).warnings).toEqual([
      'POSTGRES_HOST, MYSQL_USER set but not used: set DATABASE_TYPE to the database they belong to, or unset them.',
    ])
    expect(readConfig({}, { DATABASE_TYPE: 'mysql', DATABASE_URL: 'mysql://h/d', MYSQL_HOST: 'h' }).warnings).toEqual([
      'MYSQL_HOST set but not used: the connection string decides.',
    ])
    expect(readConfig({}, { DATABASE_TYPE: 'mysql', MYSQL_DATABASE: 'd' }).warnings).toEqual([])
  })
})

describe('what may be shown', () => {
  const config = readConfig(
    {
      url: 'postgres://u:hun%23ter@h/d?password=alsosecret',
      replicas: ['postgres://u:third@r/d'],
      authToken: 'fourth',
    },
    { VECTOR_DATABASE: 'pinecone', PINECONE_API_KEY: 'fifth', PINECONE_INDEX: 'i' },
  )

  test('the description holds no secret', () => {
    expect(describeConfig(config)).toEqual({
      kind: 'postgres',
      url: 'postgres://u:***@h/d?password=***',
      path: null,
      pool: { size: 10, overflow: 0, timeoutMs: 30_000 },
      ssl: { mode: 'default', verify: true, ca: false },
      replicas: ['postgres://u:***@r/d'],
      vector: { enabled: true, store: 'pinecone' },
      logging: { queries: false, slowQueryMs: null },
    })
  })

  test('all secrets are known, as written and as meant', () => {
    expect(secretsIn(config)).toEqual(['fourth', 'fifth', 'hun%23ter', 'hun#ter', 'alsosecret', 'third'])
  })
})
