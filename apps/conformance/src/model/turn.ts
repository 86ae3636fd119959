import { DbError } from '@archon-db/core'
import type { State } from './state.ts'
import type { ModelStore } from './store.ts'

/** The rows as one open transaction sees them, shared by the turns of its savepoints. */
export interface OpenTransaction {
  readonly readOnly: boolean
  state: State
  /** From the transaction itself to the innermost savepoint, whose statements are accepted. */
  readonly open: Turn[]
}

/** A reason not to take statements any more. */
interface Owner {
  closed: boolean
}

/** What may run when: one handle's way to the rows, of the database itself or of one (nested) transaction. */
export class Turn {
  readonly store: ModelStore
  readonly owner: Owner
  readonly transaction: OpenTransaction | null
  #ended = false
  #failure: DbError | null = null

  constructor(store: ModelStore, owner: Owner, transaction: OpenTransaction | null = null) {
    this.store = store
    this.owner = owner
    this.transaction = transaction
  }

  /** What follows is told why it is refused. */
  fail(failure: DbError): void {
    this.#failure = failure
  }

  /** Takes along the savepoints inside. */
  end(): void {
    const open = this.transaction?.open ?? []
    const at = open.indexOf(this)
    for (const turn of at < 0 ? [] : open.splice(at)) turn.#ended = true
  }

  /** Whether all is well when the function of this transaction has returned. */
  requireDone(): void {
    if (this.#failure) throw this.#failure
    if (this.transaction?.open.at(-1) !== this)
      throw new DbError('invalid_input', 'A nested transaction is still running. Await it before you return.')
  }

  async read<T>(work: (state: State) => T, signal?: AbortSignal): Promise<T> {
    this.check(false)
    signal?.throwIfAborted()
    return work(this.transaction?.state ?? this.store.state)
  }

  /** All of the statement or nothing of it. */
  async write<T extends { readonly state: State }>(work: (state: State) => T, signal?: AbortSignal): Promise<T> {
    this.check(true)
    signal?.throwIfAborted()
    if (this.transaction) return this.#writeInside(this.transaction, work)
    const release = await this.store.lock()
    try {
      const result = work(this.store.state)
      this.store.state = result.state
      return result
    } finally {
      release()
    }
  }

  /** After a failed statement a transaction is good for nothing but rollback. */
  #writeInside<T extends { readonly state: State }>(transaction: OpenTransaction, work: (state: State) => T): T {
    try {
      const result = work(transaction.state)
      transaction.state = result.state
      return result
    } catch (error) {
      if (error instanceof DbError) this.#failure = error
      throw error
    }
  }

  check(isWrite: boolean): void {
    if (this.owner.closed) throw new DbError('closed', 'This database handle is closed. Open a new one with connect().')
    if (this.#ended) throw new DbError('closed', 'This transaction has ended.')
    if (this.#failure)
      throw new DbError(
        this.#failure.code,
        'An earlier statement of this transaction failed. Put what may fail into a nested transaction().',
        {
          cause: this.#failure,
        },
      )
    if (!this.transaction) return
    if (this.transaction.open.at(-1) !== this) throw new DbError('invalid_input', 'A nested transaction is open.')
    if (this.transaction.readOnly && isWrite) throw new DbError('invalid_input', 'This transaction is read-only.')
  }
}
