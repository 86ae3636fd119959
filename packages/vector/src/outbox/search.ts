import { cosineTo, TopK, type VectorHit, type VectorQuery } from '@archon-db/core/dialect'
import type { RowId, VectorRows } from '../local/follow/vector-rows.ts'
import { collectionOf, type Embedded, fromKey } from './collections.ts'
import type { Destination } from './destination.ts'
import type { StoreState } from './record.ts'

/** So few rows are compared here, read from the table: a store cannot be asked about a list of ids. */
const FEW = 1000
/** Of the nearest in all, so many are asked for at first for each one that is to be among the ids. */
const GROWTH = 4
/** The most that a store is asked for at a time. */
const MOST = 10_000

export interface Asking {
  readonly destination: Destination
  readonly state: StoreState
  readonly embedded: Embedded
  readonly rows: VectorRows
}

export async function findNearest(asking: Asking, query: VectorQuery): Promise<VectorHit[]> {
  const { ids } = query
  if (ids === undefined) return await ask(asking, query, query.topK)
  return ids.length <= FEW ? await compareRows(asking.rows, ids, query) : await findAmong(asking, ids, query)
}

async function ask({ destination, state, embedded }: Asking, query: VectorQuery, topK: number): Promise<VectorHit[]> {
  const name = collectionOf(embedded, state.generation)
  if (!state.held.includes(name)) return []
  const { vector, minScore } = query
  const include = { content: false, metadata: false }
  const found = await destination.call((store) =>
    store.search(name, { vector, topK, include, ...(minScore === undefined ? {} : { minScore }) }),
  )
  return found.map(({ id, score }) => ({ id: fromKey(id), score }))
}

/** The nearest in all until enough of them are among the ids; where those are far away, all of them are compared. */
async function findAmong(asking: Asking, ids: readonly RowId[], query: VectorQuery): Promise<VectorHit[]> {
  const among = new Set(ids)
  for (let topK = Math.min(MOST, query.topK * GROWTH); ; topK = Math.min(MOST, topK * GROWTH)) {
    const found = await ask(asking, query, topK)
    const hits = found.filter(({ id }) => among.has(id))
    if (hits.length >= query.topK || found.length < topK) return hits.slice(0, query.topK)
    if (topK === MOST) return await compareRows(asking.rows, ids, query)
  }
}

async function compareRows(rows: VectorRows, ids: readonly RowId[], query: VectorQuery): Promise<VectorHit[]> {
  const { vector: wanted, topK, minScore = Number.NEGATIVE_INFINITY } = query
  const best = new TopK(topK)
  const cosine = cosineTo(wanted)
  for (let at = 0; at < ids.length; at += FEW) {
    for (const { id, vector } of await rows.byIds(ids.slice(at, at + FEW))) {
      if (!vector) continue
      const score = cosine(vector)
      if (score >= minScore) best.offer({ id, score })
    }
  }
  return best.sorted() as VectorHit[]
}
