import { DbError, type PoolStatus } from '@archon-db/core/dialect'
import type { Client } from './client.ts'

export interface PoolOptions {
  /** Connections that are kept. */
  readonly size: number
  /** Connections beyond `size` while there is much to do. */
  readonly overflow: number
  /** How long a call waits for a free connection. */
  readonly timeoutMs: number
  /** How long an unused connection is kept. */
  readonly idleMs: number
  /** After this long without an answer a connection counts as dead; 0 waits for ever. */
  readonly silenceMs: number
  /** Whether the server still works on what a silent connection was sent. */
  readonly isAlive?: (client: Client) => Promise<boolean>
  /** Ends a silent connection on the server as well, which might hold its locks for hours. */
  readonly abandon?: (client: Client) => void
}

interface Waiter {
  readonly resolve: (client: Client) => void
  readonly reject: (error: DbError) => void
  readonly timer: NodeJS.Timeout
}

/** Connections are replaced at this age, so that a server's memory and a balancer's choice are renewed. */
const MAX_AGE_MS = 45 * 60_000
const SWEEP_MS = 1000
/** After this long without an answer the server is asked over another connection whether one is to come. */
const DOUBT_MS = 15_000
/** A connection that was unused for this long is asked whether it is still there. */
const ASK_AFTER_MS = 10_000
const ANSWER_WITHIN_MS = 3000

/** Connections for one caller at a time, handed out in the order of asking. */
export class Pool {
  readonly #open: () => Client
  readonly #options: PoolOptions
  readonly #clients = new Set<Client>()
  readonly #idle: Client[] = []
  readonly #waiting = new Set<Waiter>()
  /** When a silent connection may be asked about again. */
  readonly #doubted = new WeakMap<Client, number>()
  readonly #sweeper: NodeJS.Timeout
  #closed = false
  #drained: (() => void) | undefined

  constructor(open: () => Client, options: PoolOptions) {
    this.#open = open
    this.#options = options
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#sweeper.unref()
  }

  get status(): PoolStatus {
    const { size, overflow } = this.#options
    return {
      size: size + overflow,
      open: this.#clients.size,
      busy: this.#clients.size - this.#idle.length,
      waiting: this.#waiting.size,
    }
  }

  /** A free connection, now or never: most calls need not wait. */
  take(): Client | undefined {
    const idle = this.#idle[this.#idle.length - 1]
    if (idle) return performance.now() - idle.since < ASK_AFTER_MS ? this.#idle.pop() : undefined
    const { size, overflow } = this.#options
    return !this.#closed && this.#clients.size < size + overflow ? this.#add() : undefined
  }

  async acquire(): Promise<Client> {
    for (;;) {
      const client = this.#idle.pop() ?? this.take() ?? (await this.#wait())
      if (performance.now() - client.since < ASK_AFTER_MS || (await this.#answers(client))) return client
    }
  }

  #wait(): Promise<Client> {
    if (this.#closed) return Promise.reject(closedError())
    const { timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter)
        reject(exhausted(this.status, timeoutMs))
      }, timeoutMs)
      const waiter: Waiter = { resolve, reject, timer }
      this.#waiting.add(waiter)
    })
  }

  async #answers(client: Client): Promise<boolean> {
    const timer = setTimeout(() => client.destroy(), ANSWER_WITHIN_MS)
    const answered = await client.command('do 0').then(
      () => true,
      () => false,
    )
    clearTimeout(timer)
    if (!answered) client.destroy()
    return answered
  }

  #add(): Client {
    const client = this.#open()
    this.#clients.add(client)
    client.onGone = () => this.#remove(client)
    return client
  }

  release(client: Client): void {
    if (client.gone) return
    client.proven = true
    if (this.#closed || performance.now() - client.created > MAX_AGE_MS) {
      this.#retire(client)
      return
    }
    const next = this.#nextWaiter()
    if (next) next.resolve(client)
    else this.#idle.push(client)
  }

  #nextWaiter(): Waiter | undefined {
    const [waiter] = this.#waiting
    if (!waiter) return undefined
    this.#waiting.delete(waiter)
    clearTimeout(waiter.timer)
    return waiter
  }

  /** A connection that went away makes room for whoever waits. */
  #remove(client: Client): void {
    if (!this.#clients.delete(client)) return
    const at = this.#idle.indexOf(client)
    if (at >= 0) this.#idle.splice(at, 1)
    if (this.#clients.size === 0) this.#drained?.()
    if (!this.#closed && this.#waiting.size > 0) this.#nextWaiter()?.resolve(this.#add())
  }

  #retire(client: Client): void {
    client.end().catch(() => client.destroy())
    this.#remove(client)
  }

  /** Closes what nobody needs, and gives up on connections that have fallen silent. */
  #sweep(): void {
    const { size, idleMs, silenceMs } = this.#options
    const now = performance.now()
    for (const client of this.#clients) {
      const silence = client.pending > 0 ? now - client.since : 0
      if (silenceMs > 0 && silence > silenceMs) this.#giveUp(client)
      else if (silence > DOUBT_MS) this.#doubt(client)
    }
    for (const client of [...this.#idle]) {
      const spare = this.#clients.size > size || now - client.since > idleMs
      if (spare && now - client.since > SWEEP_MS) this.#retire(client)
    }
  }

  /** A wire that leads nowhere any more tells nobody: without this, a call on it would wait for a quarter of an hour. */
  #doubt(client: Client): void {
    const { isAlive } = this.#options
    if (!isAlive || (this.#doubted.get(client) ?? 0) > performance.now()) return
    this.#doubted.set(client, performance.now() + DOUBT_MS)
    const { since } = client
    isAlive(client).then(
      (alive) => {
        if (!alive && client.pending > 0 && client.since === since) this.#giveUp(client)
      },
      () => {},
    )
  }

  #giveUp(client: Client): void {
    this.#options.abandon?.(client)
    client.destroy(silent())
  }

  /** Waits for running calls to end; calls that are still in line are told that it is over. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweeper)
    for (let waiter = this.#nextWaiter(); waiter; waiter = this.#nextWaiter()) waiter.reject(closedError())
    await Promise.all(this.#idle.splice(0).map((client) => this.#endIdle(client, graceMs)))
    if (this.#clients.size === 0) return
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve
    })
    const timer = setTimeout(() => this.#destroyAll(), graceMs)
    await drained
    clearTimeout(timer)
  }

  async #endIdle(client: Client, graceMs: number): Promise<void> {
    this.#clients.delete(client)
    const timer = setTimeout(() => client.destroy(), graceMs)
    await client.end()
    clearTimeout(timer)
  }

  #destroyAll(): void {
    for (const client of this.#clients) client.destroy()
  }
}

function closedError(): DbError {
  return new DbError('closed', 'This database handle was closed while the call waited. Open a new one with connect().')
}

function silent(): Error {
  return Object.assign(new Error('No answer from the server.'), { code: 'CONNECTION_SILENT' })
}

function exhausted({ size, busy }: PoolStatus, timeoutMs: number): DbError {
  return new DbError(
    'pool_exhausted',
    `No connection became free within ${timeoutMs} ms: ${busy} of ${size} are in use. Raise the pool size, or look for transactions that stay open.`,
  )
}
