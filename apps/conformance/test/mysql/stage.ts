import { type Database, openDatabase } from '@archon-db/core'
import type { Connection as DialectConnection } from '@archon-db/core/dialect'
import { connectMysql, type MysqlOptions } from '@archon-db/mysql'
import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, onTestFinished, test } from 'vitest'
import { acquireOwnServer, isRunning, mustRun, type RunningServer } from '../../src/servers/index.ts'
import { startMs } from '../servers/machine.ts'

export const KINDS = ['mysql', 'mariadb'] as const
export type Kind = (typeof KINDS)[number]

/** A server of its own for the tests of one file, and what they do to it. */
class Stage {
  readonly server: RunningServer
  #made = 0

  constructor(server: RunningServer) {
    this.server = server
  }

  /** A connection of the server's administrator, closed when the test ends. */
  async admin(): Promise<Connection> {
    const connection = await createConnection({ uri: this.server.url })
    connection.on('error', () => {})
    onTestFinished(() => connection.destroy())
    return connection
  }

  /** One statement of the administrator's. */
  async sql(text: string): Promise<unknown[][]> {
    const connection = await createConnection({ uri: this.server.url, rowsAsArray: true })
    try {
      const [rows] = await connection.query(text)
      return rows as unknown[][]
    } finally {
      connection.destroy()
    }
  }

  /** The address of a new, empty database. */
  async address(): Promise<string> {
    const name = `stage_${++this.#made}`
    await this.sql(`create database ${name}`)
    const url = new URL(this.server.url)
    url.pathname = `/${name}`
    return url.href
  }

  /** A database of the test's own, closed when it ends. */
  async open(options: StageOptions = {}): Promise<Opened> {
    const { migrated = true, ...rest } = options
    const connection = await connectMysql({ url: await this.address(), ...rest })
    const db = await openDatabase(connection)
    onTestFinished(() => db.close())
    if (migrated) await db.migrate()
    return { db, connection }
  }
}

type StageOptions = Partial<MysqlOptions> & { readonly migrated?: boolean }

interface Opened {
  readonly db: Database
  readonly connection: DialectConnection
}

/**
 * A server of its own for the tests of a `describe`: started before them, stopped after them. Gives what declares such a
 * test, which is skipped where the machine has no such server.
 */
export function testsOn(kind: Kind, extraArguments: readonly string[] = []): StageTest {
  let stage: Stage | undefined
  beforeAll(async () => {
    const server = await acquireOwnServer(kind, extraArguments)
    if (isRunning(server)) stage = new Stage(server)
    else if (mustRun(kind)) throw new Error(server.notRun)
  }, startMs)
  afterAll(() => stage?.server.stop(), 30_000)
  // A test that failed may have left it frozen.
  afterEach(() => stage?.server.kill('SIGCONT'))
  return (name, work) =>
    test(name, async (context) => {
      if (stage) await work(stage)
      else context.skip('this machine has no such server')
    })
}

type StageTest = (name: string, work: (stage: Stage) => Promise<void>) => void

/** The code a promise fails with, or what it gave. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'done',
    (error: { code?: unknown }) => error.code ?? error,
  )
}
