import { type Database, type DbError, type Isolation, isDbError, type Transaction } from '@archon-db/core'

/** How a guarantee was kept: by making somebody wait, by an error that asks for a retry, or by what everybody reads. */
export type Means = 'blocked' | `error: ${string}`

type Step = (tx: Transaction) => Promise<unknown>
type Command = { readonly step: Step | 'commit' | 'rollback'; readonly settle: (result: Outcome) => void }
export type Outcome = { readonly value: unknown } | { readonly error: unknown }

class RolledBack extends Error {}

/** A step that has not answered by then is taken to be waiting for another transaction; the schedule goes on meanwhile. */
const PATIENCE_MS = 60

/** One transaction that is driven from outside, step by step; steps it cannot take yet wait in line. */
export class Actor {
  readonly #queue: Command[] = []
  #wake: (() => void) | undefined
  readonly #means: Set<Means>
  readonly #finished: Promise<Outcome>

  constructor(db: Database, isolation: Isolation, means: Set<Means>) {
    this.#means = means
    this.#finished = db
      .transaction((tx) => this.#obey(tx), { isolation })
      .then(
        (value) => ({ value }),
        (error: unknown) => this.#failed(error),
      )
  }

  #failed(error: unknown): Outcome {
    if (isDbError(error)) this.#means.add(`error: ${error.code}`)
    for (const command of this.#queue.splice(0)) command.settle({ error })
    return { error }
  }

  async #obey(tx: Transaction): Promise<void> {
    for (;;) {
      const { step, settle } = await this.#next()
      if (step === 'commit') return settle({ value: undefined })
      if (step === 'rollback') {
        settle({ value: undefined })
        throw new RolledBack()
      }
      try {
        settle({ value: await step(tx) })
      } catch (error) {
        settle({ error })
        throw error
      }
    }
  }

  async #next(): Promise<Command> {
    if (this.#queue.length === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#queue.shift() as Command
  }

  /** The step's outcome, once it has one; resolves early (to nothing) when the step is made to wait. */
  async do<T>(step: (tx: Transaction) => Promise<T>): Promise<Answer<T>> {
    return this.#send(step) as Promise<Answer<T>>
  }

  /** Waits for the transaction's end, unless that waits for somebody else. */
  async commit(): Promise<void> {
    await this.#send('commit')
    await this.#patiently(this.#finished)
  }

  async rollback(): Promise<void> {
    await this.#send('rollback')
    await this.#patiently(this.#finished)
  }

  async #send(step: Command['step']): Promise<Answer<unknown>> {
    const answer = new Answer<unknown>()
    const settled = new Promise<void>((resolve) => {
      this.#queue.push({
        step,
        settle: (outcome) => {
          answer.outcome = outcome
          resolve()
        },
      })
    })
    this.#wake?.()
    await Promise.race([this.#patiently(settled), this.#finished])
    return answer
  }

  async #patiently(work: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), PATIENCE_MS)
    })
    if ((await Promise.race([work, late])) === 'late') this.#means.add('blocked')
    clearTimeout(timer)
  }

  /** Whether it committed; any error but one that asks for a retry is a defect. */
  async committed(): Promise<boolean> {
    const outcome = await this.#finished
    if ('value' in outcome) return true
    if (outcome.error instanceof RolledBack || (isDbError(outcome.error) && (outcome.error as DbError).retryable))
      return false
    throw outcome.error
  }
}

/** What a step brought, perhaps later. */
export class Answer<T> {
  outcome: Outcome | undefined

  /** Undefined when the step failed or never ran. */
  get value(): T | undefined {
    return this.outcome && 'value' in this.outcome ? (this.outcome.value as T) : undefined
  }
}
