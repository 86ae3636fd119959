import { DbError, type TransactionOptions } from '@archon-db/core'
import { type OpenTransaction, Turn } from './turn.ts'

type Work<T> = (turn: Turn) => Promise<T>

/** A writing transaction has the store to itself from its first moment to its last, so every history is serial. */
export async function runTransaction<T>(outer: Turn, work: Work<T>, options: TransactionOptions): Promise<T> {
  const { retry = 0 } = checked(options)
  for (let attempt = 0; ; attempt++) {
    try {
      return await (outer.transaction ? runNested(outer, work, options) : runOuter(outer, work, options))
    } catch (error) {
      if (!(error instanceof DbError && error.retryable) || attempt >= retry) throw error
    }
  }
}

function checked(options: TransactionOptions): TransactionOptions {
  const { isolation, retry, timeoutMs } = options
  const known = isolation === undefined || ['read-committed', 'snapshot', 'serializable'].includes(isolation)
  const counted = retry === undefined || (Number.isSafeInteger(retry) && retry >= 0)
  const timed = timeoutMs === undefined || timeoutMs > 0
  if (!known || !counted || !timed)
    throw new DbError(
      'invalid_input',
      'isolation takes read-committed, snapshot or serializable; retry a count from 0; timeoutMs a number above 0.',
    )
  return options
}

async function runOuter<T>(outer: Turn, work: Work<T>, options: TransactionOptions): Promise<T> {
  const { store, owner } = outer
  const { readOnly = false } = options
  outer.check(false)
  options.signal?.throwIfAborted()
  const release = readOnly ? () => {} : await store.lock()
  try {
    const transaction: OpenTransaction = { readOnly, state: store.state, open: [] }
    const turn = new Turn(store, owner, transaction)
    transaction.open.push(turn)
    const result = await finished(turn, withLimits(turn, work, options))
    if (!readOnly) store.state = transaction.state
    return result
  } finally {
    release()
  }
}

/** A caught failure does not save the transaction. */
async function finished<T>(turn: Turn, work: Promise<T>): Promise<T> {
  try {
    const result = await work
    turn.requireDone()
    return result
  } finally {
    turn.end()
  }
}

async function withLimits<T>(turn: Turn, work: Work<T>, { timeoutMs, signal }: TransactionOptions): Promise<T> {
  if (timeoutMs === undefined && !signal) return work(turn)
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const late = new DbError('query_timeout', `The transaction did not finish within ${timeoutMs} ms.`)
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop(late), timeoutMs)
  const stop = (reason: unknown): void => {
    if (reason instanceof DbError) turn.fail(reason)
    reject(reason)
  }
  const abort = (): void => stop(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  work(turn).then(resolve, reject)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

const nestedTurns = new WeakMap<Turn, Promise<unknown>>()

/** A savepoint: its failure leaves the outer transaction as it was. Those of one transaction go one after the other. */
async function runNested<T>(outer: Turn, work: Work<T>, options: TransactionOptions): Promise<T> {
  const { isolation, retry, readOnly, timeoutMs } = options
  if (isolation ?? retry ?? readOnly ?? timeoutMs)
    throw new DbError('invalid_input', 'A nested transaction takes no options of its own.')
  const before = nestedTurns.get(outer) ?? Promise.resolve()
  const run = before.then(() => savepoint(outer, work))
  nestedTurns.set(
    outer,
    run.catch(() => {}),
  )
  return run
}

async function savepoint<T>(outer: Turn, work: Work<T>): Promise<T> {
  outer.check(false)
  const transaction = outer.transaction as OpenTransaction
  const { state } = transaction
  const turn = new Turn(outer.store, outer.owner, transaction)
  transaction.open.push(turn)
  try {
    return await finished(turn, work(turn))
  } catch (error) {
    // A savepoint that outlived the one around it has nothing to go back to.
    if (transaction.open.at(-1) === outer) transaction.state = state
    throw error
  }
}
