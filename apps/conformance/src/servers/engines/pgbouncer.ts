import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serverUser } from '../cache.ts'
import { firstOnMachine } from '../machine.ts'
import { findOne, unpackedPackages } from '../packages.ts'
import { run } from '../processes.ts'
import type { Engine, Launch, Program } from './engine.ts'
import { askPostgres } from './postgres.ts'

/** A pooler in transaction mode before any PostgreSQL server: what a hosted database's pooled port is like. */
export const pgbouncerEngine: Engine = {
  kind: 'pgbouncer',
  behind: 'postgres',
  stopSignal: 'SIGINT',
  find: async () => (await onMachine()) ?? (await unpacked()),
  arguments: writeConfiguration,
  url: pooledUrl,
  ask: askPostgres,
}

async function unpacked(): Promise<Program> {
  const choices = [
    { suite: 'sid', packages: ['pgbouncer'] },
    { suite: 'trixie', packages: ['pgbouncer'] },
  ] as const
  const root = await unpackedPackages('pgbouncer', choices, ['usr/sbin/pgbouncer'])
  const path = findOne(root, 'usr/sbin/pgbouncer')
  return { path, root, version: await versionOf(path) }
}

async function onMachine(): Promise<Program | undefined> {
  return await firstOnMachine(['pgbouncer'], async (path) => {
    const version = await versionOf(path)
    const [major = 0, minor = 0] = version.split('.').map(Number)
    return major > 1 || minor >= 21 ? { path, version } : undefined
  })
}

async function versionOf(path: string): Promise<string> {
  return /PgBouncer (\d[\d.]*)/.exec(await run(path, ['--version']))?.[1] ?? ''
}

function pooledUrl({ port, upstream }: Launch): string {
  const url = new URL(upstream ?? '')
  url.hostname = '127.0.0.1'
  url.port = String(port)
  url.search = ''
  return url.href
}

function writeConfiguration({ folder, port, upstream }: Launch): string[] {
  const url = new URL(upstream ?? '')
  const user = decodeURIComponent(url.username)
  const users = join(folder, 'users.txt')
  writePrivate(users, `"${user}" "${decodeURIComponent(url.password).replaceAll('"', '""')}"\n`)
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    // Roles that a test creates are looked up in the server itself.
    auth_user: user,
    pool_mode: 'transaction',
    // Named prepared statements break here, as they do behind poolers that do not track them.
    max_prepared_statements: 0,
    max_client_conn: 500,
    default_pool_size: 40,
    // Otherwise a database that a test drops is still held open.
    server_idle_timeout: 2,
    ignore_startup_parameters: 'extra_float_digits,search_path,statement_timeout,idle_in_transaction_session_timeout',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const file = join(folder, 'pgbouncer.ini')
  const databases = `* = host=${url.hostname} port=${url.port || '5432'}`
  writePrivate(file, ['[databases]', databases, '[pgbouncer]', ...lines, ''].join('\n'))
  return ['--quiet', file]
}

function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 })
  const user = serverUser()
  if (user !== undefined) chownSync(path, user.uid, user.gid)
}
