import { linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cacheSubfolder } from './cache.ts'
import { identify, isAlive, type ProcessIdentity } from './processes.ts'

let attempts = 0

/** Runs `work` while no other process on this cache runs work of the same name. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const path = join(cacheSubfolder('locks'), `${name}.lock`)
  while (!tryLock(path)) {
    breakIfAbandoned(path)
    await delay(50)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** A hard link to a finished file: the lock never exists without its owner's name in it. */
function tryLock(path: string): boolean {
  const mine = `${path}.${process.pid}.${++attempts}`
  writeFileSync(mine, JSON.stringify(identify(process.pid)))
  try {
    linkSync(mine, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Only one process at a time may break a lock; otherwise the second would break the first one's new lock. */
function breakIfAbandoned(path: string): void {
  if (!isAbandoned(path)) return
  const breaking = `${path}.breaking`
  try {
    mkdirSync(breaking)
  } catch {
    if (ageMs(breaking) > 10_000) rmSync(breaking, { recursive: true, force: true })
    return
  }
  if (isAbandoned(path)) rmSync(path, { force: true })
  rmdirSync(breaking)
}

function isAbandoned(path: string): boolean {
  try {
    return !isAlive(JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity)
  } catch {
    return false
  }
}

function ageMs(path: string): number {
  const entry = statSync(path, { throwIfNoEntry: false })
  return entry === undefined ? 0 : Date.now() - entry.mtimeMs
}
