import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { fromKey, toKey } from '../../src/outbox/collections.ts'
import { add, CHUNKS, down, near, run, stage, vector } from './support.ts'

const on = stage()

/** How many items are in the store, whatever their collection. */
async function stored(): Promise<number> {
  let sum = 0
  for (const name of await on.shared.store.listCollections()) sum += await on.shared.store.count(name)
  return sum
}

async function onlyCollection(): Promise<string> {
  const names = await on.shared.store.listCollections()
  expect(names).toHaveLength(1)
  return names[0] as string
}

const upserted = (): number => on.shared.calls.reduce((sum, [name, items]) => sum + (name === 'upsert' ? items : 0), 0)

describe('what is written', () => {
  test('is found by the next search, nearest first, and the store has it', async () => {
    const { db } = await on.open()
    const [far, close] = await add(db, 50, 1)
    expect(await stored()).toBe(0)
    expect(await near(db)).toEqual([close, far])
    expect(await stored()).toBe(2)
    expect(upserted()).toBe(2)
  })

  test('and changed, or taken away, is so in the store', async () => {
    const { db, outbox } = await on.open()
    const [a, b, c] = await add(db, 1, 2, 3)
    await near(db)
    await db.update(CHUNKS, { embedding_384: vector(9) }, { where: { id: a as number } })
    await db.delete(CHUNKS, { where: { id: b as number } })
    expect(await near(db)).toEqual([c, a])
    expect(await stored()).toBe(2)
    expect(await outbox.verify()).toEqual({ compared: 2, differences: [] })
  })

  test('to another column goes to another collection', async () => {
    const { db } = await on.open()
    const [a] = await add(db, 1)
    await near(db)
    const wide = vector(0, 768)
    await db.update(CHUNKS, { embedding_384: null, embedding_768: wide }, { where: { id: a as number } })
    expect([await near(db), await near(db, { embedding: wide })]).toEqual([[], [a]])
    const names = await on.shared.store.listCollections()
    expect(names.map((name) => name.replace(/-[0-9a-f]{12}$/, ''))).toEqual([`${CHUNKS}-384`, `${CHUNKS}-768`])
    expect(await stored()).toBe(1)
  })

  test('and rolled back never gets there', async () => {
    const { db } = await on.open()
    await near(db)
    const failing = db.transaction(async (tx) => {
      await add(tx, 1)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect([await near(db), await stored(), upserted()]).toEqual([[], 0, 0])
  })

  test('is sent without a search as well', async () => {
    const { db } = await on.open({ pollMs: 5 })
    await add(db, 1, 2)
    await expect.poll(stored).toBe(2)
  })

  test('by raw SQL, or by a handle without a store, counts as well', async () => {
    const [one, other] = [await on.open(), await on.open()]
    const [a, b] = await add(one.db, 1, 2)
    expect(await near(other.db)).toEqual([a, b])
    await run(one.db, sql`delete from archon_sources`)
    expect([await near(other.db), await stored()]).toEqual([[], 0])
  })

  test('equal vectors come in the order of their ids', async () => {
    const { db } = await on.open()
    const ids = await add(db, ...new Array<number>(12).fill(5))
    expect(await near(db, { limit: 11 })).toEqual(ids.slice(0, 11))
  })
})

test('keys sort as ids do', () => {
  const ids = [-(2n ** 63n), -5, -1, 0, 1, 9, 10, 2 ** 53 - 1, 2n ** 63n - 1n]
  expect(ids.map((id) => fromKey(toKey(id)))).toEqual(ids)
  expect([...ids].reverse().map(toKey).sort()).toEqual(ids.map(toKey))
})

describe('a filter', () => {
  test('is the database’s affair, be it narrow or wide', async () => {
    const { db } = await on.open()
    const numbers = Array.from({ length: 1300 }, (_, n) => n)
    const ids = await add(db, ...numbers)
    const where = (from: number) => ({ filter: { id: { gte: ids[from] as number } }, limit: 3 })
    expect(await near(db, where(1290))).toEqual(ids.slice(1290, 1293))
    expect(await near(db, where(5))).toEqual(ids.slice(5, 8))
    expect(await near(db, where(200))).toEqual(ids.slice(200, 203))
    expect(await near(db, { ...where(5), minScore: 0.99999 })).toEqual([])
  })
})

describe('a store that does not answer', () => {
  test('stops no write; searches by nearness say so, and later find everything', async () => {
    const { db } = await on.open()
    on.shared.before = down
    const ids = await add(db, 1, 2)
    await expect(near(db)).rejects.toMatchObject({
      code: 'connection_failed',
      message: expect.stringContaining('vector store test'),
    })
    expect(await near(db, { text: 'x', mode: 'keyword' })).toEqual(ids)
    expect(await near(db, { exact: true })).toEqual(ids)
    on.shared.before = () => {}
    expect(await near(db)).toEqual(ids)
  })

  test('is waited for so long and no longer', async () => {
    const { db } = await on.open({ patienceMs: 20 })
    await add(db, 1)
    on.shared.before = () => new Promise(() => {})
    await expect(near(db)).rejects.toMatchObject({ code: 'connection_failed' })
  })

  test('while it takes what it is sent, searches wait once and read the table', async () => {
    // Twenty waits would take longer than a test may.
    const { db } = await on.open({ catchUpMs: 500 })
    await near(db)
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    on.shared.before = (call) => (call === 'upsert' ? held : undefined)
    const ids = await add(db, 1, 2)
    for (let i = 0; i < 20; i++) expect(await near(db)).toEqual(ids)
    letGo()
    await expect.poll(stored).toBe(2)
    const searched = async (): Promise<boolean> => {
      await near(db)
      return on.shared.calls.some(([name]) => name === 'search')
    }
    on.shared.calls.length = 0
    await expect.poll(searched).toBe(true)
  })

  test('in the middle of the work goes on there later', async () => {
    const { db, outbox } = await on.open()
    await near(db)
    const ids = await add(db, 1, 2, 3)
    on.shared.before = (call) => (call === 'upsert' ? down() : undefined)
    await expect(near(db)).rejects.toMatchObject({ code: 'connection_failed' })
    on.shared.before = () => {}
    expect(await near(db)).toEqual(ids)
    expect((await outbox.verify()).differences).toEqual([])
  })
})

describe('a process that dies', () => {
  const dies = (statement: { text: string }): void => {
    if (/^update .*archon_vector_stores/.test(statement.text)) throw new Error('killed')
  }

  test('after it sent, before it could say so: another sends it again', async () => {
    const first = await on.open()
    await near(first.db)
    const ids = await add(first.db, 1, 2)
    first.before = (statement) => {
      if (upserted() > 0) dies(statement)
    }
    await expect(near(first.db)).rejects.toMatchObject({ cause: new Error('killed') })
    expect([await stored(), upserted()]).toEqual([2, 2])
    const second = await on.open()
    expect(await near(second.db)).toEqual(ids)
    expect([await stored(), upserted()]).toEqual([2, 4])
  })

  test('and holds the lease: others search the table until they may take over', async () => {
    const first = await on.open()
    await near(first.db)
    const ids = await add(first.db, 1, 2)
    first.before = (statement) => {
      if (upserted() > 0) dies(statement)
    }
    await expect(near(first.db)).rejects.toMatchObject({ cause: new Error('killed') })
    await add(first.db, 3)
    const second = await on.open({ catchUpMs: 1, leaseMs: 3_600_000 })
    expect(await near(second.db, { limit: 2 })).toEqual(ids)
    expect(upserted()).toBe(2)
    const third = await on.open({ leaseMs: 20 })
    expect(await near(third.db, { limit: 2 })).toEqual(ids)
    expect((await third.outbox.overview()).state).toBe('current')
  })

  test('while all rows are copied: the next one goes on after the page that was sent last', async () => {
    const first = await on.open()
    await add(first.db, ...Array.from({ length: 1500 }, (_, n) => n))
    first.before = (statement) => {
      if (upserted() > 1000) dies(statement)
    }
    await expect(near(first.db)).rejects.toMatchObject({ cause: new Error('killed') })
    const before = upserted()
    const second = await on.open()
    expect((await near(second.db, { limit: 1500 })).length).toBe(1500)
    expect((await second.outbox.verify()).differences).toEqual([])
    expect(upserted() - before).toBeLessThan(1000)
  })
})

test('who was silent for so long that another took over sends what it sent again', async () => {
  const [slow, quick] = [await on.open({ catchUpMs: 1 }), await on.open({ leaseMs: 20 })]
  const [id] = await add(slow.db, 1)
  await near(quick.db)
  await slow.db.update(CHUNKS, { embedding_384: vector(2) }, { where: { id: id as number } })
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  let stalled = false
  on.shared.before = (call) => {
    if (call !== 'upsert' || stalled) return undefined
    stalled = true
    return held
  }
  // Reads the row, and is held up with what it read.
  expect(await near(slow.db)).toEqual([id])
  await expect.poll(() => stalled).toBe(true)
  await slow.db.update(CHUNKS, { embedding_384: vector(3) }, { where: { id: id as number } })
  expect(await near(quick.db)).toEqual([id])
  letGo()
  await slow.outbox.verify()
  expect(await quick.outbox.verify()).toEqual({ compared: 1, differences: [] })
})

describe('everything is sent anew', () => {
  test('when the log does not reach back so far', async () => {
    const { db, outbox } = await on.open()
    const ids = await add(db, 1, 2)
    await near(db)
    const old = await onlyCollection()
    await run(db, sql`delete from archon_crawled_pages where id = ${ids[0]}`)
    await run(db, sql`delete from archon_vector_changes`)
    expect(await near(db)).toEqual(ids.slice(1))
    expect(await onlyCollection()).not.toBe(old)
    expect((await outbox.verify()).differences).toEqual([])
  })

  test('when another store has taken its place', async () => {
    const first = await on.open()
    const ids = await add(first.db, 1, 2)
    await near(first.db)
    await on.newStore()
    const second = await on.open()
    expect(await near(second.db)).toEqual(ids)
    expect(await stored()).toBe(2)
  })

  test('when a collection was dropped behind its back', async () => {
    const { db } = await on.open()
    const ids = await add(db, 1, 2)
    await near(db)
    await on.shared.store.dropCollection(await onlyCollection())
    expect(await near(db)).toEqual(ids)
    expect(await stored()).toBe(2)
  })

  test('when it is asked for, with progress', async () => {
    const { db, outbox } = await on.open()
    await add(db, 1, 2)
    await near(db)
    const old = await onlyCollection()
    const told: unknown[] = []
    await outbox.rebuild({ onProgress: ({ column, rows, total }) => told.push([column, rows, total]) })
    expect(told[0]).toEqual(['embedding_384', 2, 2])
    expect(await onlyCollection()).not.toBe(old)
    expect((await outbox.verify()).differences).toEqual([])
  })
})

test('a row that went without a trace is not found, and another one takes its place', async () => {
  const { db, outbox } = await on.open()
  const ids = await add(db, 1, 2, 3)
  await near(db)
  await run(db, sql`drop trigger archon_crawled_pages_vector_delete`)
  await run(db, sql`delete from archon_crawled_pages where id = ${ids[0]}`)
  expect(await near(db, { limit: 2 })).toEqual(ids.slice(1))
  expect((await outbox.verify()).differences).toEqual([])
})

test('what differs is told by row', async () => {
  const { db, outbox } = await on.open()
  const [a, b] = (await add(db, 1, 2)) as [number, number]
  await near(db)
  const name = await onlyCollection()
  await on.shared.store.delete(name, { ids: [toKey(a)] })
  await on.shared.store.updateVector(name, toKey(b), vector(90))
  await on.shared.store.upsert(name, [{ id: toKey(999), vector: vector(1) }])
  const about = { table: CHUNKS, column: 'embedding_384' }
  expect(await outbox.verify()).toEqual({
    compared: 2,
    differences: [
      { ...about, id: a, what: 'missing' },
      { ...about, id: b, what: 'another vector' },
      { ...about, id: 999, what: 'left over' },
    ],
  })
  await outbox.rebuild()
  expect(await outbox.verify()).toEqual({ compared: 2, differences: [] })
})

test('an overview says how far it is behind', async () => {
  const { db, outbox } = await on.open()
  expect(await outbox.overview()).toMatchObject({ store: 'test', state: 'empty', pending: null, busy: false })
  await add(db, 1, 2)
  await near(db)
  expect(await outbox.overview()).toMatchObject({ state: 'current', pending: 0, lagMs: 0 })
  await add(db, 3)
  const { state, pending, collections } = await outbox.overview()
  expect([state, pending]).toEqual(['behind', 1])
  expect(collections).toHaveLength(10)
  expect(collections.find(({ collection }) => collection !== null)).toMatchObject({
    table: CHUNKS,
    column: 'embedding_384',
    stored: 2,
  })
  on.shared.before = down
  expect((await outbox.overview()).problem).toMatchObject({ code: 'connection_failed' })
})

test('many at a time agree', async () => {
  const processes = await Promise.all(Array.from({ length: 4 }, () => on.open()))
  await Promise.all(
    processes.map(async ({ db }, n) => {
      for (let step = 0; step < 5; step++) {
        const [id] = await add(db, n * 10 + step)
        await near(db)
        if (step % 2 === 0) await db.delete(CHUNKS, { where: { id: id as number } })
      }
    }),
  )
  for (const { db, outbox } of processes) {
    expect((await near(db, { limit: 50 })).length).toBe(8)
    expect(await outbox.verify()).toEqual({ compared: 8, differences: [] })
  }
  expect(await stored()).toBe(8)
})

test('a closed handle is told so', async () => {
  const { db } = await on.open()
  await add(db, 1)
  await db.close()
  await expect(near(db)).rejects.toMatchObject({ code: 'closed' })
})
