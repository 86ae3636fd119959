import { DbError, type VectorItem, type VectorStore } from '@archon-db/core'
import type { RowId } from '../local/follow/vector-rows.ts'
import { OutOfStep, toKey } from './collections.ts'

/** The store as the outbox talks to it: opened when first needed, patient for a while, its errors told as its own. */
export class Destination {
  readonly name: string
  readonly #openStore: () => Promise<VectorStore>
  readonly #patienceMs: number
  #store: Promise<VectorStore> | undefined

  constructor(name: string, openStore: () => Promise<VectorStore>, patienceMs: number) {
    this.name = name
    this.#openStore = openStore
    this.#patienceMs = patienceMs
  }

  /** Throws `OutOfStep` where a collection is missing. */
  async call<T>(work: (store: VectorStore) => Promise<T>): Promise<T> {
    try {
      return await this.#inTime(this.#open().then(work))
    } catch (error) {
      throw this.#told(error)
    }
  }

  async put(collection: string, items: readonly VectorItem[]): Promise<void> {
    await this.call((store) => store.upsert(collection, items))
  }

  async remove(collection: string, ids: readonly RowId[]): Promise<void> {
    await this.call((store) => store.delete(collection, { ids: ids.map(toKey) }))
  }

  async close(): Promise<void> {
    const store = await this.#store?.catch(() => undefined)
    await store?.close()
  }

  async #open(): Promise<VectorStore> {
    this.#store ??= this.#openStore()
    try {
      return await this.#store
    } catch (error) {
      // The next one tries again.
      this.#store = undefined
      throw error
    }
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_, reject) => {
      const late = new DbError('connection_failed', `it did not answer within ${this.#patienceMs} ms.`)
      timer = setTimeout(() => reject(late), this.#patienceMs)
    })
    try {
      return await Promise.race([work, tooLate])
    } finally {
      clearTimeout(timer)
    }
  }

  #told(error: unknown): unknown {
    if (!(error instanceof DbError) || error.code === 'closed') return error
    if (error.code === 'not_found') return new OutOfStep()
    return new DbError(error.code, `The vector store ${this.name} cannot be used: ${error.message}`, { cause: error })
  }
}
