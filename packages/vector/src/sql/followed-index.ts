import { isDbError } from '@archon-db/core'
import { Mutex } from '@archon-db/core/dialect'
import type { IndexStats, VectorIndex } from '../local/index-contract.ts'
import type { MemoryBudget } from '../local/memory.ts'
import { openIndex, type VectorIndexOptions } from '../local/open.ts'
import type { SqlCollection } from './collection.ts'

export interface IndexQuery {
  readonly vector: Float32Array
  readonly limit: number
  readonly among: ReadonlySet<string> | null
}

/** Before the first revision. */
const NOTHING = '-1'

/** The index in this process over one collection's table. The table is the truth, and the index follows it. */
export class FollowedIndex {
  readonly #index: VectorIndex
  readonly #turns = new Mutex()
  /** There was no memory for so many rows. */
  #tooMany = Number.POSITIVE_INFINITY

  private constructor(index: VectorIndex) {
    this.#index = index
  }

  static async open(options: VectorIndexOptions, budget: MemoryBudget | undefined): Promise<FollowedIndex> {
    const kept = { ...options, sync: false, ifInUse: 'memory' } as const
    try {
      return new FollowedIndex(await openIndex(kept, budget))
    } catch (error) {
      if (!isTooLarge(error)) throw error
      // What the files hold does not fit any more; the table still has it.
      const { path, ...inMemory } = kept
      return new FollowedIndex(await openIndex(inMemory, budget))
    }
  }

  stats(): IndexStats {
    return this.#index.stats()
  }

  /** Ids, nearest first, as of this revision or a later one. Null where there is no memory for the vectors. */
  async nearest(collection: SqlCollection, revision: number, query: IndexQuery): Promise<string[] | null> {
    if (!(await this.#follow(collection, revision))) return null
    const { vector, limit, among } = query
    const hits = await this.#index.search(vector, { topK: limit, ...(among && { among }) })
    return hits.map(({ key }) => key as string)
  }

  async #follow(collection: SqlCollection, revision: number): Promise<boolean> {
    const release = await this.#turns.acquire()
    try {
      const known = Number(this.#index.mark ?? NOTHING)
      return known >= revision || (await this.#hasRoom(collection, known, revision))
    } finally {
      release()
    }
  }

  async #hasRoom(collection: SqlCollection, known: number, revision: number): Promise<boolean> {
    if (this.#tooMany < Number.POSITIVE_INFINITY && (await collection.count()) >= this.#tooMany) return false
    try {
      await this.#catchUp(collection, known, revision)
      this.#tooMany = Number.POSITIVE_INFINITY
      return true
    } catch (error) {
      if (!isTooLarge(error)) throw error
      this.#tooMany = await collection.count()
      await this.#index.clear(NOTHING)
      return false
    }
  }

  /** Writers take turns, so what was committed later has the higher revision. */
  async #catchUp(collection: SqlCollection, known: number, revision: number): Promise<void> {
    for await (const upsert of collection.changes(known)) await this.#index.apply({ upsert })
    if (this.#index.size !== (await collection.count())) {
      const present = new Set(await collection.ids(null))
      const removed = [...this.#index.keys()].filter((key) => !present.has(key as string))
      await this.#index.remove(removed)
    }
    await this.#index.apply({ mark: String(revision) })
  }

  async close(): Promise<void> {
    await this.#index.close()
  }
}

function isTooLarge(error: unknown): boolean {
  return isDbError(error, 'unsupported')
}
