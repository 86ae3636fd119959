import type { DataAccess } from '../data-access.ts'
import type { Filter } from '../filter/types.ts'
import { jsonMerge, type OrderBy } from '../query/specs.ts'
import { type Json, type Source, TABLE_NAMES } from '../rows.ts'
import { type Draft, EntityTable, type Patch } from './entity-table.ts'
import { allOf, given, phraseIn } from './filters.ts'
import type { Listing, ListOptions, NumberedPage, PageOptions } from './paging.ts'

export type SourceSearchField = 'id' | 'url' | 'displayName' | 'title' | 'summary'

export interface SourceFilter {
  readonly ids?: readonly string[] | undefined
  /** The `knowledge_type` of the metadata: `technical`, `business`. */
  readonly knowledgeType?: string | undefined
  readonly sourceType?: string | undefined
  readonly status?: string | undefined
  /** Metadata holds all of this. */
  readonly metadata?: { readonly [key: string]: Json } | undefined
  /** The whole phrase stands in one of `searchFields`, whatever its case. */
  readonly search?: string | undefined
  /** Default title, summary and id. */
  readonly searchFields?: readonly SourceSearchField[] | undefined
}

export interface SourceOrder {
  /** Default `'desc(updatedAt)'`. */
  readonly orderBy?: OrderBy | readonly OrderBy[] | undefined
}

const SEARCH_FIELDS: readonly SourceSearchField[] = ['title', 'summary', 'id']
const LATEST_FIRST = 'desc(updatedAt)'
const KNOWLEDGE_TYPE = 'metadata.knowledge_type'

/** Sites and documents that were crawled. Deleting one deletes its pages, chunks and code examples. */
export class SourceRepository {
  readonly #table: EntityTable<Source>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.sources)
  }

  get(id: string): Promise<Source | null> {
    return this.#table.one({ id })
  }

  exists(id: string): Promise<boolean> {
    return this.#table.only('id').exists({ id })
  }

  list(
    filter: SourceFilter = {},
    { orderBy = LATEST_FIRST, ...options }: ListOptions & SourceOrder = {},
  ): Promise<Listing<Source>> {
    return this.#table.list({ where: whereOf(filter), orderBy }, options)
  }

  page(
    filter: SourceFilter = {},
    { orderBy = LATEST_FIRST, ...options }: PageOptions & SourceOrder = {},
  ): Promise<NumberedPage<Source>> {
    return this.#table.page({ where: whereOf(filter), orderBy }, options)
  }

  listAll({ orderBy = LATEST_FIRST }: SourceOrder = {}): Promise<Source[]> {
    return this.#table.all({ orderBy })
  }

  listByIds(ids: readonly string[]): Promise<Source[]> {
    return this.#table.all({ where: { id: { in: ids } } })
  }

  /** The newest, the latest created first. */
  recent(count: number): Promise<Source[]> {
    return this.#table.first(count, { orderBy: 'desc(createdAt)' })
  }

  count(filter: SourceFilter = {}): Promise<number> {
    return this.#table.count(whereOf(filter))
  }

  /** How many sources there are of each knowledge type; null counts those without one. */
  async knowledgeTypeDistribution(): Promise<Map<string | null, number>> {
    const groups = await this.#table.countBy(KNOWLEDGE_TYPE)
    return new Map([...groups].map(([type, count]) => [typeof type === 'string' ? type : null, count]))
  }

  /** A source whose crawl begins: `pending`, unless a status is given. */
  create(source: Draft<Source, 'id'>): Promise<Source> {
    return this.#table.insert({ ...source, status: source.status ?? 'pending' })
  }

  /** Creates the source or changes what is given of it. */
  async upsert(source: Draft<Source, 'id'>): Promise<Source> {
    const [stored] = await this.#table.upsert([source], ['id'])
    return stored as Source
  }

  /** Before a crawl, the first or another: creates the source or changes it, and sets it to `pending` without an error. */
  startCrawl(source: Draft<Source, 'id'>): Promise<Source> {
    return this.upsert({ ...source, status: 'pending', errorMessage: null })
  }

  /** After a crawl: `completed`, or `failed` when there is an error. */
  finishCrawl(id: string, { error = null }: { readonly error?: string | null } = {}): Promise<Source | null> {
    return this.update(id, {
      status: error === null ? 'completed' : 'failed',
      errorMessage: error,
      crawledAt: new Date(),
    })
  }

  update(id: string, patch: Patch<Source>): Promise<Source | null> {
    return this.#table.updateOne({ id }, patch)
  }

  /** Replaces these keys of the metadata in one statement, so that writers of other keys lose nothing. */
  updateMetadata(id: string, patch: { readonly [key: string]: Json }): Promise<Source | null> {
    return this.#table.updateOne({ id }, { metadata: jsonMerge(patch) })
  }

  delete(id: string): Promise<boolean> {
    return this.#table.deleteOne({ id })
  }
}

function whereOf({
  ids,
  knowledgeType,
  metadata,
  search,
  searchFields = SEARCH_FIELDS,
  ...equal
}: SourceFilter): Filter {
  return allOf(
    given(equal),
    ids && { id: { in: ids } },
    knowledgeType !== undefined && { [KNOWLEDGE_TYPE]: knowledgeType },
    metadata && { metadata: { jsonContains: metadata } },
    search !== undefined && phraseIn<Source>(search, searchFields),
  )
}
