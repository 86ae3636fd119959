import type { IndexHit } from './top-k.ts'

/** The share of the true nearest that searches must find. 0.98 is promised; chance moves the mean of a few dozen by 0.01. */
export const REQUIRED_RECALL = 0.99

/** The share of `exact` that `found` has; another row of the same score does as well. */
export function recallOf(found: readonly IndexHit[], exact: readonly IndexHit[]): number {
  const last = exact.at(-1)
  if (last === undefined) return 1
  const good = found.filter((hit) => hit.score >= last.score).length
  return Math.min(1, good / exact.length)
}

/** The mean of the last few measurements. */
export class RecallMeter {
  readonly #recent: number[] = []
  readonly #window: number

  constructor(window: number) {
    this.#window = window
  }

  get count(): number {
    return this.#recent.length
  }

  /** Undefined before anything was measured. */
  get mean(): number | undefined {
    if (this.#recent.length === 0) return undefined
    return this.#recent.reduce((sum, recall) => sum + recall, 0) / this.#recent.length
  }

  add(recall: number): void {
    if (this.#recent.push(recall) > this.#window) this.#recent.shift()
  }

  clear(): void {
    this.#recent.length = 0
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
