import { DbError } from '@archon-db/core/dialect'

/** A server's address, taken apart. Holds the password. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
  /** What the address says about encryption, in libpq's words; undefined when it says nothing. */
  readonly sslmode: string | undefined
  /** Stands behind a pooler that gives each transaction another connection. */
  readonly pooled: boolean
  /** Settings for the server. */
  readonly settings: Readonly<Record<string, string>>
}

/** Understood by other clients; meant neither for us nor for the server. */
const FOREIGN = new Set([
  'schema',
  'connection_limit',
  'pool_timeout',
  'pool_mode',
  'connect_timeout',
  'statement_cache_size',
  'supa',
  'channel_binding',
  'gssencmode',
  'target_session_attrs',
  'uselibpqcompat',
  'sslrootcert',
  'sslnegotiation',
])

/** Where Supabase's pooler, and PgBouncer in front of others by its example, shares connections between transactions. */
const TRANSACTION_POOLER_PORT = 6543

/** `postgresql://user:password@host:5432/database?sslmode=require&pgbouncer=true` */
export function parseAddress(url: string): Address {
  const parsed = URL.parse(url)
  if (!parsed || !/^postgres(?:ql)?:$/.test(parsed.protocol)) throw malformed()
  const parameters = Object.fromEntries(parsed.searchParams)
  const { host: socket, pgbouncer, sslmode, ssl, ...rest } = parameters
  const port = parsed.port === '' ? Number(rest.port ?? 5432) : Number(parsed.port)
  return {
    host: socket ?? (bare(parsed.hostname) || 'localhost'),
    port,
    user: part(parsed.username),
    password: part(parsed.password),
    database: part(parsed.pathname.slice(1)),
    sslmode: sslmode ?? (ssl === 'true' ? 'require' : undefined),
    pooled: pgbouncer === 'true' || (pgbouncer !== 'false' && port === TRANSACTION_POOLER_PORT),
    settings: Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'port' && !FOREIGN.has(name))),
  }
}

/** Without the brackets that an address needs around the colons of IPv6. */
function bare(host: string): string {
  return decodeURIComponent(host.replace(/^\[(.*)\]$/, '$1'))
}

function part(text: string): string | undefined {
  if (text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    throw malformed()
  }
}

function malformed(): DbError {
  return new DbError(
    'invalid_input',
    'The address of the PostgreSQL server is malformed. Write it as postgresql://user:password@host:5432/database, with special characters in the password percent-encoded.',
  )
}
