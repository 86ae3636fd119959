import assert from 'node:assert/strict'
import { isDbError } from '@archon-db/core'
import { rejects, type Suite, suite } from '../../harness/index.ts'

const TABLE = 'archon_prompts'

export const lifecycle: Suite = suite('lifecycle', (t) => {
  t.behaviour('close.twice-is-fine', async ({ fresh }) => {
    const { db } = await fresh()
    await db.close()
    await db.close()
  })

  t.behaviour('close.refuses-what-follows', async ({ fresh }) => {
    const { db } = await fresh()
    await db.close()
    const calls: (() => Promise<unknown>)[] = [
      () => db.select(TABLE),
      () => db.insert(TABLE, { prompt_name: 'a', prompt: 'x' }),
      () => db.update(TABLE, { prompt: 'x' }, { allRows: true }),
      () => db.delete(TABLE, { allRows: true }),
      () => db.upsert(TABLE, { prompt_name: 'a', prompt: 'x' }, { onConflict: ['prompt_name'] }),
      () => db.aggregate(TABLE, { aggregates: { n: 'count' } }),
      () => db.transaction(async () => {}),
      () => db.search('archon_crawled_pages', { text: 'x' }),
      () => db.repositories.settings.list(),
      async () => {
        for await (const _ of db.stream(TABLE)) break
      },
    ]
    for (const call of calls) await rejects(call(), 'closed', { messageIncludes: 'connect()' })
  })

  t.behaviour('close.during-queries', async ({ fresh }) => {
    const { db } = await fresh()
    const running = Array.from({ length: 20 }, (_, i) => db.insert(TABLE, { prompt_name: `p${i}`, prompt: 'x' }))
    const closing = db.close()
    const outcomes = await Promise.allSettled(running)
    await closing
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        assert.ok(
          isDbError(outcome.reason, 'closed') || isDbError(outcome.reason, 'connection_lost'),
          String(outcome.reason),
        )
    }
  })

  t.behaviour('close.waits-for-a-transaction', { needs: 'durable' }, async ({ fresh }) => {
    const handle = await fresh()
    const { db } = handle
    let closing: Promise<void> | undefined
    const work = db.transaction(async (tx) => {
      await tx.insert(TABLE, { prompt_name: 'a', prompt: 'x' })
      closing = db.close()
      await new Promise((resolve) => setImmediate(resolve))
    })
    const outcome = await work.then(
      () => 'committed',
      (error: unknown) => error,
    )
    await closing
    assert.ok(outcome === 'committed' || isDbError(outcome), String(outcome))
    const again = await handle.open()
    assert.equal(await again.count(TABLE, { prompt_name: 'a' }), outcome === 'committed' ? 1 : 0)
    await again.close()
  })

  t.behaviour('reopen.finds-everything', { needs: 'durable' }, async ({ fresh }) => {
    const handle = await fresh()
    await handle.db.insert(TABLE, { prompt_name: 'kept', prompt: 'größe 🚀' })
    await handle.db.close()
    const again = await handle.open()
    const { rows } = await again.select(TABLE, { columns: ['prompt'], where: { prompt_name: 'kept' } })
    assert.deepEqual(rows, [{ prompt: 'größe 🚀' }])
    await again.close()
  })

  t.behaviour('reopen.many-times', { needs: 'durable' }, async ({ open }) => {
    for (let i = 0; i < 10; i++) {
      const db = await open()
      await db.insert(TABLE, { prompt_name: `p${i}`, prompt: 'x' }, { returning: false })
      assert.equal(await db.count(TABLE), i + 1)
      await db.close()
    }
  })

  t.behaviour('health.up', async ({ fresh }) => {
    const { db } = await fresh()
    const health = await db.health()
    assert.equal(health.status, 'up')
    assert.ok(health.latencyMs >= 0)
    assert.equal(health.server.version, db.capabilities.version)
    assert.deepEqual(health.replicas, [])
  })

  t.behaviour('health.counts-migrations', { needs: 'ledger' }, async ({ fresh }) => {
    const { db } = await fresh()
    const { migrations } = await db.health()
    assert.ok(migrations && migrations.applied > 0)
    assert.equal(migrations?.pending, 0)
  })

  t.behaviour('capabilities.say-what-it-is', async ({ db }) => {
    const { product, version, transactions, maxParameters } = db.capabilities
    assert.ok(product.length > 0)
    assert.match(version, /\d/)
    assert.equal(typeof transactions, 'boolean')
    assert.ok(maxParameters > 0)
  })

  t.behaviour('events.every-statement-without-values', { needs: 'sql' }, async ({ db }) => {
    const events: { text: string; write: boolean; rows: number; tables: readonly string[] }[] = []
    const off = db.onQuery((event) => events.push(event))
    await db.insert(TABLE, { prompt_name: 'canary-5f1e', prompt: 'canary-5f1e' })
    await db.select(TABLE, { where: { prompt_name: 'canary-5f1e' } })
    off()
    await db.select(TABLE)
    assert.ok(events.some((event) => event.write && event.tables.includes(TABLE)))
    assert.ok(events.some((event) => !event.write && event.rows === 1))
    assert.ok(!JSON.stringify(events).includes('canary-5f1e'))
  })

  t.behaviour('events.a-failing-listener-harms-nothing', { needs: 'sql' }, async ({ db }) => {
    const off = db.onQuery(() => {
      throw new Error('listener')
    })
    await db.insert(TABLE, { prompt_name: 'a', prompt: 'x' })
    off()
    assert.equal(await db.count(TABLE), 1)
  })

  t.behaviour('signal.already-aborted', async ({ db }) => {
    const signal = AbortSignal.abort(new Error('stop'))
    await assert.rejects(db.select(TABLE, { signal }), /stop/)
    await assert.rejects(db.insert(TABLE, { prompt_name: 'a', prompt: 'x' }, { signal }), /stop/)
    assert.equal(await db.count(TABLE), 0)
  })
})
