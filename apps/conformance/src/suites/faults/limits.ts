import assert from 'node:assert/strict'
import type { Database } from '@archon-db/core'
import { eventually, type SuiteBuilder } from '../../harness/index.ts'
import { failure, onBreakable, SOURCES, within } from './support.ts'

const needs = ['breakable'] as const

/** A transaction that stays open until it is let go. */
async function hold(db: Database): Promise<() => Promise<void>> {
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let begun = (): void => {}
  const started = new Promise<void>((resolve) => {
    begun = resolve
  })
  const transaction = db.transaction(async (tx) => {
    await tx.count(SOURCES)
    begun()
    await held
  })
  await Promise.race([started, transaction])
  return async () => {
    letGo()
    await transaction
  }
}

export function limits(t: SuiteBuilder): void {
  t.behaviour('pool.waiters-give-up-in-time-and-are-served-later', { needs }, async (context) => {
    await onBreakable(context, { pool: { size: 2, timeoutMs: 300 } }, async ({ db }) => {
      const held = await Promise.all([hold(db), hold(db)])
      const started = performance.now()
      const errors = await Promise.all(Array.from({ length: 10 }, () => failure(db.count(SOURCES))))
      assert.ok(errors.every(({ code, retryable }) => code === 'pool_exhausted' && retryable))
      assert.ok(performance.now() - started < 5000)
      await Promise.all(held.map((letGo) => letGo()))
      assert.equal(await db.count(SOURCES), 0)
    })
  })

  t.behaviour('pool.a-thousand-callers-on-twenty-connections', { needs, limitMs: 60_000 }, async (context) => {
    await onBreakable(context, { pool: { size: 20, timeoutMs: 30_000 } }, async ({ server, db }) => {
      const calls = Array.from({ length: 1000 }, (_, i) =>
        i % 4 === 0
          ? db.transaction(async (tx) => {
              await tx.insert(SOURCES, { source_id: `${i}` })
              await tx.count(SOURCES)
            })
          : db.count(SOURCES),
      )
      await within(Promise.all(calls), 50_000)
      assert.equal(await db.count(SOURCES), 250)
      assert.ok(server.wire.connections <= 20, `${server.wire.connections} connections`)
    })
  })

  t.behaviour('server.without-a-free-connection-says-so', { needs }, async (context) => {
    await onBreakable(context, { pool: { size: 5 } }, async ({ server, db }) => {
      await db.count(SOURCES)
      await server.limitConnections(1)
      const held = await hold(db)
      const error = await failure(db.insert(SOURCES, { source_id: 'x' }))
      assert.equal(error.code, 'too_many_connections')
      assert.equal(error.retryable, true)
      await held()
      await eventually(() => db.insert(SOURCES, { source_id: 'x' }))
    })
  })

  t.behaviour('server.connections-it-ended-for-being-idle-are-replaced', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await server.limitIdle(1)
      await server.endConnections()
      const use: readonly (() => Promise<unknown>)[] = [
        () => db.insert(SOURCES, { source_id: 'a' }),
        () => db.transaction((tx) => tx.insert(SOURCES, { source_id: 'b' })),
        () => db.count(SOURCES),
        async () => {
          for await (const row of db.stream(SOURCES)) assert.ok(row.source_id)
        },
      ]
      for (const call of use) {
        await Promise.all(Array.from({ length: 4 }, () => db.execute(server.sleep(0.01))))
        await eventually(() => assert.equal(server.wire.connections, 0), { within: 10_000 })
        await call()
      }
      assert.equal(await db.count(SOURCES), 2)
    })
  })
}
