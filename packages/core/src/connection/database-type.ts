import type { SettingsReader } from './environment.ts'
import { parseTarget, serverAddress, supabaseProject, type Target } from './targets.ts'
import type { DatabaseType } from './types.ts'

/** What a database type allows, and what it means without a connection string. */
interface TypeRules {
  readonly kinds: readonly string[]
  /** Variables that describe this database; set without their type they do nothing. */
  readonly variables: readonly string[]
  readonly encrypted?: boolean
  address(reader: SettingsReader): string | undefined
}

const POSTGRES: TypeRules = {
  kinds: ['postgres', 'pglite'],
  variables: ['POSTGRES_HOST', 'POSTGRES_PORT', 'POSTGRES_USER', 'POSTGRES_PASSWORD', 'POSTGRES_DB'],
  address: (reader) =>
    serverFrom(reader, {
      scheme: 'postgresql',
      prefix: 'POSTGRES',
      port: 5432,
      database: ['POSTGRES_DB', 'POSTGRES_DATABASE'],
    }),
}

const MYSQL: TypeRules = {
  kinds: ['mysql'],
  variables: ['MYSQL_HOST', 'MYSQL_PORT', 'MYSQL_USER', 'MYSQL_PASSWORD', 'MYSQL_DATABASE'],
  address: (reader) =>
    serverFrom(reader, { scheme: 'mysql', prefix: 'MYSQL', port: 3306, database: ['MYSQL_DATABASE', 'MYSQL_DB'] }),
}

const TYPES: Readonly<Record<DatabaseType, TypeRules>> = {
  sqlite: { kinds: ['sqlite'], variables: [], address: () => 'file:./archon.db' },
  postgresql: POSTGRES,
  postgres: POSTGRES,
  mysql: MYSQL,
  mariadb: MYSQL,
  supabase: {
    kinds: ['postgres'],
    variables: ['SUPABASE_DB_PASSWORD', 'SUPABASE_REGION'],
    encrypted: true,
    address: supabaseAddress,
  },
}

export interface Choice {
  readonly target: Target
  /** This database refuses unencrypted connections. */
  readonly encrypted: boolean
}

/** One place to look for a connection string: an option or a variable. */
interface Source {
  readonly name: string
  readonly value: string
}

export interface Wanted {
  readonly url?: string | undefined
  readonly type?: DatabaseType | undefined
  /** The type was an option, so it outranks a connection string of the environment. */
  readonly typeWins: boolean
}

/** Which database is meant: the connection string where there is one, otherwise the parts that its type reads. */
export function chooseDatabase({ url, type, typeWins }: Wanted, reader: SettingsReader): Choice | undefined {
  const rules = type && TYPES[type]
  if (url?.trim() === '')
    return reader.problem('url', 'is empty. Leave it out for the default, a file called archon.db.')
  const address = addressOf(url, reader)
  if (!address) return fromParts(rules ?? TYPES.sqlite, reader)
  const target = parseTarget(address.value, address.name, reader)
  if (!target) return undefined
  if (!rules || rules.kinds.includes(target.kind)) return { target, encrypted: rules?.encrypted ?? false }
  if (typeWins && url === undefined) return fromParts(rules, reader)
  return reader.problem(
    address.name,
    'is the address of another kind of database than the type says. Change one of them.',
  )
}

function addressOf(option: string | undefined, reader: SettingsReader): Source | undefined {
  if (option !== undefined) return { name: 'url', value: option.trim() }
  const value = reader.text('DATABASE_URL')
  return value === undefined ? undefined : { name: 'DATABASE_URL', value }
}

function fromParts(rules: TypeRules, reader: SettingsReader): Choice | undefined {
  const address = rules.address(reader)
  const target = address && parseTarget(address, 'DATABASE_TYPE', reader)
  return target ? { target, encrypted: rules.encrypted ?? false } : undefined
}

interface ServerDefaults {
  readonly scheme: string
  readonly prefix: string
  readonly port: number
  /** The names of the variable that names the database, the usual one first. */
  readonly database: readonly [string, string]
}

function serverFrom(reader: SettingsReader, defaults: ServerDefaults): string | undefined {
  const { scheme, prefix } = defaults
  const host = reader.text(`${prefix}_HOST`) ?? 'localhost'
  if (/[/@?#\s]/.test(host)) reader.problem(`${prefix}_HOST`, 'takes a host name alone; the port has its own variable.')
  const port = reader.integer([`${prefix}_PORT`], { min: 1, max: 65_535 }) ?? defaults.port
  const database = reader.textOf(defaults.database)?.value
  if (database === undefined)
    reader.problem(defaults.database[0], 'is missing: name the database, or set DATABASE_URL.')
  const login = { user: reader.text(`${prefix}_USER`), password: reader.text(`${prefix}_PASSWORD`) }
  return reader.problems.length > 0 ? undefined : serverAddress({ scheme, ...login, host, port, database })
}

/** Through the pooler where the region is known: the direct host answers on IPv6 only. */
function supabaseAddress(reader: SettingsReader): string | undefined {
  const project = projectOf(reader)
  const password = reader.text('SUPABASE_DB_PASSWORD')
  if (password === undefined) {
    reader.problem(
      'SUPABASE_DB_PASSWORD',
      "is missing: it is the password of the project's database, not one of its keys.",
    )
  }
  const region = reader.text('SUPABASE_REGION')?.toLowerCase()
  if (region !== undefined && !/^[a-z0-9-]+$/.test(region)) {
    return reader.problem('SUPABASE_REGION', 'takes a region such as eu-central-1.')
  }
  if (project === undefined || password === undefined) return undefined
  const common = { scheme: 'postgresql', password, database: 'postgres' }
  if (region === undefined) {
    return serverAddress({ ...common, user: 'postgres', host: `db.${project}.supabase.co`, port: 5432 })
  }
  const pooler = { user: `postgres.${project}`, host: `aws-0-${region}.pooler.supabase.com`, port: 6543 }
  return serverAddress({ ...common, ...pooler, parameters: 'pgbouncer=true' })
}

function projectOf(reader: SettingsReader): string | undefined {
  const address = reader.text('SUPABASE_URL')
  if (address === undefined)
    return reader.problem('SUPABASE_URL', 'is missing: it is https://<project>.supabase.co, or set DATABASE_URL.')
  const url = URL.parse(address)
  const project = url ? supabaseProject(url) : undefined
  return (
    project ??
    reader.problem(
      'SUPABASE_URL',
      'is not https://<project>.supabase.co. For a Supabase of your own, set DATABASE_URL.',
    )
  )
}

/** Variables that are set but not used, because something else decides. */
export function unusedVariables(
  used: { readonly type: DatabaseType | undefined; readonly byUrl: boolean },
  reader: SettingsReader,
): string[] {
  const own = used.byUrl || !used.type ? [] : TYPES[used.type].variables
  const all = new Set(Object.values(TYPES).flatMap(({ variables }) => variables))
  return [...all].filter((name) => reader.text(name) !== undefined && !own.includes(name))
}
