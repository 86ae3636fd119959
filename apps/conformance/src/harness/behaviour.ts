import type { Database } from '@archon-db/core'
import type { BackendTraits, BackendVersion, DatabaseHandle, FreshOptions, TraitName } from './backend.ts'
import type { Random } from './random.ts'

/** What a behaviour is given. Its database has all tables and not a single row. */
export interface Context {
  readonly db: Database
  /** What `connect()` takes to reach the same data. */
  readonly url: string
  readonly backend: BackendInfo
  /** A second, independent handle on the same data; closed when the behaviour ends. */
  open(): Promise<Database>
  /** Another database, as a user first meets it (seeds included) or `{ migrated: false }`; dropped at the end. */
  fresh(options?: FreshOptions): Promise<DatabaseHandle>
  /** Belongs to this behaviour; the run's own seed is printed and repeats it. */
  readonly seed: number
  readonly random: Random
  /** Kept in the report beside the outcome: a mechanism, a measured value. */
  note(text: string): void
  /** Aborted when the time limit is reached. */
  readonly signal: AbortSignal
}

export interface BackendInfo extends BackendVersion {
  readonly name: string
  readonly traits: BackendTraits
}

export type Act = (context: Context) => Promise<void>

export interface BehaviourOptions {
  /** Runs only where the backend has these traits. */
  readonly needs?: TraitName | readonly TraitName[]
  /** What is asserted where one of them is absent: usually the documented error. Without it the behaviour is skipped. */
  readonly otherwise?: Act
  /** Milliseconds after which the behaviour has failed. Default 30 s. */
  readonly limitMs?: number
}

export interface Behaviour {
  /** `suite/behaviour`, unique. */
  readonly id: string
  readonly suite: string
  readonly needs: readonly TraitName[]
  readonly otherwise?: Act
  readonly limitMs: number
  readonly act: Act
}

export interface Suite {
  readonly name: string
  readonly behaviours: readonly Behaviour[]
}

export interface SuiteBuilder {
  behaviour(id: string, act: Act): void
  behaviour(id: string, options: BehaviourOptions, act: Act): void
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
export function suite(name: string, define: (builder: SuiteBuilder) => void): Suite {
  requireId(name)
  const behaviours = new Map<string, Behaviour>()
  define({
    behaviour(id: string, first: BehaviourOptions | Act, second?: Act) {
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

function describe(name: string, id: string, options: BehaviourOptions, act: Act): Behaviour {
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
