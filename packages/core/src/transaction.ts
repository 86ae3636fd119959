import type { TransactionOptions } from './data-access.ts'
import type { BeginOptions, TransactionSession } from './dialect.ts'
import { DbError, invalidInput } from './errors.ts'
import { Executor, type TransactionState } from './executor.ts'
import { abortable } from './internal/abortable.ts'
import { Mutex } from './internal/mutex.ts'
import { checkCall } from './query/options.ts'

let lastId = 0
/** Savepoints of one transaction take turns, or their brackets would interleave. */
const savepointTurns = new WeakMap<Executor, Mutex>()

type Run<T> = (executor: Executor) => Promise<T>

export async function beginTransaction<T>(outer: Executor, run: Run<T>, options: TransactionOptions): Promise<T> {
  const { retry = 0 } = checkOptions(options)
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptTransaction(outer, run, options)
    } catch (error) {
      if (!(error instanceof DbError) || !error.retryable || attempt >= retry) throw error
      await pause(attempt, options.signal)
    }
  }
}

const ISOLATIONS = new Set(['read-committed', 'snapshot', 'serializable'])

function checkOptions(options: TransactionOptions): TransactionOptions {
  checkCall(options)
  const { isolation, retry, timeoutMs } = options
  if (isolation !== undefined && !ISOLATIONS.has(isolation))
    throw invalidInput(`isolation takes ${[...ISOLATIONS].join(', ')}.`)
  if (retry !== undefined && (!Number.isSafeInteger(retry) || retry < 0))
    throw invalidInput('retry takes a whole number from 0.')
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw invalidInput('timeoutMs takes a number above 0.')
  return options
}

/** Full jitter: callers that collided once do not collide again in step. */
function pause(attempt: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const ceiling = Math.min(1000, 10 * 2 ** attempt)
  return new Promise((resolve) => setTimeout(resolve, Math.random() * ceiling))
}

async function attemptTransaction<T>(outer: Executor, run: Run<T>, options: TransactionOptions): Promise<T> {
  const { shared } = outer
  if (shared.closed) throw new DbError('closed', 'This database handle is closed. Open a new one with connect().')
  options.signal?.throwIfAborted()
  const readOnly = options.readOnly ?? false
  const begin: BeginOptions = {
    isolation: options.isolation ?? 'read-committed',
    readOnly,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  }
  const session = await beginSession(outer, begin, options.signal)
  const state: TransactionState = { id: ++lastId, readOnly, session, open: [], savepoints: 0 }
  const executor = new Executor(shared, state)
  state.open.push(executor)
  return settle(executor, session, () => withLimits(executor, () => run(executor), options))
}

/** Beginning may mean waiting for others; who gives up meanwhile must not leave a transaction open. */
async function beginSession(
  outer: Executor,
  begin: BeginOptions,
  signal: AbortSignal | undefined,
): Promise<TransactionSession> {
  const beginning = translate(outer, () => outer.shared.connection.begin(begin))
  if (!signal) return beginning
  try {
    return await abortable(beginning, signal)
  } catch (error) {
    if (signal.aborted)
      beginning.then(
        (session) => session.rollback(),
        () => undefined,
      )
    throw error
  }
}

async function settle<T>(executor: Executor, session: TransactionSession, work: () => Promise<T>): Promise<T> {
  let result: T
  try {
    result = await work()
    requireDone(executor)
  } catch (error) {
    await executor.end()
    await session.rollback()
    throw error
  }
  await executor.end()
  await translate(executor, () => session.commit())
  return result
}

/** Whether all is well with a transaction or a savepoint whose function has returned. */
function requireDone(executor: Executor): void {
  // A caught error does not save the transaction: say so instead of committing nothing in silence.
  if (executor.failure) throw executor.failure
  if ((executor.transaction as TransactionState).open.at(-1) !== executor)
    throw invalidInput(
      'A nested transaction is still running, so this one was rolled back. Await it before you return.',
    )
}

async function translate<T>(executor: Executor, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw executor.shared.dialect.toDbError(error)
  }
}

/** Ends the wait at the time limit or on abort; what the function still tries then is refused. */
function withLimits<T>(
  executor: Executor,
  work: () => Promise<T>,
  { timeoutMs, signal }: TransactionOptions,
): Promise<T> {
  if (timeoutMs === undefined && !signal) return work()
  signal?.throwIfAborted()
  return new Promise<T>((resolve, reject) => {
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop(timedOut(timeoutMs)), timeoutMs)
    const abort = (): void => stop(signal?.reason)
    function stop(reason: unknown): void {
      if (reason instanceof DbError) executor.fail(reason)
      reject(reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      })
  })
}

function timedOut(timeoutMs: number): DbError {
  return new DbError(
    'query_timeout',
    `The transaction did not finish within ${timeoutMs} ms and was rolled back. Raise timeoutMs or do less in one transaction.`,
  )
}

/** A nested transaction is a savepoint: its failure leaves the outer transaction usable. */
export async function nestTransaction<T>(outer: Executor, run: Run<T>, options: TransactionOptions): Promise<T> {
  const { isolation, retry, readOnly, timeoutMs } = checkOptions(options)
  if (isolation !== undefined || retry !== undefined || readOnly !== undefined || timeoutMs !== undefined) {
    throw invalidInput(
      'A nested transaction takes no isolation, retry, readOnly or timeoutMs; the outermost one decides them.',
    )
  }
  const turns = savepointTurns.get(outer) ?? new Mutex()
  savepointTurns.set(outer, turns)
  const release = await turns.acquire()
  try {
    return await runSavepoint(outer, run)
  } finally {
    release()
  }
}

async function runSavepoint<T>(outer: Executor, run: Run<T>): Promise<T> {
  const state = outer.transaction as TransactionState
  const name = `archon_sp_${++state.savepoints}`
  const statement = (text: string): Promise<unknown> =>
    outer.run({ text, params: [], write: false, tables: [], prepare: false })
  await statement(`savepoint ${name}`)
  const inner = new Executor(outer.shared, state)
  state.open.push(inner)
  try {
    const result = await run(inner)
    requireDone(inner)
    await inner.end()
    await statement(`release savepoint ${name}`)
    return result
  } catch (error) {
    await inner.end()
    // Where going back fails, too, the transaction around is marked as failed by it; what went wrong first is told.
    if (!outer.failure) await statement(`rollback to savepoint ${name}`).catch(() => undefined)
    throw error
  }
}
