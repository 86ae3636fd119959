import { compareKeys, type IndexKey } from './keys.ts'

export interface IndexHit {
  readonly key: IndexKey
  /** Higher is nearer: cosine in [-1, 1], dot as it is, l2 as 1 / (1 + distance). */
  readonly score: number
}

/** Score descending, then key: the one order of results. */
export function compareHits(a: IndexHit, b: IndexHit): number {
  return b.score - a.score || compareKeys(a.key, b.key)
}

/** The `k` least of what is offered, by `compare`: a heap with the worst kept one on top. */
export class TopK<Item> {
  readonly #items: Item[] = []
  readonly #limit: number
  readonly #compare: (a: Item, b: Item) => number

  constructor(limit: number, compare: (a: Item, b: Item) => number) {
    this.#limit = limit
    this.#compare = compare
  }

  offer(item: Item): void {
    const items = this.#items
    if (items.length < this.#limit) {
      items.push(item)
      this.#rise(items.length - 1)
    } else if (this.#compare(item, items[0] as Item) < 0) {
      items[0] = item
      this.#sink()
    }
  }

  /** Best first. */
  sorted(): Item[] {
    return this.#items.sort(this.#compare)
  }

  #rise(start: number): void {
    const items = this.#items
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1
      if (this.#compare(items[parent] as Item, items[at] as Item) >= 0) return
      this.#swap(parent, at)
      at = parent
    }
  }

  #sink(): void {
    const items = this.#items
    for (let at = 0; ; ) {
      let worst = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < items.length && this.#compare(items[child] as Item, items[worst] as Item) > 0) worst = child
      }
      if (worst === at) return
      this.#swap(worst, at)
      at = worst
    }
  }

  #swap(a: number, b: number): void {
    const item = this.#items[a] as Item
    this.#items[a] = this.#items[b] as Item
    this.#items[b] = item
  }
}

/** The k-th largest of the numbers offered so far, -Infinity while there are fewer; NaN does not count. */
export class KthLargest {
  readonly #heap: Float64Array
  #size = 0

  constructor(k: number) {
    this.#heap = new Float64Array(k)
  }

  get value(): number {
    return this.#size < this.#heap.length ? Number.NEGATIVE_INFINITY : this.#heap[0]!
  }

  offer(value: number): void {
    if (Number.isNaN(value)) return
    if (this.#size < this.#heap.length) {
      this.#heap[this.#size] = value
      this.#rise(this.#size++)
    } else if (value > this.#heap[0]!) {
      this.#heap[0] = value
      this.#sink()
    }
  }

  #rise(start: number): void {
    const heap = this.#heap
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1
      if (heap[parent]! <= heap[at]!) return
      this.#swap(parent, at)
      at = parent
    }
  }

  #sink(): void {
    const heap = this.#heap
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      if (left >= this.#size) return
      const least = left + 1 < this.#size && heap[left + 1]! < heap[left]! ? left + 1 : left
      if (heap[at]! <= heap[least]!) return
      this.#swap(least, at)
      at = least
    }
  }

  #swap(a: number, b: number): void {
    const value = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = value
  }
}
