import assert from 'node:assert/strict'
import { DbError, type DbErrorCode } from '@archon-db/core'

export interface ExpectedError {
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
  readonly retryable?: boolean
  readonly messageIncludes?: string | readonly string[]
  /** Values and secrets that a message must never show. */
  readonly messageExcludes?: string | readonly string[]
}

/** The promise fails with a DbError of this code; returns it for whatever else there is to say. */
export async function rejects(
  promise: PromiseLike<unknown> | (() => PromiseLike<unknown>),
  code: DbErrorCode,
  expected: ExpectedError = {},
): Promise<DbError> {
  const error = await rejection(promise, code)
  if (!(error instanceof DbError)) {
    throw new assert.AssertionError({
      message: `expected a DbError ${code}, but got ${describeError(error)}`,
      actual: error,
    })
  }
  assert.equal(error.code, code, `expected ${code}, but got ${describeError(error)}`)
  for (const key of ['table', 'column', 'constraint', 'retryable'] as const) {
    if (expected[key] !== undefined) assert.equal(error[key], expected[key], `the error's ${key}: ${error.message}`)
  }
  for (const text of list(expected.messageIncludes)) {
    assert.ok(error.message.includes(text), `the message says ${JSON.stringify(text)}: ${error.message}`)
  }
  for (const text of list(expected.messageExcludes)) {
    assert.ok(!error.message.includes(text), `the message does not show ${JSON.stringify(text)}: ${error.message}`)
  }
  return error
}

async function rejection(promise: PromiseLike<unknown> | (() => PromiseLike<unknown>), code: string): Promise<unknown> {
  try {
    await (typeof promise === 'function' ? promise() : promise)
  } catch (error) {
    return error
  }
  throw new assert.AssertionError({ message: `expected ${code}, but the call succeeded` })
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

export function describeError(error: unknown): string {
  if (error instanceof DbError) return `${error.code}: ${error.message}`
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

export interface Patience {
  /** Milliseconds until the last failure counts. Default 5 s. */
  readonly within?: number
  readonly every?: number
}

/** Repeats an assertion until it holds; for effects that another connection or process brings about. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { within = 5_000, every = 10 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + within
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() >= deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}

/**
 * Prepares `count` tasks, waits until all are ready, then starts them in one go and waits for all of them.
 * The first failure is thrown, but only once every task has ended.
 *
 *     await startTogether(10, (i, db) => db.insert(…), () => open())
 */
export async function startTogether<T, P = undefined>(
  count: number,
  task: (index: number, prepared: P) => Promise<T>,
  prepare?: (index: number) => Promise<P>,
): Promise<T[]> {
  const settled = await settleTogether(count, task, prepare)
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** As `startTogether`, but failures are results like any other. */
export async function settleTogether<T, P = undefined>(
  count: number,
  task: (index: number, prepared: P) => Promise<T>,
  prepare?: (index: number) => Promise<P>,
): Promise<PromiseSettledResult<T>[]> {
  const prepared = await Promise.all(Array.from({ length: count }, (_, index) => prepare?.(index)))
  return Promise.allSettled(prepared.map(async (own, index) => task(index, own as P)))
}
