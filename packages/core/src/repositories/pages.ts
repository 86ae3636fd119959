import type { DataAccess } from '../data-access.ts'
import type { Filter } from '../filter/types.ts'
import { type Chunk, type Page, TABLE_NAMES } from '../rows.ts'
import { type Draft, EntityTable, type Patch } from './entity-table.ts'
import { allOf, given } from './filters.ts'
import type { Listing, ListOptions, Slice, SliceOptions } from './paging.ts'
import { transactRetrying } from './transact.ts'

/** A page without its text. */
export type PageSummary = Omit<Page, 'content'>

export interface PageFilter {
  readonly sourceId?: string | undefined
  readonly sectionTitle?: string | null | undefined
  readonly ids?: readonly string[] | undefined
  readonly urls?: readonly string[] | undefined
}

export type NewPage = Draft<Page, 'sourceId' | 'url' | 'content' | 'wordCount' | 'charCount'>

const ORDER = ['sectionOrder', 'createdAt']

/** Whole pages, of which chunks are pieces. Lists leave the text out; `get` brings it. */
export class PageRepository {
  readonly #table: EntityTable<Page>
  readonly #summaries: EntityTable<PageSummary>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.pages)
    this.#summaries = this.#table.without('content')
  }

  get(id: string): Promise<Page | null> {
    return this.#table.one({ id })
  }

  getByUrl(url: string): Promise<Page | null> {
    return this.#table.one({ url })
  }

  /** With their text. */
  listByIds(ids: readonly string[]): Promise<Page[]> {
    return this.#table.all({ where: { id: { in: ids } } })
  }

  list(filter: PageFilter = {}, options?: ListOptions): Promise<Listing<PageSummary>> {
    return this.#summaries.list({ where: whereOf(filter), orderBy: ORDER }, options)
  }

  slice(filter: PageFilter, options: SliceOptions): Promise<Slice<PageSummary>> {
    return this.#summaries.slice({ where: whereOf(filter), orderBy: ORDER }, options)
  }

  count(filter: PageFilter = {}): Promise<number> {
    return this.#table.count(whereOf(filter))
  }

  create(page: NewPage): Promise<Page> {
    return this.#table.insert(page)
  }

  /** Creates or changes the pages by their url, all or none; tells their ids in the order given. */
  upsertMany(pages: readonly NewPage[]): Promise<{ id: string; url: string }[]> {
    return this.#table.only('id', 'url').upsert(pages, ['url'])
  }

  update(id: string, patch: Patch<Page>): Promise<Page | null> {
    return this.#table.updateOne({ id }, patch)
  }

  updateChunkCount(id: string, chunkCount: number): Promise<Page | null> {
    return this.update(id, { chunkCount })
  }

  delete(id: string): Promise<boolean> {
    return this.#table.deleteOne({ id })
  }

  /** Counts the chunks of each page of the source anew; tells how many pages had another number. */
  recalculateChunkCounts(sourceId: string): Promise<number> {
    return transactRetrying(this.#table.access, async (tx) => {
      const table = this.#table.only('id', 'chunkCount').in(tx)
      // Chunks cannot come or move to a locked page, so the numbers hold when they are written.
      const pages = await table.all({ where: { sourceId }, lock: 'update' })
      const pageId = { in: pages.map((page) => page.id) }
      const counts = await new EntityTable<Chunk>(tx, TABLE_NAMES.chunks).countBy('pageId', { pageId })
      const changed = pages.filter((page) => page.chunkCount !== (counts.get(page.id) ?? 0))
      const byCount = Map.groupBy(changed, (page) => counts.get(page.id) ?? 0)
      for (const [chunkCount, group] of byCount) {
        await table.updateAll({ id: { in: group.map((page) => page.id) } }, { chunkCount })
      }
      return changed.length
    })
  }
}

function whereOf({ ids, urls, ...equal }: PageFilter): Filter {
  return allOf(given(equal), ids && { id: { in: ids } }, urls && { url: { in: urls } })
}
