import { existsSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Program } from './engines/engine.ts'
import { findAll } from './packages.ts'

/**
 * The first server program installed on this machine that `examine` accepts.
 *
 * Names are looked up in PATH and the sbin folders; absolute paths may hold `*`.
 */
export async function firstOnMachine(
  names: readonly string[],
  examine: (path: string) => Promise<Program | undefined>,
): Promise<Program | undefined> {
  for (const path of names.flatMap(candidates)) {
    // A program that does not even tell its version is not one to run.
    const program = await examine(path).catch(() => undefined)
    if (program !== undefined) return program
  }
  return undefined
}

function candidates(name: string): string[] {
  if (isAbsolute(name)) return findAll('/', name.slice(1)).sort().reverse()
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path))
}
