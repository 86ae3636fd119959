import { randomBytes } from 'node:crypto'
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers'
import { engines } from './engines/index.ts'
import type { RunningServer, ServerKind } from './kinds.ts'

interface Image {
  readonly image: string
  readonly port: number
  readonly data: string
  readonly environment: (password: string) => Record<string, string>
  readonly command: readonly string[]
  readonly url: (host: string, port: number, password: string) => string
}

const mysqlCommand = [
  '--max-connections=300',
  '--max-allowed-packet=128M',
  '--innodb-flush-log-at-trx-commit=0',
  '--skip-log-bin',
  '--skip-name-resolve',
]
const mysqlUrl: Image['url'] = (host, port, password) => `mysql://root:${password}@${host}:${port}/mysql`

/** The images of docker/compose.test.yml. The pooler has none: it runs natively before the container. */
const images: Partial<Record<ServerKind, Image>> = {
  postgres: {
    image: process.env.CONFORMANCE_POSTGRES_IMAGE ?? 'pgvector/pgvector:pg17',
    port: 5432,
    data: '/var/lib/postgresql/data',
    environment: (password) => ({ POSTGRES_PASSWORD: password }),
    command: [
      'postgres',
      '-c',
      'max_connections=300',
      '-c',
      'fsync=off',
      '-c',
      'synchronous_commit=off',
      '-c',
      'shared_buffers=256MB',
    ],
    url: (host, port, password) => `postgresql://postgres:${password}@${host}:${port}/postgres`,
  },
  mysql: {
    image: process.env.CONFORMANCE_MYSQL_IMAGE ?? 'mysql:8.4',
    port: 3306,
    data: '/var/lib/mysql',
    environment: (password) => ({ MYSQL_ROOT_PASSWORD: password }),
    command: mysqlCommand,
    url: mysqlUrl,
  },
  mariadb: {
    image: process.env.CONFORMANCE_MARIADB_IMAGE ?? 'mariadb:11.8',
    port: 3306,
    data: '/var/lib/mysql',
    environment: (password) => ({ MARIADB_ROOT_PASSWORD: password }),
    command: mysqlCommand,
    url: mysqlUrl,
  },
}

/** Whether a container engine answers on this machine. */
export async function hasContainerEngine(): Promise<boolean> {
  try {
    await getContainerRuntimeClient()
    return true
  } catch (error) {
    // The library gives this failure no code.
    if (/container runtime strategy/.test((error as Error).message)) return false
    throw error
  }
}

/** Starts a server in a container; undefined when it has no image or no engine answers. */
export async function startContainer(kind: ServerKind): Promise<RunningServer | undefined> {
  const spec = images[kind]
  if (spec === undefined || !(await hasContainerEngine())) return undefined
  const password = randomBytes(12).toString('hex')
  const log: string[] = []
  const container = await new GenericContainer(spec.image)
    .withExposedPorts(spec.port)
    .withEnvironment(spec.environment(password))
    .withCommand([...spec.command])
    .withTmpFs({ [spec.data]: 'rw' })
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(180_000)
    .withLogConsumer((stream) => stream.on('data', (line) => log.push(String(line))))
    .start()
  return await running(kind, container, spec, password, log)
}

async function running(
  kind: ServerKind,
  container: StartedTestContainer,
  spec: Image,
  password: string,
  log: string[],
): Promise<RunningServer> {
  const url = spec.url(container.getHost(), container.getMappedPort(spec.port), password)
  const logTail = (): string => log.join('').slice(-4000)
  try {
    return {
      kind,
      url,
      version: await answerWithin(60_000, () => engines[kind].ask(url)),
      origin: 'container',
      restart: async () => {
        await container.restart()
        await answerWithin(60_000, () => engines[kind].ask(url))
      },
      kill: () => {
        throw new Error(`${kind} runs in a container: only native servers can be signalled`)
      },
      logTail,
      stop: async () => void (await container.stop()),
    }
  } catch (error) {
    await container.stop()
    throw new Error(`${(error as Error).message}; the end of its log:\n${logTail()}`)
  }
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
