/**
 * One at a time. Callers that come while a run is under way share the next one: the one that runs may have looked
 * before what they want it to see was there.
 */
export class Turns<T> {
  readonly #task: () => Promise<T>
  #last: Promise<unknown> = Promise.resolve()
  #next: Promise<T> | undefined

  constructor(task: () => Promise<T>) {
    this.#task = task
  }

  run(): Promise<T> {
    this.#next ??= this.alone(() => {
      this.#next = undefined
      return this.#task()
    })
    return this.#next
  }

  /** Runs while the task does not. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}
