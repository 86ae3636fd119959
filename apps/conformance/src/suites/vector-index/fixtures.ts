import assert from 'node:assert/strict'
import type { DataAccess, Database, Filter } from '@archon-db/core'
import type { Random } from '../../harness/random.ts'
import { CHUNKS, ids, pad } from '../search/fixtures.ts'

/** So few that a graph of neighbours is no approximation worth the name, and the same everywhere. */
const DIRECTIONS = 16

export function randomVector(random: Random): Float32Array {
  return pad(Array.from({ length: DIRECTIONS }, () => random.next() - 0.5))
}

/** The nearer to the first axis the smaller `n` is. */
export function direction(n: number, dimension = 384): Float32Array {
  return pad([1, n / 100], dimension)
}

export async function near(db: DataAccess, embedding: Float32Array, options: object = {}): Promise<unknown[]> {
  return ids(await db.search(CHUNKS, { embedding, columns: ['id'], ...options }))
}

interface Stored extends Record<string, unknown> {
  readonly id: number
  readonly embedding_384: Float32Array | null
}

/** What a search must find: every stored vector compared here, by the table's own rows. */
export async function nearestByTable(
  db: Database,
  query: Float32Array,
  limit: number,
  where: Filter = {},
): Promise<number[]> {
  const { rows } = await db.select<Stored>(CHUNKS, { columns: ['id', 'embedding_384'], where })
  const scored = rows.flatMap(({ id, embedding_384 }) =>
    embedding_384 ? [{ id, score: Math.fround(cosine(embedding_384, query)) }] : [],
  )
  return scored
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, limit)
    .map(({ id }) => id)
}

/** An approximate index of the database's own is asked to look at everything. */
export async function sameAsTable(db: Database, exact: boolean, random: Random, rounds = 3): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const query = randomVector(random)
    const limit = random.pick([1, 10, 40])
    assert.deepEqual(
      await near(db, query, { limit, ...(exact ? { exact } : {}) }),
      await nearestByTable(db, query, limit),
    )
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    dot += (a[i] as number) * (b[i] as number)
    aa += (a[i] as number) ** 2
    bb += (b[i] as number) ** 2
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb)
}
