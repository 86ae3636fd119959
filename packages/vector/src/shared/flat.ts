import type { Metadata, MetadataValue } from '@archon-db/core'
import type { PathSegment } from '@archon-db/core/dialect'

/**
 * Metadata for services that filter by flat keys alone: `author.name`, and `tags[]` for the texts in a list. The flat
 * keys only narrow a search down; the metadata itself is kept as JSON beside them.
 */
export type FlatValue = string | number | boolean | string[]

/** Longer texts are not worth an index: they are compared here. */
const MAX_TEXT = 256
const LIST = '[]'

export function flatten(metadata: Metadata): Record<string, FlatValue> {
  const flat: Record<string, FlatValue> = {}
  for (const [key, value] of Object.entries(metadata)) add(flat, escapeName(key), value)
  return flat
}

function add(flat: Record<string, FlatValue>, key: string, value: MetadataValue): void {
  if (value === null) return
  if (typeof value !== 'object') {
    if (isFlat(value)) flat[key] = value
  } else if (Array.isArray(value)) {
    const texts = value.filter((item): item is string => typeof item === 'string' && isFlat(item))
    if (texts.length > 0) flat[key + LIST] = [...new Set(texts)]
  } else {
    for (const [name, member] of Object.entries(value)) add(flat, `${key}.${escapeName(name)}`, member)
  }
}

/** Whether a value has a place among the flat keys. */
export function isFlat(value: unknown): value is string | number | boolean {
  return typeof value === 'string' ? value.length <= MAX_TEXT : typeof value === 'number' || typeof value === 'boolean'
}

/** Null for paths into lists, which have no key. */
export function flatKey(path: readonly PathSegment[]): string | null {
  const names: string[] = []
  for (const step of path) {
    if (typeof step === 'number') return null
    names.push(escapeName(step))
  }
  return names.length === 0 ? null : names.join('.')
}

export function flatListKey(key: string): string {
  return key + LIST
}

/** No two paths have one key, and none begins with what services keep for themselves. */
function escapeName(name: string): string {
  if (name === '') return '~0'
  return name.replace(/[~.[]/g, (char) => `~${char.codePointAt(0)!.toString(16)}`).replace(/^[#$_]/, '~-$&')
}
