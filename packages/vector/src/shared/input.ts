import {
  checkId,
  invalidFilter,
  invalidInput,
  type Metadata,
  toFloat32,
  type VectorFilter,
  type VectorItem,
  type VectorTarget,
} from '@archon-db/core'
import { uuidv7 } from '@archon-db/core/dialect'
import { type MetadataFilter, parseMetadataFilter, toContent, toMetadata } from '../metadata.ts'

/** An item that was checked, in memory of its own. */
export interface CheckedItem {
  readonly id: string
  readonly vector: Float32Array
  readonly metadata: Metadata
  readonly content: string | null
}

/** All of them are checked before any is stored. */
export function checkItems(items: readonly VectorItem[], dimension: number): CheckedItem[] {
  if (!Array.isArray(items) || items.length === 0) {
    throw invalidInput('There is nothing to upsert: give one item or more.')
  }
  return items.map((item, position) => checkItem(item, position, dimension))
}

function checkItem(item: VectorItem, position: number, dimension: number): CheckedItem {
  if (typeof item !== 'object' || item === null) throw invalidInput(`Item ${position} is not an object with a vector.`)
  const id = item.id === undefined ? uuidv7() : item.id
  checkId(id)
  const vector = toFloat32(item.vector, dimension, `vector of item ${position}`)
  return { id, vector, metadata: toMetadata(item.metadata), content: toContent(item.content) }
}

export function checkIds(ids: readonly string[]): void {
  if (!Array.isArray(ids)) throw invalidInput('Ids are a list of strings.')
  for (const id of ids) checkId(id)
}

/** Which items a change is about: ids, each once, or a filter that says something. */
export type CheckedTarget =
  | { readonly ids: readonly string[]; readonly filter?: never }
  | { readonly filter: MetadataFilter; readonly source: VectorFilter; readonly ids?: never }

export function checkTarget(target: VectorTarget): CheckedTarget {
  const { ids, filter } = target ?? {}
  if ((ids === undefined) === (filter === undefined)) throw invalidInput('Say which items: either ids or a filter.')
  if (ids !== undefined) {
    checkIds(ids)
    if (ids.length === 0) throw invalidInput('The list of ids is empty: give one id or more.')
    return { ids: [...new Set(ids)] }
  }
  const parsed = parseMetadataFilter(filter)
  if (parsed === null || isAlwaysTrue(parsed)) {
    throw invalidFilter('An empty filter would take in every item. Name a condition.')
  }
  return { filter: parsed, source: filter }
}

function isAlwaysTrue({ condition }: MetadataFilter): boolean {
  return condition.type === 'constant' && condition.value === true
}
