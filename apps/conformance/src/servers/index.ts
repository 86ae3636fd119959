export { databasesOn } from './databases/databases.ts'

import { startContainer } from './containers.ts'
import { engines } from './engines/index.ts'
import { type Acquired, isRunning, type RunningServer, type ServerKind } from './kinds.ts'
import { startNative } from './native.ts'
import { alreadyUp, clearAbandoned } from './up.ts'

export { type Acquired, isRunning, type RunningServer, type ServerKind, serverKinds } from './kinds.ts'

let clearing: Promise<void> | undefined
const acquired = new Map<ServerKind, Promise<Acquired>>()

/**
 * A server of this kind: one named in the environment, one that is up, a container, or a native one.
 *
 * A second call in the same process gives the same server. It ends with this process, however that ends.
 */
export async function acquireServer(kind: ServerKind): Promise<Acquired> {
  const known = acquired.get(kind)
  if (known !== undefined) return await known
  const acquiring = orNotRun(find(kind)).then((server) => (isRunning(server) ? forgottenWhenStopped(server) : server))
  acquired.set(kind, acquiring)
  return await acquiring
}

/**
 * A native server of the caller's own, to be restarted, frozen and killed at will.
 *
 * `extraArguments` go to the server: `['--log-bin=log']`, `['-c', 'wal_level=logical']`.
 */
export async function acquireOwnServer(kind: ServerKind, extraArguments: readonly string[] = []): Promise<Acquired> {
  return await orNotRun(native(kind, extraArguments))
}

/** Whether a backend without a server fails the run, instead of being reported as not run. */
export function mustRun(
  kind: ServerKind,
  named: readonly ServerKind[] = [],
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return environment.CI === 'true' || named.includes(kind) || Boolean(environment[variableOf(kind)])
}

/** The environment variable that names a server of this kind, as CONFORMANCE_POSTGRES_URL does. */
export function variableOf(kind: ServerKind): string {
  return `CONFORMANCE_${kind.toUpperCase()}_URL`
}

async function find(kind: ServerKind): Promise<RunningServer> {
  const url = process.env[variableOf(kind)]
  if (url) return await fromEnvironment(kind, url)
  return (await alreadyUp(kind)) ?? (await startContainer(kind)) ?? (await native(kind))
}

async function fromEnvironment(kind: ServerKind, url: string): Promise<RunningServer> {
  const version = await engines[kind].ask(url).catch((error: Error) => {
    throw new Error(`${variableOf(kind)} names a server that does not answer: ${error.message}`)
  })
  const refuse = (): never => {
    throw new Error(`${kind} was given by ${variableOf(kind)}: it is not this run's to stop or signal`)
  }
  const restart = async (): Promise<void> => refuse()
  return { kind, url, version, origin: 'environment', restart, kill: refuse, logTail: () => '', stop: async () => {} }
}

async function native(kind: ServerKind, extraArguments: readonly string[] = []): Promise<RunningServer> {
  clearing ??= clearAbandoned()
  await clearing
  const { behind } = engines[kind]
  if (behind === undefined) return await startNative(engines[kind], { extraArguments })
  const upstream = await acquireServer(behind)
  if (!isRunning(upstream)) throw new Error(`${kind} stands before ${behind}, and ${upstream.notRun}`)
  return await startNative(engines[kind], { extraArguments, upstream: upstream.url })
}

async function orNotRun(finding: Promise<RunningServer>): Promise<Acquired> {
  return await finding.catch((error: Error) => ({ notRun: error.message }))
}

function forgottenWhenStopped(server: RunningServer): RunningServer {
  const stop = server.stop.bind(server)
  return Object.assign(server, {
    stop: async () => {
      acquired.delete(server.kind)
      await stop()
    },
  })
}
