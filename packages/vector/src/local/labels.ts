import type { FlatIndex } from './flat.ts'
import type { IndexKey } from './keys.ts'

/**
 * Names rows for the graph. Every write gives its row a fresh label, kept as the row's tag; a label whose row was
 * replaced or removed is dead for good, so what the graph still says about it is simply not believed.
 */
export class Labels {
  readonly #flat: FlatIndex
  #keys: (IndexKey | undefined)[] = []
  #alive = 0

  constructor(flat: FlatIndex) {
    this.#flat = flat
  }

  /** One more than the highest label given. */
  get next(): number {
    return this.#keys.length
  }

  get dead(): number {
    return this.#keys.length - this.#alive
  }

  /** Names every row anew, in the order of the slots. */
  renumber(): void {
    this.#keys = []
    this.#alive = 0
    for (let slot = 0; slot < this.#flat.size; slot++) this.enlist(slot)
  }

  /** Takes over the labels that the rows already carry; at least those below `next` have been given. */
  adopt(next: number): void {
    const { size } = this.#flat
    let length = next
    for (let slot = 0; slot < size; slot++) length = Math.max(length, this.#flat.tagAt(slot) + 1)
    this.#keys = new Array<IndexKey | undefined>(length).fill(undefined)
    this.#alive = size
    for (let slot = 0; slot < size; slot++) this.#keys[this.#flat.tagAt(slot)] = this.#flat.keyAt(slot)
  }

  enlist(slot: number): void {
    this.#flat.setTag(slot, this.#keys.length)
    this.#keys.push(this.#flat.keyAt(slot))
    this.#alive++
  }

  /** Returns the label that died. */
  retire(slot: number): number {
    const label = this.#flat.tagAt(slot)
    this.#keys[label] = undefined
    this.#alive--
    return label
  }

  /** Undefined for the dead. */
  slotOf(label: number): number | undefined {
    const key = this.#keys[label]
    return key === undefined ? undefined : this.#flat.slotOf(key)
  }
}
