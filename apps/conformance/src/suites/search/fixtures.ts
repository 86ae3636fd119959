import type { DataAccess, SearchHit } from '@archon-db/core'

export const CHUNKS = 'archon_crawled_pages'
export const EXAMPLES = 'archon_code_examples'

export interface ChunkSeed {
  readonly content?: string
  readonly vector?: readonly number[] | Float32Array
  readonly dimension?: number
  readonly metadata?: unknown
  readonly source_id?: string
}

/** Stores chunks numbered from 0 under one URL; a short vector is padded with zeros to its dimension. */
export async function addChunks(
  db: DataAccess,
  seeds: readonly ChunkSeed[],
  url = 'https://example.org/a',
): Promise<number[]> {
  const sources = [...new Set(seeds.map((seed) => seed.source_id ?? 's'))]
  await db.upsert(
    'archon_sources',
    sources.map((source_id) => ({ source_id, title: source_id })),
    { returning: false },
  )
  const rows = seeds.map(
    ({ content = 'nothing', vector, dimension = 384, metadata = {}, source_id = 's' }, chunk_number) => ({
      url,
      chunk_number,
      content,
      metadata,
      source_id,
      ...(vector ? { [`embedding_${dimension}`]: pad(vector, dimension) } : {}),
    }),
  )
  const { rows: stored } = await db.insert<{ id: number }>(CHUNKS, rows, { returning: ['id'] })
  return stored.map((row) => row.id)
}

export function pad(values: readonly number[] | Float32Array, dimension = 384): Float32Array {
  const vector = new Float32Array(dimension)
  vector.set(values)
  return vector
}

export function ids(hits: readonly SearchHit[]): unknown[] {
  return hits.map((hit) => hit.row.id)
}
