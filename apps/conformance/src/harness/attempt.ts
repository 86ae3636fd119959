import { inspect } from 'node:util'
import { describeError } from './assertions.ts'
import type { Behaviour, ContextBasics } from './behaviour.ts'
import { createRandom, deriveSeed } from './random.ts'
import type { BehaviourResult, FailureReport } from './results.ts'

/** How long closing what a behaviour left open may take. */
const CLOSING_LIMIT_MS = 10_000

export interface Attempt<C> {
  readonly behaviour: Behaviour<C>
  readonly act: Behaviour<C>['act']
  readonly seed: number
  /** What the behaviour is given, and how whatever it opened is closed again. */
  readonly enter: (basics: ContextBasics) => Entered<C>
}

export interface Entered<C> {
  readonly context: C
  leave(): Promise<void>
}

type Result = Pick<BehaviourResult, 'outcome' | 'durationMs' | 'error' | 'notes'>

/** Runs one behaviour within its time limit. Never throws: whatever goes wrong is the result. */
export async function attempt<C>({ behaviour, act, seed: runSeed, enter }: Attempt<C>): Promise<Result> {
  const notes: string[] = []
  const controller = new AbortController()
  const seed = deriveSeed(runSeed, behaviour.id)
  const { signal } = controller
  const { context, leave } = enter({ seed, random: createRandom(seed), signal, note: (text) => notes.push(text) })
  const started = performance.now()
  const error = await failureOf(() => within(behaviour.limitMs, controller, () => act(context)))
  const durationMs = performance.now() - started
  const leftover = await failureOf(() => within(CLOSING_LIMIT_MS, new AbortController(), leave))
  const failure = error ?? leftover
  return {
    outcome: failure ? 'failed' : 'passed',
    durationMs,
    ...(failure && { error: failure }),
    ...(notes.length > 0 && { notes }),
  }
}

/** Ends the wait at the limit, or at a rejection that nobody awaits; what still runs then is left to itself. */
async function within(limitMs: number, controller: AbortController, work: () => Promise<void>): Promise<void> {
  let stop: (error: Error) => void = () => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = reject
  })
  const timer = setTimeout(() => stop(new TimeLimitError(limitMs)), limitMs)
  const stray = (cause: unknown): void =>
    stop(new Error(`a promise was rejected and nobody awaited it: ${describeError(cause)}`, { cause }))
  process.on('unhandledRejection', stray)
  try {
    await Promise.race([work(), stopped])
    // A stray rejection is reported a turn after it happened.
    await Promise.race([new Promise((resolve) => setImmediate(resolve)), stopped])
  } finally {
    clearTimeout(timer)
    process.off('unhandledRejection', stray)
    controller.abort()
  }
}

export class TimeLimitError extends Error {
  constructor(limitMs: number) {
    super(`did not end within ${limitMs / 1000} s`)
    this.name = 'TimeLimitError'
  }
}

async function failureOf(work: () => Promise<void>): Promise<FailureReport | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return describeFailure(error)
  }
}

/** An error as plain data; causes are part of the stack. */
export function describeFailure(error: unknown): FailureReport {
  if (!(error instanceof Error))
    return { name: 'Error', message: `something that is no Error was thrown: ${inspect(error)}` }
  const { name, message } = error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { name, message, ...(code && { code }), stack: inspect(error, { depth: 4, colors: false }) }
}
