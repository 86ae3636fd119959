import { filtered } from './filters.ts'
import type { ReplyValue, SearchRequest, SearchResult } from './messages.ts'
import { type ClassObjects, type PropertyValue, type StoredObject, toBytes, toVector } from './objects.ts'
import { Refusal, unknownHere } from './refusal.ts'
import type { Distance } from './schema.ts'

/** Of one query, and of one delete. */
export const MAXIMUM_RESULTS = 10_000
/** When a query names none. */
const DEFAULT_LIMIT = 10
const SINGLE_FP32 = 1

export function search(objects: ClassObjects, request: SearchRequest): SearchResult[] {
  const { limit = DEFAULT_LIMIT, offset = 0, nearVector } = request
  if (limit + offset > MAXIMUM_RESULTS) throw new Refusal('invalid pagination params: query maximum results exceeded')
  const found = nearVector ? nearest(objects, request) : listed(objects, request)
  return found.slice(offset, offset + limit).map((object) => toResult(objects, object, request))
}

function listed(objects: ClassObjects, { after, filters }: SearchRequest): StoredObject[] {
  if (after && filters) {
    throw new Refusal("cursor api: invalid 'after' parameter: where cannot be set with after and limit parameters")
  }
  const found = filtered(objects, filters)
  return after ? found.filter(({ uuid }) => uuid > after) : found
}

function nearest(objects: ClassObjects, { nearVector, filters }: SearchRequest): StoredObject[] {
  const [given, ...others] = nearVector?.vectors ?? []
  if (!given?.bytes || others.length > 0 || given.type !== SINGLE_FP32) throw unknownHere('this form of a query vector')
  const query = toVector(given.bytes)
  const name = objects.vectorName(nearVector?.targets?.names ?? [], query)
  const metric = objects.schema.vectorConfig[name]!.vectorIndexConfig.distance
  const measure = distanceFrom(metric, query)
  return filtered(objects, filters)
    .flatMap((object) => {
      const vector = object.vectors.get(name)
      return vector && isReached(metric, vector) ? [{ object, distance: measure(vector) }] : []
    })
    .sort((a, b) => a.distance - b.distance)
    .map(({ object }) => object)
}

/** A graph of directions may never lead to a vector that has none in float32: here it never does. */
function isReached(metric: Distance, vector: Float32Array): boolean {
  const square = Math.fround(sum(vector, (x) => Math.fround(x * x)))
  return metric !== 'cosine' || (square > 0 && square < Number.POSITIVE_INFINITY)
}

function distanceFrom(metric: Distance, query: Float32Array): (vector: Float32Array) => number {
  if (metric === 'l2-squared') return (vector) => Math.fround(sum(vector, (x, i) => (x - query[i]!) ** 2))
  if (metric === 'dot') return (vector) => Math.fround(-sum(vector, (x, i) => x * query[i]!))
  const unit = normalised(query)
  return (vector) => Math.fround(1 - sum(normalised(vector), (x, i) => x * unit[i]!))
}

function normalised(vector: Float32Array): Float32Array {
  const length = Math.fround(Math.sqrt(Math.fround(sum(vector, (x) => Math.fround(x * x)))))
  return length === 0 ? vector : vector.map((x) => x / length)
}

function sum(vector: Float32Array, term: (component: number, i: number) => number): number {
  let total = 0
  for (let i = 0; i < vector.length; i++) total += term(vector[i]!, i)
  return total
}

function toResult(objects: ClassObjects, object: StoredObject, request: SearchRequest): SearchResult {
  const { properties, metadata } = request
  const names =
    properties?.names ?? (properties && !properties.all ? [] : objects.schema.properties.map(({ name }) => name))
  const fields = names.map((key) => {
    const { dataType } = objects.property(key)
    return { key, value: toValue(object.properties.get(key), dataType[0] === 'int') }
  })
  const wanted = metadata?.vectors ?? (metadata?.vector ? Object.keys(objects.schema.vectorConfig) : [])
  const vectors = wanted.flatMap((name) => {
    const vector = object.vectors.get(objects.vectorName([name]))
    return vector ? [{ name, bytes: toBytes(vector), type: SINGLE_FP32 }] : []
  })
  return {
    properties: { collection: objects.schema.class, own: { fields } },
    metadata: { ...(metadata?.uuid && { id: object.uuid }), vectors },
  }
}

function toValue(value: PropertyValue | undefined, integer: boolean): ReplyValue {
  if (value === undefined) return { null: 0 }
  if (typeof value === 'string') return { text: value }
  if (typeof value === 'boolean') return { bool: value }
  if (typeof value === 'number') return integer ? { integer: value } : { number: value }
  return { list: { texts: { values: value } } }
}
