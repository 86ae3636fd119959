/** What write cases store: other values with every call, so that nothing can be found already there. */

export interface Setting {
  readonly key: string
  readonly value: string
}

export interface Chunk {
  readonly url: string
  readonly chunk_number: number
  readonly content: string
  readonly source_id: string
  readonly metadata: { readonly a: number }
}

let changed = 0
/** 1,000 settings that are there, with another value. */
export function changedSettings(): Setting[] {
  changed++
  return Array.from({ length: 1000 }, (_, i) => ({ key: `bench${i}`, value: `value ${changed}` }))
}

let written = 0
export function freshUrl(): string {
  return `https://example.org/${++written}`
}

/** 10,000 chunks of a page that is not there. */
export function freshChunks(): Chunk[] {
  const url = freshUrl()
  return Array.from({ length: 10_000 }, (_, i) => ({
    url,
    chunk_number: i,
    content: `content ${i}`,
    source_id: 'bench',
    metadata: { a: i },
  }))
}

export function* batches<T>(rows: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size)
}
