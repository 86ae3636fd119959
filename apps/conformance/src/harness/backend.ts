import type { Database } from '@archon-db/core'
import type { Traits } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'
import type { Wire } from '../servers/wire.ts'
import type { Planner } from './planner.ts'
import type { Through } from './recording.ts'

/** A database that the suites run on: how it is called, and how to get it going. */
export interface Backend {
  /** What `--backend` takes. */
  readonly name: string
  /** What people read in the matrix. */
  readonly label: string
  /** The suites for which it is here, where the others would tell nothing that another backend does not. */
  readonly suites?: readonly string[]
  /** Throws `BackendUnavailable` when this machine cannot run it. */
  start(): Promise<RunningBackend>
}

export interface RunningBackend {
  readonly traits: BackendTraits
  readonly version: BackendVersion
  /** A database of its own, `name` being part of what it is called. */
  fresh(name: string, options?: FreshOptions): Promise<DatabaseHandle>
  /** Where `breakable`: started when first asked for, and mended each time. */
  breakableServer?(): Promise<BreakableServer>
  /** Where there is SQL: how this database says what it does with a statement. */
  readonly planner?: Planner
  stop(): Promise<void>
}

/** A server that nobody else uses, with a migrated database, behind a wire of its own. */
export interface BreakableServer {
  /** A handle of the caller's own, whose connections pass through the wire. */
  open(options?: BreakableOptions): Promise<Database>
  readonly wire: Wire
  /** Stops and starts it on the same data. */
  restart(): Promise<void>
  /** SIGKILL is a crash, after which only `restart` helps; SIGSTOP freezes it until SIGCONT. */
  kill(signal: NodeJS.Signals): void
  /** Has the server end every connection but its own; returns how many there were. */
  endConnections(): Promise<number>
  /** A statement that takes its time. */
  sleep(seconds: number): SQL
  /** How many connections of the handle's account the server grants from now on. */
  limitConnections(count: number): Promise<void>
  /** How long the server keeps connections that do nothing, of those that open from now on. */
  limitIdle(seconds: number): Promise<void>
}

export interface BreakableOptions {
  readonly pool?: { readonly size?: number; readonly timeoutMs?: number }
  readonly statementTimeoutMs?: number
}

export interface FreshOptions {
  /** False leaves out the migrations: nothing is in there at all. Default true: as a user first meets it, seeds included. */
  readonly migrated?: boolean
  /** May watch the statements that the handle sends. Default: nobody does. */
  readonly through?: Through
}

export interface BackendVersion {
  readonly product: string
  readonly version: string
}

export interface DatabaseHandle {
  readonly db: Database
  /** What `connect()` takes to reach the same data; empty where there is no such thing. */
  readonly url: string
  /** A second handle on the same data, with connections of its own. The caller closes it. */
  open(): Promise<Database>
  /** Deletes the rows of all tables, seeds included, without passing through anything a test may have wrapped. */
  wipe(): Promise<unknown>
  /** Closes `db` and removes the data. */
  drop(): Promise<void>
}

/** What the dialect declares, and what only matters to tests. */
export interface BackendTraits extends Traits {
  /** `execute` takes SQL. */
  readonly sql: boolean
  /** Migrations run statements, and the ledger knows them. */
  readonly ledger: boolean
  /** Data outlives the last handle. */
  readonly durable: boolean
  /** Another process can open the same data by its URL. */
  readonly multiProcess: boolean
  /** Every connection passes through a server of its own process, which can be stopped and frozen. */
  readonly server: boolean
  /** A server of one's own can be had, to be stopped, frozen and cut off. */
  readonly breakable?: boolean
  /** Its index of vectors is measured; not where another backend measures that of the same server. */
  readonly measured?: boolean
}

/** A trait that is there or not, by name: a behaviour may need it. */
export type TraitName = {
  [K in keyof BackendTraits]-?: NonNullable<BackendTraits[K]> extends boolean ? K : never
}[keyof BackendTraits]

/** Why a behaviour is skipped where the trait is absent. */
export const ABSENCE: Readonly<Record<TraitName, string>> = {
  transactionalDdl: 'DDL commits by itself here',
  concurrentReads: 'statements run one at a time here',
  concurrentWrites: 'writers take turns here',
  alwaysSerializable: 'isolation follows what is asked for here',
  vectorSearch: 'nearness is computed in this process here',
  shareable: 'each handle has data of its own here',
  sql: 'there is no SQL here',
  ledger: 'there are no migrations here',
  durable: 'data ends with its last handle here',
  multiProcess: 'data stays in one process here',
  server: 'there is no server process here',
  breakable: 'there is no server to break here',
  measured: 'another backend measures this server, or it has no index of its own',
}

/** Thrown by `start`: the machine lacks something. Reported as `not run`, never as green. */
export class BackendUnavailable extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'BackendUnavailable'
  }
}

/** Deletes all rows, children first, so that no foreign key is in the way. Tells which tables had many. */
export async function wipeTables(db: Database): Promise<string[]> {
  const names = [...db.schema.tables.keys()].reverse()
  return await db.transaction(async (tx) => {
    const large: string[] = []
    for (const name of names) {
      const { count } = await tx.delete(name, { allRows: true, returning: false })
      if (count >= MANY_ROWS) large.push(name)
    }
    return large
  })
}

const MANY_ROWS = 500
