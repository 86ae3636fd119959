import { attempt, describeFailure, TimeLimitError } from './attempt.ts'
import { type Backend, BackendUnavailable } from './backend.ts'
import type { Behaviour, Context, Suite } from './behaviour.ts'
import { databaseSubject } from './database-subject.ts'
import { createRandom, deriveSeed } from './random.ts'
import { type BackendReport, type BehaviourResult, summarize } from './results.ts'
import type { RunningSubject, Subject } from './subject.ts'

export interface RunOptions {
  readonly seed: number
  /** Stops at the first failure; what is left is `not run`. */
  readonly bail?: boolean
  /** The backend was asked for by name: that it cannot run is a failure. */
  readonly required?: boolean
  readonly onBackend?: (label: string, version: BackendReport['version']) => void
  readonly onResult?: (result: BehaviourResult) => void
}

/** Runs the suites on one database. */
export function runBackend(
  backend: Backend,
  suites: readonly Suite<Context>[],
  options: RunOptions,
): Promise<BackendReport> {
  return runSubject(databaseSubject(backend), suites, options)
}

/** Runs the suites on one subject. Throws nothing but defects of the harness itself. */
export async function runSubject<C>(
  subject: Subject<C>,
  suites: readonly Suite<C>[],
  options: RunOptions,
): Promise<BackendReport> {
  const started = performance.now()
  let running: RunningSubject<C>
  try {
    running = await subject.start()
  } catch (error) {
    return notStarted(subject, suites, error, options)
  }
  const run = new SubjectRun(running, options)
  const { version } = running
  options.onBackend?.(subject.label, version)
  try {
    for (const suite of suites) await run.suite(suite)
  } finally {
    await running.stop()
  }
  return report(subject, version, started, run.results)
}

function report(
  subject: { readonly name: string; readonly label: string },
  version: BackendReport['version'],
  started: number,
  behaviours: readonly BehaviourResult[],
): BackendReport {
  const { name, label } = subject
  return { name, label, version, durationMs: performance.now() - started, summary: summarize(behaviours), behaviours }
}

/** A backend that this machine lacks is not run; one that is broken, or was asked for, has failed. */
function notStarted<C>(
  subject: Subject<C>,
  suites: readonly Suite<C>[],
  error: unknown,
  options: RunOptions,
): BackendReport {
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
  options.onBackend?.(subject.label, null)
  for (const result of behaviours) options.onResult?.(result)
  return { ...report(subject, null, performance.now(), behaviours), notRun: reason }
}

function notRun({ id, suite }: Pick<Behaviour, 'id' | 'suite'>, reason: string): BehaviourResult {
  return { id, suite, outcome: 'not run', durationMs: 0, reason }
}

class SubjectRun<C> {
  readonly results: BehaviourResult[] = []
  readonly #running: RunningSubject<C>
  readonly #options: RunOptions
  #bailed = false

  constructor(running: RunningSubject<C>, options: RunOptions) {
    this.#running = running
    this.#options = options
  }

  /** In an order of the seed's choice. */
  async suite({ name, behaviours }: Suite<C>): Promise<void> {
    const order = createRandom(deriveSeed(this.#options.seed, name)).shuffle(behaviours)
    for (const behaviour of order) {
      const result = this.#bailed ? notRun(behaviour, 'an earlier behaviour failed') : await this.#behaviour(behaviour)
      this.results.push(result)
      this.#options.onResult?.(result)
      if (this.#options.bail && result.outcome === 'failed') this.#bailed = true
    }
    await this.#running.discard()
  }

  async #behaviour(behaviour: Behaviour<C>): Promise<BehaviourResult> {
    const { id, suite, needs, otherwise } = behaviour
    const reason = this.#running.lacks(needs)
    if (reason !== undefined && !otherwise) return { id, suite, outcome: 'skipped', durationMs: 0, reason }
    const act = reason !== undefined && otherwise ? otherwise : behaviour.act
    const started = performance.now()
    try {
      const enter = await this.#running.stage(suite)
      const { seed } = this.#options
      const result = await attempt({ behaviour, act, seed, enter })
      if (result.error?.name === TimeLimitError.name) await this.#running.discard()
      return { id, suite, ...(reason !== undefined && { otherwise: true as const }), ...result }
    } catch (error) {
      const durationMs = performance.now() - started
      return { id, suite, outcome: 'failed', durationMs, error: describeFailure(error) }
    }
  }
}
