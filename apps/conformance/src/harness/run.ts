import { attempt, describeFailure, TimeLimitError } from './attempt.ts'
import {
  ABSENCE,
  type Backend,
  BackendUnavailable,
  type DatabaseHandle,
  type RunningBackend,
  type TraitName,
} from './backend.ts'
import type { BackendInfo, Behaviour, Suite } from './behaviour.ts'
import { createRandom, deriveSeed } from './random.ts'
import { type BackendReport, type BehaviourResult, summarize } from './results.ts'

export interface RunOptions {
  readonly seed: number
  /** Stops at the first failure; what is left is `not run`. */
  readonly bail?: boolean
  /** The backend was asked for by name: that it cannot run is a failure. */
  readonly required?: boolean
  readonly onBackend?: (label: string, version: BackendReport['version']) => void
  readonly onResult?: (result: BehaviourResult) => void
}

/** Runs the suites on one backend. Throws nothing but defects of the harness itself. */
export async function runBackend(
  backend: Backend,
  suites: readonly Suite[],
  options: RunOptions,
): Promise<BackendReport> {
  const started = performance.now()
  let running: RunningBackend
  try {
    running = await backend.start()
  } catch (error) {
    return notStarted(backend, suites, error, options)
  }
  const run = new BackendRun(backend, running, options)
  options.onBackend?.(backend.label, running.version)
  try {
    for (const suite of suites) await run.suite(suite)
  } finally {
    await running.stop()
  }
  const { product, version } = running.version
  return report(backend, { product, version }, started, run.results)
}

function report(
  backend: Backend,
  version: BackendReport['version'],
  started: number,
  behaviours: readonly BehaviourResult[],
): BackendReport {
  const { name, label } = backend
  return { name, label, version, durationMs: performance.now() - started, summary: summarize(behaviours), behaviours }
}

/** A backend that this machine lacks is not run; one that is broken, or was asked for, has failed. */
function notStarted(backend: Backend, suites: readonly Suite[], error: unknown, options: RunOptions): BackendReport {
  const failed = options.required || !(error instanceof BackendUnavailable)
  const reason = error instanceof Error ? error.message : String(error)
  const start: BehaviourResult = {
    id: 'backend/starts',
    suite: 'backend',
    outcome: 'failed',
    durationMs: 0,
    error: describeFailure(error),
  }
  const rest = suites.flatMap((suite) => suite.behaviours.map((behaviour) => notRun(behaviour, reason)))
  const behaviours = failed ? [start, ...rest] : rest
  options.onBackend?.(backend.label, null)
  for (const result of behaviours) options.onResult?.(result)
  return { ...report(backend, null, performance.now(), behaviours), notRun: reason }
}

function notRun({ id, suite }: Behaviour, reason: string): BehaviourResult {
  return { id, suite, outcome: 'not run', durationMs: 0, reason }
}

class BackendRun {
  readonly results: BehaviourResult[] = []
  readonly #running: RunningBackend
  readonly #info: BackendInfo
  readonly #options: RunOptions
  #handle: DatabaseHandle | undefined
  #bailed = false

  constructor(backend: Backend, running: RunningBackend, options: RunOptions) {
    this.#running = running
    this.#info = { name: backend.name, traits: running.traits, ...running.version }
    this.#options = options
  }

  /** Every suite has a database of its own, every behaviour starts on empty tables, in an order of the seed's choice. */
  async suite({ name, behaviours }: Suite): Promise<void> {
    const order = createRandom(deriveSeed(this.#options.seed, name)).shuffle(behaviours)
    for (const behaviour of order) {
      const result = this.#bailed ? notRun(behaviour, 'an earlier behaviour failed') : await this.#behaviour(behaviour)
      this.results.push(result)
      this.#options.onResult?.(result)
      if (this.#options.bail && result.outcome === 'failed') this.#bailed = true
    }
    await this.#discard()
  }

  async #behaviour(behaviour: Behaviour): Promise<BehaviourResult> {
    const { id, suite, needs, otherwise } = behaviour
    const missing = needs.find((trait) => !this.#info.traits[trait])
    if (missing !== undefined && !otherwise) {
      return { id, suite, outcome: 'skipped', durationMs: 0, reason: `${ABSENCE[missing as TraitName]} (${missing})` }
    }
    const act = missing !== undefined && otherwise ? otherwise : behaviour.act
    const started = performance.now()
    try {
      const handle = await this.#emptyDatabase(suite)
      const { seed } = this.#options
      const result = await attempt({ behaviour, act, running: this.#running, backend: this.#info, handle, seed })
      // A behaviour that hangs may still be at work: its database is not handed on.
      if (result.error?.name === TimeLimitError.name) await this.#discard()
      return { id, suite, ...(missing !== undefined && { otherwise: true as const }), ...result }
    } catch (error) {
      const durationMs = performance.now() - started
      return { id, suite, outcome: 'failed', durationMs, error: describeFailure(error) }
    }
  }

  async #emptyDatabase(suite: string): Promise<DatabaseHandle> {
    if (this.#handle) {
      try {
        await this.#handle.wipe()
        return this.#handle
      } catch {
        // Closed or broken by the behaviour before: the next one gets a new database.
        await this.#discard()
      }
    }
    this.#handle = await this.#running.fresh(suite)
    await this.#handle.wipe()
    return this.#handle
  }

  async #discard(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    if (!handle) return
    const limit = new Promise<void>((resolve) => setTimeout(resolve, 5_000).unref())
    await Promise.race([handle.drop().catch(() => {}), limit])
  }
}
