import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers'
import { parse } from 'yaml'
import { engines } from './engines/index.ts'
import type { RunningServer, ServerKind } from './kinds.ts'

/** What compose.test.yml says of one server. */
interface Service {
  readonly image: string
  readonly command: string[]
  readonly environment: Readonly<Record<string, string>>
  readonly tmpfs: readonly string[]
}

const composeFile = new URL('../../../../docker/compose.test.yml', import.meta.url)

/** Where each server listens in its container, and its superuser. The pooler runs natively, before the container. */
const addresses: Partial<Record<ServerKind, { readonly port: number; readonly user: string; readonly path: string }>> =
  {
    postgres: { port: 5432, user: 'postgresql://postgres', path: 'postgres' },
    mysql: { port: 3306, user: 'mysql://root', path: 'mysql' },
    mariadb: { port: 3306, user: 'mysql://root', path: 'mysql' },
  }

/** The service of compose.test.yml with this name, its passwords replaced by a new one. */
export function testService(kind: ServerKind, password: string): Service {
  const { services } = parse(readFileSync(composeFile, 'utf8'), { merge: true }) as {
    services: Record<string, Service>
  }
  const service = services[kind]
  if (service === undefined) throw new Error(`docker/compose.test.yml has no service ${kind}`)
  const image = process.env[`CONFORMANCE_${kind.toUpperCase()}_IMAGE`] || service.image
  const environment = Object.entries(service.environment).map(([name, value]) => [
    name,
    name.endsWith('_PASSWORD') ? password : value,
  ])
  return { image, command: service.command, environment: Object.fromEntries(environment), tmpfs: service.tmpfs }
}

/** Whether a container engine answers on this machine. */
async function hasContainerEngine(): Promise<boolean> {
  try {
    await getContainerRuntimeClient()
    return true
  } catch (error) {
    // The library gives this failure no code.
    if (/container runtime strategy/.test((error as Error).message)) return false
    throw error
  }
}

/** Starts a server in a container; undefined when no engine answers or this kind has no image. */
export async function startContainer(kind: ServerKind): Promise<RunningServer | undefined> {
  const address = addresses[kind]
  if (address === undefined || !(await hasContainerEngine())) return undefined
  const password = randomBytes(12).toString('hex')
  const service = testService(kind, password)
  const log: string[] = []
  const container = await new GenericContainer(service.image)
    .withExposedPorts(address.port)
    .withEnvironment(service.environment)
    .withCommand(service.command)
    .withTmpFs(Object.fromEntries(service.tmpfs.map((folder) => [folder, 'rw'])))
    .withSharedMemorySize(256 * 1024 * 1024)
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(180_000)
    .withLogConsumer((stream) => stream.on('data', (line) => log.push(String(line))))
    .start()
  const place = `${container.getHost()}:${container.getMappedPort(address.port)}`
  return await running(kind, container, `${address.user}:${password}@${place}/${address.path}`, () =>
    log.join('').slice(-4000),
  )
}

async function running(
  kind: ServerKind,
  container: StartedTestContainer,
  url: string,
  logTail: () => string,
): Promise<RunningServer> {
  const answer = async (): Promise<string> => await answerWithin(60_000, () => engines[kind].ask(url))
  try {
    return {
      kind,
      url,
      version: await answer(),
      origin: 'container',
      // A restart would give the container another port, and a new, empty data folder.
      restart: async () => refuse(kind),
      kill: () => refuse(kind),
      logTail,
      stop: async () => void (await container.stop()),
    }
  } catch (error) {
    await container.stop()
    throw new Error(`${(error as Error).message}; the end of its log:\n${logTail()}`)
  }
}

function refuse(kind: ServerKind): never {
  throw new Error(`${kind} runs in a container: acquire a native server to restart it or signal it`)
}

/** The official images open the port, and close it again, before the server is ready for good. */
async function answerWithin(deadlineMs: number, ask: () => Promise<string>): Promise<string> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
