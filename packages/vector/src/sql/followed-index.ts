import { Mutex } from '@archon-db/core/dialect'
import { openVectorIndex, type VectorIndex, type VectorIndexOptions } from '../local/index.ts'
import type { SqlCollection } from './collection.ts'

export interface IndexQuery {
  readonly vector: Float32Array
  readonly limit: number
  readonly among: ReadonlySet<string> | null
}

/** The index in this process over one collection's table. The table is the truth, and the index follows it. */
export class FollowedIndex {
  readonly #index: VectorIndex
  readonly #turns = new Mutex()

  private constructor(index: VectorIndex) {
    this.#index = index
  }

  static async open(options: VectorIndexOptions): Promise<FollowedIndex> {
    return new FollowedIndex(await openVectorIndex({ ...options, sync: false, ifInUse: 'memory' }))
  }

  /** Ids, nearest first, as of this revision or a later one. */
  async nearest(collection: SqlCollection, revision: number, query: IndexQuery): Promise<string[]> {
    await this.#follow(collection, revision)
    const { vector, limit, among } = query
    const hits = await this.#index.search(vector, { topK: limit, ...(among && { among }) })
    return hits.map(({ key }) => key as string)
  }

  async #follow(collection: SqlCollection, revision: number): Promise<void> {
    const release = await this.#turns.acquire()
    try {
      const known = Number(this.#index.mark ?? -1)
      if (known < revision) await this.#catchUp(collection, known, revision)
    } finally {
      release()
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
