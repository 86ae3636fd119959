/** The letters of a server's messages. */
export const SAID = {
  parameter: 83,
  authentication: 82,
  backendKey: 75,
  ready: 90,
  error: 69,
  types: 116,
  columns: 84,
  noColumns: 110,
  row: 68,
  bound: 50,
  done: 67,
  suspended: 115,
  copyIn: 71,
  copyOut: 72,
  copyBoth: 87,
} as const

/** What is done with one message: its letter, and where its body is. */
export type Listener = (letter: number, bytes: Buffer, start: number, end: number) => void

/** Cuts what comes in into messages; what is incomplete waits for the rest. */
export class Frames {
  readonly #listener: Listener
  #held: Buffer = Buffer.alloc(0)
  #length = 0

  constructor(listener: Listener) {
    this.#listener = listener
  }

  /** Keeps nothing of `bytes`, which may be written over afterwards. */
  read(bytes: Buffer, length: number): void {
    if (this.#length === 0) {
      const used = this.#split(bytes, length)
      if (used < length) this.#hold(bytes, used, length)
      return
    }
    this.#hold(bytes, 0, length)
    const used = this.#split(this.#held, this.#length)
    if (used === 0) return
    this.#held.copyWithin(0, used, this.#length)
    this.#length -= used
    if (this.#length === 0) this.#held = Buffer.alloc(0)
  }

  #split(bytes: Buffer, length: number): number {
    let at = 0
    while (length - at >= 5) {
      const end = at + 1 + bytes.readInt32BE(at + 1)
      if (end > length) break
      this.#listener(bytes[at] as number, bytes, at + 5, end)
      at = end
    }
    return at
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    const length = this.#length + end - start
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#held.length * 2))
      this.#held.copy(larger, 0, 0, this.#length)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#length, start, end)
    this.#length = length
  }
}
