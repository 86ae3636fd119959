import { inspect } from 'node:util'
import type { Database } from '@archon-db/core'
import { describeError } from './assertions.ts'
import type { DatabaseHandle, FreshOptions, RunningBackend } from './backend.ts'
import type { BackendInfo, Behaviour, Context } from './behaviour.ts'
import { createRandom, deriveSeed } from './random.ts'
import type { BehaviourResult, FailureReport } from './results.ts'

/** How long closing what a behaviour left open may take. */
const CLOSING_LIMIT_MS = 10_000

export interface Attempt {
  readonly behaviour: Behaviour
  readonly act: Behaviour['act']
  readonly running: RunningBackend
  readonly backend: BackendInfo
  readonly handle: DatabaseHandle
  readonly seed: number
}

/** What an attempt opened and must not leave open. */
interface Belongings {
  readonly databases: Database[]
  readonly handles: DatabaseHandle[]
}

type Result = Pick<BehaviourResult, 'outcome' | 'durationMs' | 'error' | 'notes'>

/** Runs one behaviour within its time limit. Never throws: whatever goes wrong is the result. */
export async function attempt(what: Attempt): Promise<Result> {
  const notes: string[] = []
  const belongings: Belongings = { databases: [], handles: [] }
  const controller = new AbortController()
  const started = performance.now()
  const error = await failureOf(async () => {
    await within(what.behaviour.limitMs, controller, () =>
      what.act(contextOf(what, belongings, notes, controller.signal)),
    )
  })
  const durationMs = performance.now() - started
  const leftover = await failureOf(() => within(CLOSING_LIMIT_MS, new AbortController(), () => release(belongings)))
  const failure = error ?? leftover
  return {
    outcome: failure ? 'failed' : 'passed',
    durationMs,
    ...(failure && { error: failure }),
    ...(notes.length > 0 && { notes }),
  }
}

function contextOf(what: Attempt, belongings: Belongings, notes: string[], signal: AbortSignal): Context {
  const { handle, running, backend, behaviour } = what
  const seed = deriveSeed(what.seed, behaviour.id)
  return {
    db: handle.db,
    url: handle.url,
    backend,
    seed,
    random: createRandom(seed),
    signal,
    note: (text) => notes.push(text),
    async open() {
      const db = await handle.open()
      belongings.databases.push(db)
      return db
    },
    async fresh(options?: FreshOptions) {
      const other = await running.fresh(`${behaviour.suite}-extra`, options)
      belongings.handles.push(other)
      return other
    },
  }
}

async function release({ databases, handles }: Belongings): Promise<void> {
  await Promise.all(databases.map((db) => db.close()))
  await Promise.all(handles.map((handle) => handle.drop()))
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
