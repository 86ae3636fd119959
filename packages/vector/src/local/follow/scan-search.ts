import { setImmediate as pause } from 'node:timers/promises'
import {
  cosineTo,
  hasDirection,
  TopK,
  type VectorHit,
  type VectorQuery,
  type VectorScan,
} from '@archon-db/core/dialect'

/** Compares with every stored vector, where no index can answer. Scores are rounded as the index rounds them. */
export async function searchByScan(query: VectorQuery, scan: VectorScan): Promise<VectorHit[]> {
  const { vector, topK, ids, minScore = Number.NEGATIVE_INFINITY } = query
  const best = new TopK(topK)
  const cosine = cosineTo(vector)
  const among = ids && new Set(ids)
  for await (const batch of scan(null)) {
    for (const row of batch) {
      if ((among && !among.has(row.id)) || !hasDirection(row.vector)) continue
      const score = Math.fround(cosine(row.vector))
      if (score >= minScore) best.offer({ id: row.id, score })
    }
    // Rows of an embedded database come without a wait in which others could get their turn.
    await pause()
  }
  return best.sorted() as VectorHit[]
}
