import type { BatchObject, NamedVector, StructEntry } from './messages.ts'
import { Refusal, unknownHere } from './refusal.ts'
import type { ClassSchema, Property } from './schema.ts'
import { tokensOf } from './tokens.ts'

export type PropertyValue = string | number | boolean | readonly string[]

export interface StoredObject {
  readonly uuid: string
  readonly properties: ReadonlyMap<string, PropertyValue>
  /** Of the texts that filters may ask for. */
  readonly tokens: ReadonlyMap<string, ReadonlySet<string>>
  readonly vectors: ReadonlyMap<string, Float32Array>
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The objects of one class. */
export class ClassObjects {
  readonly schema: ClassSchema
  readonly #objects = new Map<string, StoredObject>()
  readonly #properties: ReadonlyMap<string, Property>
  readonly #dimensions = new Map<string, number>()

  constructor(schema: ClassSchema) {
    this.schema = schema
    this.#properties = new Map(schema.properties.map((property) => [property.name, property]))
  }

  get size(): number {
    return this.#objects.size
  }

  /** By UUID, which is the order of a listing. */
  all(): StoredObject[] {
    return [...this.#objects.values()].sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
  }

  property(name: string): Property {
    const property = this.#properties.get(name)
    if (property) return property
    throw new Refusal(
      `no such prop with name '${name}' found in class '${this.schema.class}' in the schema. Check your schema files for which properties in this class are available`,
    )
  }

  /** An object of the same UUID is replaced as a whole. */
  put(object: BatchObject): void {
    const uuid = (object.uuid ?? '').toLowerCase()
    if (!UUID.test(uuid)) throw new Refusal(`invalid UUID length or format: ${object.uuid}`)
    const properties = this.#propertiesOf(object)
    const vectors = this.#vectorsOf(object.vectors ?? [])
    for (const [name, vector] of vectors) this.#dimensions.set(name, vector.length)
    this.#objects.set(uuid, { uuid, properties, tokens: this.#tokensOf(properties), vectors })
  }

  delete(uuid: string): void {
    this.#objects.delete(uuid)
  }

  /** What a query names as its vector, of as many dimensions as there are. */
  vectorName(names: readonly string[], vector?: Float32Array): string {
    const [only, ...others] = Object.keys(this.schema.vectorConfig)
    const name = names[0] ?? (others.length === 0 ? only : undefined)
    if (name === undefined || names.length > 1) {
      throw new Refusal(`class ${this.schema.class} has multiple vectors, but no target vectors were provided`)
    }
    if (!(name in this.schema.vectorConfig)) {
      throw new Refusal(`class ${this.schema.class} does not have named vector ${name} configured`)
    }
    const dimension = this.#dimensions.get(name)
    if (vector && dimension !== undefined && dimension !== vector.length) {
      throw new Refusal(`vector search: vector lengths don't match: ${dimension} vs ${vector.length}`)
    }
    return name
  }

  #propertiesOf({ properties }: BatchObject): ReadonlyMap<string, PropertyValue> {
    const values = new Map<string, PropertyValue>()
    for (const entry of properties?.plain?.fields ?? []) {
      const value = this.#plain(entry)
      if (value !== undefined) values.set(entry.key!, value)
    }
    for (const { name = '', values: texts = [] } of properties?.texts ?? []) {
      this.#requireType(name, 'text[]', 'a text array')
      values.set(name, texts)
    }
    for (const name of properties?.empty ?? []) {
      this.#requireType(name, 'text[]', 'an empty array')
      values.set(name, [])
    }
    return values
  }

  /** Null takes a property away. */
  #plain({ key = '', value = {} }: StructEntry): PropertyValue | undefined {
    const { dataType } = this.property(key)
    if (value.null !== undefined) return undefined
    if (value.string !== undefined) {
      this.#requireType(key, 'text', 'a string')
      return value.string
    }
    if (value.bool !== undefined) {
      this.#requireType(key, 'boolean', 'a boolean')
      return value.bool
    }
    if (value.number === undefined) throw unknownHere('this kind of value')
    if (dataType[0] === 'int' && !Number.isInteger(value.number)) {
      throw new Refusal(`invalid integer property '${key}' on class '${this.schema.class}': requires an integer`)
    }
    if (dataType[0] !== 'int') this.#requireType(key, 'number', 'a number')
    return value.number
  }

  #requireType(name: string, given: string, what: string): void {
    const [type] = this.property(name).dataType
    if (type === given) return
    throw new Refusal(`invalid ${type} property '${name}' on class '${this.schema.class}': it is ${what}`)
  }

  #tokensOf(properties: ReadonlyMap<string, PropertyValue>): ReadonlyMap<string, ReadonlySet<string>> {
    const tokens = new Map<string, ReadonlySet<string>>()
    for (const { name, dataType, tokenization, indexFilterable } of this.schema.properties) {
      const value = properties.get(name)
      if (value === undefined || !indexFilterable || !dataType[0].startsWith('text')) continue
      const texts = typeof value === 'string' ? [value] : (value as readonly string[])
      tokens.set(name, new Set(texts.flatMap((text) => tokensOf(text, tokenization))))
    }
    return tokens
  }

  #vectorsOf(given: readonly NamedVector[]): ReadonlyMap<string, Float32Array> {
    const vectors = new Map<string, Float32Array>()
    for (const { name = '', bytes = Buffer.alloc(0) } of given) {
      if (!(name in this.schema.vectorConfig)) {
        throw new Refusal(`collection ${this.schema.class} does not have configuration for vector ${name}`)
      }
      const vector = toVector(bytes)
      const dimension = this.#dimensions.get(name)
      if (dimension !== undefined && dimension !== vector.length) {
        throw new Refusal(
          `new node has a vector with length ${vector.length}. Existing nodes have vectors with length ${dimension}`,
        )
      }
      vectors.set(name, vector)
    }
    return vectors
  }
}

/** Four bytes each, the lowest first. */
export function toVector(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
}

export function toBytes(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [i, component] of vector.entries()) bytes.writeFloatLE(component, i * 4)
  return bytes
}
