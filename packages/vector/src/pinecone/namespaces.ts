import { type CollectionSpec, DbError, invalidInput, type VectorMetric } from '@archon-db/core'
import type { Index, IndexModel } from '@pinecone-database/pinecone'
import type { PineconeAccess } from './access.ts'
import { isGone, isTaken } from './errors.ts'
import { type CollectionHome, metricOf, type Place } from './home.ts'
import { Pauses } from './pauses.ts'

export interface NamespacesOptions {
  readonly prefix: string
  /** One of them at least. */
  readonly index?: string | undefined
  readonly host?: string | undefined
}

interface Given {
  readonly host: string
  readonly dimension: number
  readonly metric: VectorMetric
  /** For what concerns all namespaces. */
  readonly index: Index
}

/** No name of a collection has a dot. */
const CONTENTS = '.contents'
const PAGE = 100
const SEEN_WITHIN_MS = 60_000

/** Each collection is a namespace of one index, whose dimension and metric it has. */
export class Namespaces implements CollectionHome {
  readonly #access: PineconeAccess
  readonly #options: NamespacesOptions
  #given: Promise<Given> | undefined

  constructor(access: PineconeAccess, options: NamespacesOptions) {
    if (!/^[\x21-\x7e]{1,200}$/.test(options.prefix)) {
      throw invalidInput('A prefix of Pinecone namespaces is 1 to 200 ASCII characters without spaces.')
    }
    this.#access = access
    this.#options = options
  }

  async create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }> {
    const given = await this.#index()
    const known = await this.find(spec.name)
    if (known) return { created: false, known: known.spec }
    requireFit(spec, given)
    try {
      await given.index.createNamespace({ name: this.#nameOf(spec.name) })
    } catch (error) {
      // Another process was faster.
      if (!isTaken(error)) throw error
      return { created: false, known: { name: spec.name, dimension: given.dimension, metric: given.metric } }
    }
    await this.#until(given, this.#nameOf(spec.name), true)
    return { created: true }
  }

  async find(name: string): Promise<Place | null> {
    const { host, dimension, metric, ...given } = await this.#index()
    const items = this.#nameOf(name)
    if (!(await isThere(given.index, items))) return null
    return { spec: { name, dimension, metric }, host, items, contents: items + CONTENTS }
  }

  async drop(name: string): Promise<boolean> {
    const given = await this.#index()
    const items = this.#nameOf(name)
    if (!(await remove(given.index, items))) return false
    await remove(given.index, items + CONTENTS)
    await this.#until(given, items, false)
    return true
  }

  async list(): Promise<string[]> {
    const { index } = await this.#index()
    const { prefix } = this.#options
    const names: string[] = []
    for (let paginationToken: string | undefined; ; ) {
      const page = await index.listNamespaces({ prefix, limit: PAGE, ...(paginationToken && { paginationToken }) })
      names.push(...(page.namespaces ?? []).flatMap(({ name }) => name ?? []))
      paginationToken = page.pagination?.next
      if (!paginationToken) break
    }
    return names.filter((name) => !name.endsWith(CONTENTS)).map((name) => name.slice(prefix.length))
  }

  forget(): boolean {
    return false
  }

  #nameOf(name: string): string {
    return this.#options.prefix + name
  }

  #index(): Promise<Given> {
    this.#given ??= this.#describe().catch((error) => {
      this.#given = undefined
      throw error
    })
    return this.#given
  }

  async #describe(): Promise<Given> {
    const found = await this.#find()
    const { dimension, host } = found
    const metric = metricOf(found.metric)
    if (dimension === undefined || !metric) {
      throw new DbError(
        'unsupported',
        'The Pinecone index holds no dense vectors. Name one that does in PINECONE_INDEX.',
      )
    }
    const address = this.#options.host ?? host
    return { host: address, dimension, metric, index: this.#access.index(address, '__default__') }
  }

  /** The index as the control plane describes it: its own address tells neither its name nor its metric. */
  async #find(): Promise<IndexModel> {
    const { index: name, host } = this.#options
    try {
      if (name !== undefined) return await this.#access.indexes.describe(name)
    } catch (error) {
      if (isGone(error)) throw missing('PINECONE_INDEX')
      throw error
    }
    const { indexes = [] } = await this.#access.indexes.list()
    const found = indexes.find((index) => bare(index.host) === bare(host))
    if (!found) throw missing('PINECONE_HOST')
    return found
  }

  /** What one request has made or removed, another may not know of yet. */
  async #until({ index }: Given, name: string, there: boolean): Promise<void> {
    const pauses = new Pauses(SEEN_WITHIN_MS)
    while ((await isThere(index, name)) !== there) {
      if (!(await pauses.next())) {
        throw new DbError('query_timeout', 'Pinecone has taken a change of its namespaces, but does not show it.')
      }
    }
  }
}

function requireFit({ name, dimension, metric }: CollectionSpec, given: Given): void {
  if (dimension === given.dimension && metric === given.metric) return
  throw new DbError(
    'unsupported',
    `The Pinecone index that is named has dimension ${given.dimension} and metric ${given.metric}, so the collection ${name} cannot have dimension ${dimension} and metric ${metric}. Name an index of these, or none, so that each collection gets its own.`,
  )
}

async function isThere(index: Index, name: string): Promise<boolean> {
  try {
    await index.describeNamespace(name)
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

async function remove(index: Index, name: string): Promise<boolean> {
  try {
    await index.deleteNamespace(name)
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

function missing(variable: string): DbError {
  return new DbError(
    'not_found',
    `There is no Pinecone index as ${variable} names it. Create it, or correct ${variable}.`,
  )
}

function bare(host: string | undefined): string | undefined {
  return host?.replace(/^https?:\/\//, '').replace(/\/$/, '')
}
