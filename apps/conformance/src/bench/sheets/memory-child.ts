import { connect } from 'archon-db'

/** What the process that streams has to tell. */
export interface Streamed {
  readonly bytes: number
  readonly seconds: number
  /** Before the first row, and the most that warming up took. */
  readonly cold: number
  readonly warming: number
  /** Of a process that has streamed before. */
  readonly start: number
  readonly peak: number
}

/** Enough that whatever compiles itself while it is used has done so: PGlite's server takes some 20,000 rows. */
const WARM_ROWS = 60_000

const db = await connect({ url: process.argv[2] as string })
const columns = ['id', 'chunk_number', 'content'] as const

/** Reads rows, all or so many, and tells the most memory that was seen. */
async function stream(most: number): Promise<{ rows: number; bytes: number; peak: number }> {
  const seen = { rows: 0, bytes: 0, peak: process.memoryUsage.rss() }
  for await (const row of db.stream<{ content: string }>('archon_crawled_pages', { columns, orderBy: 'id' })) {
    seen.bytes += row.content.length
    if (++seen.rows % 100 === 0) seen.peak = Math.max(seen.peak, process.memoryUsage.rss())
    if (seen.rows === most) break
  }
  return seen
}

await db.select('archon_crawled_pages', { columns, limit: 1 })
const cold = process.memoryUsage.rss()
let warming = cold
for (let left = WARM_ROWS; left > 0; ) {
  const { rows, peak } = await stream(left)
  warming = Math.max(warming, peak)
  left -= Math.max(rows, 1)
}
const start = process.memoryUsage.rss()
const started = performance.now()
const { bytes, peak } = await stream(Number.POSITIVE_INFINITY)
const seconds = (performance.now() - started) / 1000
await db.close()
process.send?.({ bytes, seconds, cold, warming, start, peak } satisfies Streamed)
process.disconnect()
