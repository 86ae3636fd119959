import { DbError } from '@archon-db/core'
import type { Index } from '@pinecone-database/pinecone'
import type { PineconeAccess } from './access.ts'
import { Pauses } from './pauses.ts'
import { WRITE } from './record.ts'
import { patientFetch } from './requests.ts'

/** The last of a change: a record and the mark of its writing; null for a record that was removed. */
export interface Witness {
  readonly id: string
  readonly write: string | null
}

const WRITTEN = 'x-pinecone-request-lsn'
const INDEXED = 'x-pinecone-max-indexed-lsn'

/**
 * One namespace, read no earlier than its answers show what was written here. Pinecone numbers the writes of a
 * namespace and says with its answers how far they reach; where it does not, the last record written is looked for.
 */
export class FreshNamespace {
  readonly #index: Index
  readonly #withinMs: number
  readonly #anywhere: number[]
  #witness: Witness | null = null
  #settling: Promise<void> | null = null
  /** Number of the newest write of ours, and of the newest that an answer had in it. */
  #written: bigint | null = null
  #indexed: bigint | null = null

  constructor(access: PineconeAccess, host: string, name: string, dimension: number) {
    this.#index = access.index(host, name, async (input, init) => {
      const response = await patientFetch(input, init)
      this.#note(response.headers)
      return response
    })
    this.#withinMs = access.freshWithinMs
    this.#anywhere = somewhere(dimension)
  }

  async read<T>(work: (index: Index) => Promise<T>): Promise<T> {
    if (this.#withinMs > 0 && this.#witness !== null) await this.#settled()
    return await work(this.#index)
  }

  async write(witness: Witness, work: (index: Index) => Promise<void>): Promise<void> {
    await work(this.#index)
    this.#witness = witness
  }

  /** Waits until all that was written here can be read. */
  async settle(): Promise<void> {
    await this.read(async () => {})
  }

  #note(headers: Headers): void {
    this.#written = latest(this.#written, headers.get(WRITTEN))
    this.#indexed = latest(this.#indexed, headers.get(INDEXED))
  }

  #settled(): Promise<void> {
    this.#settling ??= this.#untilVisible().finally(() => {
      this.#settling = null
    })
    return this.#settling
  }

  async #untilVisible(): Promise<void> {
    const pauses = new Pauses(this.#withinMs)
    for (let witness = this.#witness; witness !== null; witness = this.#witness) {
      const written = this.#written
      if (await this.#isVisible(witness, written)) this.#forget(witness, written)
      else if (!(await pauses.next())) {
        this.#giveUp(witness, written)
        return
      }
    }
  }

  async #isVisible({ id, write }: Witness, written: bigint | null): Promise<boolean> {
    this.#indexed = null
    const filter = write === null ? {} : { filter: { [WRITE]: { $eq: write } } }
    const { matches } = await this.#index.query({ vector: this.#anywhere, topK: 1, ...filter })
    // Noted meanwhile, which the compiler does not know of.
    const indexed = this.#indexed as bigint | null
    if (written !== null && indexed !== null) return indexed >= written
    if (write !== null) return matches.length > 0
    return (await this.#index.fetch({ ids: [id] })).records[id] === undefined
  }

  /** No number is kept for longer than it is needed: a namespace made anew counts from the beginning. */
  #forget(witness: Witness, written: bigint | null): void {
    if (this.#witness === witness) this.#witness = null
    if (this.#written === written) this.#written = null
  }

  /** Without numbers nobody can tell a slow service from a record that another process has written over. */
  #giveUp(witness: Witness, written: bigint | null): void {
    if (written !== null) {
      throw new DbError(
        'query_timeout',
        `Pinecone has taken the last changes, but does not show them after ${this.#withinMs} ms. Read again later, or raise freshWithinMs.`,
      )
    }
    this.#forget(witness, written)
  }
}

/** A vector that Pinecone takes: it refuses zeros alone. */
export function somewhere(dimension: number): number[] {
  const vector = new Array<number>(dimension).fill(0)
  vector[0] = 1
  return vector
}

function latest(known: bigint | null, header: string | null): bigint | null {
  if (header === null || !/^\d+$/.test(header)) return known
  const said = BigInt(header)
  return known !== null && known > said ? known : said
}
