import type { Database } from '@archon-db/core'
import type {
  BackendTraits,
  BackendVersion,
  BreakableServer,
  DatabaseHandle,
  FreshOptions,
  TraitName,
} from './backend.ts'
import type { Planner } from './planner.ts'
import type { Random } from './random.ts'

/** What every behaviour is given, whatever it runs on. */
export interface ContextBasics {
  /** Belongs to this behaviour; the run's own seed is printed and repeats it. */
  readonly seed: number
  readonly random: Random
  /** Kept in the report beside the outcome: a mechanism, a measured value. */
  note(text: string): void
  /** Aborted when the time limit is reached. */
  readonly signal: AbortSignal
}

/** What a behaviour of a database is given. Its database has all tables and not a single row. */
export interface Context extends ContextBasics {
  readonly db: Database
  /** What `connect()` takes to reach the same data. */
  readonly url: string
  readonly backend: BackendInfo
  /** A second, independent handle on the same data; closed when the behaviour ends. */
  open(): Promise<Database>
  /** Another database, as a user first meets it (seeds included) or `{ migrated: false }`; dropped at the end. */
  fresh(options?: FreshOptions): Promise<DatabaseHandle>
  /** A server to break, in good order; only where the backend is `breakable`. Mended when the behaviour ends. */
  breakableServer(): Promise<BreakableServer>
  /** How this database says what it does with a statement; only where there is `sql`. */
  readonly planner: Planner
}

export interface BackendInfo extends BackendVersion {
  readonly name: string
  readonly traits: BackendTraits
}

export type Act<C = Context> = (context: C) => Promise<void>

export interface BehaviourOptions<C = Context, T extends string = TraitName> {
  /** Runs only where the backend has these traits. */
  readonly needs?: T | readonly T[]
  /** What is asserted where one of them is absent: usually the documented error. Without it the behaviour is skipped. */
  readonly otherwise?: Act<C>
  /** Milliseconds after which the behaviour has failed. Default 30 s. */
  readonly limitMs?: number
}

export interface Behaviour<C = Context> {
  /** `suite/behaviour`, unique. */
  readonly id: string
  readonly suite: string
  readonly needs: readonly string[]
  readonly otherwise?: Act<C>
  readonly limitMs: number
  readonly act: Act<C>
}

export interface Suite<C = Context> {
  readonly name: string
  readonly behaviours: readonly Behaviour<C>[]
}

export interface SuiteBuilder<C = Context, T extends string = TraitName> {
  behaviour(id: string, act: Act<C>): void
  behaviour(id: string, options: BehaviourOptions<C, T>, act: Act<C>): void
}

const DEFAULT_LIMIT_MS = 30_000
const ID = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/

/**
 * Behaviours that belong together, written once for every backend.
 *
 *     export const crud: Suite = suite('crud', (t) => {
 *       t.behaviour('insert.returns-stored-rows', async ({ db }) => { … })
 *     })
 */
export function suite<C = Context, T extends string = TraitName>(
  name: string,
  define: (builder: SuiteBuilder<C, T>) => void,
): Suite<C> {
  requireId(name)
  const behaviours = new Map<string, Behaviour<C>>()
  define({
    behaviour(id: string, first: BehaviourOptions<C, T> | Act<C>, second?: Act<C>) {
      requireId(id)
      const options = typeof first === 'function' ? {} : first
      const act = typeof first === 'function' ? first : second
      if (!act) throw new Error(`${name}/${id} has nothing to run.`)
      if (behaviours.has(id)) throw new Error(`${name}/${id} is there twice.`)
      behaviours.set(id, describe(name, id, options, act))
    },
  })
  return { name, behaviours: [...behaviours.values()] }
}

function describe<C>(name: string, id: string, options: BehaviourOptions<C, string>, act: Act<C>): Behaviour<C> {
  const { needs = [], otherwise, limitMs = DEFAULT_LIMIT_MS } = options
  return {
    id: `${name}/${id}`,
    suite: name,
    needs: typeof needs === 'string' ? [needs] : needs,
    ...(otherwise && { otherwise }),
    limitMs,
    act,
  }
}

function requireId(id: string): void {
  if (!ID.test(id)) throw new Error(`${JSON.stringify(id)} is no id: lower-case words joined by dots and hyphens.`)
}
