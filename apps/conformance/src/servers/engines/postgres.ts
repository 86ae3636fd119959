import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import { firstOnMachine } from '../machine.ts'
import { findOne, unpackedPackages } from '../packages.ts'
import { run, runAsServer } from '../processes.ts'
import type { Engine, Launch, Program } from './engine.ts'

const programs = ['postgres', 'initdb', 'psql', 'pg_basebackup', 'pg_dump'].map(
  (name) => `usr/lib/postgresql/*/bin/${name}`,
)

export const postgresEngine: Engine = {
  kind: 'postgres',
  stopSignal: 'SIGINT', // Fast shutdown: SIGTERM would wait for clients to leave.
  find: async () => (await onMachine()) ?? (await unpacked()),
  initialise,
  arguments: serverArguments,
  url: ({ port, password }) => `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
  ask: askPostgres,
  dataFolder: async (url) => await show(url, 'data_directory'),
}

/** Also what a pooler answers for the server behind it. */
export async function askPostgres(url: string): Promise<string> {
  return (await show(url, 'server_version')).split(' ')[0] ?? ''
}

async function show(url: string, setting: string): Promise<string> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {}, fetch_types: false, prepare: false })
  try {
    const [row] = await sql`select current_setting(${setting}) as value`
    return String(row?.value)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function unpacked(): Promise<Program> {
  const choices = [
    { suite: 'sid', packages: ['postgresql-18', 'postgresql-18-pgvector'] },
    { suite: 'trixie', packages: ['postgresql-17', 'postgresql-17-pgvector'] },
  ] as const
  const root = await unpackedPackages('postgres', choices, programs)
  const path = findOne(root, 'usr/lib/postgresql/*/bin/postgres')
  return { path, root, version: await versionOf(path) }
}

/** A PostgreSQL of this machine will do from version 16 on, if pgvector 0.8 is installed beside it. */
async function onMachine(): Promise<Program | undefined> {
  return await firstOnMachine(
    ['/usr/lib/postgresql/*/bin/postgres', '/usr/pgsql-*/bin/postgres', 'postgres'],
    async (path) => {
      const version = await versionOf(path)
      const settings = await run(join(dirname(path), 'pg_config'), ['--sharedir'])
      const control = join(settings.trim(), 'extension', 'vector.control')
      const vector = existsSync(control)
        ? /default_version = '([\d.]+)'/.exec(readFileSync(control, 'utf8'))?.[1]
        : undefined
      const complete = Number.parseInt(version, 10) >= 16 && vector !== undefined && Number(vector.split('.')[1]) >= 8
      return complete ? { path, version } : undefined
    },
  )
}

async function versionOf(path: string): Promise<string> {
  return /\) (\d[\d.]*)/.exec(await run(path, ['--version']))?.[1] ?? ''
}

async function initialise({ program, folder, password }: Omit<Launch, 'port'>): Promise<void> {
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o644 })
  const options = [
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--no-sync',
    '--no-instructions',
  ]
  const locale = ['--locale=C.UTF-8', '--encoding=UTF8']
  await runAsServer(
    join(dirname(program.path), 'initdb'),
    [`--pgdata=${join(folder, 'data')}`, ...options, ...locale],
    {
      cwd: folder,
      env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    },
  )
}

function serverArguments({ folder, port }: Launch): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 300,
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    // Nothing waits for the disk: the data need not outlive the machine. It does outlive a killed server.
    fsync: 'off',
    max_locks_per_transaction: 256,
    timezone: 'UTC',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', join(folder, 'data'), ...options]
}
