import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Guarded, GuardMessage } from './guard.ts'

let guard: ChildProcess | undefined
const watched = new Map<number, Guarded>()

/** From now on the server ends with this process, however this process ends. */
export function watch(server: Guarded): void {
  watched.set(server.process.pid, server)
  tell({ watch: server })
}

/** The server was stopped, or stays for others to use. */
export function forget(pid: number): void {
  watched.delete(pid)
  tell({ forget: pid })
}

function tell(message: GuardMessage): void {
  if (guard !== undefined && guard.exitCode === null && guard.signalCode === null) {
    send(guard, message)
  } else {
    guard = startGuard()
    for (const server of watched.values()) send(guard, { watch: server })
  }
}

function send(to: ChildProcess, message: GuardMessage): void {
  to.stdin?.write(`${JSON.stringify(message)}\n`)
}

function startGuard(): ChildProcess {
  // A session of its own: Ctrl-C in the terminal reaches the parent alone, and the guard then does the stopping.
  const child = spawn(process.execPath, [fileURLToPath(new URL('./guard.ts', import.meta.url))], {
    cwd: '/',
    detached: true,
    env: { NODE_NO_WARNINGS: '1' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Neither the guard nor the pipe to it keeps this process running.
  child.unref()
  const pipe = child.stdin as Writable & { unref?: () => void }
  pipe.unref?.() // A pipe of Bun has no such method and needs none.
  pipe.on('error', () => {}) // A guard that was killed is replaced at the next message.
  return child
}
