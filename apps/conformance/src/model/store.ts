import { DbError } from '@archon-db/core'
import type { Schema } from '@archon-db/core/dialect'
import { emptyState, type State, type World } from './state.ts'

/** How long a writer waits for its turn. */
const LOCK_TIMEOUT_MS = 2_000

/** The data that all handles of one model database share, and the one right to change it. */
export class ModelStore {
  readonly world: World
  state: State
  #last: Promise<void> = Promise.resolve()
  #time = 0

  constructor(schema: Schema) {
    this.world = { schema, sequences: new Map(), now: () => this.#now() }
    this.state = emptyState(schema)
  }

  /** The clock never goes back. */
  #now(): Date {
    this.#time = Math.max(this.#time, Date.now())
    return new Date(this.#time)
  }

  /** Waits until no other writer is at work, first come, first served; returns the function that lets the next one in. */
  async lock(): Promise<() => void> {
    const turn = this.#last
    let release: () => void = () => {}
    const done = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#last = turn.then(() => done)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), LOCK_TIMEOUT_MS)
    })
    const first = await Promise.race([turn, late])
    clearTimeout(timer)
    if (first !== 'late') return release
    release()
    throw new DbError(
      'lock_timeout',
      'Another transaction kept the model database busy. Inside a transaction use its own handle; else make transactions shorter.',
    )
  }
}
