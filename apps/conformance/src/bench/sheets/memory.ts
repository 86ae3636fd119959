import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Database } from '@archon-db/core'
import type { Sheet } from '../report.ts'
import { startOrTell } from '../run.ts'
import { CHUNKS } from '../stage.ts'
import type { SheetCase, SheetOptions } from './index.ts'
import type { Streamed } from './memory-child.ts'

const BYTES_A_ROW = 5000
const COLUMNS = [
  'backend',
  'rows',
  'MB of text',
  'seconds',
  'RSS at first',
  'while warming up',
  'RSS at start',
  'peak over start',
  'of 200 MB',
]

/** What streaming large rows costs in memory, in a process that does nothing else. */
export const memory: SheetCase = {
  name: 'memory',
  async run(options): Promise<Sheet[]> {
    const rows: string[][] = []
    for (const { backend } of options.targets) {
      const figures = await measureBackend(backend, options)
      const row = [backend.label, ...figures]
      options.log(`  memory  ${row.join('  ')}`)
      rows.push(row)
    }
    return [{ title: 'Memory while streaming', columns: COLUMNS, rows }]
  },
}

async function measureBackend(
  backend: SheetOptions['targets'][number]['backend'],
  { rows }: SheetOptions,
): Promise<string[]> {
  const running = await startOrTell(backend)
  if (typeof running === 'string') return ['not run', running]
  try {
    if (!running.traits.durable) return ['not run', 'its data ends with its process']
    const { db, url, drop } = await running.fresh('memory')
    try {
      await fill(db, rows)
      // Where one process at a time has the data open, it is the other one's turn.
      if (!running.traits.multiProcess) await db.close()
      const { bytes, seconds, cold, warming, start, peak } = await streamElsewhere(url)
      const over = peak - start
      return [
        rows.toLocaleString('en'),
        mega(bytes),
        seconds.toFixed(1),
        mega(cold),
        `+${mega(warming - cold)}`,
        mega(start),
        `+${mega(over)}`,
        over < 200e6 ? '✓' : '✗',
      ]
    } finally {
      await drop()
    }
  } finally {
    await running.stop()
  }
}

async function fill(db: Database, rows: number): Promise<void> {
  await db.insert('archon_sources', { source_id: 'bench' })
  for (let start = 0; start < rows; start += 1000) {
    const batch = Array.from({ length: Math.min(1000, rows - start) }, (_, i) => ({
      url: 'stream',
      chunk_number: start + i,
      content: `${start + i} `.repeat(BYTES_A_ROW).slice(0, BYTES_A_ROW),
      source_id: 'bench',
    }))
    await db.insert(CHUNKS, batch, { returning: false })
  }
}

async function streamElsewhere(url: string): Promise<Streamed> {
  const child: ChildProcess = fork(new URL('./memory-child.ts', import.meta.url), [url], {
    execArgv: ['--conditions=archon-db-source', '--disable-warning=ExperimentalWarning'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The process that streams ended with ${code}.`)
  })
  const [answer] = (await Promise.race([once(child, 'message'), ended])) as [Streamed]
  return answer
}

function mega(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
