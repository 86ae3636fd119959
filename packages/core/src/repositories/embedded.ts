import type { DataAccess } from '../data-access.ts'
import type { Filter } from '../filter/types.ts'
import { type BigIntId, type EmbeddingColumns, type Json, type Source, TABLE_NAMES, type TableName } from '../rows.ts'
import type { SearchHit } from '../search/search.ts'
import { type BulkResult, storeEach } from './bulk.ts'
import { EMBEDDING_KEYS, type Folded, fold, toPatch, toRow, type WithEmbedding } from './embedding.ts'
import { type EntitySearch, EntityTable, type Patch } from './entity-table.ts'
import { allOf, anywhere, given } from './filters.ts'
import type { Listing, ListOptions, Slice, SliceOptions } from './paging.ts'
import { transactRetrying } from './transact.ts'

/** What chunks and code examples have in common: they come from a url of a source, and have an embedding. */
export interface EmbeddedRow extends EmbeddingColumns {
  id: BigIntId
  url: string
  sourceId: string
}

export interface EmbeddedFilter {
  readonly sourceId?: string | undefined
  readonly sourceIds?: readonly string[] | undefined
  readonly url?: string | undefined
  readonly urls?: readonly string[] | undefined
  /** The url has this in it, whatever its case. */
  readonly urlContains?: string | undefined
  readonly embeddingModel?: string | undefined
  readonly embeddingDimension?: number | undefined
  /** Metadata holds all of this. */
  readonly metadata?: { readonly [key: string]: Json } | undefined
}

export type Unembedded<Row> = Omit<Row, keyof EmbeddingColumns>

/** Everything about chunks and code examples that is the same for both. */
export class EmbeddedRepository<
  Row extends EmbeddedRow,
  New extends { readonly sourceId: string },
  By extends EmbeddedFilter,
> {
  protected readonly table: EntityTable<Row>
  /** Embeddings are large, so lists bring them only when asked. */
  protected readonly light: EntityTable<Unembedded<Row>>
  readonly #order: readonly string[]

  constructor(access: DataAccess, name: TableName, order: readonly string[]) {
    this.table = new EntityTable(access, name)
    this.light = this.table.without(...EMBEDDING_KEYS)
    this.#order = order
  }

  async get(id: BigIntId): Promise<Folded<Row> | null> {
    const row = await this.table.one({ id })
    return row && fold(row)
  }

  list(filter: By | undefined, options: ListOptions & { readonly withEmbedding: true }): Promise<Listing<Folded<Row>>>
  list(filter?: By, options?: ListOptions): Promise<Listing<Unembedded<Row>>>
  async list(
    filter?: By,
    options: ListOptions & { readonly withEmbedding?: boolean } = {},
  ): Promise<Listing<Unembedded<Row>>> {
    const query = { where: embeddedWhere(filter), orderBy: this.#order }
    if (!options.withEmbedding) return this.light.list(query, options)
    const { items, nextCursor } = await this.table.list(query, options)
    return { items: items.map(fold), nextCursor }
  }

  slice(filter: By, options: SliceOptions): Promise<Slice<Unembedded<Row>>> {
    return this.light.slice({ where: embeddedWhere(filter), orderBy: this.#order }, options)
  }

  count(filter?: By): Promise<number> {
    return this.table.count(embeddedWhere(filter))
  }

  /** How many there are of each source, 0 included; of all sources that have some when no ids are given. */
  async countBySource(ids?: readonly string[]): Promise<Map<string, number>> {
    const counts = await this.table.countBy('sourceId', ids && { sourceId: { in: ids } })
    const sources = ids ?? [...counts.keys()]
    return new Map(sources.map((id) => [String(id), counts.get(id) ?? 0]))
  }

  /** By nearness to an embedding, by words, or by both. */
  search(spec: EntitySearch<Unembedded<Row>> & { readonly withEmbedding: true }): Promise<SearchHit<Folded<Row>>[]>
  search(spec: EntitySearch<Unembedded<Row>>): Promise<SearchHit<Unembedded<Row>>[]>
  async search({
    withEmbedding = false,
    ...spec
  }: EntitySearch<Unembedded<Row>> & { readonly withEmbedding?: boolean }): Promise<SearchHit<Unembedded<Row>>[]> {
    if (!withEmbedding) return this.light.search(spec)
    const hits = await this.table.search(spec)
    return hits.map((hit) => ({ ...hit, row: fold(hit.row) }))
  }

  async create(draft: New): Promise<Folded<Row>> {
    return fold(await this.table.insert(toRow(draft)))
  }

  /** Stores what can be stored; each row that cannot is told with its error. */
  insertMany(drafts: readonly New[]): Promise<BulkResult> {
    return storeEach(this.table.access, drafts, (access, rows) => this.table.in(access).store(rows.map(toRow)))
  }

  /** Puts these rows in the place of all that the urls had, or changes nothing. */
  replaceForUrls(urls: readonly string[], drafts: readonly New[]): Promise<{ deleted: number; inserted: number }> {
    return transactRetrying(this.table.access, async (tx) => {
      const ids = [...new Set(drafts.map((draft) => draft.sourceId))]
      // Two that replace the same urls would both find nothing to delete, and collide: they take turns by source.
      await new EntityTable<Source>(tx, TABLE_NAMES.sources)
        .only('id')
        .all({ where: { id: { in: ids } }, lock: 'update' })
      const table = this.table.in(tx)
      const deleted = await table.deleteAll({ url: { in: urls } })
      return { deleted, inserted: await table.store(drafts.map(toRow)) }
    })
  }

  async update(id: BigIntId, patch: WithEmbedding<Patch<Unembedded<Row>>>): Promise<Folded<Row> | null> {
    const row = await this.table.updateOne({ id }, toPatch(patch))
    return row && fold(row)
  }

  delete(id: BigIntId): Promise<boolean> {
    return this.table.deleteOne({ id })
  }

  deleteByUrls(urls: readonly string[]): Promise<number> {
    return this.table.deleteAll({ url: { in: urls } })
  }

  deleteBySource(sourceId: string): Promise<number> {
    return this.table.deleteAll({ sourceId })
  }
}

/** Keys that this does not name, a narrower filter's own, are equalities. */
function embeddedWhere({ sourceIds, urls, urlContains, metadata, ...equal }: EmbeddedFilter = {}): Filter {
  return allOf(
    given(equal),
    sourceIds && { sourceId: { in: sourceIds } },
    urls && { url: { in: urls } },
    urlContains !== undefined && { url: { ilike: anywhere(urlContains) } },
    metadata && { metadata: { jsonContains: metadata } },
  )
}
