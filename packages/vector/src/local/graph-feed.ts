import type { FlatIndex } from './flat.ts'
import type { HnswGraph } from './hnsw.ts'
import type { Labels } from './labels.ts'

/** Vectors handed over at once: a fraction of a millisecond of copying. */
const FLOATS_PER_CHUNK = 100_000
/** Chunks on their way, so that the thread never waits for the next one. */
const MAX_UNDER_WAY = 3

/**
 * Keeps a graph level with the rows: hands over, in order, what was written, and tells it what was removed. Labels
 * below `reached` are in the graph; the others are not to be expected there yet.
 */
export class GraphFeed {
  reached: number
  readonly #flat: FlatIndex
  readonly #labels: Labels
  readonly #graph: HnswGraph
  readonly #underWay: number[] = []
  readonly #readonly: boolean
  #sent: number
  #removed: number[] = []
  #scheduled = false
  #waiting: { resolve(): void; reject(error: Error): void }[] = []
  #failure: Error | undefined

  /** A graph that is read only is fed nothing: rows it does not have are scored one by one. */
  constructor(flat: FlatIndex, labels: Labels, graph: HnswGraph, reached: number, readonly: boolean) {
    this.#readonly = readonly
    this.#flat = flat
    this.#labels = labels
    this.#graph = graph
    this.#sent = reached
    this.reached = reached
    graph.onAdded = () => {
      this.reached = this.#underWay.shift() ?? this.reached
      this.#pump()
    }
    graph.onFailure = (error) => this.#fail(error)
  }

  /** Called when the graph is of no more use. */
  onFailure: (error: Error) => void = () => {}
  /** Called whenever the graph has caught up. */
  onLevel: () => void = () => {}

  get level(): boolean {
    return this.reached === this.#labels.next
  }

  /** Resolves once everything written so far, and since, is in the graph. */
  caughtUp(): Promise<void> {
    this.schedule()
    return this.#graph.hold(
      new Promise((resolve, reject) => {
        if (this.#failure) reject(this.#failure)
        else this.#waiting.push({ resolve, reject })
      }),
    )
  }

  /** Soon, so that many writes in a row go together. */
  schedule(): void {
    if (this.#scheduled || this.#readonly) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#pump()
    })
  }

  retired(label: number): void {
    if (label >= this.#sent || this.#readonly) return
    this.#removed.push(label)
    this.schedule()
  }

  #pump(): void {
    this.#flushRemoved()
    while (this.#underWay.length < MAX_UNDER_WAY && this.#sent < this.#labels.next) this.#send()
    if (!this.level) return
    for (const { resolve } of this.#waiting.splice(0)) resolve()
    this.onLevel()
  }

  #fail(error: Error): void {
    this.#failure = error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    this.onFailure(error)
  }

  #flushRemoved(): void {
    if (this.#removed.length === 0) return
    this.#graph.remove(Uint32Array.from(this.#removed))
    this.#removed = []
  }

  #send(): void {
    const { dimension } = this.#flat
    const limit = Math.max(1, Math.floor(FLOATS_PER_CHUNK / dimension))
    const labels: number[] = []
    const vectors = new Float32Array(Math.min(limit, this.#labels.next - this.#sent) * dimension)
    for (; labels.length < limit && this.#sent < this.#labels.next; this.#sent++) {
      const slot = this.#labels.slotOf(this.#sent)
      if (slot === undefined) continue
      vectors.set(this.#comparable(slot), labels.length * dimension)
      labels.push(this.#sent)
    }
    if (labels.length > 0 || this.#underWay.length > 0) {
      this.#graph.add(Uint32Array.from(labels), vectors.slice(0, labels.length * dimension))
      this.#underWay.push(this.#sent)
    } else this.reached = this.#sent
  }

  /** Cosine needs the direction alone; in half precision, long and short vectors would lose it. */
  #comparable(slot: number): Float32Array {
    const row = this.#flat.rows.row(slot).subarray(0, this.#flat.dimension)
    const norm = this.#flat.norms[slot]!
    if (this.#flat.metric !== 'cosine' || norm === 0) return row
    return row.map((component) => component / norm)
  }
}
