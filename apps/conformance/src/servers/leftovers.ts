import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheSubfolder } from './cache.ts'
import { endProcess, identify, isAlive, type ProcessIdentity } from './processes.ts'

let made = 0

/** Who is responsible for a folder in `run/`, and the server that runs in it. */
interface Ownership {
  readonly owner: ProcessIdentity
  readonly server?: ProcessIdentity
}

const ownershipFile = 'owner.json'

export function own(folder: string, server?: ProcessIdentity): void {
  const ownership = { owner: identify(process.pid), ...(server === undefined ? {} : { server }) }
  // Renamed into place: another process may be reading it.
  writeFileSync(join(folder, `${ownershipFile}.new`), JSON.stringify(ownership))
  renameSync(join(folder, `${ownershipFile}.new`), join(folder, ownershipFile))
}

/**
 * Ends servers and removes folders whose owner is gone: after a power cut, or when the guard was killed too.
 *
 * `isKept` tells the folders that have no owner on purpose.
 */
export async function clearLeftovers(isKept: (folder: string) => boolean): Promise<void> {
  const run = cacheSubfolder('run')
  const folders = readdirSync(run).map((name) => join(run, name))
  await Promise.all(folders.map(async (folder) => await clearIfLeft(folder, isKept)))
}

async function clearIfLeft(folder: string, isKept: (folder: string) => boolean): Promise<void> {
  const ownership = ownershipOf(folder)
  // Asked in this order: a server is kept before its owner goes.
  if (ownership === undefined || isAlive(ownership.owner) || isKept(folder)) return
  if (ownership.server !== undefined) await endProcess(ownership.server, 'SIGTERM', 1_000)
  rmSync(folder, { recursive: true, force: true })
}

/** Undefined while the folder is being made or removed. */
function ownershipOf(folder: string): Ownership | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, ownershipFile), 'utf8')) as Ownership
  } catch {
    return undefined
  }
}

/**
 * The name of a folder to build something in, to be renamed when it is finished; earlier attempts are removed.
 *
 * Call it under the lock of what is built. The name is new each time: a program that an earlier, killed attempt
 * left behind may still be writing to the old one.
 */
export function unfinishedFolder(parent: string, what: string): string {
  const prefix = `unfinished-${what}-`
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix))) {
    rmSync(join(parent, name), { recursive: true, force: true })
  }
  return join(parent, `${prefix}${process.pid}-${++made}`)
}
