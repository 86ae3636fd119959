import { DbError } from '@archon-db/core/dialect'

/** A server's address, taken apart. Holds the password. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  /** A socket on this machine, instead of host and port. */
  readonly socketPath: string | undefined
  /** What the address says about encryption, in the mysql client's words; undefined when it says nothing. */
  readonly sslMode: string | undefined
}

const SSL_MODES = ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY']

/** `mysql://user:password@host:3306/database?ssl-mode=REQUIRED`, or `mysql:///database?socketPath=/run/mysqld/mysqld.sock` */
export function parseAddress(url: string): Address {
  const parsed = URL.parse(url)
  if (!parsed || !/^(?:mysql|mariadb):$/.test(parsed.protocol)) throw malformed()
  const { socketPath, ssl, 'ssl-mode': sslMode, sslmode, ...rest } = Object.fromEntries(parsed.searchParams)
  const [unknown] = Object.keys(rest)
  // What the driver would make of it could undo what is relied on here, as several statements at once would.
  if (unknown !== undefined) {
    throw new DbError(
      'invalid_input',
      `The address of the MySQL server sets ${JSON.stringify(unknown)}, which is not known. It takes socketPath, ssl and ssl-mode.`,
    )
  }
  const database = part(parsed.pathname.slice(1))
  if (database === undefined)
    throw new DbError(
      'invalid_input',
      'The address of the MySQL server names no database. Write it as mysql://user:password@host:3306/database.',
    )
  return {
    host: bare(parsed.hostname) || 'localhost',
    port: parsed.port === '' ? 3306 : Number(parsed.port),
    user: part(parsed.username) ?? 'root',
    password: part(parsed.password),
    database,
    socketPath,
    sslMode: checkMode(sslMode ?? sslmode ?? (ssl === 'true' ? 'VERIFY_IDENTITY' : undefined)),
  }
}

function checkMode(mode: string | undefined): string | undefined {
  const upper = mode?.toUpperCase().replace('-', '_')
  if (upper === undefined || SSL_MODES.includes(upper)) return upper
  throw new DbError('invalid_input', `ssl-mode in the address of the MySQL server takes ${SSL_MODES.join(', ')}.`)
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
    'The address of the MySQL server is malformed. Write it as mysql://user:password@host:3306/database, with special characters in the password percent-encoded.',
  )
}
