import type { DataAccess } from '../data-access.ts'
import { type Chunk, type ChunkRow, TABLE_NAMES } from '../rows.ts'
import { type EmbeddedFilter, EmbeddedRepository, type Unembedded } from './embedded.ts'
import type { WithEmbedding } from './embedding.ts'
import type { Draft } from './entity-table.ts'

/** A chunk without its embedding. */
export type ChunkSummary = Unembedded<ChunkRow>

export type NewChunk = WithEmbedding<Draft<Omit<Chunk, 'embedding'>, 'url' | 'chunkNumber' | 'content' | 'sourceId'>>

export interface ChunkFilter extends EmbeddedFilter {
  readonly pageId?: string | null | undefined
}

/** Pieces of pages, small enough to be embedded: what a knowledge base is searched by. */
export class ChunkRepository extends EmbeddedRepository<ChunkRow, NewChunk, ChunkFilter> {
  constructor(access: DataAccess) {
    super(access, TABLE_NAMES.chunks, ['url', 'id'])
  }

  /** For each source that has chunks, the url of the one stored first. */
  async firstUrlBySource(ids: readonly string[]): Promise<Map<string, string>> {
    const firsts = await this.table.access.aggregate<{ id: bigint | number }>(this.table.name, {
      groupBy: ['sourceId'],
      aggregates: { id: 'min(id)' },
      where: { sourceId: { in: ids } },
      naming: 'key',
    })
    const rows = await this.table.only('sourceId', 'url').all({ where: { id: { in: firsts.map(({ id }) => id) } } })
    return new Map(rows.map(({ sourceId, url }) => [sourceId, url]))
  }
}
