import { createHash } from 'node:crypto'
import { type CollectionSpec, DbError, invalidInput } from '@archon-db/core'
import type { IndexModel } from '@pinecone-database/pinecone'
import type { PineconeAccess } from './access.ts'
import { isGone, isTaken } from './errors.ts'
import { type CollectionHome, METRICS, metricOf, type Place } from './home.ts'
import { Pauses } from './pauses.ts'

export interface IndexesOptions {
  readonly prefix: string
  readonly cloud: string
  readonly region: string
}

/** Tags of an index: the collection it is, and of which prefix. */
const COLLECTION = 'archon_collection'
const PREFIX = 'archon_prefix'
const ITEMS = 'items'
const CONTENTS = 'contents'
const LONGEST_NAME = 45
const LONGEST_PREFIX = 24
/** Making and removing an index takes Pinecone seconds, at worst minutes. */
const READY_WITHIN_MS = 300_000
/** How long an index is taken to be as it was, unless a call on it fails. */
const REMEMBERED_MS = 60_000

/** Each collection is an index of its own, found by its name and described by its tags. */
export class Indexes implements CollectionHome {
  readonly #indexes: PineconeAccess['indexes']
  readonly #options: IndexesOptions
  readonly #remembered = new Map<string, { readonly place: Place; readonly until: number }>()

  constructor({ indexes }: PineconeAccess, options: IndexesOptions) {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(options.prefix) || options.prefix.length > LONGEST_PREFIX) {
      throw invalidInput(
        `A prefix of Pinecone indexes is 1 to ${LONGEST_PREFIX} lower-case letters, digits and "-", the first no "-".`,
      )
    }
    this.#indexes = indexes
    this.#options = options
  }

  /** Looked for first: a project that may have no more indexes still has those that it has. */
  async create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }> {
    for (const pauses = new Pauses(READY_WITHIN_MS); ; ) {
      const known = await this.#look(spec.name)
      if (known) return { created: false, known: known.spec }
      if (await this.#make(spec)) return { created: true }
      // Another process was faster, or the name is free only once the index before is gone for good.
      if (!(await pauses.next())) throw tooSlow('removed')
    }
  }

  async find(name: string): Promise<Place | null> {
    const remembered = this.#remembered.get(name)
    return remembered && performance.now() < remembered.until ? remembered.place : await this.#look(name)
  }

  async drop(name: string): Promise<boolean> {
    this.#remembered.delete(name)
    const index = this.#nameOf(name)
    const known = await this.#describe(index)
    if (!known || isEnding(known)) return false
    await this.#indexes.delete(index)
    const pauses = new Pauses(READY_WITHIN_MS)
    while (await this.#describe(index)) if (!(await pauses.next())) throw tooSlow('removed')
    return true
  }

  async list(): Promise<string[]> {
    const { indexes = [] } = await this.#indexes.list()
    const own = indexes.filter((index) => index.tags?.[PREFIX] === this.#options.prefix && !isEnding(index))
    return own.flatMap(({ tags }) => tags?.[COLLECTION] ?? [])
  }

  forget({ spec }: Place): boolean {
    return this.#remembered.delete(spec.name)
  }

  async #look(name: string): Promise<Place | null> {
    this.#remembered.delete(name)
    const index = await this.#ready(this.#nameOf(name))
    if (!index) return null
    const place = { spec: specOf(name, index), host: index.host, items: ITEMS, contents: CONTENTS }
    this.#remembered.set(name, { place, until: performance.now() + REMEMBERED_MS })
    return place
  }

  /** False when the name is taken. */
  async #make({ name, dimension, metric }: CollectionSpec): Promise<boolean> {
    const { prefix, cloud, region } = this.#options
    const index = this.#nameOf(name)
    try {
      await this.#indexes.create({
        name: index,
        // Records of id, vector and metadata, as against documents.
        schema: { fields: { _values: { type: 'dense_vector', dimension, metric: METRICS[metric] } } },
        deployment: { deploymentType: 'managed', cloud, region },
        tags: { [COLLECTION]: name, [PREFIX]: prefix },
      })
    } catch (error) {
      if (isTaken(error)) return false
      throw error
    }
    await this.#ready(index)
    return true
  }

  async #describe(index: string): Promise<IndexModel | null> {
    try {
      return await this.#indexes.describe(index)
    } catch (error) {
      if (isGone(error)) return null
      throw error
    }
  }

  async #ready(name: string): Promise<IndexModel | null> {
    for (const pauses = new Pauses(READY_WITHIN_MS); ; ) {
      const index = await this.#describe(name)
      if (!index || isEnding(index)) return null
      if (index.status.ready) return index
      if (index.status.state.endsWith('Failed') || !(await pauses.next())) throw tooSlow('made')
    }
  }

  /** Names of collections are longer than those of indexes and know upper case. */
  #nameOf(name: string): string {
    const { prefix } = this.#options
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 12)
    const readable = name.toLowerCase().replaceAll('_', '-')
    return `${prefix}${readable.slice(0, LONGEST_NAME - prefix.length - hash.length - 1)}-${hash}`
  }
}

function isEnding({ status }: IndexModel): boolean {
  return status.state === 'Terminating'
}

function specOf(name: string, { dimension, metric, tags }: IndexModel): CollectionSpec {
  const own = metricOf(metric)
  if (tags?.[COLLECTION] === name && dimension !== undefined && own) return { name, dimension, metric: own }
  throw new DbError('unsupported', `The Pinecone index of ${name} was made by something else. Take another prefix.`)
}

function tooSlow(what: string): DbError {
  return new DbError(
    'query_timeout',
    `A Pinecone index was not ${what} within ${READY_WITHIN_MS / 1000} s. See its state in Pinecone's console.`,
  )
}
