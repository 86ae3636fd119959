/** One way of doing a case's work; `index` varies the values, so that nothing can be remembered. */
export type Work = (index: number) => Promise<unknown>

export type Interval = readonly [low: number, high: number]

export interface Figures {
  /** Microseconds a call, over the rounds. */
  readonly median: number
  readonly p95: number
  /** Microseconds of this process's own processor time a call; the server's is not in it. */
  readonly cpu: number
  /** To the baseline of the same round. */
  readonly ratio: number
  /** Half of the rounds' ratios lie within this. */
  readonly spread: Interval
  /** The median of ever more rounds would lie within this, nineteen times out of twenty. */
  readonly likely: Interval
  /** The spread is wider than the difference from the baseline. */
  readonly tooNoisy: boolean
}

export interface MeasureOptions {
  readonly rounds: number
  /** How long a contender works in a round. */
  readonly roundMs: number
  /** A case of long calls gets fewer rounds, but at least `FEWEST`. */
  readonly caseMs: number
}

const FEWEST = 5

interface Contender {
  readonly name: string
  readonly work: Work
  readonly calls: number
  readonly times: number[]
  readonly cpus: number[]
}

/**
 * Rounds are interleaved, A B B A A B …, so that what slows the machine down slows all alike and nobody is always first.
 * The first contender is the baseline.
 */
export async function measure(
  works: ReadonlyMap<string, Work>,
  options: MeasureOptions,
): Promise<Map<string, Figures>> {
  const contenders: Contender[] = []
  for (const [name, work] of works) {
    contenders.push({ name, work, calls: await calibrate(work, options.roundMs), times: [], cpus: [] })
  }
  const started = performance.now()
  for (let round = 0; round < options.rounds; round++) {
    for (const contender of round % 2 ? contenders.toReversed() : contenders) await takeTurn(contender)
    if (round + 1 >= FEWEST && performance.now() - started > options.caseMs) break
  }
  const [baseline] = contenders
  return new Map(contenders.map((contender) => [contender.name, figures(contender, baseline as Contender)]))
}

let index = 0

async function takeTurn({ work, calls, times, cpus }: Contender): Promise<void> {
  const busy = process.cpuUsage()
  const started = performance.now()
  for (let call = 0; call < calls; call++) await work(index++)
  times.push(((performance.now() - started) * 1000) / calls)
  const { user, system } = process.cpuUsage(busy)
  cpus.push((user + system) / calls)
}

/** Warms up, and finds how many calls fill a round. */
async function calibrate(work: Work, roundMs: number): Promise<number> {
  let calls = 0
  const started = performance.now()
  while (performance.now() - started < roundMs * 3 || calls < 2) await work(index++ + calls++)
  const perCall = (performance.now() - started) / calls
  return Math.max(1, Math.round(roundMs / perCall))
}

function figures({ times, cpus }: Contender, baseline: Contender): Figures {
  const ratios = times.map((time, round) => time / (baseline.times[round] as number))
  const ratio = quantile(ratios, 0.5)
  const spread = [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const
  return {
    median: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    cpu: quantile(cpus, 0.5),
    ratio,
    spread,
    likely: medianInterval(ratios),
    tooNoisy: times !== baseline.times && spread[1] - spread[0] > Math.abs(ratio - 1),
  }
}

/** From the order of the values alone: as many lie below the true median as heads fall in as many throws. */
function medianInterval(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b)
  const reach = 0.98 * Math.sqrt(sorted.length)
  const at = (place: number): number => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(place)))] as number
  return [at(sorted.length / 2 - reach - 0.5), at(sorted.length / 2 + reach - 0.5)]
}

/** Between two neighbours where the place is between them. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const low = sorted[Math.floor(place)] ?? Number.NaN
  const high = sorted[Math.ceil(place)] ?? Number.NaN
  return low + (high - low) * (place - Math.floor(place))
}
