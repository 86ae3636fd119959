import { DbError } from '@archon-db/core'
import { Mutex } from '@archon-db/core/dialect'

/** The calls a store is busy with: closing waits for them and lets no other in; some take turns. */
export class CallsInFlight {
  readonly #running = new Set<Promise<unknown>>()
  readonly #turns = new Map<string, { readonly mutex: Mutex; waiting: number }>()
  #closed = false

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new DbError('closed', 'This vector store is closed. Open a new one.')
    const call = work()
    this.#running.add(call)
    try {
      return await call
    } finally {
      this.#running.delete(call)
    }
  }

  /** Work of one name is done one after the other. */
  async inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.get(name) ?? { mutex: new Mutex(), waiting: 0 }
    this.#turns.set(name, turn)
    turn.waiting++
    const release = await turn.mutex.acquire()
    try {
      return await work()
    } finally {
      release()
      if (--turn.waiting === 0) this.#turns.delete(name)
    }
  }

  /** Safe to call twice. */
  async close(end: () => Promise<void>): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.allSettled(this.#running)
    await end()
  }
}
