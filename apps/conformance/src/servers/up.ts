import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheSubfolder } from './cache.ts'
import { engines } from './engines/index.ts'
import type { RunningServer, ServerKind } from './kinds.ts'
import { clearLeftovers } from './leftovers.ts'
import { withLock } from './lock.ts'
import { type NativeServer, startNative } from './native.ts'
import { endProcess, isAlive, type ProcessIdentity } from './processes.ts'

/** A server that stays up between runs, as the state file remembers it. */
export interface UpServer {
  readonly kind: ServerKind
  readonly url: string
  readonly version: string
  readonly folder: string
  readonly process: ProcessIdentity
  readonly stopSignal: NodeJS.Signals
}

function stateFile(): string {
  return join(cacheSubfolder(), 'up.json')
}

/** The servers that `servers up` started and that still run. */
export function upServers(): UpServer[] {
  return remembered().filter((server) => isAlive(server.process))
}

/** Ends what earlier runs could not end themselves. */
export async function clearAbandoned(): Promise<void> {
  await clearLeftovers((folder) => upServers().some((server) => server.folder === folder))
}

/** Starts the servers that are not up yet, and leaves them up when this process ends. */
export async function bringUp(kinds: readonly ServerKind[]): Promise<UpServer[]> {
  return await withLock('up', async () => {
    const alone = remembered().filter(({ kind }) => !isUp(engines[kind].behind ?? kind))
    await end(alone)
    const isMissing = (kind: ServerKind): boolean => !isUp(kind)
    const servers = kinds.filter((kind) => engines[kind].behind === undefined)
    const poolers = kinds.filter((kind) => engines[kind].behind !== undefined)
    // A pooler needs the address of the server behind it, which must be up before it.
    const before = await startAndRemember(servers.filter(isMissing), upServers())
    return await startAndRemember(poolers.filter(isMissing), before)
  })
}

function isUp(kind: ServerKind): boolean {
  return upServers().some((server) => server.kind === kind)
}

async function startAndRemember(kinds: readonly ServerKind[], before: readonly UpServer[]): Promise<UpServer[]> {
  const starting = kinds.map(async (kind) => {
    const { behind } = engines[kind]
    const upstream = before.find((server) => server.kind === behind)?.url
    if (behind !== undefined && upstream === undefined) throw new Error(`${kind} needs ${behind} to be up as well`)
    return await startNative(engines[kind], { upstream })
  })
  const outcomes = await Promise.allSettled(starting)
  const servers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const all = [...before, ...servers.map(described)]
  remember(all)
  for (const server of servers) server.release()
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []))
  if (failures.length > 0) throw new AggregateError(failures, failures.map((failure) => failure.message).join('\n'))
  return all
}

function described({ kind, url, version, folder, process, stopSignal }: NativeServer): UpServer {
  return { kind, url, version, folder, process, stopSignal }
}

/** Stops the named servers, and those that stand before them, and removes their data; returns what it stopped. */
export async function takeDown(kinds: readonly ServerKind[]): Promise<UpServer[]> {
  return await withLock('up', async () => {
    const isMeant = (kind: ServerKind | undefined): boolean => kind !== undefined && kinds.includes(kind)
    const leaving = remembered().filter(({ kind }) => isMeant(kind) || isMeant(engines[kind].behind))
    await end(leaving)
    await clearAbandoned()
    return leaving
  })
}

async function end(servers: readonly UpServer[]): Promise<void> {
  const ending = servers.map(async (server) => {
    await endProcess(server.process, server.stopSignal)
    rmSync(server.folder, { recursive: true, force: true })
  })
  await Promise.all(ending)
  remember(remembered().filter(({ kind }) => !servers.some((server) => server.kind === kind)))
}

/** A server that is up and answers, for a run to use; the run does not stop it. */
export async function alreadyUp(kind: ServerKind): Promise<RunningServer | undefined> {
  const server = upServers().find((candidate) => candidate.kind === kind)
  if (server === undefined) return undefined
  const version = await engines[kind].ask(server.url).catch(() => undefined)
  if (version === undefined) return undefined
  const refuse = (): never => {
    throw new Error(`${kind} was brought up for others too: acquire one of your own to stop it or signal it`)
  }
  const log = join(server.folder, 'log')
  return {
    kind,
    url: server.url,
    version,
    origin: 'already-up',
    restart: async () => refuse(),
    kill: refuse,
    logTail: () => (existsSync(log) ? readFileSync(log, 'utf8').slice(-4000) : ''),
    stop: async () => {},
  }
}

function remembered(): UpServer[] {
  const file = stateFile()
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as UpServer[]) : []
}

function remember(servers: readonly UpServer[]): void {
  // It holds passwords; and a reader sees the old list or the new one, never half of it.
  writeFileSync(`${stateFile()}.new`, JSON.stringify(servers, null, 2), { mode: 0o600 })
  renameSync(`${stateFile()}.new`, stateFile())
}
