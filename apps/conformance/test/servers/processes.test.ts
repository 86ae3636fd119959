import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { cacheSubfolder } from '../../src/servers/cache.ts'
import { identify, isAlive, type ProcessIdentity, run } from '../../src/servers/processes.ts'
import { eventually, ownServer, startMs } from './machine.ts'

const cli = source('cli.ts')

function source(name: string): string {
  return fileURLToPath(new URL(`../../src/servers/${name}`, import.meta.url))
}

/** A cache of the test's own, with the packages that the machine already has. */
function emptyCache(): string {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'servers-')))
  chmodSync(base, 0o755)
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  mkdirSync(join(base, 'archon-db', 'servers'), { recursive: true })
  symlinkSync(cacheSubfolder('packages'), join(base, 'archon-db', 'servers', 'packages'))
  return base
}

/** Runs a program against the cache; it says what it started in one line. */
function programOn(cache: string, text: string): { child: ReturnType<typeof spawn>; line: Promise<string> } {
  const file = join(cache, 'program.ts')
  writeFileSync(file, text)
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, line: new Promise((resolve) => child.stdout?.once('data', (data) => resolve(String(data).trim()))) }
}

const startOne = `
  import { acquireOwnServer, isRunning } from ${JSON.stringify(source('index.ts'))}
  const server = await acquireOwnServer('postgres')
  if (!isRunning(server)) throw new Error(server.notRun)
  console.log(JSON.stringify({ process: server.process, folder: server.folder }))
  setInterval(() => {}, 1000)
`

test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'a parent that ends by %s leaves no server and no data behind',
  { timeout: startMs },
  async (signal) => {
    await withStarted(async (server, child) => {
      expect(isAlive(server.process)).toBe(true)
      child.kill(signal)
      await eventually('the end of the server', () => !isAlive(server.process))
      await eventually('the end of its data', () => !existsSync(server.folder))
    })
  },
)

test('what was left when the guard was killed as well is cleared by the next run', { timeout: startMs }, async () => {
  const cache = emptyCache()
  const leave = `
    import { identify } from ${JSON.stringify(source('processes.ts'))}
    import { own } from ${JSON.stringify(source('leftovers.ts'))}
    import { cacheSubfolder } from ${JSON.stringify(source('cache.ts'))}
    import { spawn } from 'node:child_process'
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
    const folder = cacheSubfolder('run', 'left-behind')
    own(folder, identify(child.pid))
    console.log(JSON.stringify({ process: identify(child.pid), folder }))
    process.exit()
  `
  const left = JSON.parse(await programOn(cache, leave).line) as { process: ProcessIdentity; folder: string }
  expect(isAlive(left.process)).toBe(true)
  await run(process.execPath, [cli, 'down'], { env: { ...process.env, XDG_CACHE_HOME: cache } })
  expect(isAlive(left.process)).toBe(false)
  expect(existsSync(left.folder)).toBe(false)
})

test('up leaves a server for later runs, status tells of it, down ends it', { timeout: startMs }, async (context) => {
  await ownServer('postgres', context) // Skips where there is none to be had.
  const env = { ...process.env, XDG_CACHE_HOME: emptyCache(), CONFORMANCE_POSTGRES_URL: '' }
  const servers = async (...words: string[]): Promise<string> => await run(process.execPath, [cli, ...words], { env })
  await expect(servers('status', 'postgres')).rejects.toThrow('postgres  down')
  const shown = await servers('up', 'postgres')
  expect(shown).toMatch(/^postgres {2}\d+\.\d+ +postgresql:\/\/postgres:\w+@127\.0\.0\.1:\d+\/postgres\n$/)
  expect(await servers('up', 'postgres')).toBe(shown)
  expect(await servers('status', 'postgres')).toBe(shown)

  const use = `
    import { acquireServer } from ${JSON.stringify(source('index.ts'))}
    const server = await acquireServer('postgres')
    await server.stop()
    console.log(JSON.stringify([server.origin, server.url]))
  `
  const url = /postgresql:\S+/.exec(shown)?.[0]
  expect(JSON.parse(await programOn(env.XDG_CACHE_HOME, use).line)).toEqual(['already-up', url])
  expect(await servers('status', 'postgres')).toBe(shown)

  expect(await servers('down')).toBe('postgres: down\n')
  await expect(servers('status', 'postgres')).rejects.toThrow('postgres  down')
})

test('a process is not taken for a later one with the same number', () => {
  const me = identify(process.pid)
  expect(isAlive(me)).toBe(true)
  expect(isAlive({ pid: me.pid, started: '1' })).toBe(false)
})

async function withStarted(
  work: (server: { process: ProcessIdentity; folder: string }, child: ReturnType<typeof spawn>) => Promise<void>,
): Promise<void> {
  const { child, line } = programOn(emptyCache(), startOne)
  await work(JSON.parse(await line) as { process: ProcessIdentity; folder: string }, child)
}
