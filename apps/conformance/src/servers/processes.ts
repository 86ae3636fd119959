import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type ServerUser, serverUser } from './cache.ts'

/** A process that a later process with the same number is not mistaken for. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the kernel's ticks since boot; '' where the kernel does not say. */
  readonly started: string
}

export function identify(pid: number): ProcessIdentity {
  return { pid, started: startTicks(pid) ?? '' }
}

export function isAlive(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0)
  } catch (error) {
    // EPERM: it exists, and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const started = startTicks(identity.pid)
  return started === undefined ? identity.started === '' : started === identity.started
}

/** Start time of a process that still runs; a zombie counts as gone. */
function startTicks(pid: number): string | undefined {
  const fields = statFields(pid)
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19]
}

/** The fields of /proc/PID/stat after the name, which may itself hold spaces. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** Sends a signal to a process and all its descendants, the parent first so that it cannot replace them. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  const children = childrenOf(pid)
  sendSignal(pid, signal)
  for (const child of children) signalTree(child, signal)
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function childrenOf(parent: number): number[] {
  let names: string[]
  try {
    names = readdirSync('/proc')
  } catch {
    return []
  }
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  return pids.filter((pid) => Number(statFields(pid)?.[1]) === parent)
}

/** Asks a process to end, insists after the deadline, and returns when it is gone. */
export async function endProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  deadlineMs = 10_000,
): Promise<void> {
  if (!isAlive(identity)) return
  signalTree(identity.pid, 'SIGCONT')
  sendSignal(identity.pid, signal)
  if (await hasEnded(identity, deadlineMs)) return
  signalTree(identity.pid, 'SIGKILL')
  await hasEnded(identity, 5_000)
}

async function hasEnded(identity: ProcessIdentity, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false
    await delay(10)
  }
  return true
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  readonly user?: ServerUser | undefined
}

/** Runs a command to its end and returns what it printed; a failure carries the end of its output. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? '/',
    env: options.env ?? process.env,
    ...options.user,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {}) // A command that ends early need not read its input.
  child.stdin.end(options.input ?? '')
  let output = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${command} did not start: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output)
      reject(new Error(`${command} ended with ${signal ?? code}:\n${`${output}${complaints}`.slice(-4000)}`))
    })
  })
}

/** Runs a command as the user that the servers run as. */
export function runAsServer(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return run(command, args, { ...options, user: serverUser() })
}
