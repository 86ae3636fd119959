import type { SettingsReader } from './environment.ts'

/** A database that was named: which adapter opens it, and by what address. */
export interface Target {
  /** Id of the adapter. */
  readonly kind: string
  /** As the adapter takes it. */
  readonly url: string
  readonly authToken?: string
  /** The file or folder of a database that lives on this machine; null in memory and on a server. */
  readonly path: string | null
  readonly server: boolean
}

type Parse = (url: string, name: string, reader: SettingsReader) => Target | undefined

interface Scheme {
  readonly example: string
  readonly parse: Parse
}

/** Every form of address there is. A text without a scheme is a path. */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  postgresql: { example: 'postgresql://user@host:5432/database', parse: server('postgres') },
  postgres: { example: 'postgres://', parse: server('postgres') },
  mysql: { example: 'mysql://user@host:3306/database', parse: server('mysql') },
  mariadb: { example: 'mariadb://', parse: server('mysql') },
  libsql: { example: 'libsql://host', parse: remote },
  https: { example: 'https://', parse: remote },
  http: { example: 'http://', parse: remote },
  wss: { example: 'wss://', parse: remote },
  ws: { example: 'ws://', parse: remote },
  file: { example: 'file:archon.db', parse: file },
  pglite: { example: 'pglite:folder', parse: pglite },
}

const ADDRESS_FORMS = `${Object.values(SCHEMES)
  .map(({ example }) => example)
  .join(', ')}, :memory: or a path`

/** Two letters at least: `C:` begins a path on Windows. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i

/** The target that an address names; undefined after noting what is wrong with it. */
export function parseTarget(address: string, name: string, reader: SettingsReader): Target | undefined {
  if (address === ':memory:') return { kind: 'sqlite', url: address, path: null, server: false }
  if (address.includes('\u0000')) return reader.problem(name, 'contains U+0000, which no address can.')
  const scheme = SCHEME.exec(address)?.[1]?.toLowerCase()
  if (scheme === undefined) return fileTarget(address)
  const known = SCHEMES[scheme]
  return known ? known.parse(address, name, reader) : unknownScheme(name, reader)
}

function unknownScheme(name: string, reader: SettingsReader): undefined {
  return reader.problem(name, `begins with a scheme that is not known. It takes ${ADDRESS_FORMS}.`)
}

const SPELLING =
  'Write it as scheme://user:password@host:port/database, with @ : / ? # % and spaces in the password percent-encoded.'

function server(kind: string): Parse {
  return (address, name, reader) => {
    const url = URL.parse(address)
    // An unencoded slash in the password moves the real host into the path, where the @ gives it away.
    const misread = !url || url.pathname.includes('@') || url.hash !== ''
    const socket = url?.searchParams.has('host') || url?.searchParams.has('socketPath')
    if (misread || (url.hostname === '' && !socket)) {
      return reader.problem(name, `is not a well-formed address. ${SPELLING}`)
    }
    return { kind, url: address, path: null, server: true }
  }
}

const WEB_ADDRESS_OF_SUPABASE =
  'is the web address of a Supabase project, not of its database. Set DATABASE_TYPE=supabase with SUPABASE_URL and ' +
  'SUPABASE_DB_PASSWORD instead, or use the connection string that Supabase shows under Connect.'

/** A libSQL server. The token leaves the address, so that no address carries a secret it need not carry. */
function remote(address: string, name: string, reader: SettingsReader): Target | undefined {
  const url = URL.parse(address)
  if (!url || url.hostname === '') return reader.problem(name, 'is not a well-formed address: it needs a host.')
  if (supabaseProject(url)) return reader.problem(name, WEB_ADDRESS_OF_SUPABASE)
  const token = url.searchParams.get('authToken') || reader.text('LIBSQL_AUTH_TOKEN')
  url.searchParams.delete('authToken')
  return { kind: 'sqlite', url: url.href, path: null, server: true, ...(token ? { authToken: token } : {}) }
}

function file(address: string, name: string, reader: SettingsReader): Target | undefined {
  const [, authority, encoded = ''] = /^file:(?:\/\/([^/?#]*))?([^?#]*)/i.exec(address) ?? []
  if (authority && authority !== 'localhost') {
    return reader.problem(name, 'has a host in a file: address. Write file:relative/path or file:/absolute/path.')
  }
  if (/[?#]/.test(address)) {
    return reader.problem(name, 'has a ? or # after the file, where nothing is read. Encode them in a name: %3F, %23.')
  }
  const path = decode(encoded)
  if (path === undefined) return reader.problem(name, 'has a % that encodes nothing. Write a % in a path as %25.')
  if (path === '') return reader.problem(name, 'names no file after file:.')
  return { kind: 'sqlite', url: address, path: path === ':memory:' ? null : path, server: false }
}

/** The three characters that would be read as something else in an address. */
function fileTarget(path: string): Target {
  const encoded = path.replace(/[%?#]/g, (char) => encodeURIComponent(char))
  return { kind: 'sqlite', url: `file:${encoded}`, path, server: false }
}

function pglite(address: string): Target {
  const folder = address.slice('pglite:'.length).replace(/^\/\/(?=.)/, '')
  const path = folder === '' || folder === '//' || folder === ':memory:' ? null : folder
  return { kind: 'pglite', url: `pglite:${path ?? ''}`, path, server: false }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The project's reference, which is the first part of its host name. */
export function supabaseProject(url: URL): string | undefined {
  return /^([a-z0-9-]+)\.supabase\.(?:co|in|red)$/i.exec(url.hostname)?.[1]?.toLowerCase()
}

export interface ServerParts {
  readonly scheme: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly host: string
  readonly port: number
  readonly database: string | undefined
  readonly parameters?: string
}

/** An address out of its parts, each encoded. */
export function serverAddress({ scheme, user, password, host, port, database, parameters }: ServerParts): string {
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
  const login = user === undefined && password === undefined ? '' : `${encodeURIComponent(user ?? '')}${secret}@`
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `${scheme}://${login}${name}:${port}/${encodeURIComponent(database ?? '')}${parameters ? `?${parameters}` : ''}`
}
