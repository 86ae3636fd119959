import { connect } from 'archon-db'

/** What the process that streams has to tell. */
export interface Streamed {
  readonly bytes: number
  readonly seconds: number
  readonly start: number
  readonly peak: number
}

const db = await connect({ url: process.argv[2] as string })
const columns = ['id', 'chunk_number', 'content'] as const
await db.select('archon_crawled_pages', { columns, limit: 1 })
const start = process.memoryUsage.rss()
const started = performance.now()
let peak = start
let bytes = 0
let rows = 0
for await (const row of db.stream<{ content: string }>('archon_crawled_pages', { columns, orderBy: 'id' })) {
  bytes += row.content.length
  if (++rows % 100 === 0) peak = Math.max(peak, process.memoryUsage.rss())
}
const seconds = (performance.now() - started) / 1000
await db.close()
process.send?.({ bytes, seconds, start, peak } satisfies Streamed)
process.disconnect()
