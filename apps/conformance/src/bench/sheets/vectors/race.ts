import { BackendUnavailable } from '../../../harness/index.ts'
import { quantile } from '../../measure.ts'
import type { Bytes, Contender, Field, Running } from './contender.ts'

export const LIMIT = 10
const BATCH = 1000

export interface Standing {
  readonly name: string
  /** Why there are no further figures. */
  readonly notRun?: string
  readonly perSecond?: number
  readonly p50?: number
  readonly p95?: number
  readonly recall?: number
  readonly bytes?: Bytes
}

export interface RaceOptions {
  readonly rounds: number
  /** Who has not built so long is out. */
  readonly buildMs: number
  readonly log: (text: string) => void
}

interface Runner {
  readonly name: string
  readonly running: Running
  readonly perSecond: number
  readonly times: number[]
  found: number
}

/** All are filled with the same vectors, one after the other; then they search in turns, round by round. */
export async function race(
  contenders: readonly Contender[],
  field: Field,
  queries: readonly Float32Array[],
  options: RaceOptions,
): Promise<Standing[]> {
  const truth = queries.map((query) => nearestOf(field, query))
  const out: Standing[] = []
  const runners: Runner[] = []
  try {
    for (const contender of contenders) {
      const filled = await fill(contender, field, options)
      if ('notRun' in filled) out.push(filled)
      else runners.push(filled)
    }
    // The first round warms up, and tells the recall.
    for (const runner of runners) await searchAll(runner, queries, truth)
    for (const runner of runners) runner.times.length = 0
    for (let round = 0; round < options.rounds; round++) {
      for (const runner of round % 2 ? runners.toReversed() : runners) await searchAll(runner, queries, truth)
    }
    const standings = await Promise.all(
      runners.map((runner) => standingOf(runner, queries.length * (options.rounds + 1))),
    )
    const all = new Map([...standings, ...out].map((standing) => [standing.name, standing]))
    return contenders.map(({ name }) => all.get(name) as Standing)
  } finally {
    for (const { running } of runners) await running.close()
  }
}

async function fill(
  { name, open }: Contender,
  field: Field,
  { buildMs, log }: RaceOptions,
): Promise<Runner | (Standing & { notRun: string })> {
  const { vectors } = field
  let running: Running | undefined
  try {
    running = await open(field)
    const started = performance.now()
    for (let start = 0; start < vectors.length; start += BATCH) {
      await running.add(start, vectors.slice(start, start + BATCH))
      const passed = performance.now() - started
      if (passed < buildMs || start + BATCH >= vectors.length) continue
      await running.close()
      return { name, notRun: `stopped after ${Math.round(passed / 1000)} s with ${start + BATCH} vectors` }
    }
    await running.ready()
    const perSecond = (vectors.length * 1000) / (performance.now() - started)
    log(`    ${name.padEnd(36)} ${Math.round(perSecond)} vectors/s`)
    return { name, running, perSecond, times: [], found: 0 }
  } catch (error) {
    await running?.close()
    if (error instanceof BackendUnavailable) return { name, notRun: error.message }
    throw error
  }
}

async function searchAll(
  runner: Runner,
  queries: readonly Float32Array[],
  truth: readonly ReadonlySet<number>[],
): Promise<void> {
  for (const [i, query] of queries.entries()) {
    const started = performance.now()
    const hits = await runner.running.nearest(query, LIMIT)
    runner.times.push(performance.now() - started)
    runner.found += hits.filter((hit) => truth[i]?.has(hit)).length
  }
}

async function standingOf({ name, running, perSecond, times, found }: Runner, searches: number): Promise<Standing> {
  return {
    name,
    perSecond,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    recall: found / (searches * LIMIT),
    bytes: await running.bytes(),
  }
}

/** Compared one by one, in double precision. All have length one. */
function nearestOf({ vectors }: Field, query: Float32Array): Set<number> {
  const scores = vectors.map((vector) => dot(vector, query))
  const order = scores.map((_, i) => i).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  return new Set(order.slice(0, LIMIT))
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
