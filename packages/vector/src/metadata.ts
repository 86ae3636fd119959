import { invalidInput, type Metadata, type MetadataPatch, type VectorFilter } from '@archon-db/core'
import {
  type ColumnInfo,
  type Condition,
  checkValue,
  evaluate,
  type FieldScope,
  newBindings,
  parseFilter,
  parsePath,
} from '@archon-db/core/dialect'

/** What the checks and the filter language know metadata and content as. */
const METADATA: ColumnInfo = column('metadata', 'json')
const CONTENT: ColumnInfo = column('content', 'text')

function column(name: string, kind: ColumnInfo['kind']): ColumnInfo {
  return { key: name, name, kind, nullable: true, primaryKey: false, autoIncrement: false }
}

/** Every name in a filter is a path into the metadata; keys with dots are quoted: `'"a.b"'`. */
const SCOPE: FieldScope = { resolve: (name) => ({ column: METADATA, path: parsePath(name) }) }

/** A filter taken apart: stores that filter themselves translate `condition`, the others call `matches`. */
export interface MetadataFilter {
  readonly condition: Condition
  readonly values: readonly unknown[]
  matches(metadata: Metadata): boolean
}

/** Null when the filter filters nothing. */
export function parseMetadataFilter(filter: VectorFilter | undefined): MetadataFilter | null {
  const bindings = newBindings()
  const condition = parseFilter(filter, SCOPE, bindings)
  if (condition === null) return null
  const { values } = bindings
  return { condition, values, matches: (metadata) => evaluate(condition, values, () => metadata) === true }
}

/** A copy as JSON knows it, so that no later change of the caller's object shows. Refuses what JSON cannot hold. */
export function toMetadata(metadata: unknown): Metadata {
  if (metadata === undefined) return {}
  requireObject(metadata)
  checkValue(METADATA, metadata)
  return copyJson(metadata as Metadata)
}

/** Keys set to undefined are to be removed, so they survive the copy. */
export function toPatch(patch: unknown): MetadataPatch {
  requireObject(patch)
  checkValue(METADATA, patch)
  const entries = Object.entries(patch as MetadataPatch)
  return Object.fromEntries(entries.map(([key, value]) => [key, value === undefined ? undefined : copyJson(value)]))
}

export function patched(metadata: Metadata, patch: MetadataPatch): Metadata {
  const entries = Object.entries({ ...metadata, ...patch }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Metadata
}

export function toContent(content: unknown): string | null {
  return checkValue(CONTENT, content ?? null) as string | null
}

export function copyJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}

function requireObject(value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)) return
  throw invalidInput('Metadata is an object such as { source: "guide" }.')
}
