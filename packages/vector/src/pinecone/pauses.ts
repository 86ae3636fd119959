import { setTimeout as delay } from 'node:timers/promises'

const FIRST_MS = 5
const LONGEST_MS = 1000

/** Waits between tries, each longer than the one before, until a time is up. */
export class Pauses {
  readonly #deadline: number
  #length = FIRST_MS

  constructor(withinMs: number) {
    this.#deadline = performance.now() + withinMs
  }

  /** False, and no wait, when there is to be no other try. */
  async next(): Promise<boolean> {
    const left = this.#deadline - performance.now()
    if (left <= 0) return false
    // Some jitter, so that processes that began together do not go on together.
    await delay(Math.min(left, this.#length * (0.75 + Math.random() / 2)))
    this.#length = Math.min(this.#length * 2, LONGEST_MS)
    return true
  }
}
