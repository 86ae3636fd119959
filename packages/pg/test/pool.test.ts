import { isDbError } from '@archon-db/core'
import { describe, expect, test } from 'vitest'
import type { Link } from '../src/link.ts'
import { Pool, type PoolOptions } from '../src/pool.ts'

class FakeLink {
  gone = false
  pending = 0
  since: number = performance.now()
  created: number = performance.now()
  reads = 0
  ended = false
  onGone: (() => void) | undefined

  destroy(): void {
    if (this.gone) return
    this.gone = true
    this.onGone?.()
  }

  async end(): Promise<void> {
    this.ended = true
  }
}

interface Bench {
  readonly pool: Pool
  readonly links: FakeLink[]
}

function bench(options: Partial<PoolOptions> = {}): Bench {
  const links: FakeLink[] = []
  const open = (): Link => {
    const link = new FakeLink()
    links.push(link)
    return link as unknown as Link
  }
  return {
    links,
    pool: new Pool(open, { size: 2, overflow: 0, timeoutMs: 60_000, idleMs: 60_000, silenceMs: 0, ...options }),
  }
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (isDbError(error) ? error.code : error),
  )

describe('Pool', () => {
  test('opens as many as are needed, up to its size, and hands out again what came back', async () => {
    const { pool, links } = bench()
    const first = await pool.acquire()
    pool.release(first)
    expect(await pool.acquire()).toBe(first)
    const second = await pool.acquire()
    expect(second).not.toBe(first)
    expect(links).toHaveLength(2)
    expect(pool.status).toEqual({ size: 2, open: 2, busy: 2, waiting: 0 })
    await pool.close(0)
  })

  test('opens more than its size while there is much to do', async () => {
    const { pool } = bench({ overflow: 1 })
    const taken = [pool.take(), pool.take(), pool.take(), pool.take()]
    expect(taken.map((link) => link !== undefined)).toEqual([true, true, true, false])
    await pool.close(0)
  })

  test('serves those who wait in the order of asking', async () => {
    const { pool } = bench({ size: 1 })
    const link = await pool.acquire()
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (n) => {
      const own = await pool.acquire()
      order.push(n)
      pool.release(own)
    })
    expect(pool.status.waiting).toBe(3)
    pool.release(link)
    await Promise.all(waiting)
    expect(order).toEqual([1, 2, 3])
    await pool.close(0)
  })

  test('says pool_exhausted when the wait is too long, and goes on', async () => {
    const { pool } = bench({ size: 1, timeoutMs: 20 })
    const link = await pool.acquire()
    expect(await codeOf(pool.acquire())).toBe('pool_exhausted')
    pool.release(link)
    expect(await pool.acquire()).toBe(link)
    await pool.close(0)
  })

  test('a connection that goes away makes room for whoever waits', async () => {
    const { pool, links } = bench({ size: 1 })
    await pool.acquire()
    const waiting = pool.acquire()
    links[0]?.destroy()
    expect(await waiting).toBe(links[1])
    await pool.close(0)
  })

  test('an idle connection that goes away is not handed out', async () => {
    const { pool, links } = bench()
    pool.release(await pool.acquire())
    links[0]?.destroy()
    expect(pool.status.open).toBe(0)
    expect(await pool.acquire()).toBe(links[1])
    await pool.close(0)
  })

  test('lets reads share a connection when all are busy, but not with anything else', async () => {
    const { pool } = bench({ size: 2 })
    const exclusive = pool.take()
    const reading = pool.takeToRead()
    const joined = pool.takeToRead()
    expect(joined).toBe(reading)
    expect(reading).not.toBe(exclusive)
    pool.releaseRead(reading as Link)
    expect(pool.status.busy).toBe(2)
    pool.releaseRead(joined as Link)
    expect(pool.status.busy).toBe(1)
    await pool.close(0)
  })

  test('lets no read pass somebody who waits for a connection', async () => {
    const { pool } = bench({ size: 1 })
    const reading = pool.takeToRead() as Link
    const waiting = pool.acquire()
    expect(pool.takeToRead()).toBeUndefined()
    pool.releaseRead(reading)
    expect(await waiting).toBe(reading)
    await pool.close(0)
  })

  test('lets eight reads share a connection, and no more', async () => {
    const { pool } = bench({ size: 1 })
    const shared = Array.from({ length: 9 }, () => pool.takeToRead())
    expect(shared.filter((link) => link !== undefined)).toHaveLength(8)
    await pool.close(0)
  })

  test('closing tells those in line, ends what is idle and waits for what is not', async () => {
    const { pool, links } = bench()
    const busy = await pool.acquire()
    pool.release(await pool.acquire())
    const other = await pool.acquire()
    const late = codeOf(pool.acquire())
    const closing = pool.close(60_000)
    expect(await late).toBe('closed')
    expect(await codeOf(pool.acquire())).toBe('closed')
    pool.release(busy)
    pool.release(other)
    await closing
    expect(links.every((link) => link.ended)).toBe(true)
  })

  test('closing does not wait for ever', async () => {
    const { pool, links } = bench()
    await pool.acquire()
    await pool.close(10)
    expect(links[0]?.gone).toBe(true)
  })
})
