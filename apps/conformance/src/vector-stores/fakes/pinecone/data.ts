import {
  checkId,
  checkIds,
  checkLimit,
  checkNamespace,
  checkRecords,
  checkVector,
  type FakeRecord,
  LIMITS,
} from './checks.ts'
import { parseFilter } from './filter.ts'
import { FakeNamespace } from './namespace.ts'
import { isObject, Refusal, requireThat } from './refusal.ts'

export type Metric = 'cosine' | 'dotproduct' | 'euclidean'

export interface Answer {
  readonly body: unknown
  /** Of the newest write that a read has in it, or of a write itself. */
  readonly indexed?: number
  readonly written?: number
}

type Body = Readonly<Record<string, unknown>>
type Found = readonly [score: number, record: FakeRecord]

/** The data of one index. */
export class FakeIndexData {
  readonly #dimension: number
  readonly #metric: Metric
  readonly #lag: () => number
  readonly #namespaces = new Map<string, { readonly data: FakeNamespace; readonly made: boolean }>()

  constructor(dimension: number, metric: Metric, lag: () => number) {
    this.#dimension = dimension
    this.#metric = metric
    this.#lag = lag
  }

  upsert({ vectors, namespace }: Body): Answer {
    const records = checkRecords(vectors, this.#dimension)
    const written = this.#forWriting(namespace).write((stored) => {
      for (const record of records) stored.set(record.id, record)
    })
    return { body: { upsertedCount: records.length }, written }
  }

  fetch(query: URLSearchParams): Answer {
    const ids = checkIds(query.getAll('ids'))
    const { records, indexed } = this.#read(query.get('namespace') ?? undefined)
    const found = ids.flatMap((id) => records.get(id) ?? [])
    return {
      body: { vectors: byId(found), namespace: query.get('namespace') ?? '', usage: { readUnits: 1 } },
      ...indexed,
    }
  }

  fetchByMetadata({ namespace, filter, limit, paginationToken }: Body): Answer {
    const matches = parseFilter(filter)
    const { records, indexed } = this.#read(namespace)
    const found = [...records.values()].filter(({ metadata = {} }) => matches(metadata))
    const { page, pagination } = paged(found, ({ id }) => id, checkLimit(limit), paginationToken)
    return { body: { vectors: byId(page), namespace, usage: { readUnits: 1 }, ...pagination }, ...indexed }
  }

  list(query: URLSearchParams): Answer {
    const { records } = this.#read(query.get('namespace') ?? undefined)
    const prefix = query.get('prefix') ?? ''
    const ids = [...records.keys()].filter((id) => id.startsWith(prefix))
    const token = query.get('paginationToken') ?? undefined
    const { page, pagination } = paged(ids, (id) => id, checkLimit(query.get('limit')), token)
    return { body: { vectors: page.map((id) => ({ id })), usage: { readUnits: 1 }, ...pagination } }
  }

  query({ namespace, vector, topK, filter, includeValues, includeMetadata }: Body): Answer {
    if (typeof topK !== 'number' || !Number.isInteger(topK) || topK < 1 || topK > LIMITS.topK) {
      throw new Refusal(400, `topK is 1 to ${LIMITS.topK}`)
    }
    const wanted = checkVector(vector, this.#dimension)
    requireThat(
      this.#metric !== 'cosine' || wanted.some((component) => component !== 0),
      'A query by cosine needs a value that is not zero',
    )
    const matches = filter === undefined ? () => true : parseFilter(filter)
    const { records, indexed } = this.#read(namespace)
    const found = [...records.values()].filter(({ metadata = {} }) => matches(metadata))
    const nearest = rank(found, wanted, this.#metric).slice(0, topK)
    const body = {
      matches: nearest.map(([score, { id, values, metadata }]) => ({
        id,
        score,
        ...(includeValues === true && { values: Array.from(values) }),
        ...(includeMetadata === true && metadata && { metadata }),
      })),
      namespace,
      usage: { readUnits: 1 },
    }
    const bytes = JSON.stringify(body).length
    requireThat(bytes <= LIMITS.resultBytes, `The result has ${bytes} bytes, the limit is ${LIMITS.resultBytes}`)
    return { body, ...indexed }
  }

  delete({ ids, deleteAll, filter, namespace }: Body): Answer {
    const ways = [ids, filter, deleteAll === true || undefined].filter((way) => way !== undefined)
    requireThat(ways.length === 1, 'Say what to delete by one of ids, filter and deleteAll')
    const remove = deletion(ids, filter)
    const known = this.#namespaces.get(nameOf(namespace))
    if (!known) throw new Refusal(404, 'Namespace not found')
    return { body: {}, written: known.data.write(remove) }
  }

  stats(): Answer {
    const counts = [...this.#namespaces].map(([name, { data }]) => [name, data.read().records.size] as const)
    const shown = counts.filter(([name]) => this.#isThere(name))
    return {
      body: {
        namespaces: Object.fromEntries(shown.map(([name, vectorCount]) => [name, { vectorCount }])),
        dimension: this.#dimension,
        indexFullness: 0,
        totalVectorCount: shown.reduce((sum, [, count]) => sum + count, 0),
        metric: this.#metric,
        vectorType: 'dense',
      },
    }
  }

  createNamespace({ name }: Body): Answer {
    const checked = checkNamespace(name)
    requireThat(checked !== '__default__', '__default__ is reserved')
    requireThat(!this.#isThere(checked), `Namespace ${checked} already exists`, 409)
    const data = this.#namespaces.get(checked)?.data ?? new FakeNamespace(this.#lag)
    this.#namespaces.set(checked, { data, made: true })
    return { body: this.#describe(checked) }
  }

  describeNamespace(name: string): Answer {
    requireThat(this.#isThere(name), 'Namespace not found', 404)
    return { body: this.#describe(name) }
  }

  listNamespaces(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? ''
    const names = [...this.#namespaces.keys()].filter((name) => name.startsWith(prefix) && this.#isThere(name))
    const token = query.get('paginationToken') ?? undefined
    const { page, pagination } = paged(names, (name) => name, checkLimit(query.get('limit')), token)
    return {
      body: { namespaces: page.map((name) => this.#describe(name)), total_count: names.length, ...pagination },
    }
  }

  deleteNamespace(name: string): Answer {
    requireThat(this.#isThere(name), 'Namespace not found', 404)
    this.#namespaces.delete(name)
    return { body: {} }
  }

  /** One that only writes have made is there once the first of them shows. */
  #isThere(name: string): boolean {
    const known = this.#namespaces.get(name)
    return known !== undefined && (known.made || !known.data.isEmpty)
  }

  #describe(name: string): unknown {
    const count = this.#namespaces.get(name)?.data.read().records.size ?? 0
    return { name, record_count: String(count), size_bytes: '0' }
  }

  #forWriting(namespace: unknown): FakeNamespace {
    const name = nameOf(namespace)
    const known = this.#namespaces.get(name) ?? { data: new FakeNamespace(this.#lag), made: false }
    this.#namespaces.set(name, known)
    return known.data
  }

  /** A namespace that is not there is empty. */
  #read(namespace: unknown): { records: ReadonlyMap<string, FakeRecord>; indexed: Pick<Answer, 'indexed'> } {
    const known = this.#namespaces.get(nameOf(namespace))
    if (!known) return { records: new Map(), indexed: {} }
    const { records, indexed } = known.data.read()
    return { records, indexed: { indexed } }
  }
}

function nameOf(namespace: unknown): string {
  return namespace === undefined || namespace === '' ? '__default__' : checkNamespace(namespace)
}

function deletion(ids: unknown, filter: unknown): (stored: Map<string, FakeRecord>) => void {
  const [wanted, matches] = [
    ids === undefined ? null : checkIds(ids),
    filter === undefined ? null : parseFilter(filter),
  ]
  return (stored) => {
    if (wanted) for (const id of wanted) stored.delete(id)
    else if (!matches) stored.clear()
    else for (const [id, { metadata = {} }] of [...stored]) if (matches(metadata)) stored.delete(id)
  }
}

function byId(records: readonly FakeRecord[]): Record<string, unknown> {
  const shown = records.map(({ id, values, metadata }): [string, unknown] => [
    id,
    { id, values: Array.from(values), ...(metadata && { metadata }) },
  ])
  return Object.fromEntries(shown)
}

/** By key, in the order of its bytes; the token is the last key of the page before, made unreadable. */
function paged<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  limit: number,
  token: unknown,
): { page: T[]; pagination: { pagination?: { next: string } } } {
  requireThat(token === undefined || (typeof token === 'string' && token !== ''), 'The pagination token is invalid')
  const after = token === undefined ? '' : checkId(Buffer.from(token as string, 'base64').toString())
  const rest = items.filter((item) => keyOf(item) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const page = rest.slice(0, limit)
  if (rest.length <= limit) return { page, pagination: {} }
  return { page, pagination: { pagination: { next: Buffer.from(keyOf(page.at(-1)!)).toString('base64') } } }
}

/** In float32, and equals in an order that nobody asked for. */
function rank(records: readonly FakeRecord[], wanted: Float32Array, metric: Metric): Found[] {
  const nearness = metric === 'euclidean' ? -1 : 1
  return records
    .map((record): Found => [Math.fround(scoreOf(metric, wanted, record.values)), record])
    .sort(([a, one], [b, other]) => nearness * (b - a) || (one.id < other.id ? 1 : -1))
}

function scoreOf(metric: Metric, a: Float32Array, b: Float32Array): number {
  if (metric === 'euclidean') return a.reduce((sum, component, i) => sum + (component - b[i]!) ** 2, 0)
  const product = dot(a, b)
  return metric === 'dotproduct' ? product : product / (Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b)))
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, component, i) => sum + component * b[i]!, 0)
}

export function bodyOf(text: string): Body {
  const body: unknown = text === '' ? {} : JSON.parse(text)
  if (!isObject(body)) throw new Refusal(400, 'The body must be a JSON object')
  return body
}
