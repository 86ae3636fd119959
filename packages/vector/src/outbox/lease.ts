import { randomBytes } from 'node:crypto'
import type { StoreRecord, StoreState, StoreTable } from './record.ts'

/** Somebody else has taken over: what was written meanwhile may have put an older vector over a newer one. */
export class LeaseLost extends Error {
  constructor() {
    super('Another process took over while this one was silent.')
    this.name = 'LeaseLost'
  }
}

/**
 * Of several processes one sends at a time. Every sign of life changes the lease, and whoever has seen the same one for
 * long enough, by its own clock, takes it: no two clocks are compared.
 */
export class Leases {
  readonly #table: StoreTable
  readonly #leaseMs: number
  #seen: { readonly lease: string; readonly since: number } | null = null

  constructor(table: StoreTable, leaseMs: number) {
    this.#table = table
    this.#leaseMs = leaseMs
  }

  /** Null while somebody else is at work. */
  async take({ lease, state }: StoreRecord): Promise<Holder | null> {
    if (lease !== null && !this.#isStale(lease)) return null
    const own = newLease()
    this.#seen = null
    return (await this.#table.take(lease, own)) ? new Holder(this.#table, state, own) : null
  }

  #isStale(lease: string): boolean {
    const now = performance.now()
    if (this.#seen?.lease !== lease) this.#seen = { lease, since: now }
    return now - this.#seen.since >= this.#leaseMs
  }
}

/** The right to send, and to say how far it got. */
export class Holder {
  readonly #table: StoreTable
  #state: StoreState
  #lease: string

  constructor(table: StoreTable, state: StoreState, lease: string) {
    this.#table = table
    this.#state = state
    this.#lease = lease
  }

  get state(): StoreState {
    return this.#state
  }

  /** Writes the state down, which also is a sign of life. Throws `LeaseLost`. */
  async save(change: Partial<StoreState> = {}): Promise<void> {
    const [state, next] = [{ ...this.#state, ...change }, newLease()]
    if (!(await this.#table.save(state, this.#lease, next))) throw new LeaseLost()
    this.#state = state
    this.#lease = next
  }

  async release(): Promise<void> {
    // Left behind it would be taken after a while.
    await this.#table.release(this.#lease).catch(() => {})
  }
}

function newLease(): string {
  return `${process.pid}-${randomBytes(8).toString('hex')}`
}
