import type { Database } from '@archon-db/core'
import type { Entered } from './attempt.ts'
import {
  ABSENCE,
  type Backend,
  type DatabaseHandle,
  type FreshOptions,
  type RunningBackend,
  type TraitName,
} from './backend.ts'
import type { BackendInfo, Context, ContextBasics } from './behaviour.ts'
import type { RunningSubject, Subject } from './subject.ts'

/** A database as something suites run on: every suite has one of its own, every behaviour starts on empty tables. */
export function databaseSubject(backend: Backend): Subject<Context> {
  const { name, label } = backend
  return { name, label, start: async () => new DatabaseSubject(backend, await backend.start()) }
}

class DatabaseSubject implements RunningSubject<Context> {
  readonly #running: RunningBackend
  readonly #info: BackendInfo
  #handle: { readonly suite: string; readonly database: DatabaseHandle } | undefined

  constructor(backend: Backend, running: RunningBackend) {
    this.#running = running
    this.#info = { name: backend.name, traits: running.traits, ...running.version }
  }

  get version(): RunningBackend['version'] {
    const { product, version } = this.#running.version
    return { product, version }
  }

  lacks(needs: readonly string[]): string | undefined {
    const missing = (needs as readonly TraitName[]).find((trait) => !this.#info.traits[trait])
    return missing && `${ABSENCE[missing]} (${missing})`
  }

  async stage(suite: string): Promise<(basics: ContextBasics) => Entered<Context>> {
    const handle = await this.#emptyDatabase(suite)
    return (basics) => this.#enter(handle, suite, basics)
  }

  #enter(handle: DatabaseHandle, suite: string, basics: ContextBasics): Entered<Context> {
    const databases: Database[] = []
    const handles: DatabaseHandle[] = []
    const running = this.#running
    const context: Context = {
      ...basics,
      db: handle.db,
      url: handle.url,
      backend: this.#info,
      async open() {
        const db = await handle.open()
        databases.push(db)
        return db
      },
      fresh: async (options?: FreshOptions) => {
        const other = await running.fresh(`${suite}-extra`, options)
        handles.push(other)
        return other
      },
      breakableServer: async () => {
        const { breakableServer } = running
        if (!breakableServer) throw new Error('There is no server to break here: ask for the trait breakable.')
        return breakableServer()
      },
      get planner() {
        if (!running.planner) throw new Error('Nothing tells plans here: ask for the trait sql.')
        return running.planner
      },
    }
    const leave = async (): Promise<void> => {
      await Promise.all(databases.map((db) => db.close()))
      await Promise.all(handles.map((other) => other.drop()))
    }
    return { context, leave }
  }

  async #emptyDatabase(suite: string): Promise<DatabaseHandle> {
    if (this.#handle?.suite !== suite) await this.discard()
    if (this.#handle) {
      try {
        await this.#handle.database.wipe()
        return this.#handle.database
      } catch {
        // Closed or broken by the behaviour before: the next one gets a new database.
        await this.discard()
      }
    }
    const database = await this.#running.fresh(suite)
    this.#handle = { suite, database }
    await database.wipe()
    return database
  }

  async discard(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    if (!handle) return
    const limit = new Promise<void>((resolve) => setTimeout(resolve, 5_000).unref())
    await Promise.race([handle.database.drop().catch(() => {}), limit])
  }

  async stop(): Promise<void> {
    await this.discard()
    await this.#running.stop()
  }
}
