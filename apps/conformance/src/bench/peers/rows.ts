/** What the cases that write many rows are given; the same amounts as the bare driver's. */

interface SettingRow {
  key: string
  value: string
}

interface ChunkRow {
  url: string
  chunk_number: number
  content: string
  source_id: string
  metadata: { a: number }
}

let changed = 0
export function settingRows(): SettingRow[] {
  changed++
  return Array.from({ length: 1000 }, (_, i) => ({ key: `bench${i}`, value: `peer ${changed}` }))
}

let written = 0
export function chunkRows(): ChunkRow[] {
  const url = `https://peer.example.org/${++written}`
  return Array.from({ length: 10_000 }, (_, i) => ({
    url,
    chunk_number: i,
    content: `content ${i}`,
    source_id: 'bench',
    metadata: { a: i },
  }))
}

/** A statement has some 32,000 places at most, on the narrowest of the databases. */
const BATCH = 5000

export async function inBatches<Row>(rows: readonly Row[], write: (part: Row[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) await write(rows.slice(start, start + BATCH))
}

/** As many as `--case stream` counts on every side. */
export const STREAMED = { url: 'stream', columns: ['id', 'url', 'chunk_number', 'content', 'metadata'] } as const
