import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cacheSubfolder, makeServerFolder, serverUser } from './cache.ts'
import type { Engine, Launch } from './engines/engine.ts'
import { forget, watch } from './guarding.ts'
import type { RunningServer } from './kinds.ts'
import { own } from './leftovers.ts'
import { endProcess, identify, type ProcessIdentity, sendSignal, signalTree } from './processes.ts'
import { copyTemplate } from './template.ts'

const readyWithinMs = 60_000
/** Another process may take the port between its choice and the server's start. */
const portAttempts = 3

/** A native server with what is needed to stop it from another process. */
export interface NativeServer extends RunningServer {
  readonly folder: string
  readonly process: ProcessIdentity
  readonly stopSignal: NodeJS.Signals
  /** Leaves the server running when this process ends. */
  release(): void
}

let started = 0

export interface StartOptions {
  /** The URL of the server that this one stands before. */
  readonly upstream?: string | undefined
  /** Added to the server's command line; a later setting wins over an earlier one. */
  readonly extraArguments?: readonly string[]
}

/** Starts a server of this engine on new data and a free loopback port. */
export async function startNative(engine: Engine, options: StartOptions = {}): Promise<NativeServer> {
  const program = await engine.find()
  const folder = join(cacheSubfolder('run'), `${engine.kind}-${process.pid}-${++started}`)
  makeServerFolder(folder)
  own(folder)
  try {
    const password = engine.initialise === undefined ? '' : await copyTemplate(engine, program, folder)
    return await startOnFreePort(engine, { program, folder, password, ...options })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

async function startOnFreePort(engine: Engine, launch: Omit<Launch, 'port'> & StartOptions): Promise<NativeServer> {
  for (let attempt = 1; ; attempt++) {
    const server = new Native(engine, { ...launch, port: await freePort() }, launch.extraArguments ?? [])
    try {
      await server.start()
      return server
    } catch (error) {
      const taken = /address already in use/i.test(server.logTail())
      if (!taken || attempt === portAttempts) throw error
    }
  }
}

class Native implements NativeServer {
  readonly origin = 'native'
  readonly kind: NativeServer['kind']
  readonly url: string
  readonly folder: string
  readonly stopSignal: NodeJS.Signals
  version = ''
  process: ProcessIdentity = { pid: 0, started: '' }
  readonly #engine: Engine
  readonly #launch: Launch
  readonly #extra: readonly string[]
  readonly #log: string
  #child: ChildProcess | undefined

  constructor(engine: Engine, launch: Launch, extraArguments: readonly string[]) {
    this.#engine = engine
    this.#launch = launch
    this.#extra = extraArguments
    this.#log = join(launch.folder, 'log')
    this.kind = engine.kind
    this.url = engine.url(launch)
    this.folder = launch.folder
    this.stopSignal = engine.stopSignal
  }

  get pid(): number {
    return this.process.pid
  }

  async start(): Promise<void> {
    const child = this.#spawn()
    try {
      this.version = await this.#answer(child)
    } catch (error) {
      await this.#end('SIGKILL')
      throw error
    }
  }

  async restart(): Promise<void> {
    await this.#end(this.stopSignal)
    await this.start()
  }

  kill(signal: NodeJS.Signals): void {
    const wholeTree = signal === 'SIGKILL' || signal === 'SIGSTOP' || signal === 'SIGCONT'
    if (wholeTree) signalTree(this.pid, signal)
    else sendSignal(this.pid, signal)
  }

  logTail(): string {
    return existsSync(this.#log) ? readFileSync(this.#log, 'utf8').slice(-4000) : ''
  }

  release(): void {
    forget(this.pid)
  }

  async stop(): Promise<void> {
    await this.#end(this.stopSignal)
    rmSync(this.folder, { recursive: true, force: true })
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#log, 'a')
    const child = spawn(this.#launch.program.path, [...this.#engine.arguments(this.#launch), ...this.#extra], {
      cwd: this.folder,
      detached: true, // Ctrl-C is for the parent; the guard then stops the server in good order.
      env: { PATH: process.env.PATH, HOME: this.folder, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      stdio: ['ignore', log, log],
      ...serverUser(),
    })
    closeSync(log)
    child.unref()
    this.#child = child
    if (child.pid !== undefined) {
      this.process = identify(child.pid)
      own(this.folder, this.process)
      watch({ process: this.process, stopSignal: this.stopSignal, folder: this.folder })
    }
    return child
  }

  /** The server's version, once it answers. */
  async #answer(child: ChildProcess): Promise<string> {
    const ended = new Promise<never>((_, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => reject(new Error(this.#failure(`ended with ${signal ?? code}`))))
    })
    ended.catch(() => {}) // It may end after the question was answered.
    const deadline = Date.now() + readyWithinMs
    for (;;) {
      try {
        return await Promise.race([ended, this.#ask()])
      } catch (error) {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return await ended
        if (Date.now() > deadline) throw new Error(this.#failure(`does not answer: ${(error as Error).message}`))
      }
      await Promise.race([ended, delay(40)])
    }
  }

  async #ask(): Promise<string> {
    const folder = await this.#engine.dataFolder?.(this.url)
    // Another run may have taken the port a moment before: this server is about to say so and end.
    if (folder !== undefined && !resolve(folder).startsWith(this.folder)) throw new Error('another server answers')
    return await this.#engine.ask(this.url)
  }

  #failure(what: string): string {
    return `${this.kind} ${this.#launch.program.version} ${what}; the end of its log:\n${this.logTail()}`
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    await endProcess(this.process, signal)
    // Until then its number is taken, and PostgreSQL believes it is running.
    const child = this.#child
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    forget(this.pid)
  }
}

export async function freePort(): Promise<number> {
  return await new Promise((done, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null ? done(address.port) : reject(new Error('no port')),
      )
    })
  })
}
