import { sql } from '@archon-db/core'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { ACCOUNT, type Breaking } from './breakable.ts'

/** Only connections of accounts with a limit are counted, so this one has a limit at all times. */
const UNLIMITED = 10_000
/** The server's own default. */
const IDLE_S = 28_800

export function mysqlBreaking(kind: 'mysql' | 'mariadb'): Breaking {
  return {
    kind,
    async connect(options) {
      const { connectMysql } = await import('@archon-db/mysql')
      return connectMysql(options)
    },
    prepare,
    endConnections: (url) => administer(url, endConnections),
    limitConnections: (url, count) => run(url, `alter user ${ACCOUNT} with max_user_connections ${count ?? UNLIMITED}`),
    limitIdle: (url, seconds) => run(url, `set global wait_timeout = ${seconds ?? IDLE_S}`),
    sleep: (seconds) => sql`select sleep(${seconds})`,
  }
}

/** Statements of the suite itself, past the wire. */
async function administer<T>(url: string, work: (admin: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: url })
  connection.on('error', () => {})
  try {
    return await work(connection)
  } finally {
    connection.destroy()
  }
}

async function run(url: string, text: string): Promise<void> {
  await administer(url, (admin) => admin.query(text))
}

async function prepare(address: string): Promise<string> {
  await administer(address, async (admin) => {
    await admin.query(`create database ${ACCOUNT}`)
    await admin.query(`create user ${ACCOUNT} identified by '${ACCOUNT}' with max_user_connections ${UNLIMITED}`)
    await admin.query(`grant all privileges on ${ACCOUNT}.* to ${ACCOUNT}`)
  })
  const url = new URL(address)
  url.pathname = `/${ACCOUNT}`
  url.username = ACCOUNT
  url.password = ACCOUNT
  return url.href
}

async function endConnections(admin: Connection): Promise<number> {
  const [rows] = await admin.query<RowDataPacket[]>(
    `select id from information_schema.processlist where user = '${ACCOUNT}'`,
  )
  // One that ended by itself in the meantime is no longer there to be killed.
  for (const { id, ID } of rows) await admin.query(`kill ${id ?? ID}`).catch(() => {})
  return rows.length
}
