import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { REPORTS } from './tools.ts'

/** Of Linux: files in it are memory. */
const IN_MEMORY = '/dev/shm'
const ENOUGH_BYTES = 4 * 2 ** 30

/**
 * Tests start processes by the hundred and copy databases by the thousand. Sources are compiled once, and temporary
 * folders are in memory where there is room.
 */
export function prepareScratch(): void {
  process.env.NODE_COMPILE_CACHE ??= join(REPORTS, 'compiled')
  if (process.env.TMPDIR !== undefined || !hasRoom()) return
  const folder = mkdtempSync(join(IN_MEMORY, 'archon-db-'))
  // As /tmp is: servers that run as another user write there too.
  chmodSync(folder, 0o1777)
  process.env.TMPDIR = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY)
    return bavail * bsize >= ENOUGH_BYTES
  } catch {
    return false
  }
}
