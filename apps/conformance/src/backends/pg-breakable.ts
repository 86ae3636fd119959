import { sql } from '@archon-db/core'
import postgres from 'postgres'
import { ACCOUNT, type Breaking } from './breakable.ts'

export const pgBreaking: Breaking = {
  kind: 'postgres',
  async connect(options) {
    const { connectPostgres } = await import('@archon-db/pg')
    return connectPostgres(options)
  },
  prepare,
  endConnections: (url) => administer(url, endConnections),
  limitConnections: (url, count) => alter(url, `connection limit ${count ?? -1}`),
  limitIdle: (url, seconds) => alter(url, `set idle_session_timeout = '${seconds ?? 0}s'`),
  sleep: (seconds) => sql`select pg_sleep(${seconds})`,
}

/** Statements of the suite itself, past the wire. */
async function administer<T>(url: string, work: (client: postgres.Sql) => Promise<T>): Promise<T> {
  const client = postgres(url, { max: 1, prepare: false, fetch_types: false, onnotice: () => {} })
  try {
    return await work(client)
  } finally {
    await client.end({ timeout: 1 })
  }
}

async function alter(url: string, change: string): Promise<void> {
  await administer(url, (admin) => admin.unsafe(`alter role ${ACCOUNT} ${change}`))
}

async function prepare(address: string): Promise<string> {
  await administer(address, async (admin) => {
    await admin.unsafe(`create role ${ACCOUNT} login password '${ACCOUNT}'`)
    await admin.unsafe(`create database ${ACCOUNT} owner ${ACCOUNT}`)
  })
  const url = new URL(address)
  url.pathname = `/${ACCOUNT}`
  await administer(url.href, (admin) => admin.unsafe('create extension vector; create extension pg_trgm'))
  url.username = ACCOUNT
  url.password = ACCOUNT
  return url.href
}

async function endConnections(admin: postgres.Sql): Promise<number> {
  return (await admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${ACCOUNT}`).length
}
