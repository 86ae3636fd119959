import { cosineTo } from '@archon-db/core/dialect'
import type { RowId, VectorRow, VectorRows } from '../local/follow/vector-rows.ts'
import { collectionOf, type Embedded, fromKey, toKey } from './collections.ts'
import type { Destination } from './destination.ts'
import type { StoreState } from './record.ts'

/** Where a store is not what the database says. */
export interface Difference {
  readonly table: string
  readonly column: string
  readonly id: RowId
  /** `missing` in the store, `left over` in the store, or there with `another vector`. */
  readonly what: 'missing' | 'left over' | 'another vector'
}

/** What is stored may have been rounded on its way, or made one long. */
const SAME_DIRECTION = 1 - 1e-6
const PAGE = 500

/** One column's rows against its collection. */
export class Comparison {
  compared = 0
  readonly #destination: Destination
  readonly #collection: string | null
  readonly #embedded: Embedded
  readonly #rows: VectorRows

  constructor(destination: Destination, state: StoreState, embedded: Embedded, rows: VectorRows) {
    const name = collectionOf(embedded, state.generation)
    this.#destination = destination
    this.#collection = state.held.includes(name) ? name : null
    this.#embedded = embedded
    this.#rows = rows
  }

  /** Rows that change meanwhile look different; look again with `again`. */
  async differences(): Promise<Difference[]> {
    const found: Difference[] = []
    for await (const page of this.#rows.pages()) {
      const there = page.filter(({ vector }) => vector !== null)
      this.compared += there.length
      found.push(...(await this.#compare(there)))
    }
    for await (const ids of this.#stored()) found.push(...this.#leftOver(ids, await this.#rows.byIds(ids)))
    return found
  }

  async again(ids: readonly RowId[]): Promise<Difference[]> {
    const found: Difference[] = []
    for (let at = 0; at < ids.length; at += PAGE) {
      const part = ids.slice(at, at + PAGE)
      const rows = await this.#rows.byIds(part)
      const stored = [...(await this.#vectorsOf(part)).keys()]
      found.push(...(await this.#compare(rows.filter(({ vector }) => vector !== null))))
      found.push(...this.#leftOver(stored, rows))
    }
    return found
  }

  async #compare(rows: readonly VectorRow[]): Promise<Difference[]> {
    const found: Difference[] = []
    const stored = await this.#vectorsOf(rows.map(({ id }) => id))
    for (const { id, vector } of rows) {
      const other = stored.get(id)
      if (!other) found.push(this.#difference(id, 'missing'))
      else if (cosineTo(vector as Float32Array)(other) < SAME_DIRECTION)
        found.push(this.#difference(id, 'another vector'))
    }
    return found
  }

  #leftOver(ids: readonly RowId[], rows: readonly VectorRow[]): Difference[] {
    const there = new Set(rows.filter(({ vector }) => vector !== null).map(({ id }) => id))
    return ids.filter((id) => !there.has(id)).map((id) => this.#difference(id, 'left over'))
  }

  #difference(id: RowId, what: Difference['what']): Difference {
    return { table: this.#embedded.table.name, column: this.#embedded.column.name, id, what }
  }

  async #vectorsOf(ids: readonly RowId[]): Promise<Map<RowId, Float32Array>> {
    const name = this.#collection
    if (name === null || ids.length === 0) return new Map()
    const include = { vector: true, metadata: false, content: false }
    const found = await this.#destination.call((store) => store.get(name, ids.map(toKey), include))
    return new Map(found.map(({ id, vector }) => [fromKey(id), vector as Float32Array]))
  }

  async *#stored(): AsyncGenerator<RowId[]> {
    const name = this.#collection
    if (name === null) return
    const about = { topK: PAGE, include: { metadata: false, content: false } }
    for (let after: string | undefined; ; ) {
      const page = await this.#destination.call((store) =>
        store.search(name, { ...about, ...(after === undefined ? {} : { after }) }),
      )
      if (page.length > 0) yield page.map(({ id }) => fromKey(id))
      if (page.length < PAGE) return
      after = page.at(-1)?.id
    }
  }
}
