import type { FakeRecord } from './checks.ts'

interface Pending {
  readonly number: number
  readonly apply: (records: Map<string, FakeRecord>) => void
  /** Reads that do not see it yet. */
  reads: number
}

/** What reads of a namespace see: the writes in their order, each some reads late. */
export class FakeNamespace {
  readonly #records = new Map<string, FakeRecord>()
  readonly #pending: Pending[] = []
  readonly #lag: () => number
  #written = 0
  #indexed = 0

  constructor(lag: () => number) {
    this.#lag = lag
  }

  /** The number of the write. */
  write(apply: Pending['apply']): number {
    this.#pending.push({ number: ++this.#written, apply, reads: this.#lag() })
    return this.#written
  }

  /** Counts as one read. */
  read(): { readonly records: ReadonlyMap<string, FakeRecord>; readonly indexed: number } {
    while (this.#pending[0] && this.#pending[0].reads <= 0) {
      const { number, apply } = this.#pending.shift()!
      apply(this.#records)
      this.#indexed = number
    }
    for (const pending of this.#pending) pending.reads--
    return { records: this.#records, indexed: this.#indexed }
  }

  get isEmpty(): boolean {
    return this.#indexed === 0
  }
}
