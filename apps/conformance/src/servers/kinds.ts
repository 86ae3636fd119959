/** The servers that the suite can run against. */
export type ServerKind = 'postgres' | 'mysql' | 'mariadb' | 'pgbouncer'

export const serverKinds: readonly ServerKind[] = ['postgres', 'mysql', 'mariadb', 'pgbouncer']

/** A server that answers, wherever it came from. */
export interface RunningServer {
  readonly kind: ServerKind
  /** A superuser's URL on the loopback interface. */
  readonly url: string
  readonly version: string
  readonly origin: 'environment' | 'container' | 'native' | 'already-up'
  /** The process to signal; only where this process started it. */
  readonly pid?: number
  /** Stops and starts the same data on the same port. Native servers only. */
  restart(): Promise<void>
  /** Signals the server and its children: SIGKILL is a crash, SIGSTOP a hang, SIGCONT ends it. Native servers only. */
  kill(signal: NodeJS.Signals): void
  /** The end of the server's log, or '' where there is none to read. */
  logTail(): string
  /** Stops what this process started and removes its data; a server that was already there stays. */
  stop(): Promise<void>
}

/** Why a backend has no server, in words for the report. */
export interface NotRun {
  readonly notRun: string
}

export type Acquired = RunningServer | NotRun

export function isRunning(acquired: Acquired): acquired is RunningServer {
  return !('notRun' in acquired)
}
