import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DbError } from '@archon-db/core'

/** Folders held by this process: a lock with our own number that is not among them is left over from a crash. */
const held = new Set<string>()
const ATTEMPTS = 5

/** Keeps other processes out of a folder; a lock whose process is gone does not count. Returns the release. */
export async function lockFolder(folder: string): Promise<() => void> {
  const path = join(resolve(folder), 'LOCK')
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (create(path)) return () => release(path)
    const owner = ownerOf(path)
    if (owner === 'nobody') takeAway(path)
    else if (owner === 'somebody') break
    else await sleep(20)
  }
  throw new DbError(
    'lock_timeout',
    'The vector index files are in use by another process, or open already in this one. Close that, or use another path.',
  )
}

function create(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    held.add(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** `unclear`: gone by now, or its owner is about to write its number into it. */
function ownerOf(path: string): 'somebody' | 'nobody' | 'unclear' {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return 'unclear'
  }
  if (!/^\d+$/.test(text)) return 'unclear'
  const pid = Number(text)
  if (pid === process.pid) return held.has(path) ? 'somebody' : 'nobody'
  return isRunning(pid) ? 'somebody' : 'nobody'
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Renamed before it is removed, so that of two processes that find it stale one alone succeeds. */
function takeAway(path: string): void {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
    rmSync(aside, { force: true })
  } catch {
    // The other one was quicker; the next attempt sees its lock.
  }
}

function release(path: string): void {
  rmSync(path, { force: true })
  held.delete(path)
}
