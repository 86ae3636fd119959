import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Installed, Peer } from './peer.ts'
import { run } from './run.ts'

/** Imports from its own folder, whether a package is made of ES modules or not. */
const LOADER = 'load.js'

export async function installed(peer: Peer, tell: (text: string) => void): Promise<Installed> {
  const folder = cacheFolder(peer)
  if (!existsSync(folder)) {
    tell(`  installing ${peer.name} ${peer.version} into ${folder}`)
    await install(peer, folder)
  }
  const { load } = (await import(pathToFileURL(join(folder, LOADER)).href)) as Pick<Installed, 'load'>
  return { folder, load }
}

/** Named by all that is put there, so that nothing of an earlier version of this code is taken for it. */
function cacheFolder({ name, version, packages, files }: Peer): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([packages, files]))
    .digest('hex')
    .slice(0, 8)
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return join(cache, 'archon-db', 'bench-peers', `${name}-${version}-${digest}`)
}

/** Beside its place first: a folder in its place is always a whole one. */
async function install(peer: Peer, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const beside = await mkdtemp(`${folder}.`)
  try {
    await fill(peer, beside)
    await rename(beside, folder)
    await sweep(folder)
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    // Another run may have been faster.
    if (!existsSync(folder)) throw error
  }
}

/** What interrupted runs left. One that still installs finds that it is too late, and takes what is there. */
async function sweep(folder: string): Promise<void> {
  const left = (await readdir(dirname(folder))).filter((name) => name.startsWith(`${basename(folder)}.`))
  for (const name of left) await rm(join(dirname(folder), name), { recursive: true, force: true })
}

async function fill({ packages, files, build }: Peer, folder: string): Promise<void> {
  const texts = {
    'package.json': JSON.stringify({ private: true, type: 'module', dependencies: packages }),
    [LOADER]: 'export const load = (name) => import(name)\n',
    ...files,
  }
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text)
  // Scripts would fetch programs that nothing here starts.
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder)
  await build?.(folder)
}
