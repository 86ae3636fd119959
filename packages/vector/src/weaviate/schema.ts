import { type CollectionSpec, DbError, type VectorMetric } from '@archon-db/core'
import type { WeaviateClass } from 'weaviate-client'

/** The one vector of an object. */
export const VECTOR = 'default'

/**
 * The properties that every collection has, whatever its metadata: a property of Weaviate keeps the type that it was
 * declared with, or that its first value had, and metadata may give one key a text today and a number tomorrow.
 */
export const PROPERTY = {
  id: 'key',
  content: 'content',
  /** The metadata as JSON. */
  document: 'document',
  /** Tokens that equality is asked by. */
  facts: 'facts',
  /** The vector has no direction, or none that float32 can tell. */
  lost: 'lost',
  /** A number by which the collection falls into parts. */
  part: 'part',
} as const

/** Numbers are spread over so many properties, for the sake of `<` and `>`. */
export const NUMBERS = 16

export function numberProperty(slot: number): string {
  return `number_${slot}`
}

const DISTANCES: Readonly<Record<VectorMetric, string>> = { cosine: 'cosine', dot: 'dot', l2: 'l2-squared' }
const STORED = { indexFilterable: false, indexSearchable: false }
const TOKENIZED = { tokenization: 'field' as const, indexSearchable: false }
const RANGES = { indexFilterable: false, indexRangeFilters: true, indexSearchable: false }

export function classOf(prefix: string, spec: CollectionSpec): WeaviateClass {
  return {
    class: className(prefix, spec.name),
    description: JSON.stringify(spec),
    vectorConfig: {
      [VECTOR]: {
        vectorizer: { none: {} },
        vectorIndexType: 'hnsw',
        vectorIndexConfig: {
          distance: DISTANCES[spec.metric],
          efConstruction: 200,
          maxConnections: 32,
          dynamicEfMin: 200,
        },
      },
    },
    properties: [
      { name: PROPERTY.id, dataType: ['text'], ...TOKENIZED, ...STORED },
      { name: PROPERTY.content, dataType: ['text'], ...TOKENIZED, ...STORED },
      { name: PROPERTY.document, dataType: ['text'], ...TOKENIZED, ...STORED },
      // Other tokenizations fold case and drop punctuation.
      { name: PROPERTY.facts, dataType: ['text[]'], ...TOKENIZED, indexFilterable: true },
      { name: PROPERTY.lost, dataType: ['boolean'], indexFilterable: true, indexSearchable: false },
      { name: PROPERTY.part, dataType: ['int'], ...RANGES },
      ...Array.from({ length: NUMBERS }, (_, slot) => ({
        name: numberProperty(slot),
        dataType: ['number'],
        ...RANGES,
      })),
    ],
  }
}

/** Null where the class is no collection of this prefix. */
export function specOf(prefix: string, { class: name = '', description = '' }: WeaviateClass): CollectionSpec | null {
  if (!name.startsWith(prefix)) return null
  const spec = parseSpec(description)
  return spec && className(prefix, spec.name) === name ? spec : null
}

export function requireSpec(prefix: string, known: WeaviateClass): CollectionSpec {
  const spec = specOf(prefix, known)
  if (spec) return spec
  throw new DbError(
    'unsupported',
    `The Weaviate collection ${known.class} was made by something else. Rename or drop it.`,
  )
}

function parseSpec(description: string): CollectionSpec | null {
  try {
    const { name, dimension, metric } = JSON.parse(description) as Partial<CollectionSpec>
    return name !== undefined && dimension !== undefined && metric !== undefined ? { name, dimension, metric } : null
  } catch {
    return null
  }
}

/** Weaviate takes names that differ by case alone for one, and no hyphens. */
export function className(prefix: string, name: string): string {
  return prefix + name.replace(/[_\-A-Z]/g, (char) => (char === '-' ? '_0' : `_${char.toLowerCase()}`))
}
