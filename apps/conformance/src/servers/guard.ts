/**
 * Outlives the process that started it, ends that process's servers, and goes.
 *
 * The parent holds the other end of standard input and writes one line for each server. However the parent
 * ends, by kill -9 as well, the kernel closes the pipe: that is the sign to stop everything that is left.
 */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { endProcess, type ProcessIdentity } from './processes.ts'

export interface Guarded {
  readonly process: ProcessIdentity
  readonly stopSignal: NodeJS.Signals
  readonly folder: string
}

export type GuardMessage = { readonly watch: Guarded } | { readonly forget: number }

const guarded = new Map<number, Guarded>()

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as GuardMessage
  if ('watch' in message) guarded.set(message.watch.process.pid, message.watch)
  else guarded.delete(message.forget)
}
const ending = [...guarded.values()].map(async (server) => {
  await endProcess(server.process, server.stopSignal, 5_000)
  rmSync(server.folder, { recursive: true, force: true })
})
await Promise.allSettled(ending)
