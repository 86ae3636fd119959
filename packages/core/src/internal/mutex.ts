/** First come, first served. `acquire` resolves to the function that lets the next one in. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve()

  acquire(): Promise<() => void> {
    let release!: () => void
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const turn = this.#tail.then(() => release)
    this.#tail = this.#tail.then(() => held)
    return turn
  }
}
