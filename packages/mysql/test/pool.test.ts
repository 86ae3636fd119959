import { isDbError } from '@archon-db/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Client } from '../src/client.ts'
import { Pool, type PoolOptions } from '../src/pool.ts'

class FakeClient {
  gone = false
  pending = 0
  since: number = performance.now()
  created: number = performance.now()
  ended = false
  asked = 0
  answers = true
  onGone: (() => void) | undefined

  destroy(): void {
    if (this.gone) return
    this.gone = true
    this.onGone?.()
  }

  async end(): Promise<void> {
    this.ended = true
  }

  async command(): Promise<void> {
    this.asked++
    this.since = performance.now()
    if (!this.answers) throw new Error('gone')
  }
}

interface Bench {
  readonly pool: Pool
  readonly clients: FakeClient[]
}

function bench(options: Partial<PoolOptions> = {}): Bench {
  const clients: FakeClient[] = []
  const open = (): Client => {
    const client = new FakeClient()
    clients.push(client)
    return client as unknown as Client
  }
  const defaults = { size: 2, overflow: 0, timeoutMs: 60_000, idleMs: 60_000, silenceMs: 0 }
  return { clients, pool: new Pool(open, { ...defaults, ...options }) }
}

function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => (isDbError(error) ? error.code : error),
  )
}

const LONG_AGO = -60_000

describe('Pool', () => {
  test('opens as many as are needed, up to its size, and hands out again what came back', async () => {
    const { pool, clients } = bench()
    const first = await pool.acquire()
    pool.release(first)
    expect(await pool.acquire()).toBe(first)
    expect(await pool.acquire()).not.toBe(first)
    expect(clients).toHaveLength(2)
    expect(pool.status).toEqual({ size: 2, open: 2, busy: 2, waiting: 0 })
    await pool.close(0)
  })

  test('opens more than its size while there is much to do', async () => {
    const { pool } = bench({ overflow: 1 })
    const taken = [pool.take(), pool.take(), pool.take(), pool.take()]
    expect(taken.map((client) => client !== undefined)).toEqual([true, true, true, false])
    await pool.close(0)
  })

  test('serves those who wait in the order of asking', async () => {
    const { pool } = bench({ size: 1 })
    const client = await pool.acquire()
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (n) => {
      const own = await pool.acquire()
      order.push(n)
      pool.release(own)
    })
    await Promise.resolve()
    expect(pool.status.waiting).toBe(3)
    pool.release(client)
    await Promise.all(waiting)
    expect(order).toEqual([1, 2, 3])
    await pool.close(0)
  })

  test('says pool_exhausted when the wait is too long, and goes on', async () => {
    const { pool } = bench({ size: 1, timeoutMs: 20 })
    const client = await pool.acquire()
    expect(await codeOf(pool.acquire())).toBe('pool_exhausted')
    pool.release(client)
    expect(await pool.acquire()).toBe(client)
    await pool.close(0)
  })

  test('a connection that goes away makes room for whoever waits', async () => {
    const { pool, clients } = bench({ size: 1 })
    await pool.acquire()
    const waiting = pool.acquire()
    await Promise.resolve()
    clients[0]?.destroy()
    expect(await waiting).toBe(clients[1])
    await pool.close(0)
  })

  test('an idle connection that goes away is not handed out', async () => {
    const { pool, clients } = bench()
    pool.release(await pool.acquire())
    clients[0]?.destroy()
    expect(pool.status.open).toBe(0)
    expect(await pool.acquire()).toBe(clients[1])
    await pool.close(0)
  })

  test('asks a connection that lay idle for long whether it is still there', async () => {
    const { pool, clients } = bench()
    const [first, second] = [await pool.acquire(), await pool.acquire()]
    pool.release(first)
    pool.release(second)
    const [sound, dead] = clients as [FakeClient, FakeClient]
    for (const client of clients) client.since += LONG_AGO
    dead.answers = false
    expect(pool.take()).toBeUndefined()
    expect(await pool.acquire()).toBe(sound)
    expect([sound.asked, dead.asked, dead.gone]).toEqual([1, 1, true])
    await pool.close(0)
  })

  test('ends connections that grew old instead of taking them back', async () => {
    const { pool, clients } = bench()
    const client = await pool.acquire()
    ;(clients[0] as FakeClient).created -= 3_600_000
    pool.release(client)
    expect(clients[0]?.ended).toBe(true)
    expect(pool.status.open).toBe(0)
    await pool.close(0)
  })

  test('closing tells those in line, ends what is idle and waits for what is not', async () => {
    const { pool, clients } = bench()
    const busy = await pool.acquire()
    const other = await pool.acquire()
    const late = codeOf(pool.acquire())
    await Promise.resolve()
    const closing = pool.close(60_000)
    expect(await late).toBe('closed')
    expect(await codeOf(pool.acquire())).toBe('closed')
    pool.release(busy)
    pool.release(other)
    await closing
    expect(clients.every((client) => client.ended)).toBe(true)
  })

  test('closing does not wait for ever', async () => {
    const { pool, clients } = bench()
    await pool.acquire()
    await pool.close(10)
    expect(clients[0]?.gone).toBe(true)
  })
})

describe('a connection that does not answer', () => {
  /** A pool with one busy connection, after as much silence. */
  async function silentFor(
    ms: number,
    isAlive: () => Promise<boolean>,
    silenceMs = 0,
  ): Promise<Bench & { busy: FakeClient; abandoned: unknown[] }> {
    vi.useFakeTimers()
    const abandoned: unknown[] = []
    const made = bench({ isAlive, silenceMs, abandon: (client) => abandoned.push(client) })
    onTestFinished(() => {
      vi.useRealTimers()
      return made.pool.close(0)
    })
    await made.pool.acquire()
    const busy = made.clients[0] as FakeClient
    busy.pending = 1
    await vi.advanceTimersByTimeAsync(ms)
    return { ...made, busy, abandoned }
  }

  test('is given up when the server says that it works on nothing there', async () => {
    const { pool, busy, abandoned } = await silentFor(17_000, async () => false)
    expect(busy.gone).toBe(true)
    expect(abandoned).toEqual([busy])
    expect(pool.status.open).toBe(0)
  })

  test.each([
    ['the server works on it', async () => true],
    ['nobody can tell', () => Promise.reject(new Error('denied'))],
  ])('is waited for while %s, and asked about now and then', async (_, isAlive) => {
    const asking = vi.fn(isAlive)
    const { busy } = await silentFor(50_000, asking)
    expect(busy.gone).toBe(false)
    expect(asking).toHaveBeenCalledTimes(3)
  })

  test('is kept when its answer came while the server was asked', async () => {
    const asked = Promise.withResolvers<boolean>()
    const { busy } = await silentFor(17_000, () => asked.promise)
    busy.since = performance.now()
    asked.resolve(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(busy.gone).toBe(false)
  })

  test('is given up without a question once a time limit has passed', async () => {
    const asking = vi.fn(async () => true)
    const { busy } = await silentFor(7000, asking, 5000)
    expect(busy.gone).toBe(true)
    expect(asking).not.toHaveBeenCalled()
  })
})
