import { availableParallelism } from 'node:os'
import { DbError } from '@archon-db/core'
import { afterEach, expect, test } from 'vitest'
import { openVectorIndex, type VectorIndex, type VectorIndexOptions } from '../src/local/index.ts'
import { clusteredVectors, pickSeed, randomVector, seededRandom } from './support.ts'

const seed = pickSeed('index')
const opened: VectorIndex[] = []

afterEach(async () => {
  for (const index of opened.splice(0)) await index.close()
})

async function open(options: VectorIndexOptions): Promise<VectorIndex> {
  const index = await openVectorIndex(options)
  opened.push(index)
  return index
}

function items(vectors: readonly Float32Array[]): { key: number; vector: Float32Array }[] {
  return vectors.map((vector, key) => ({ key, vector }))
}

/** Mean share of the ten nearest that an ordinary search finds. */
async function recallAt10(index: VectorIndex, queries: readonly Float32Array[]): Promise<number> {
  let found = 0
  for (const query of queries) {
    const exact = new Set((await index.search(query, { topK: 10, engine: 'exact' })).map((hit) => hit.key))
    const hits = await index.search(query, { topK: 10 })
    expect(hits).toHaveLength(10)
    found += hits.filter((hit) => exact.has(hit.key)).length
  }
  return found / queries.length / 10
}

test('clustered vectors: the graph takes over, at a recall of 0.98 or more, with the scores of the scan', async () => {
  const vectors = clusteredVectors(8060, 128, seededRandom(seed))
  const index = await open({ dimension: 128, metric: 'cosine', graphFloats: 100_000 })
  await index.upsert(items(vectors.slice(0, 8000)))
  const queries = vectors.slice(8000)
  expect(index.stats().engine).toBe('exact')
  expect(await recallAt10(index, queries.slice(0, 3))).toBe(1)
  await index.ready()
  expect(index.stats()).toMatchObject({ graph: 'serving', engine: 'hnsw', failure: undefined })
  expect(index.stats().recall).toBeGreaterThanOrEqual(0.99)
  expect(await recallAt10(index, queries)).toBeGreaterThanOrEqual(0.98)
  const exact = new Map(
    (await index.search(queries[0]!, { topK: 200, engine: 'exact' })).map((hit) => [hit.key, hit.score]),
  )
  for (const hit of await index.search(queries[0]!, { topK: 10 })) expect(exact.get(hit.key)).toBe(hit.score)
})

test('random vectors, where a graph finds less than half: the scan stays in charge', async () => {
  const random = seededRandom(seed)
  const index = await open({ dimension: 384, metric: 'cosine', graphFloats: 100_000 })
  await index.upsert(items(Array.from({ length: 6000 }, () => randomVector(384, random))))
  await index.ready()
  expect(index.stats()).toMatchObject({ graph: 'refused', engine: 'exact', recall: undefined })
  expect(
    await recallAt10(
      index,
      Array.from({ length: 20 }, () => randomVector(384, random)),
    ),
  ).toBe(1)
})

test('queries unlike the rows: the graph is found out by its own checks', async () => {
  const random = seededRandom(seed + 1)
  const index = await open({ dimension: 128, metric: 'cosine', graphFloats: 100_000 })
  await index.upsert(items(clusteredVectors(6000, 128, random)))
  await index.ready()
  expect(
    await recallAt10(
      index,
      Array.from({ length: 150 }, () => randomVector(128, random)),
    ),
  ).toBeGreaterThanOrEqual(0.98)
})

test('a forced graph: filled results with filters, fresh writes seen at once, removed rows never', async () => {
  const random = seededRandom(seed + 2)
  const vectors = clusteredVectors(3100, 64, random)
  const index = await open({ dimension: 64, metric: 'cosine', engine: 'hnsw' })
  await index.upsert(items(vectors.slice(0, 3000)))
  await index.ready()
  expect(index.stats()).toMatchObject({ graph: 'serving', engine: 'hnsw' })
  for (const query of vectors.slice(3000, 3020)) {
    for (const modulus of [2, 100, 1000]) {
      const filter = (key: unknown): boolean => (key as number) % modulus === 1
      const hits = await index.search(query, { topK: 10, filter })
      expect(hits).toHaveLength(Math.min(10, 3000 / modulus))
      if (modulus > 2) expect(hits).toEqual(await index.search(query, { topK: 10, filter, engine: 'exact' }))
    }
    expect(await index.search(query, { topK: 5, among: [7, 8, 9] })).toHaveLength(3)
    // Every second row, and none of the near ones among them: candidates run out, matches do not.
    const ranked = await index.search(query, { topK: 3000, engine: 'exact' })
    const far = new Set(ranked.slice(1500).map((hit) => hit.key))
    expect(await index.search(query, { topK: 10, filter: (key) => far.has(key) })).toEqual(ranked.slice(1500, 1510))
  }
  for (let round = 0; round < 50; round++) {
    const query = vectors[3000 + round] as Float32Array
    const key = 10_000 + round
    await index.upsert([{ key, vector: query }])
    expect((await index.search(query, { topK: 1 }))[0]).toEqual({ key, score: 1 })
    await index.upsert([{ key, vector: query.map((x) => -x) }])
    expect((await index.search(query, { topK: 3 })).map((hit) => hit.key)).not.toContain(key)
    const [nearest] = await index.search(query, { topK: 1 })
    expect(await index.remove([key, nearest!.key])).toBe(2)
    const after = await index.search(query, { topK: 3 })
    expect(after).toHaveLength(3)
    expect(after.map((hit) => hit.key)).not.toContain(nearest!.key)
  }
  expect(index.size).toBe(2950)
})

test('writes while the graph is built are in every answer', async () => {
  const vectors = clusteredVectors(4000, 64, seededRandom(seed + 3))
  const index = await open({ dimension: 64, metric: 'l2', engine: 'hnsw' })
  await index.upsert(items(vectors.slice(0, 3000)))
  const built = index.ready()
  expect(index.stats()).toMatchObject({ graph: 'building', progress: 0, engine: 'exact' })
  for (let key = 3000; key < 4000; key += 100) {
    await index.upsert(items(vectors).slice(key, key + 100))
    await index.remove([key - 3000])
    const [hit] = await index.search(vectors[key + 50]!, { topK: 1, engine: 'auto' })
    expect(hit).toEqual({ key: key + 50, score: 1 })
  }
  await built
  expect(index.stats()).toMatchObject({ graph: 'serving', progress: 1, engine: 'hnsw' })
  for (let key = 0; key < 4000; key += 37) {
    const [hit] = await index.search(vectors[key]!, { topK: 1 })
    expect(hit!.key === key).toBe(key % 100 !== 0 || key >= 1000)
  }
  await index.clear()
  expect(await index.search(vectors[0]!, { topK: 1, engine: 'auto' })).toEqual([])
  await index.upsert([{ key: 1, vector: vectors[1]! }])
  expect(await index.search(vectors[1]!, { topK: 5 })).toEqual([{ key: 1, score: 1 }])
})

test('a search on its way while everything is replaced answers from what is there then', async () => {
  const vectors = clusteredVectors(4000, 64, seededRandom(seed + 8))
  const index = await open({ dimension: 64, metric: 'cosine', engine: 'hnsw' })
  await index.upsert(items(vectors.slice(0, 2000)))
  await index.ready()
  const searching = index.search(vectors[0]!, { topK: 10 })
  void index.clear()
  void index.upsert(items(vectors.slice(2000)))
  expect(await searching).toEqual(await index.search(vectors[0]!, { topK: 10, engine: 'exact' }))
})

test('minScore cuts inclusively on both engines', async () => {
  const vectors = clusteredVectors(2010, 32, seededRandom(seed + 4))
  const index = await open({ dimension: 32, metric: 'dot', engine: 'hnsw' })
  await index.upsert(items(vectors.slice(0, 2000)))
  for (const query of vectors.slice(2000)) {
    const exact = await index.search(query, { topK: 8, engine: 'exact' })
    const minScore = exact[4]!.score
    expect(await index.search(query, { topK: 8, minScore, engine: 'exact' })).toEqual(exact.slice(0, 5))
    const hits = await index.search(query, { topK: 8, minScore })
    expect(hits.every((hit) => hit.score >= minScore)).toBe(true)
    expect(await index.search(query, { topK: 8, minScore: 1e9 })).toEqual([])
  }
})

test('building a graph leaves the event loop free', async () => {
  const index = await open({
    dimension: 128,
    metric: 'cosine',
    engine: 'hnsw',
    threads: Math.max(1, availableParallelism() - 1),
  })
  await index.upsert(items(clusteredVectors(5000, 128, seededRandom(seed + 5))))
  let last = performance.now()
  let worst = 0
  const timer = setInterval(() => {
    const now = performance.now()
    worst = Math.max(worst, now - last - 5)
    last = now
  }, 5)
  await index.ready()
  clearInterval(timer)
  console.log(`index: a timer was late by at most ${worst.toFixed(1)} ms while 5,000 vectors were indexed`)
  expect(index.stats().graph).toBe('serving')
})

test('without a working graph library the scan answers, and only a caller who insists is told', async () => {
  // A form of storage that the library does not know fails as an absent library does: in the thread, at its start.
  const index = await open({ dimension: 16, metric: 'cosine', graphFloats: 100, quantization: 'f12' as 'f16' })
  const vectors = clusteredVectors(500, 16, seededRandom(seed + 7))
  await index.upsert(items(vectors))
  await index.ready()
  expect(index.stats()).toMatchObject({ graph: 'unavailable', engine: 'exact', failure: expect.stringMatching(/./) })
  expect((await index.search(vectors[7]!, { topK: 1 }))[0]).toEqual({ key: 7, score: 1 })
  const insisting = index.search(vectors[7]!, { topK: 1, engine: 'hnsw' })
  await expect(insisting).rejects.toMatchObject({ code: 'unsupported', message: expect.stringMatching(/usearch/) })
})

test('all or nothing: one bad vector and none of the batch is there', async () => {
  const index = await open({ dimension: 2, metric: 'cosine' })
  await index.upsert([{ key: 'kept', vector: [1, 1] }])
  const bad = index.upsert([
    { key: 'kept', vector: [5, 5] },
    { key: 'new', vector: [1, Number.POSITIVE_INFINITY] },
  ])
  await expect(bad).rejects.toThrow(DbError)
  await expect(bad).rejects.toMatchObject({ code: 'invalid_input' })
  expect([...index.keys()]).toEqual(['kept'])
  expect(index.get('kept')).toEqual(Float32Array.of(1, 1))
  expect(index.has('new')).toBe(false)
})

test('of one key given twice the last counts; removals of a change come first; marks are kept', async () => {
  const index = await open({ dimension: 1, metric: 'dot' })
  await index.upsert(
    [
      { key: 1, vector: [1] },
      { key: 1, vector: [2] },
    ],
    'a',
  )
  expect(index.get(1)).toEqual(Float32Array.of(2))
  await index.apply({ remove: [1, 5], upsert: [{ key: 1, vector: [3] }] })
  expect([index.get(1), index.size, index.mark]).toEqual([Float32Array.of(3), 1, 'a'])
  expect(await index.remove([1, 1, 2], 'b')).toBe(1)
  expect([index.size, index.mark]).toEqual([0, 'b'])
  expect(index.recovery).toEqual({ status: 'empty' })
})

test('a closed index says so, also to searches on their way', async () => {
  const index = await open({ dimension: 64, metric: 'cosine', engine: 'hnsw' })
  const vectors = clusteredVectors(2000, 64, seededRandom(seed + 6))
  await index.upsert(items(vectors))
  await index.ready()
  const searching = index.search(vectors[0]!, { topK: 3 })
  const closing = index.close()
  await expect(searching).rejects.toMatchObject({ code: 'closed' })
  await closing
  await index.close()
  await expect(index.search(vectors[0]!, { topK: 3 })).rejects.toMatchObject({ code: 'closed' })
  await expect(index.upsert([])).rejects.toMatchObject({ code: 'closed' })
})

test('options that make no sense are refused', async () => {
  const refused = (options: Partial<VectorIndexOptions>): Promise<void> =>
    expect(openVectorIndex({ dimension: 3, metric: 'cosine', ...options })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  for (const dimension of [0, -100, 1.5, 16_001, Number.NaN]) await refused({ dimension })
  await refused({ metric: 'manhattan' as 'l2' })
  await refused({ metric: 'dot', quantization: 'i8' })
})
