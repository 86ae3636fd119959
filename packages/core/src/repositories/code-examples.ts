import type { DataAccess } from '../data-access.ts'
import { type CodeExample, type CodeExampleRow, TABLE_NAMES } from '../rows.ts'
import { type EmbeddedFilter, EmbeddedRepository, type Unembedded } from './embedded.ts'
import type { WithEmbedding } from './embedding.ts'
import type { Draft } from './entity-table.ts'
import type { Slice, SliceOptions } from './paging.ts'

/** A code example without its embedding. */
export type CodeExampleSummary = Unembedded<CodeExampleRow>

export type NewCodeExample = WithEmbedding<
  Draft<Omit<CodeExample, 'embedding'>, 'url' | 'chunkNumber' | 'content' | 'summary' | 'sourceId'>
>

export interface CodeExampleFilter extends EmbeddedFilter {
  readonly language?: string | null | undefined
  readonly filePath?: string | null | undefined
  readonly functionName?: string | null | undefined
  readonly className?: string | null | undefined
}

const ORDER = ['id']

/** Pieces of code found on pages, each with a summary of what it shows. */
export class CodeExampleRepository extends EmbeddedRepository<CodeExampleRow, NewCodeExample, CodeExampleFilter> {
  constructor(access: DataAccess) {
    super(access, TABLE_NAMES.codeExamples, ORDER)
  }

  listBySource(sourceId: string, options: SliceOptions): Promise<Slice<CodeExampleSummary>> {
    return this.slice({ sourceId }, options)
  }

  allBySource(sourceId: string): Promise<CodeExampleSummary[]> {
    return this.light.all({ where: { sourceId }, orderBy: ORDER })
  }
}
