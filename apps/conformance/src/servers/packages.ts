import { chmodSync, copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { downloadPackages } from './apt.ts'
import { cacheSubfolder } from './cache.ts'
import { unfinishedFolder } from './leftovers.ts'
import { withLock } from './lock.ts'
import { run } from './processes.ts'

/** What to unpack for one engine, best choice first. */
export interface PackageChoice {
  readonly suite: 'sid' | 'trixie'
  readonly packages: readonly string[]
}

/** Written last: a folder without it was not finished. */
const marker = '.complete'

/**
 * The folder with an engine's unpacked packages, from the cache or from the machine's Debian mirror.
 *
 * `programs` are globs of the executables to be run; each is replaced by a script that starts it with the
 * loader and the libraries of the same folder, so that nothing on the machine has to fit.
 */
export async function unpackedPackages(
  engine: string,
  choices: readonly PackageChoice[],
  programs: readonly string[],
): Promise<string> {
  return await withLock(`packages-${engine}`, async () => {
    const cached = newestComplete(engine)
    if (cached !== undefined) return wrapPrograms(cached, programs)
    const reasons: string[] = []
    for (const choice of choices) {
      try {
        return await unpack(engine, choice, programs)
      } catch (error) {
        reasons.push(`${choice.suite}: ${(error as Error).message}`)
      }
    }
    throw new Error(`no packages for ${engine}: ${reasons.join('; ')}`)
  })
}

function newestComplete(engine: string): string | undefined {
  const folder = cacheSubfolder('packages')
  const complete = readdirSync(folder)
    .filter((name) => name.startsWith(`${engine}-`) && existsSync(join(folder, name, marker)))
    .map((name) => join(folder, name))
  return complete.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]
}

async function unpack(engine: string, choice: PackageChoice, programs: readonly string[]): Promise<string> {
  const started = Date.now()
  process.stderr.write(`${engine}: unpacking ${choice.packages.join(', ')} from Debian ${choice.suite}, once\n`)
  const work = unfinishedFolder(cacheSubfolder('packages'), engine)
  const archives = await downloadPackages(choice, join(work, 'archives'))
  const root = join(work, 'root')
  await extract(archives, root)
  wrapPrograms(root, programs)
  const destination = join(cacheSubfolder('packages'), `${engine}-${versionsOf(choice, archives)}`)
  writeFileSync(join(root, marker), '')
  rmSync(destination, { recursive: true, force: true })
  renameSync(root, destination)
  rmSync(work, { recursive: true, force: true })
  process.stderr.write(`${engine}: unpacked in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
  return destination
}

/** `18.6-3_0.8.7-1`: the versions of the packages that were asked for, not of their libraries. */
function versionsOf(choice: PackageChoice, archives: readonly string[]): string {
  const names = archives.map((archive) => basename(archive).split('_'))
  const versions = choice.packages.map((name) => names.find((parts) => parts[0] === name)?.[1] ?? 'unknown')
  // apt writes the colon of an epoch as %3a.
  return versions.map((version) => decodeURIComponent(version).replace(':', '.')).join('_')
}

async function extract(archives: readonly string[], root: string): Promise<void> {
  const queue = [...archives]
  const worker = async (): Promise<void> => {
    for (let archive = queue.pop(); archive !== undefined; archive = queue.pop()) {
      await run('dpkg-deb', ['--extract', archive, root])
    }
  }
  // The first archive alone: it makes the folders that the others would race to make.
  const first = queue.pop()
  if (first !== undefined) await run('dpkg-deb', ['--extract', first, root])
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker))
}

/** Puts a script in each program's place; the program stays beside it, and finds its files relative to itself. */
function wrapPrograms(root: string, programs: readonly string[]): string {
  const unwrapped = programs.map((program) => findOne(root, program)).filter((path) => !existsSync(`${path}.real`))
  for (const path of unwrapped) {
    const script = `${path}.new`
    writeFileSync(script, startScript(root, path))
    chmodSync(script, 0o755)
    copyFileSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, `${path}.real`)
    renameSync(script, path)
  }
  return root
}

/** Everything is named relative to the script, so that the folder may be renamed. */
function startScript(root: string, program: string): string {
  const libraries = dirname(findOne(root, 'usr/lib/*/libc.so.6'))
  const loader = findOne(root, 'usr/lib/*/ld-linux*.so.*')
  const inRoot = (target: string): string => `"$root/${relative(root, target)}"`
  const lines = [
    '#!/bin/sh',
    `root="\${0%/*}/${relative(dirname(program), root)}"`,
    'export LOCPATH="$root/usr/lib/locale"',
    `exec ${inRoot(loader)} --argv0 "$0" --library-path ${inRoot(libraries)} "$0.real" "$@"`,
  ]
  return `${lines.join('\n')}\n`
}

/** The first file under `root` that a path with `*` in it stands for. */
export function findOne(root: string, pattern: string): string {
  const first = findAll(root, pattern)[0]
  if (first === undefined) throw new Error(`${pattern} is missing in ${root}`)
  return first
}

/** Every file under `root` that a path with `*` in it stands for. */
export function findAll(root: string, pattern: string): string[] {
  let found = [root]
  for (const part of pattern.split('/')) {
    const matcher = new RegExp(`^${part.replace(/[.+]/g, '\\$&').replaceAll('*', '.*')}$`)
    const below = (folder: string): string[] =>
      part.includes('*') ? listed(folder).filter((name) => matcher.test(name)) : [part]
    found = found.flatMap((folder) => below(folder).map((name) => join(folder, name)))
  }
  return found.filter((path) => existsSync(path))
}

function listed(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : []
}
