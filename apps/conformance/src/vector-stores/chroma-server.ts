import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BackendUnavailable } from '../harness/index.ts'
import { cacheSubfolder, makeServerFolder } from '../servers/cache.ts'
import { forget, watch } from '../servers/guarding.ts'
import { own } from '../servers/leftovers.ts'
import { freePort } from '../servers/native.ts'
import { findOne, unpackedPackages } from '../servers/packages.ts'
import { endProcess, identify, isAlive, type ProcessIdentity } from '../servers/processes.ts'

export interface ChromaServer {
  readonly url: string
  /** Its data and its log. */
  readonly folder: string
  /** Kills the server and starts it again on the same data and port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** The server that CONFORMANCE_CHROMA_URL names, or else one of its own. */
export async function acquireChroma(): Promise<Pick<ChromaServer, 'url' | 'stop'>> {
  const named = process.env.CONFORMANCE_CHROMA_URL
  return named ? { url: named, stop: async () => {} } : await startChroma()
}

export async function chromaVersion(url: string): Promise<string> {
  return (await (await fetch(`${url}/api/v2/version`)).json()) as string
}

/** The newest C library that the server of the npm package needs. */
const GLIBC = 2.39
const READY_WITHIN_MS = 30_000

/** The server that the npm package `chromadb` carries, on new data and a free loopback port. */
export async function startChroma(): Promise<ChromaServer> {
  const folder = join(cacheSubfolder('run'), `chroma-${process.pid}-${Date.now()}`)
  const command = await commandLine()
  makeServerFolder(folder)
  own(folder)
  const port = await freePort()
  const args = [...command.slice(1), 'run', '--path', join(folder, 'data'), '--host', '127.0.0.1', '--port', `${port}`]
  const url = `http://127.0.0.1:${port}`
  const start = (): Promise<ProcessIdentity> => startProcess(command[0]!, args, folder, url)
  let server = await start()
  // It takes no notice of SIGTERM and SIGINT.
  const end = async (): Promise<void> => {
    await endProcess(server, 'SIGKILL')
    forget(server.pid)
  }
  return {
    url,
    folder,
    async restart() {
      await end()
      server = await start()
    },
    async stop() {
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** On a machine with an older C library, Node runs on one from Debian's packages, loader and all. */
async function commandLine(): Promise<string[]> {
  const cli = join(dirname(createRequire(import.meta.url).resolve('chromadb')), '..', 'cli.mjs')
  const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header
  if (glibcVersionRuntime === undefined || isAtLeast(glibcVersionRuntime)) return [process.execPath, cli]
  const choices = [{ suite: 'sid', packages: ['libc6', 'libstdc++6', 'libgcc-s1'] }] as const
  const root = await unpackedPackages('glibc', choices, []).catch((error: Error) => {
    throw new BackendUnavailable(
      `Chroma's server needs glibc ${GLIBC}, here is ${glibcVersionRuntime}: ${error.message}`,
    )
  })
  const loader = findOne(root, 'usr/lib/*/ld-linux*.so.*')
  return [loader, '--library-path', dirname(loader), process.execPath, cli]
}

function isAtLeast(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major * 1000 + minor >= 2039
}

async function startProcess(
  command: string,
  args: readonly string[],
  folder: string,
  url: string,
): Promise<ProcessIdentity> {
  const log = openSync(join(folder, 'log'), 'a')
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    env: { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  failed.catch(() => {})
  const server = identify(child.pid ?? (await failed))
  own(folder, server)
  watch({ process: server, stopSignal: 'SIGKILL', folder })
  await answers(server, url, folder)
  return server
}

async function answers(server: ProcessIdentity, url: string, folder: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    const response = await fetch(`${url}/api/v2/heartbeat`).catch(() => undefined)
    if (response?.ok) return
    if (!isAlive(server) || Date.now() > deadline) {
      const tail = readFileSync(join(folder, 'log'), 'utf8').slice(-2000)
      throw new Error(`Chroma's server does not answer; the end of its log:\n${tail}`)
    }
    await delay(40)
  }
}
