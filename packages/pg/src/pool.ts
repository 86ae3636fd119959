import { DbError, type PoolStatus } from '@archon-db/core/dialect'
import type { Link } from './link.ts'

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
  readonly isAlive?: (client: Link) => Promise<boolean>
}

interface Waiter {
  readonly resolve: (client: Link) => void
  readonly reject: (error: DbError) => void
  readonly timer: NodeJS.Timeout
}

/** Connections are replaced at this age, so that a server's memory and a balancer's choice are renewed. */
const MAX_AGE_MS = 45 * 60_000
const SWEEP_MS = 1000
/** After this long without an answer the server is asked over another connection whether one is to come. */
const DOUBT_MS = 15_000
/** Reads that may be under way on one connection when all are busy: they never wait for locks, so none holds up the next. */
const READS_AT_ONCE = 8

/** Connections for one caller at a time, handed out in the order of asking. */
export class Pool {
  readonly #open: () => Link
  readonly #options: PoolOptions
  readonly #clients = new Set<Link>()
  readonly #idle: Link[] = []
  readonly #waiting = new Set<Waiter>()
  /** Connections that do nothing but read. */
  readonly #reading: Link[] = []
  #turn = 0
  /** When a silent connection may be asked about again. */
  readonly #doubted = new WeakMap<Link, number>()
  readonly #sweeper: NodeJS.Timeout
  #closed = false
  #drained: (() => void) | undefined

  constructor(open: () => Link, options: PoolOptions) {
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
  take(): Link | undefined {
    if (this.#closed) return undefined
    const idle = this.#idle.pop()
    if (idle) return idle
    const { size, overflow } = this.#options
    return this.#clients.size < size + overflow ? this.#add() : undefined
  }

  /** As `take`, for a statement that only reads: where every connection is busy it may follow other reads on one. */
  takeToRead(): Link | undefined {
    const link = this.take()
    if (!link) return this.#join()
    link.reads = 1
    this.#reading.push(link)
    return link
  }

  /** Unless somebody waits for a connection of their own, who would then wait for ever. */
  #join(): Link | undefined {
    if (this.#waiting.size > 0 || this.#closed || this.#reading.length === 0) return undefined
    const link = this.#reading[this.#turn++ % this.#reading.length] as Link
    if (link.reads >= READS_AT_ONCE) return undefined
    link.reads++
    return link
  }

  releaseRead(link: Link): void {
    if (--link.reads > 0) return
    take(this.#reading, link)
    this.release(link)
  }

  acquire(): Promise<Link> {
    const client = this.take()
    if (client) return Promise.resolve(client)
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

  #add(): Link {
    const client = this.#open()
    this.#clients.add(client)
    client.onGone = () => this.#remove(client)
    return client
  }

  release(client: Link): void {
    if (client.gone) return
    if (this.#closed || client.since - client.created > MAX_AGE_MS) {
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
  #remove(client: Link): void {
    if (!this.#clients.delete(client)) return
    take(this.#idle, client)
    take(this.#reading, client)
    if (this.#clients.size === 0) this.#drained?.()
    if (!this.#closed && this.#waiting.size > 0) this.#nextWaiter()?.resolve(this.#add())
  }

  #retire(client: Link): void {
    client.end().catch(() => client.destroy())
    this.#remove(client)
  }

  /** Closes what nobody needs, and gives up on connections that have fallen silent. */
  #sweep(): void {
    const { size, idleMs, silenceMs } = this.#options
    const now = performance.now()
    for (const client of this.#clients) {
      const silence = client.pending > 0 ? now - client.since : 0
      if (silenceMs > 0 && silence > silenceMs) giveUp(client)
      else if (silence > DOUBT_MS) this.#doubt(client)
    }
    for (const client of [...this.#idle]) {
      const spare = this.#clients.size > size || now - client.since > idleMs
      if (spare && now - client.since > SWEEP_MS) this.#retire(client)
    }
  }

  /** A wire that leads nowhere any more tells nobody: without this, a call on it would wait for a quarter of an hour. */
  #doubt(client: Link): void {
    const { isAlive } = this.#options
    if (!isAlive || (this.#doubted.get(client) ?? 0) > performance.now()) return
    this.#doubted.set(client, performance.now() + DOUBT_MS)
    const { since } = client
    isAlive(client).then(
      (alive) => {
        if (!alive && client.pending > 0 && client.since === since) giveUp(client)
      },
      () => {},
    )
  }

  /** Waits for running calls to end; calls that are still in line are told that it is over. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweeper)
    for (let waiter = this.#nextWaiter(); waiter; waiter = this.#nextWaiter()) waiter.reject(closedError())
    await Promise.all(this.#idle.splice(0).map((client) => this.#endIdle(client)))
    if (this.#clients.size === 0) return
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve
    })
    const timer = setTimeout(() => this.#destroyAll(), graceMs)
    await drained
    clearTimeout(timer)
  }

  async #endIdle(client: Link): Promise<void> {
    this.#clients.delete(client)
    await client.end().catch(() => client.destroy())
  }

  #destroyAll(): void {
    for (const client of this.#clients) client.destroy()
  }
}

function take(links: Link[], link: Link): void {
  const at = links.indexOf(link)
  if (at >= 0) links.splice(at, 1)
}

function giveUp(client: Link): void {
  client.cancel()
  client.destroy()
}

function closedError(): DbError {
  return new DbError('closed', 'This database handle was closed while the call waited. Open a new one with connect().')
}

function exhausted({ size, busy }: PoolStatus, timeoutMs: number): DbError {
  return new DbError(
    'pool_exhausted',
    `No connection became free within ${timeoutMs} ms: ${busy} of ${size} are in use. Raise the pool size, or look for transactions that stay open.`,
  )
}
