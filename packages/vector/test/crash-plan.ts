import type { CollectionSpec, VectorItem, VectorStore } from '@archon-db/core'
import type { IndexChange, IndexKey } from '../src/local/index.ts'
import { randomVector, seededRandom } from './support.ts'

export const CRASH_DIMENSION = 48

/** The n-th change of a crash run: the writer that is killed and the one who checks it both know it. */
export function crashChange(seed: number, n: number): IndexChange {
  const random = seededRandom(seed * 100_003 + n)
  const key = (): IndexKey => (random() < 0.5 ? Math.floor(random() * 500) : `k${Math.floor(random() * 500)}`)
  const mark = String(n)
  if (random() < 0.35) return { remove: several(random, key), mark }
  return { upsert: several(random, () => ({ key: key(), vector: randomVector(CRASH_DIMENSION, random) })), mark }
}

/** Makes the change in a plain map. */
export function applyTo(model: Map<IndexKey, Float32Array>, { upsert = [], remove = [] }: IndexChange): void {
  for (const key of remove) model.delete(key)
  for (const { key, vector } of upsert) model.set(key, vector as Float32Array)
}

export const CRASH_COLLECTION: CollectionSpec = { name: 'crash', dimension: CRASH_DIMENSION, metric: 'cosine' }

export type CrashItem = Required<VectorItem>

export type StoreChange =
  | { readonly kind: 'upsert'; readonly items: readonly CrashItem[] }
  | { readonly kind: 'delete'; readonly ids: readonly string[] }
  | { readonly kind: 'patch'; readonly ids: readonly string[]; readonly step: number }

/** The n-th change of a crash run of a store. */
export function storeChange(seed: number, n: number): StoreChange {
  const random = seededRandom(seed * 100_003 + n)
  const id = (): string => `k${Math.floor(random() * 300)}`
  const item = (): CrashItem => ({
    id: id(),
    vector: randomVector(CRASH_DIMENSION, random),
    metadata: { n, tags: ['a', null, n / 7] },
    content: n % 2 === 0 ? `text ${n}` : null,
  })
  if (n % 3 === 0) return { kind: 'upsert', items: several(random, item) }
  const ids = several(random, id)
  return n % 3 === 1 ? { kind: 'delete', ids } : { kind: 'patch', ids, step: n }
}

export async function makeStoreChange(store: VectorStore, change: StoreChange): Promise<void> {
  const { name } = CRASH_COLLECTION
  if (change.kind === 'upsert') await store.upsert(name, change.items)
  else if (change.kind === 'delete') await store.delete(name, { ids: change.ids })
  else await store.updateMetadata(name, { ids: change.ids }, { step: change.step })
}

/** A map with the change made. */
export function withStoreChange(
  model: ReadonlyMap<string, CrashItem>,
  change: StoreChange,
): ReadonlyMap<string, CrashItem> {
  const changed = new Map(model)
  if (change.kind === 'upsert') for (const item of change.items) changed.set(item.id, item)
  else if (change.kind === 'delete') for (const id of change.ids) changed.delete(id)
  else {
    for (const id of change.ids) {
      const item = model.get(id)
      if (item) changed.set(id, { ...item, metadata: { ...item.metadata, step: change.step } })
    }
  }
  return changed
}

function several<Item>(random: () => number, make: () => Item): Item[] {
  return Array.from({ length: 1 + Math.floor(random() * 8) }, make)
}
