import { Writable } from 'node:stream'

/**
 * Lets several speak at the same time and be heard one after the other: the first one while it speaks, each further one
 * when those before it have ended.
 */
export class Turns {
  readonly #out: Writable
  readonly #speakers: Speaker[] = []

  constructor(out: Writable) {
    this.#out = out
  }

  /** The next one to be heard. It must be ended. */
  next(): Writable {
    const speaker = new Speaker(() => this.#listen())
    this.#speakers.push(speaker)
    return speaker
  }

  #listen(): void {
    for (let first = this.#speakers[0]; first; first = this.#speakers[0]) {
      for (const chunk of first.said.splice(0)) this.#out.write(chunk)
      if (!first.hasEnded) return
      this.#speakers.shift()
    }
  }
}

class Speaker extends Writable {
  readonly said: Buffer[] = []
  hasEnded = false
  readonly #spoke: () => void

  constructor(spoke: () => void) {
    super()
    this.#spoke = spoke
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.said.push(chunk)
    this.#spoke()
    done()
  }

  override _final(done: () => void): void {
    this.hasEnded = true
    this.#spoke()
    done()
  }
}
