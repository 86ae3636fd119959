/** One way of doing a case's work; `index` varies the values, so that nothing can be remembered. */
export type Work = (index: number) => Promise<unknown>

export interface Figures {
  /** Microseconds a call, over the rounds. */
  readonly median: number
  readonly p95: number
  /** To the baseline of the same round. */
  readonly ratio: number
  /** Half of the rounds' ratios lie within this. */
  readonly spread: readonly [low: number, high: number]
  /** The spread is wider than the difference from the baseline, so the ratio says only "about the same". */
  readonly tooNoisy: boolean
}

export interface MeasureOptions {
  readonly rounds: number
  /** How long a contender works in a round. */
  readonly roundMs: number
}

/** Rounds are interleaved A B A B, so that what slows the machine down slows all alike. The first contender is the baseline. */
export async function measure(
  contenders: ReadonlyMap<string, Work>,
  options: MeasureOptions,
): Promise<Map<string, Figures>> {
  const counts = new Map<string, number>()
  for (const [name, work] of contenders) counts.set(name, await calibrate(work, options.roundMs))
  const times = new Map([...contenders.keys()].map((name) => [name, [] as number[]]))
  let index = 0
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, work] of contenders) {
      const calls = counts.get(name) as number
      const started = performance.now()
      for (let call = 0; call < calls; call++) await work(index++)
      times.get(name)?.push(((performance.now() - started) * 1000) / calls)
    }
  }
  const [baseline] = times.values()
  return new Map([...times].map(([name, rounds]) => [name, figures(rounds, baseline as number[])]))
}

/** Warms up, and finds how many calls fill a round. */
async function calibrate(work: Work, roundMs: number): Promise<number> {
  let calls = 0
  const started = performance.now()
  while (performance.now() - started < roundMs * 2 || calls < 3) await work(1_000_000 + calls++)
  return Math.max(1, Math.round(calls / 2))
}

function figures(rounds: readonly number[], baseline: readonly number[]): Figures {
  const ratios = rounds.map((time, round) => time / (baseline[round] as number))
  const ratio = quantile(ratios, 0.5)
  const spread = [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const
  const tooNoisy = rounds !== baseline && spread[0] <= 1 && spread[1] >= 1
  return { median: quantile(rounds, 0.5), p95: quantile(rounds, 0.95), ratio, spread, tooNoisy }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}
