/** What passed the one place that every statement passes. Never carries parameter values. */
export interface QueryEvent {
  readonly text: string
  readonly tables: readonly string[]
  readonly write: boolean
  readonly durationMs: number
  /** Rows returned, or changed by a statement that returns none. */
  readonly rows: number
  readonly error?: Error
  /** Set inside a transaction. */
  readonly transaction?: number
}

export type QueryListener = (event: QueryEvent) => void

export class QueryEvents {
  readonly #listeners = new Set<QueryListener>()

  get active(): boolean {
    return this.#listeners.size > 0
  }

  /** Returns the function that ends the subscription. */
  on(listener: QueryListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A listener that throws must not fail the query it watches. */
  emit(event: QueryEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch {}
    }
  }
}
