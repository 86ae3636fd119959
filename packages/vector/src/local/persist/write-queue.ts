import { DbError } from '@archon-db/core'
import type { DurableLog } from './log.ts'
import type { LogBatch } from './record.ts'

/** A change: first told to the journal, then made in memory. */
export interface Change<Result> {
  /** What the journal is to hold; null when there is nothing to change. */
  readonly record: () => LogBatch | null
  /** Must not fail. */
  readonly apply: (record: LogBatch | null) => Result
  /** `record` reads the state, so every earlier change must be in it already. */
  readonly reads?: boolean
}

interface Queued {
  readonly change: Change<unknown> | (() => Promise<unknown>)
  resolve(result: unknown): void
  reject(error: unknown): void
}

/**
 * Puts changes in one order, for the journal and for memory alike. Changes that wait together are written together,
 * so that many callers share one wait for the disk. Without a log they are made at once.
 */
export class WriteQueue {
  readonly #log: DurableLog | undefined
  #waiting: Queued[] = []
  #running: Promise<void> | undefined

  constructor(log: DurableLog | undefined) {
    this.#log = log
  }

  async push<Result>(change: Change<Result>): Promise<Result> {
    return this.#log === undefined ? change.apply(change.record()) : await this.#enqueue(change)
  }

  /** Runs while nothing is written: memory and journal agree. */
  exclusive<Result>(action: () => Promise<Result>): Promise<Result> {
    return this.#enqueue(action)
  }

  /** Resolves once everything pushed so far is done. */
  async drained(): Promise<void> {
    await this.#running
  }

  #enqueue<Result>(change: Queued['change']): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ change, resolve: resolve as (result: unknown) => void, reject })
      this.#running ??= this.#run()
    })
  }

  async #run(): Promise<void> {
    // Callers of the same turn of the event loop come along.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const first = this.#waiting[0] as Queued
      if (typeof first.change === 'function') {
        this.#waiting.shift()
        await first.change().then(first.resolve, first.reject)
      } else await this.#write(this.#takeGroup())
    }
    this.#running = undefined
  }

  #takeGroup(): Queued[] {
    let end = 1
    while (end < this.#waiting.length) {
      const { change } = this.#waiting[end] as Queued
      if (typeof change === 'function' || change.reads) break
      end++
    }
    return this.#waiting.splice(0, end)
  }

  async #write(group: readonly Queued[]): Promise<void> {
    const ready = group.flatMap((queued) => withRecord(queued))
    const batches = ready.flatMap(({ record }) => record ?? [])
    try {
      if (batches.length > 0) await this.#log?.append(batches)
    } catch (error) {
      for (const { queued } of ready) queued.reject(error)
      return
    }
    for (const { queued, change, record } of ready) queued.resolve(change.apply(record))
  }
}

interface Ready {
  readonly queued: Queued
  readonly change: Change<unknown>
  readonly record: LogBatch | null
}

/** None when it turns out, only now, that the change cannot be made. */
function withRecord(queued: Queued): Ready[] {
  const change = queued.change as Change<unknown>
  try {
    return [{ queued, change, record: change.record() }]
  } catch (error) {
    queued.reject(error)
    return []
  }
}

export function closedError(): DbError {
  return new DbError('closed', 'The vector index is closed.')
}
