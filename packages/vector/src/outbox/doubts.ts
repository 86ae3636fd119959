import type { RowId } from '../local/follow/vector-rows.ts'

/** Rows of which this process does not know what the store has: they are sent again, whatever the log says. */
export class Doubts {
  readonly #ids = new Map<string, Set<RowId>>()

  get any(): boolean {
    return this.#ids.size > 0
  }

  add(table: string, ids: Iterable<RowId>): void {
    const known = this.#ids.get(table) ?? new Set()
    for (const id of ids) known.add(id)
    if (known.size > 0) this.#ids.set(table, known)
  }

  of(table: string): RowId[] {
    return [...(this.#ids.get(table) ?? [])]
  }

  /** These have been sent, by somebody who was alone in doing so. */
  settle(table: string, ids: Iterable<RowId>): void {
    const known = this.#ids.get(table)
    if (!known) return
    for (const id of ids) known.delete(id)
    if (known.size === 0) this.#ids.delete(table)
  }
}
