import type { IndexChange, IndexKey } from '../src/local/index.ts'
import { randomVector, seededRandom } from './support.ts'

export const CRASH_DIMENSION = 48

/** The n-th change of a crash run: the writer that is killed and the one who checks it both know it. */
export function crashChange(seed: number, n: number): IndexChange {
  const random = seededRandom(seed * 100_003 + n)
  const key = (): IndexKey => (random() < 0.5 ? Math.floor(random() * 500) : `k${Math.floor(random() * 500)}`)
  const several = <Item>(make: () => Item): Item[] => Array.from({ length: 1 + Math.floor(random() * 8) }, make)
  const mark = String(n)
  if (random() < 0.35) return { remove: several(key), mark }
  return { upsert: several(() => ({ key: key(), vector: randomVector(CRASH_DIMENSION, random) })), mark }
}

/** Makes the change in a plain map. */
export function applyTo(model: Map<IndexKey, Float32Array>, { upsert = [], remove = [] }: IndexChange): void {
  for (const key of remove) model.delete(key)
  for (const { key, vector } of upsert) model.set(key, vector as Float32Array)
}
