import { compareIds, type Ranked } from './fuse.ts'

/** Keeps the best few of many without sorting them all: higher scores first, ties to the lower id. */
export class TopK {
  readonly #limit: number
  #kept: Ranked[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  offer(item: Ranked): void {
    this.#kept.push(item)
    if (this.#kept.length >= 2 * this.#limit + 16) this.#cut()
  }

  #cut(): void {
    this.#kept = this.sorted()
  }

  sorted(): Ranked[] {
    return this.#kept.sort(byRank).slice(0, this.#limit)
  }
}

export function byRank(a: Ranked, b: Ranked): number {
  return b.score - a.score || compareIds(a.id, b.id)
}
