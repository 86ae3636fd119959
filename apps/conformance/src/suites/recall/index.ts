import assert from 'node:assert/strict'
import type { Database } from '@archon-db/core'
import { type Context, type Suite, type SuiteBuilder, suite } from '../../harness/index.ts'
import { type Distribution, makeVectors } from './vectors.ts'

const CHUNKS = 'archon_crawled_pages'
const DIMENSIONS = [384, 768, 1024, 1536, 3072] as const
/** Enough to tell a good index from a bad one; 10000 for figures to publish. */
const ROWS = Number(process.env.CONFORMANCE_RECALL_ROWS ?? 500)
const QUERIES = 50
const LIMIT = 10
const needs = ['measured'] as const

/** How many of the true neighbours the database's index finds, by its answers against its own exact ones. */
export const recall: Suite = suite('recall', (t) => {
  for (const dimension of DIMENSIONS) {
    unfiltered(t, 'clustered', dimension, 0.98)
    // In all directions alike, neighbours are hardly nearer than the rest: what is found is written down, not demanded.
    unfiltered(t, 'random', dimension, 0)
  }
  filtered(t)
})

function unfiltered(t: SuiteBuilder, distribution: Distribution, dimension: number, least: number): void {
  t.behaviour(`${distribution}.${dimension}`, { needs, limitMs: 600_000 }, async (context) => {
    const queries = await fill(context, distribution, dimension)
    const found = await measure(context.db, queries, {})
    context.note(`recall ${found.toFixed(4)} of ${LIMIT} among ${ROWS}, ${QUERIES} queries`)
    assert.ok(found >= least, `recall ${found} is ${least} at least`)
  })
}

/** A filter costs no results, however little it lets through, and neither do rows that were deleted. */
function filtered(t: SuiteBuilder): void {
  t.behaviour('filtered.384', { needs, limitMs: 600_000 }, async (context) => {
    const { db, note } = context
    const queries = await fill(context, 'clustered', 384)
    await db.delete(CHUNKS, { where: { chunk_number: { gte: ROWS * 0.9 } }, returning: false })
    for (const share of [10, 100, 1000]) {
      const where = { [`metadata.of${share}`]: 0 }
      const matches = await db.count(CHUNKS, where)
      for (const embedding of queries) {
        const hits = await db.search(CHUNKS, { embedding, limit: LIMIT, filter: where, columns: ['id', 'metadata'] })
        assert.equal(hits.length, Math.min(LIMIT, matches))
        assert.ok(hits.every(({ row }) => (row.metadata as Record<string, number>)[`of${share}`] === 0))
      }
      const found = await measure(db, queries, { filter: where })
      note(`recall ${found.toFixed(4)} with a filter that lets ${matches} of ${Math.floor(ROWS * 0.9)} through`)
      assert.ok(found >= 0.98, `recall ${found} behind a filter`)
    }
  })
}

/** Stores the vectors and returns others of the same kind to search for. */
async function fill({ db, random }: Context, distribution: Distribution, dimension: number): Promise<Float32Array[]> {
  const vectors = makeVectors(random, distribution, ROWS + QUERIES, dimension)
  const queries = vectors.splice(ROWS)
  await db.insert('archon_sources', { source_id: 'recall' })
  for (let start = 0; start < ROWS; start += 500) {
    const rows = vectors.slice(start, start + 500).map((vector, i) => ({
      url: 'recall',
      chunk_number: start + i,
      content: '',
      source_id: 'recall',
      metadata: Object.fromEntries([10, 100, 1000].map((share) => [`of${share}`, (start + i) % share])),
      [`embedding_${dimension}`]: vector,
    }))
    await db.insert(CHUNKS, rows, { returning: false })
  }
  return queries
}

async function measure(db: Database, queries: readonly Float32Array[], options: object): Promise<number> {
  let found = 0
  let wanted = 0
  for (const embedding of queries) {
    const about = { embedding, limit: LIMIT, columns: ['id'], ...options }
    const exact = new Set((await db.search(CHUNKS, { ...about, exact: true })).map(({ row }) => row.id))
    const hits = await db.search(CHUNKS, about)
    wanted += exact.size
    found += hits.filter(({ row }) => exact.has(row.id)).length
  }
  return found / wanted
}
