import { FakeIndexData, type Metric } from './data.ts'
import { isObject, Refusal, requireThat } from './refusal.ts'

type Body = Readonly<Record<string, unknown>>

interface FakeIndex {
  readonly name: string
  readonly host: string
  readonly dimension: number
  readonly metric: Metric
  readonly deployment: Body
  readonly tags: Body | null
  readonly data: FakeIndexData
  state: 'Initializing' | 'Ready' | 'Terminating'
  /** Times that it is asked about before it goes on from its state. */
  asked: number
}

const SLOWNESS = 2
const METRICS: readonly unknown[] = ['cosine', 'dotproduct', 'euclidean']

/** The indexes of a project. Making one and removing one take a while, counted in questions about it. */
export class FakeIndexes {
  readonly #indexes = new Map<string, FakeIndex>()
  readonly #url: () => string
  readonly #lag: () => number
  #made = 0

  constructor(url: () => string, lag: () => number) {
    this.#url = url
    this.#lag = lag
  }

  create(body: Body): unknown {
    const { name, deployment, tags = null } = body
    if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/.test(name)) {
      throw new Refusal(400, 'Index names have 1 to 45 lower-case letters, digits and -, at both ends no -')
    }
    const { dimension, metric } = checkSchema(body.schema)
    const checked = { deployment: checkDeployment(deployment), tags: checkTags(tags) }
    requireThat(!this.#indexes.has(name), `Index ${name} already exists`, 409)
    const host = `${this.#url()}/data/${name}-${(++this.#made).toString(36)}`
    const data = new FakeIndexData(dimension, metric, this.#lag)
    const index: FakeIndex = { name, host, dimension, metric, ...checked, data, state: 'Initializing', asked: 0 }
    this.#indexes.set(name, index)
    return describe(index)
  }

  describe(name: string): unknown {
    return describe(this.#find(name))
  }

  list(): unknown {
    for (const name of [...this.#indexes.keys()]) this.#age(name)
    return { indexes: [...this.#indexes.values()].map(describe) }
  }

  delete(name: string): void {
    const index = this.#find(name)
    requireThat(index.state !== 'Terminating', `Index ${name} is being removed`, 412)
    Object.assign(index, { state: 'Terminating', asked: 0 })
  }

  /** The data at an address; there is none of an index that is not ready. */
  dataAt(host: string): FakeIndexData {
    const index = [...this.#indexes.values()].find((known) => known.host.endsWith(`/${host}`))
    if (index?.state !== 'Ready') throw new Refusal(404, 'Index not found')
    return index.data
  }

  #find(name: string): FakeIndex {
    this.#age(name)
    const index = this.#indexes.get(name)
    if (!index) throw new Refusal(404, `Index ${name} not found`)
    return index
  }

  #age(name: string): void {
    const index = this.#indexes.get(name)
    if (!index || index.state === 'Ready' || ++index.asked <= SLOWNESS) return
    if (index.state === 'Initializing') index.state = 'Ready'
    else this.#indexes.delete(name)
  }
}

function describe({ name, host, dimension, metric, deployment, tags, state }: FakeIndex): unknown {
  return {
    name,
    host,
    status: { ready: state === 'Ready', state },
    deployment,
    schema: {
      fields: { _values: { type: 'dense_vector', dimension, metric }, _sparse_values: { type: 'sparse_vector' } },
    },
    tags,
    deletion_protection: 'disabled',
  }
}

function checkSchema(schema: unknown): { dimension: number; metric: Metric } {
  const fields = isObject(schema) && isObject(schema.fields) ? schema.fields : {}
  const { _values: field } = fields
  if (Object.keys(fields).length !== 1 || !isObject(field) || field.type !== 'dense_vector') {
    throw new Refusal(400, 'This takes indexes of one dense vector named _values')
  }
  const { dimension, metric } = field
  if (typeof dimension !== 'number' || !Number.isInteger(dimension) || dimension < 1 || dimension > 20_000) {
    throw new Refusal(400, 'A dimension is 1 to 20000')
  }
  requireThat(METRICS.includes(metric), 'A metric is one of cosine, dotproduct, euclidean')
  return { dimension, metric: metric as Metric }
}

function checkDeployment(deployment: unknown): Body {
  if (!isObject(deployment) || deployment.deployment_type !== 'managed') {
    throw new Refusal(400, 'This takes managed deployments')
  }
  const { cloud, region } = deployment
  requireThat(typeof cloud === 'string' && typeof region === 'string', 'A deployment has a cloud and a region')
  return deployment
}

function checkTags(tags: unknown): Body | null {
  if (tags === null) return null
  if (!isObject(tags) || Object.keys(tags).length > 20) throw new Refusal(400, 'An index has up to 20 tags')
  for (const [key, value] of Object.entries(tags)) {
    requireThat(/^[A-Za-z0-9_-]{1,80}$/.test(key), 'Keys of tags have letters, digits, _ and -, up to 80')
    requireThat(typeof value === 'string' && /^[\x20-\x7e]{0,120}$/.test(value), 'Tags are ASCII, up to 120 characters')
  }
  return tags
}
