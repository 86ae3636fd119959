import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { makeServerFolder, serverUser } from '../../src/servers/cache.ts'
import { postgresEngine } from '../../src/servers/engines/postgres.ts'
import type { NativeServer } from '../../src/servers/native.ts'
import { endProcess, identify, run } from '../../src/servers/processes.ts'
import { eventually, ownServer, startMs } from './machine.ts'

/**
 * The scripts of compose.replicated.yml, run on native servers: the programs that their images would provide are on
 * the PATH, the servers are on other ports, and the rest is as in the containers.
 */
const scripts = fileURLToPath(new URL('../../../../docker/replication', import.meta.url))

function folderWithPrograms(programs: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'replication-')))
  chmodSync(folder, 0o755)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text, { mode: 0o755 })
  return folder
}

test('a PostgreSQL replica is made from its primary, follows it, and takes no writes', {
  timeout: startMs,
}, async (context) => {
  const primary = (await ownServer('postgres', context)) as NativeServer
  const primaryUrl = new URL(primary.url)
  const programs = dirname((await postgresEngine.find()).path)
  const folder = folderWithPrograms({ 'docker-entrypoint.sh': '#!/bin/sh\nexec "$@"\n' })
  const environment = {
    PATH: [folder, programs, process.env.PATH].join(delimiter),
    LC_ALL: 'C.UTF-8',
    POSTGRES_USER: 'postgres',
    POSTGRES_DB: 'postgres',
    PGPASSWORD: primaryUrl.password,
    REPLICATION_PASSWORD: "it's secret",
  }
  const onPrimary = {
    ...environment,
    PGHOST: '127.0.0.1',
    PGPORT: primaryUrl.port,
    PGDATA: join(primary.folder, 'data'),
  }
  await run('bash', [join(scripts, 'postgres-primary.sh')], { env: onPrimary })
  await primary.restart()

  const data = join(folder, 'data')
  makeServerFolder(data)
  writeFileSync(join(data, 'left-by-a-copy-that-was-cut-short'), '')
  const port = await freePort()
  const onReplica = {
    PRIMARY_HOST: '127.0.0.1',
    PRIMARY_PORT: primaryUrl.port,
    REPLICATION_SLOT: 'replica_1',
    PGDATA: data,
  }
  // A replica refuses limits that are lower than its primary's.
  const limits = ['-c', 'max_connections=300', '-c', 'max_locks_per_transaction=256']
  const settings = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...limits]
  const start = (): ReturnType<typeof spawn> =>
    spawn('bash', [join(scripts, 'postgres-replica.sh'), 'postgres', ...settings], {
      cwd: data,
      env: { ...environment, ...onReplica },
      stdio: 'ignore',
      ...serverUser(),
    })
  const replica = await following(start, primary.url, port)
  expect(existsSync(join(data, 'left-by-a-copy-that-was-cut-short'))).toBe(false)

  // The second start goes on with the copy that is there.
  await endProcess(identify(replica.pid!), 'SIGINT')
  await following(start, primary.url, port)
})

/** Starts the replica and returns once it has what was written to the primary after that. */
async function following(
  start: () => ReturnType<typeof spawn>,
  primary: string,
  port: number,
): Promise<ReturnType<typeof spawn>> {
  const child = start()
  const process = identify(child.pid!)
  onTestFinished(async () => await endProcess(process, 'SIGINT'))
  const write = postgres(primary, { max: 1 })
  const url = new URL(primary)
  url.port = String(port)
  const read = postgres(url.href, { max: 1 })
  onTestFinished(async () => void (await Promise.all([write.end({ timeout: 1 }), read.end({ timeout: 1 })])))
  const table = `t_${child.pid}`
  await write.unsafe(`create table ${table} (n int)`)
  const arrived = async (): Promise<boolean> =>
    (await read`select from pg_tables where tablename = ${table}`).length === 1
  await eventually('the arrival of the table', async () => await arrived().catch(() => false))
  await expect(read.unsafe(`insert into ${table} values (1)`)).rejects.toMatchObject({ code: '25006' })
  return child
}

test('a MySQL replica takes over what its primary has, follows it, and takes no writes', {
  timeout: startMs,
}, async (context) => {
  const replication = [
    '--gtid-mode=ON',
    '--enforce-gtid-consistency=ON',
    '--log-bin=binlog',
    '--relay-log=relay',
    '--performance-schema=ON',
  ]
  const primary = await ownServer('mysql', context, ['--server-id=1', ...replication])
  const replica = await ownServer('mysql', context, ['--server-id=2', ...replication])
  const folder = folderWithPrograms({ mysql: mysqlClient })
  const script = async (name: string, url: string): Promise<void> => {
    const env = {
      PATH: [folder, dirname(process.execPath), process.env.PATH].join(delimiter),
      SERVER_URL: url,
      MYSQL_ROOT_PASSWORD: new URL(url).password,
      PRIMARY_HOST: '127.0.0.1',
      PRIMARY_PORT: new URL(primary.url).port,
      REPLICATION_PASSWORD: "it's secret",
    }
    await run('bash', [join(scripts, name)], { env })
  }
  await script('mysql-primary.sh', primary.url)
  const write = await connection(primary.url)
  await write.query('create database app')
  await script('mysql-replica.sh', replica.url)
  const [persisted] = await (await connection(replica.url)).query(
    'select * from performance_schema.persisted_variables',
  )
  expect(persisted).toEqual([{ VARIABLE_NAME: 'super_read_only', VARIABLE_VALUE: 'ON' }])
  await replica.restart()

  const read = await connection(replica.url)
  // A server without option files does not load what was persisted.
  await read.query('set global super_read_only = on')
  await write.query('create table app.t (n int)')
  await eventually('the arrival of the table', async () => {
    const [rows] = await read.query<RowDataPacket[]>(
      "select * from information_schema.tables where table_schema = 'app'",
    )
    return rows.length === 1
  })
  await expect(read.query('insert into app.t values (1)')).rejects.toMatchObject({
    code: 'ER_OPTION_PREVENTS_STATEMENT',
  })
})

async function connection(url: string): Promise<Connection> {
  const opened = await createConnection(url)
  onTestFinished(() => opened.destroy())
  return opened
}

/** Stands in for the mysql client: runs the statements on its standard input. */
const mysqlClient = `#!/usr/bin/env node
const { createConnection } = require(${JSON.stringify(fileURLToPath(import.meta.resolve('mysql2/promise')))})
const { readFileSync } = require('node:fs')
createConnection({ uri: process.env.SERVER_URL, multipleStatements: true }).then(async (connection) => {
  if (process.env.MYSQL_PWD !== process.env.MYSQL_ROOT_PASSWORD) throw new Error('no password')
  await connection.query(readFileSync(0, 'utf8'))
  await connection.end()
})
`

async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
