import { DbError, invalidInput } from '@archon-db/core'
import type { FlatIndex } from './flat.ts'
import type { IndexKey } from './keys.ts'
import type { LogBatch, LogEntry } from './persist/record.ts'

/** What an index takes in this process. */
export interface IndexBytes {
  /** As they are in memory; 0 where they are read from their file. */
  readonly vectors: number
  /** By estimate: the library does not tell. */
  readonly graph: number
  /** Keys, and what a collection keeps with them, by estimate. */
  readonly items: number
  readonly total: number
}

interface Member {
  readonly bytes: IndexBytes
  /** What can be built again. */
  dropGraph(): void
}

/** The memory that some indexes may take together. Graphs give way to vectors. */
export class MemoryBudget {
  readonly max: number
  readonly #members = new Set<Member>()

  constructor(max: number) {
    if (typeof max !== 'number' || !(max > 0)) throw invalidInput('maxMemoryBytes is a number above 0.')
    this.max = max
  }

  get left(): number {
    let used = 0
    for (const { bytes } of this.#members) used += bytes.total
    return this.max - used
  }

  join(member: Member): void {
    this.#members.add(member)
  }

  leave(member: Member): void {
    this.#members.delete(member)
  }

  /** What is left when a member takes so many bytes beside its graph. */
  spare(asking: Member, bytes: number): number {
    const { total, graph } = asking.bytes
    return this.left + total - graph - bytes
  }

  /** Makes room for a member that is to take so many bytes beside its graph; throws where there is none. */
  admit(asking: Member, bytes: number): void {
    let missing = -this.spare(asking, bytes)
    if (missing <= 0) return
    const graphs = [...this.#members].sort((a, b) => b.bytes.graph - a.bytes.graph)
    const firm = this.max + missing - graphs.reduce((sum, member) => sum + member.bytes.graph, 0)
    if (firm > this.max) throw tooLarge(firm, this.max)
    for (const member of graphs) {
      if (missing <= 0) return
      missing -= member.bytes.graph
      member.dropGraph()
    }
  }
}

function tooLarge(bytes: number, max: number): DbError {
  return new DbError(
    'unsupported',
    `The vectors would take ${mega(bytes)} MB of memory where maxMemoryBytes allows ${mega(max)}. Raise it, delete what is not needed, or keep this collection in a database with a vector index of its own. What was stored is still there.`,
  )
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

/** Counts what the keys of one index and their payloads take, and claims room before a change is made. */
export class ItemMemory {
  readonly #flat: FlatIndex
  readonly #payloads: ReadonlyMap<IndexKey, unknown>
  #claimedRows = 0
  #claimedBytes = 0
  bytes = 0

  constructor(flat: FlatIndex, payloads: ReadonlyMap<IndexKey, unknown>) {
    this.#flat = flat
    this.#payloads = payloads
  }

  /** To be told before a key comes, with what comes with it, and before it goes. */
  add(key: IndexKey, payload: unknown): void {
    this.bytes += itemBytes(key, payload)
  }

  remove(key: IndexKey): void {
    if (this.#flat.has(key)) this.bytes -= itemBytes(key, this.#payloads.get(key))
  }

  clear(): void {
    this.bytes = 0
  }

  /** What vectors and items will take when all that was claimed is there. */
  get claimed(): number {
    return this.#flat.bytesWith(this.#claimedRows) + this.bytes + this.#claimedBytes
  }

  /** Makes room for all that was claimed, and for more within the spare bytes. */
  reserve(spare: number): void {
    this.#flat.reserve(this.#claimedRows, spare)
  }

  /** Counts the change as made until the returned function is called; there may be others that are not made yet. */
  claim(batch: LogBatch): () => void {
    const [rows, bytes] = this.#growth(batch)
    this.#claimedRows += rows
    this.#claimedBytes += bytes
    return () => {
      this.#claimedRows -= rows
      this.#claimedBytes -= bytes
    }
  }

  #growth({ set, remove }: LogBatch): [rows: number, bytes: number] {
    const entries = new Map<IndexKey, LogEntry>(set.map((entry) => [entry.key, entry]))
    let [rows, bytes] = [0, 0]
    for (const [key, { payload }] of entries) {
      const known = this.#flat.has(key)
      if (!known) rows++
      const before = known ? itemBytes(key, this.#payloads.get(key)) : 0
      bytes += itemBytes(key, payload === undefined ? this.#payloads.get(key) : payload) - before
    }
    // A key that is removed and set again in one change was counted as known, and stays.
    for (const key of new Set(remove)) {
      if (!this.#flat.has(key) || entries.has(key)) continue
      rows--
      bytes -= itemBytes(key, this.#payloads.get(key))
    }
    return [Math.max(0, rows), Math.max(0, bytes)]
  }
}

/** A key stands in a list, in a map and in the names that the graph knows. */
const KEY_BYTES = 72
const OBJECT_BYTES = 32
const VALUE_BYTES = 16

function itemBytes(key: IndexKey, payload: unknown): number {
  return KEY_BYTES + (typeof key === 'string' ? textBytes(key) : 0) + (payload === undefined ? 0 : valueBytes(payload))
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return textBytes(value)
  if (typeof value !== 'object' || value === null) return VALUE_BYTES
  let sum = OBJECT_BYTES
  if (Array.isArray(value)) for (const item of value) sum += valueBytes(item)
  // Names of properties are shared.
  else for (const item of Object.values(value)) sum += VALUE_BYTES + valueBytes(item)
  return sum
}

/** One byte a character, or two where one of them needs it: plain ASCII is told from the rest at once. */
function textBytes(text: string): number {
  return OBJECT_BYTES + text.length * (Buffer.byteLength(text) === text.length ? 1 : 2)
}
