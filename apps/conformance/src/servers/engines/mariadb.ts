import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeServerFolder } from '../cache.ts'
import { firstOnMachine } from '../machine.ts'
import { findAll, findOne, unpackedPackages } from '../packages.ts'
import { runAsServer } from '../processes.ts'
import type { Engine, Launch, Program } from './engine.ts'
import { askMysql, commonArguments, mysqlDataFolder, mysqlUrl, mysqlVersionOf, rootAccountSql } from './mysql.ts'

export const mariadbEngine: Engine = {
  kind: 'mariadb',
  stopSignal: 'SIGTERM',
  find: async () => (await onMachine()) ?? (await unpacked()),
  initialise,
  arguments: serverArguments,
  url: mysqlUrl,
  ask: askMysql,
  dataFolder: mysqlDataFolder,
}

async function unpacked(): Promise<Program> {
  const choices = [
    { suite: 'sid', packages: ['mariadb-server-core'] },
    { suite: 'trixie', packages: ['mariadb-server-core'] },
  ] as const
  const root = await unpackedPackages('mariadb', choices, ['usr/sbin/mariadbd'])
  const path = findOne(root, 'usr/sbin/mariadbd')
  return { path, root, version: (await mysqlVersionOf(path)).version }
}

/** A MariaDB of this machine will do from version 11.7 on, the first with vectors. */
async function onMachine(): Promise<Program | undefined> {
  return await firstOnMachine(['mariadbd', 'mysqld'], async (path) => {
    const { version, isMariaDb } = await mysqlVersionOf(path)
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const newEnough = major > 11 || (major === 11 && minor >= 7)
    return isMariaDb && newEnough && systemTables({ path, version }).length > 0 ? { path, version } : undefined
  })
}

function systemTables({ root }: Program): string[] {
  return findAll(root ?? '/', 'usr/share/*/mariadb_system_tables.sql')
}

function fileArguments({ root }: Program): string[] {
  if (root === undefined) return []
  const share = join(root, 'usr/share/mariadb')
  return [
    `--basedir=${join(root, 'usr')}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
  ]
}

/** What mariadb-install-db does, without the Perl and shell programs that it needs. */
async function initialise({ program, folder, password }: Omit<Launch, 'port'>): Promise<void> {
  const data = join(folder, 'data')
  makeServerFolder(data)
  const share = dirname(systemTables(program)[0] ?? '')
  const scripts = ['mariadb_system_tables.sql', 'mariadb_performance_tables.sql', 'mariadb_system_tables_data.sql']
  const files = [...scripts, 'maria_add_gis_sp_bootstrap.sql', 'mariadb_sys_schema.sql']
  const input = [
    'create database if not exists mysql;',
    'use mysql;',
    'set @auth_root_socket = null;',
    ...files.map((file) => readFileSync(join(share, file), 'utf8')),
    // Accounts without a password, which would also be matched before the one made here.
    "delete from mysql.global_priv where user <> 'mariadb.sys' and not (user = 'root' and host = 'localhost');",
    'flush privileges;',
    rootAccountSql(password),
    '',
  ].join('\n')
  const fast = [
    '--innodb-log-file-size=64M',
    '--innodb-use-native-aio=OFF',
    '--innodb-doublewrite=OFF',
    '--skip-log-bin',
  ]
  const options = ['--bootstrap', `--datadir=${data}`, `--tmpdir=${folder}`, '--enforce-storage-engine=']
  await runAsServer(program.path, ['--no-defaults', ...fileArguments(program), ...options, ...fast], {
    cwd: folder,
    input,
  })
}

function serverArguments(launch: Launch): string[] {
  const own = ['--innodb-log-file-size=64M', '--feedback=OFF']
  return ['--no-defaults', ...fileArguments(launch.program), ...commonArguments(launch), ...own]
}
