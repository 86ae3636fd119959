import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
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

/** With its owner's number in it from the first moment on: one left empty by a crash would keep everybody out. */
function create(path: string): boolean {
  const own = `${path}.${process.pid}.new`
  writeFileSync(own, String(process.pid))
  try {
    link(own, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // The latter: whoever was quicker has tidied up.
    if (code === 'EEXIST' || code === 'ENOENT') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
  held.add(path)
  tidyUp(path)
  return true
}

function link(own: string, path: string): void {
  try {
    linkSync(own, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOENT') throw error
    // No hard links on this disk.
    writeFileSync(path, String(process.pid), { flag: 'wx' })
  }
}

/** What crashes in the middle of locking have left. */
function tidyUp(path: string): void {
  const [folder, name] = [dirname(path), basename(path)]
  for (const file of readdirSync(folder)) {
    if (file.startsWith(`${name}.`)) rmSync(join(folder, file), { force: true })
  }
}

/** `unclear`: gone by now, or, on disks without hard links, its owner is about to write its number into it. */
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
    // Taken anew since it was looked at: it is put back.
    if (ownerOf(aside) === 'somebody') linkSync(aside, path)
    rmSync(aside, { force: true })
  } catch {
    // The other one was quicker; the next attempt sees its lock.
  }
}

function release(path: string): void {
  rmSync(path, { force: true })
  held.delete(path)
}
