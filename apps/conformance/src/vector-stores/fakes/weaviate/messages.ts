/** The messages of Weaviate's gRPC service, by the numbers of its public description; fields that are left out are refused. */

import { type MessageType, many, one } from './protobuf.ts'

function message(name: string, fields: MessageType['fields']): MessageType {
  return { name, fields }
}

const structValue: MessageType = message('Value', {
  1: one('null', 'integer'),
  2: one('number', 'double'),
  3: one('string', 'string'),
  4: one('bool', 'bool'),
})

/** A field of a Struct; the values are those that adapters send. */
export interface StructEntry {
  readonly key?: string
  readonly value?: {
    readonly null?: number
    readonly number?: number
    readonly string?: string
    readonly bool?: boolean
  }
}

const struct = message('Struct', {
  1: many('fields', () => message('FieldsEntry', { 1: one('key', 'string'), 2: one('value', () => structValue) })),
})

export interface NamedVector {
  readonly name?: string
  readonly bytes?: Buffer
  readonly type?: number
}

const vectors = message('Vectors', {
  1: one('name', 'string'),
  3: one('bytes', 'bytes'),
  4: one('type', 'integer'),
})

export interface BatchObject {
  readonly uuid?: string
  readonly collection?: string
  readonly tenant?: string
  readonly vectors?: readonly NamedVector[]
  readonly properties?: {
    readonly plain?: { readonly fields?: readonly StructEntry[] }
    readonly texts?: readonly { readonly name?: string; readonly values?: readonly string[] }[]
    readonly empty?: readonly string[]
  }
}

const textArrayProperties = message('TextArrayProperties', { 1: many('values', 'string'), 2: one('name', 'string') })

const batchProperties = message('BatchObject.Properties', {
  1: one('plain', () => struct),
  6: many('texts', () => textArrayProperties),
  10: many('empty', 'string'),
})

const batchObject = message('BatchObject', {
  1: one('uuid', 'string'),
  3: one('properties', () => batchProperties),
  4: one('collection', 'string'),
  5: one('tenant', 'string'),
  23: many('vectors', () => vectors),
})

export interface BatchObjectsRequest {
  readonly objects?: readonly BatchObject[]
}

export const batchObjectsRequest: MessageType = message('BatchObjectsRequest', {
  1: many('objects', () => batchObject),
  2: one('consistencyLevel', 'integer'),
})

export const batchObjectsReply: MessageType = message('BatchObjectsReply', {
  1: one('took', 'float'),
  2: many('errors', () => message('BatchError', { 1: one('index', 'integer'), 2: one('error', 'string') })),
})

export interface Filters {
  readonly operator?: number
  readonly filters?: readonly Filters[]
  readonly target?: { readonly property?: string }
  readonly valueText?: string
  readonly valueInt?: number
  readonly valueBoolean?: boolean
  readonly valueNumber?: number
  readonly valueTextArray?: { readonly values?: readonly string[] }
}

const filters: MessageType = message('Filters', {
  1: one('operator', 'integer'),
  3: many('filters', () => filters),
  4: one('valueText', 'string'),
  5: one('valueInt', 'integer'),
  6: one('valueBoolean', 'bool'),
  7: one('valueNumber', 'double'),
  9: one('valueTextArray', () => message('TextArray', { 1: many('values', 'string') })),
  20: one('target', () => message('FilterTarget', { 1: one('property', 'string') })),
})

export interface SearchRequest {
  readonly collection?: string
  readonly tenant?: string
  readonly properties?: { readonly names?: readonly string[]; readonly all?: boolean }
  readonly metadata?: { readonly uuid?: boolean; readonly vector?: boolean; readonly vectors?: readonly string[] }
  readonly limit?: number
  readonly offset?: number
  readonly after?: string
  readonly filters?: Filters
  readonly nearVector?: {
    readonly targets?: { readonly names?: readonly string[] }
    readonly vectors?: readonly NamedVector[]
  }
}

const nearVector = message('NearVector', {
  6: one('targets', () => message('Targets', { 1: many('names', 'string'), 2: one('combination', 'integer') })),
  9: many('vectors', () => vectors),
})

const metadataRequest = message('MetadataRequest', {
  1: one('uuid', 'bool'),
  2: one('vector', 'bool'),
  10: many('vectors', 'string'),
})

export const searchRequest: MessageType = message('SearchRequest', {
  1: one('collection', 'string'),
  10: one('tenant', 'string'),
  11: one('consistencyLevel', 'integer'),
  20: one('properties', () => message('PropertiesRequest', { 1: many('names', 'string'), 11: one('all', 'bool') })),
  21: one('metadata', () => metadataRequest),
  30: one('limit', 'integer'),
  31: one('offset', 'integer'),
  33: one('after', 'string'),
  40: one('filters', () => filters),
  43: one('nearVector', () => nearVector),
  100: one('uses123Api', 'bool'),
  101: one('uses125Api', 'bool'),
  102: one('uses127Api', 'bool'),
})

export interface ReplyValue {
  readonly number?: number
  readonly bool?: boolean
  readonly integer?: number
  readonly null?: number
  readonly text?: string
  readonly list?: { readonly texts: { readonly values: readonly string[] } }
}

const listValue = message('ListValue', {
  7: one('texts', () => message('TextValues', { 1: many('values', 'string') })),
})

const replyValue = message('Value', {
  1: one('number', 'double'),
  3: one('bool', 'bool'),
  5: one('list', () => listValue),
  8: one('integer', 'integer'),
  12: one('null', 'integer'),
  13: one('text', 'string'),
})

const properties = message('Properties', {
  1: many('fields', () => message('FieldsEntry', { 1: one('key', 'string'), 2: one('value', () => replyValue) })),
})

export interface SearchResult {
  readonly properties: {
    readonly collection: string
    readonly own: { readonly fields: readonly { readonly key: string; readonly value: ReplyValue }[] }
  }
  readonly metadata: { readonly id?: string; readonly vectors: readonly NamedVector[] }
}

const searchResult = message('SearchResult', {
  1: one('properties', () =>
    message('PropertiesResult', { 3: one('collection', 'string'), 11: one('own', () => properties) }),
  ),
  2: one('metadata', () => message('MetadataResult', { 1: one('id', 'string'), 23: many('vectors', () => vectors) })),
})

export const searchReply: MessageType = message('SearchReply', {
  1: one('took', 'float'),
  2: many('results', () => searchResult),
})

export interface BatchDeleteRequest {
  readonly collection?: string
  readonly tenant?: string
  readonly filters?: Filters
}

export const batchDeleteRequest: MessageType = message('BatchDeleteRequest', {
  1: one('collection', 'string'),
  2: one('filters', () => filters),
  5: one('consistencyLevel', 'integer'),
  6: one('tenant', 'string'),
})

export const batchDeleteReply: MessageType = message('BatchDeleteReply', {
  1: one('took', 'float'),
  2: one('failed', 'integer'),
  3: one('matches', 'integer'),
  4: one('successful', 'integer'),
})

export interface AggregateRequest {
  readonly collection?: string
  readonly tenant?: string
  readonly objectsCount?: boolean
  readonly filters?: Filters
}

export const aggregateRequest: MessageType = message('AggregateRequest', {
  1: one('collection', 'string'),
  10: one('tenant', 'string'),
  20: one('objectsCount', 'bool'),
  40: one('filters', () => filters),
})

export const aggregateReply: MessageType = message('AggregateReply', {
  1: one('took', 'float'),
  2: one('single', () => message('Single', { 1: one('objectsCount', 'integer') })),
})

export const healthRequest: MessageType = message('HealthCheckRequest', { 1: one('service', 'string') })
export const healthReply: MessageType = message('HealthCheckResponse', { 1: one('status', 'integer') })
