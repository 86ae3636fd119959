import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheSubfolder, makeServerFolder, serverUser } from './cache.ts'
import type { Engine, Program } from './engines/engine.ts'
import { unfinishedFolder } from './leftovers.ts'
import { withLock } from './lock.ts'
import { runAsServer } from './processes.ts'

/** Raised when `initialise` of an engine changes, so that older templates are made anew. */
const layout = 1

/**
 * Copies a freshly initialised data folder to `destination` and returns the superuser's password.
 *
 * Initialising takes seconds and gives the same result every time, so it is done once for each version.
 */
export async function copyTemplate(engine: Engine, program: Program, destination: string): Promise<string> {
  const template = await withLock(`template-${engine.kind}`, () => existingOrNew(engine, program))
  await runAsServer('cp', ['-Rp', `${template}/.`, destination])
  return readFileSync(join(template, 'password'), 'utf8')
}

async function existingOrNew(engine: Engine, program: Program): Promise<string> {
  const owner = serverUser()?.uid ?? process.getuid?.() ?? 0
  const name = `${engine.kind}-${program.version}-${owner}-${layout}`
  const finished = join(cacheSubfolder('templates'), name)
  if (existsSync(finished)) return finished
  const work = unfinishedFolder(cacheSubfolder('templates'), engine.kind)
  makeServerFolder(work)
  const password = randomBytes(12).toString('hex')
  writeFileSync(join(work, 'password'), password)
  await engine.initialise?.({ program, folder: work, password })
  renameSync(work, finished)
  return finished
}
