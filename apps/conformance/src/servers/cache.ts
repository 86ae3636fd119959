import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** The user and group a server runs as; undefined keeps those of this process. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

const nobody: ServerUser = { uid: 65534, gid: 65534 }

/** PostgreSQL refuses to run as root, so root's servers run as nobody. */
export function serverUser(): ServerUser | undefined {
  return process.getuid?.() === 0 ? nobody : undefined
}

/** The folder for packages, data templates and run data: private to this user, kept between runs. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  // Root's home is closed to the unprivileged user that the servers run as; /var/cache is not.
  const reachable = serverUser() === undefined || isOpenToAll(base)
  return join(reachable ? base : '/var/cache', 'archon-db', 'servers')
}

/** A folder inside the cache, made when missing. */
export function cacheSubfolder(...names: string[]): string {
  const folder = join(cacheFolder(), ...names)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  return folder
}

/** Makes a folder that only the server's user may enter. */
export function makeServerFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const user = serverUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
}

function isOpenToAll(folder: string): boolean {
  const entry = statSync(folder, { throwIfNoEntry: false })
  const open = entry === undefined || (entry.mode & 0o005) === 0o005
  const parent = dirname(folder)
  return open && (parent === folder || isOpenToAll(parent))
}
