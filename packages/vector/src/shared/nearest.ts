import { compareCodePoints, type Metadata } from '@archon-db/core'
import type { FilterPlan } from './push-down.ts'
import { scorer } from './score.ts'
import type { ServiceCollection, StoredVector } from './service.ts'

export interface NearestSearch<Native> {
  readonly vector: Float32Array
  readonly topK: number
  readonly minScore: number
  readonly plan: FilterPlan<Native>
  readonly matches: (metadata: Metadata) => boolean
  readonly maxNearest: number
}

export interface Ranked extends StoredVector {
  readonly score: number
}

/** Asked for beyond topK, so that a tie at the end shows. */
const MARGIN = 8
/** How many times more are asked for when too few of them matched. */
const GROWTH = 4
/** Services rank by float32: what they hold for further away may be this much nearer. */
const SLACK = 1e-5

/**
 * The nearest that match, always min(topK, matches): scored here, ties by id. The service is asked for more and more
 * candidates until topK of those let through are surely ahead of all it has not given; in the end for everything.
 */
export async function searchNearest<Native>(
  collection: ServiceCollection<Native>,
  search: NearestSearch<Native>,
): Promise<Ranked[]> {
  const { plan, topK, maxNearest, vector } = search
  let limit = topK * (plan.here.length === 0 ? 1 : GROWTH) + MARGIN
  while (limit <= maxNearest) {
    const candidates = scored(collection, vector, await collection.nearest(vector, limit, plan.native))
    const ranked = rank(search, candidates)
    if (candidates.length >= limit) {
      if (isSettled(search, candidates, ranked)) return ranked.slice(0, topK)
    } else if (await isComplete(collection, search, candidates)) return ranked.slice(0, topK)
    else break
    limit *= GROWTH
  }
  return await searchAll(collection, search)
}

function scored<Native>(
  { spec }: ServiceCollection<Native>,
  query: Float32Array,
  candidates: readonly StoredVector[],
): Ranked[] {
  const score = scorer(spec.metric, query)
  return candidates.map((candidate) => ({ ...candidate, score: score(candidate.vector) }))
}

function rank<Native>({ minScore, plan, matches }: NearestSearch<Native>, candidates: readonly Ranked[]): Ranked[] {
  return candidates
    .filter(({ metadata, score }) => score >= minScore && (!plan.rechecked || matches(metadata)))
    .sort(byScore)
}

function byScore(a: Ranked, b: Ranked): number {
  return b.score - a.score || compareCodePoints(a.id, b.id)
}

/** Whatever the service has not given is further away than the last that is needed. */
function isSettled<Native>(
  { topK, minScore }: NearestSearch<Native>,
  candidates: readonly Ranked[],
  ranked: readonly Ranked[],
): boolean {
  const lowest = candidates.reduce((least, { score }) => Math.min(least, score), Number.MAX_VALUE)
  const needed = ranked[topK - 1]?.score ?? minScore
  return lowest < needed - SLACK * Math.max(1, Math.abs(needed))
}

/** Fewer than asked for: there are no more, or the service's index has missed some. */
async function isComplete<Native>(
  collection: ServiceCollection<Native>,
  { plan }: NearestSearch<Native>,
  candidates: readonly StoredVector[],
): Promise<boolean> {
  if (plan.native === null) return (await collection.count()) <= candidates.length
  let matches = 0
  for await (const part of collection.scan(plan.native, 'ids')) matches += part.length
  return matches <= candidates.length
}

/** Without the service's index: every match is fetched and scored. */
async function searchAll<Native>(
  collection: ServiceCollection<Native>,
  search: NearestSearch<Native>,
): Promise<Ranked[]> {
  let best: Ranked[] = []
  for await (const part of collection.scan(search.plan.native, 'ids')) {
    const items = scored(collection, search.vector, await collection.read(part.map(({ id }) => id)))
    best = [...best, ...rank(search, items)].sort(byScore).slice(0, search.topK)
  }
  return best
}
