import { setImmediate as pause } from 'node:timers/promises'
import type { FlatIndex, PreparedSearch } from './flat.ts'
import type { IndexKey } from './keys.ts'
import { median, REQUIRED_RECALL, recallOf } from './recall.ts'
import type { IndexHit } from './top-k.ts'

/** How many candidates a search of ten takes; each step finds more and costs more. */
export const FETCH_STEPS = [64, 128, 256] as const
export const TRIAL_TOP_K = 10
/** The most candidates that are ever asked for. */
export const MAX_FETCH = 1024
const TRIAL_QUERIES = 40

export interface TrialResult {
  readonly step: number
  readonly recall: number
  /** The number of candidates up to which the graph is quicker than a scan. */
  readonly maxFetch: number
}

export type Find = (prepared: PreparedSearch, step: number) => Promise<IndexHit[] | null>

/**
 * Searches for the neighbours of some rows with both engines. Returns the least step that finds enough of them, and,
 * when speed is judged, is quicker than the scan; or null.
 */
export async function runTrial(flat: FlatIndex, find: Find, judgeSpeed: boolean): Promise<TrialResult | null> {
  const queries = Array.from({ length: TRIAL_QUERIES }, (_, index) => sample(flat, index)).filter(
    (query) => query !== null,
  )
  const exact = await timed(queries, (query) => flat.scanInSlices(query, pause))
  for (let step = 0; step < FETCH_STEPS.length; step++) {
    const found = await timed(queries, async (query) => (await find(query, step)) ?? [])
    const recall =
      found.answers.reduce((sum, hits, i) => sum + recallOf(hits, exact.answers[i] ?? []), 0) / queries.length
    const gain = judgeSpeed ? exact.milliseconds / found.milliseconds : Number.POSITIVE_INFINITY
    if (gain <= 1) return null
    if (recall >= REQUIRED_RECALL) return { step, recall, maxFetch: Math.min(MAX_FETCH, FETCH_STEPS[step]! * gain) }
  }
  return null
}

/** A row as a query for all others: itself would be too easy to find. */
function sample(flat: FlatIndex, index: number): PreparedSearch | null {
  if (flat.size === 0) return null
  const slot = Math.floor(((index + 0.5) * flat.size) / TRIAL_QUERIES)
  const self = flat.keyAt(slot)
  const filter = (key: IndexKey): boolean => key !== self
  return flat.prepare(flat.vectorAt(slot), { topK: TRIAL_TOP_K, filter })
}

async function timed(
  queries: readonly PreparedSearch[],
  run: (query: PreparedSearch) => Promise<IndexHit[]>,
): Promise<{ answers: IndexHit[][]; milliseconds: number }> {
  const answers: IndexHit[][] = []
  const times: number[] = []
  for (const query of queries) {
    const start = performance.now()
    answers.push(await run(query))
    times.push(performance.now() - start)
    await pause()
  }
  return { answers, milliseconds: median(times) }
}
