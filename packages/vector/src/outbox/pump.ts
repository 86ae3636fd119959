const LONGEST_PAUSE_MS = 60_000

/** Does its work now and then without keeping the process alive; after failures less often. */
export class Pump {
  readonly #everyMs: number
  readonly #work: () => Promise<unknown>
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(everyMs: number, work: () => Promise<unknown>) {
    this.#everyMs = everyMs
    this.#work = work
    if (everyMs > 0) this.#schedule(everyMs)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #schedule(ms: number): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.#run(ms), ms)
    this.#timer.unref()
  }

  /** Who searches is told what is wrong. */
  #run(ms: number): void {
    this.#work().then(
      () => this.#schedule(this.#everyMs),
      () => this.#schedule(Math.min(LONGEST_PAUSE_MS, ms * 2)),
    )
  }
}
