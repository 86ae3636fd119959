import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { VectorStore } from '@archon-db/core'
import { expect, test } from 'vitest'
import { type IndexKey, openLocalStore, openVectorIndex, type VectorIndex } from '../src/local/index.ts'
import {
  applyTo,
  CRASH_COLLECTION,
  CRASH_DIMENSION,
  type CrashItem,
  crashChange,
  storeChange,
  withStoreChange,
} from './crash-plan.ts'
import { temporaryFolders } from './folders.ts'
import { pickSeed, randomVector, seededRandom } from './support.ts'

/** Of the index and of the store each. */
const KILLS = 50
const LIMIT_MS = 300_000
/** A writer has made at most so many changes when it is killed. */
const MOST_CHANGES = 40

const seed = pickSeed('crash')
const newFolder = temporaryFolders('crash')

test.concurrent(
  'an index killed while writing: nothing acknowledged is lost, nothing removed comes back',
  async () => {
    const path = await newFolder()
    const random = seededRandom(seed)
    const model = new Map<IndexKey, Float32Array>()
    let applied = -1
    for (let round = 0; round < KILLS; round++) {
      const { acknowledged, status } = await writeUntilKilled('index', path, applied + 1, changes(random))
      // A writer may have died before its first change.
      expect(status).toBe(applied < 0 ? 'empty' : 'restored')
      const index = await openVectorIndex({ dimension: CRASH_DIMENSION, metric: 'cosine', path })
      const reached = index.mark === undefined ? -1 : Number(index.mark)
      expect(reached).toBeGreaterThanOrEqual(Math.max(applied, acknowledged))
      expect(reached).toBeLessThanOrEqual(Math.max(applied, acknowledged) + 1)
      while (applied < reached) applyTo(model, crashChange(seed, ++applied))
      expect(contentOf(index)).toEqual(sorted(model))
      const query = randomVector(CRASH_DIMENSION, random)
      const hits = await index.search(query, { topK: 5000 })
      expect(new Set(hits.map(({ key }) => key))).toEqual(new Set(model.keys()))
      await index.close({ snapshot: false })
    }
    console.log(`crash: index, ${applied + 1} changes over ${KILLS} kills`)
    expect(applied).toBeGreaterThan(2 * KILLS)
  },
  LIMIT_MS,
)

test.concurrent(
  'a store killed while writing: every item is as acknowledged, none is half changed',
  async () => {
    const path = await newFolder()
    const random = seededRandom(seed + 1)
    let model: ReadonlyMap<string, CrashItem> = new Map()
    let next = 0
    for (let round = 0; round < KILLS; round++) {
      const { acknowledged } = await writeUntilKilled('store', path, next, changes(random))
      while (next <= acknowledged) model = withStoreChange(model, storeChange(seed, next++))
      const store = await openLocalStore({ path })
      const items = await itemsOf(store)
      // The one under way may have been made, and then as a whole.
      const further = withStoreChange(model, storeChange(seed, next))
      if (isDeepStrictEqual(items, inOrder(further))) {
        model = further
        next++
      } else expect(items).toEqual(inOrder(model))
      const hits = await store.search(CRASH_COLLECTION.name, {
        vector: randomVector(CRASH_DIMENSION, random),
        topK: 500,
      })
      expect(new Set(hits.map(({ id }) => id))).toEqual(new Set(model.keys()))
      await store.close()
    }
    console.log(`crash: store, ${next} changes over ${KILLS} kills`)
    expect(next).toBeGreaterThan(2 * KILLS)
  },
  LIMIT_MS,
)

function contentOf(index: VectorIndex): [IndexKey, Float32Array][] {
  return sorted(new Map([...index.keys()].map((key) => [key, index.get(key) as Float32Array])))
}

function sorted(content: ReadonlyMap<IndexKey, Float32Array>): [IndexKey, Float32Array][] {
  return [...content].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

async function itemsOf(store: VectorStore): Promise<object[]> {
  await store.createCollection(CRASH_COLLECTION)
  const hits = await store.search(CRASH_COLLECTION.name, { topK: 1000, include: { vector: true } })
  return hits.map(({ score, ...item }) => item)
}

function inOrder(model: ReadonlyMap<string, CrashItem>): object[] {
  return [...model.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** By their number and not by time, so that a busy machine sees as many. */
function changes(random: () => number): number {
  return Math.floor(random() * (MOST_CHANGES + 1))
}

/** Runs the writer, and kills it once it has told of so many changes, wherever it is by then. */
async function writeUntilKilled(
  kind: 'index' | 'store',
  path: string,
  next: number,
  changes: number,
): Promise<{ acknowledged: number; status: string }> {
  const script = join(import.meta.dirname, 'crash-writer.ts')
  const args = ['--conditions=archon-db-source', script, kind, path, String(seed), String(next)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    // The first line says that it is open.
    if (output.split('\n').length - 2 >= changes) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  const acknowledged = [...output.matchAll(/done (\d+)\n/g)].at(-1)?.[1] ?? -1
  return { acknowledged: Number(acknowledged), status: /open (\w+)/.exec(output)?.[1] ?? 'none' }
}
