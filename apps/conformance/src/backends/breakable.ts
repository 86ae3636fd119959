import { type Database, openDatabase, type sql } from '@archon-db/core'
import type { Connection } from '@archon-db/core/dialect'
import {
  BackendUnavailable,
  type BreakableOptions,
  type BreakableServer,
  type RunningBackend,
} from '../harness/index.ts'
import { acquireOwnServer, isRunning, type RunningServer, type ServerKind } from '../servers/index.ts'
import { Wire } from '../servers/wire.ts'

/** Who owns the database that is broken, and its name. Not an administrator, whom servers spare in many ways. */
export const ACCOUNT = 'breakable'

/** How each kind of server is asked for what the suite does to it. `url` is the administrator's. */
export interface Breaking {
  readonly kind: ServerKind
  connect(options: { readonly url: string } & BreakableOptions): Promise<Connection>
  /** Makes the account and its database; returns their address. */
  prepare(url: string): Promise<string>
  endConnections(url: string): Promise<number>
  /** Null lifts the limit. */
  limitConnections(url: string, count: number | null): Promise<void>
  limitIdle(url: string, seconds: number | null): Promise<void>
  sleep(seconds: number): ReturnType<typeof sql>
}

export interface Breakable extends BreakableServer {
  /** In good order again, whatever was done to it. */
  mend(): Promise<void>
  stop(): Promise<void>
}

/** The backend with a server to break beside its own: started when first asked for, and mended each time. */
export function withBreakable(running: RunningBackend, breaking: Breaking): RunningBackend {
  let breakable: Promise<Breakable> | undefined
  return {
    ...running,
    traits: { ...running.traits, breakable: true },
    async breakableServer() {
      breakable ??= startBreakable(breaking)
      const server = await breakable
      await server.mend()
      return server
    },
    async stop() {
      await (await breakable)?.stop()
      await running.stop()
    },
  }
}

async function startBreakable(breaking: Breaking): Promise<Breakable> {
  const server = await acquireOwnServer(breaking.kind)
  if (!isRunning(server)) throw new BackendUnavailable(server.notRun)
  const wire = await Wire.before(server.url)
  const address = await breaking.prepare(server.url)
  const openAt = async (url: string, options: BreakableOptions = {}): Promise<Database> =>
    openDatabase(await breaking.connect({ url, ...options }))
  const db = await openAt(address)
  await db.migrate()
  await db.close()
  return {
    open: (options) => openAt(wire.through(address), options),
    wire,
    restart: () => restartPatiently(server),
    kill: (signal) => server.kill(signal),
    endConnections: () => breaking.endConnections(server.url),
    sleep: breaking.sleep,
    limitConnections: (count) => breaking.limitConnections(server.url, count),
    limitIdle: (seconds) => breaking.limitIdle(server.url, seconds),
    async mend() {
      wire.mend()
      server.kill('SIGCONT')
      await breaking.limitConnections(server.url, null).catch(() => restartPatiently(server))
      await breaking.limitIdle(server.url, null)
      await empty(await openAt(address))
    },
    async stop() {
      await wire.close()
      server.kill('SIGCONT')
      await server.stop()
    },
  }
}

/** After a crash the last processes may hold on to their memory for a moment, and a server does not start beside them. */
async function restartPatiently(server: RunningServer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await server.restart()
      return
    } catch (error) {
      if (attempt === 5) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Of the rows that the suite writes. */
async function empty(db: Database): Promise<void> {
  try {
    for (const table of ['archon_sources', 'archon_prompts'])
      await db.delete(table, { allRows: true, returning: false })
  } finally {
    await db.close()
  }
}
