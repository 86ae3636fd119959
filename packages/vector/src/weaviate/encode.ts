import { createHash } from 'node:crypto'
import { DbError, type Metadata } from '@archon-db/core'
import { type FlatValue, flatten } from '../shared/flat.ts'
import type { CheckedItem } from '../shared/input.ts'
import { keepsDirection } from '../shared/score.ts'
import type { StoredItem } from '../shared/service.ts'
import { NUMBERS, numberProperty, PROPERTY } from './schema.ts'

type Properties = Record<string, string | number | boolean | string[]>

/** Parts are numbered below this. */
export const PARTS: number = 2 ** 28

/** Weaviate's ids are UUIDs: of one id always the same. */
export function uuidOf(id: string): string {
  const bytes = createHash('sha256').update(id).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** JSON keeps key, type and value apart, and nothing about it is trimmed. */
export function factOf(key: string, value: string | number | boolean): string {
  return JSON.stringify([key, value])
}

/** That there is a number under a key. */
export function numberFact(key: string): string {
  return JSON.stringify([key])
}

/** That several numbers of an item wanted one slot, and none has it: no key begins like this. */
export function crowdedFact(slot: number): string {
  return JSON.stringify([`#${slot}`])
}

export function slotOf(key: string): number {
  let hash = 0
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash, 31) + key.charCodeAt(i)
  return (hash >>> 0) % NUMBERS
}

export function encode({ id, metadata, content, vector }: CheckedItem): Properties {
  const flat = flatten(metadata)
  const numbers = slotted(flat)
  return {
    [PROPERTY.id]: id,
    [PROPERTY.document]: JSON.stringify(metadata),
    [PROPERTY.facts]: [...Object.entries(flat).flatMap(([key, value]) => factsOf(key, value)), ...numbers.crowded],
    [PROPERTY.lost]: !keepsDirection(vector),
    [PROPERTY.part]: Number.parseInt(uuidOf(id).slice(0, 7), 16),
    ...(content !== null && { [PROPERTY.content]: content }),
    ...numbers.properties,
  }
}

function factsOf(key: string, value: FlatValue): string[] {
  if (Array.isArray(value)) return value.map((text) => factOf(key, text))
  return typeof value === 'number' ? [factOf(key, value), numberFact(key)] : [factOf(key, value)]
}

function slotted(flat: Readonly<Record<string, FlatValue>>): { properties: Properties; crowded: string[] } {
  const slots = new Map<number, number[]>()
  for (const [key, value] of Object.entries(flat)) {
    if (typeof value !== 'number') continue
    const slot = slotOf(key)
    slots.set(slot, [...(slots.get(slot) ?? []), value])
  }
  const properties: Properties = {}
  const crowded: string[] = []
  for (const [slot, values] of slots) {
    if (values.length === 1) properties[numberProperty(slot)] = values[0]!
    else crowded.push(crowdedFact(slot))
  }
  return { properties, crowded }
}

export function decode(properties: Readonly<Record<string, unknown>>): StoredItem {
  const { [PROPERTY.id]: id, [PROPERTY.document]: document, [PROPERTY.content]: content } = properties
  if (typeof id !== 'string') {
    throw new DbError('unknown', 'An item of this Weaviate collection was written by something else. Delete it there.')
  }
  return {
    id,
    metadata: typeof document === 'string' ? (JSON.parse(document) as Metadata) : {},
    content: typeof content === 'string' ? content : null,
  }
}
