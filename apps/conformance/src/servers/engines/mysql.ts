import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { firstOnMachine } from '../machine.ts'
import { findOne, unpackedPackages } from '../packages.ts'
import { run, runAsServer } from '../processes.ts'
import type { Engine, Launch, Program } from './engine.ts'

export const mysqlEngine: Engine = {
  kind: 'mysql',
  stopSignal: 'SIGTERM',
  find: async () => (await onMachine()) ?? (await unpacked()),
  initialise,
  arguments: serverArguments,
  url: mysqlUrl,
  ask: askMysql,
  dataFolder: mysqlDataFolder,
}

export function mysqlUrl({ port, password }: Pick<Launch, 'port' | 'password'>): string {
  return `mysql://root:${password}@127.0.0.1:${port}/mysql`
}

export async function askMysql(url: string): Promise<string> {
  return /^[\d.]+/.exec(await select(url, 'version()'))?.[0] ?? ''
}

export async function mysqlDataFolder(url: string): Promise<string> {
  return await select(url, '@@datadir')
}

async function select(url: string, expression: string): Promise<string> {
  const connection = await createConnection({ uri: url, connectTimeout: 5_000 })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(`select ${expression} as value`)
    return String(rows[0]?.value)
  } finally {
    connection.destroy()
  }
}

/** `x.y.z` that a mysqld or mariadbd says of itself. */
export async function mysqlVersionOf(path: string): Promise<{ version: string; isMariaDb: boolean }> {
  const text = await run(path, ['--no-defaults', '--version'])
  return { version: /Ver (\d[\d.]*)/.exec(text)?.[1] ?? '', isMariaDb: /MariaDB/.test(text) }
}

/** SQL that makes root usable over TCP, with a password, from this machine: the server listens on loopback alone. */
export function rootAccountSql(password: string): string {
  return [
    `CREATE USER 'root'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
  ].join('\n')
}

/** Settings that MySQL and MariaDB share. Relative paths are inside the data folder. */
export function commonArguments({ folder, port }: Launch): string[] {
  const settings = {
    datadir: join(folder, 'data'),
    tmpdir: folder,
    'bind-address': '127.0.0.1',
    port,
    socket: 'server.sock',
    'pid-file': 'server.pid',
    'max-connections': 300,
    'max-allowed-packet': '128M',
    'innodb-buffer-pool-size': '256M',
    // Nothing waits for the disk: the data need not outlive the machine. It does outlive a killed server.
    'innodb-flush-log-at-trx-commit': 2,
    'innodb-flush-method': 'nosync',
    // Containers and shared machines run out of the kernel's AIO slots.
    'innodb-use-native-aio': 'OFF',
    'performance-schema': 'OFF',
  }
  return [
    ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    '--skip-log-bin',
    '--skip-name-resolve',
  ]
}

async function unpacked(): Promise<Program> {
  const root = await unpackedPackages('mysql', [{ suite: 'sid', packages: ['mysql-server-core'] }], ['usr/sbin/mysqld'])
  const path = findOne(root, 'usr/sbin/mysqld')
  return { path, root, version: (await mysqlVersionOf(path)).version }
}

/** A MySQL of this machine will do from version 9 on, the first with vectors. */
async function onMachine(): Promise<Program | undefined> {
  return await firstOnMachine(['mysqld'], async (path) => {
    const { version, isMariaDb } = await mysqlVersionOf(path)
    return !isMariaDb && Number.parseInt(version, 10) >= 9 ? { path, version } : undefined
  })
}

function fileArguments({ root }: Program): string[] {
  if (root === undefined) return []
  const share = join(root, 'usr/share/mysql')
  return [
    `--basedir=${join(root, 'usr')}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
  ]
}

async function initialise({ program, folder, password }: Omit<Launch, 'port'>): Promise<void> {
  const accounts = join(folder, 'accounts.sql')
  writeFileSync(accounts, rootAccountSql(password))
  const options = ['--initialize-insecure', `--datadir=${join(folder, 'data')}`, `--init-file=${accounts}`]
  const fast = ['--innodb-redo-log-capacity=8M', '--innodb-use-native-aio=OFF', '--innodb-doublewrite=OFF']
  await runAsServer(program.path, ['--no-defaults', ...fileArguments(program), ...options, ...fast], { cwd: folder })
  rmSync(join(folder, 'data', 'auto.cnf')) // Every copy is a server of its own and makes its own identity.
}

function serverArguments(launch: Launch): string[] {
  const own = [
    '--mysqlx=OFF',
    '--secure-file-priv=',
    '--innodb-redo-log-capacity=256M',
    '--innodb-log-writer-threads=OFF',
  ]
  return ['--no-defaults', ...fileArguments(launch.program), ...commonArguments(launch), ...own]
}
