import assert from 'node:assert/strict'
import type { Database } from '@archon-db/core'
import { eventually, type SuiteBuilder } from '../../harness/index.ts'
import { failure, isOutage, onBreakable, SOURCES, within } from './support.ts'

const needs = ['breakable'] as const

export function outages(t: SuiteBuilder): void {
  restarts(t)
  endings(t)
  freezes(t)
  wires(t)
}

function restarts(t: SuiteBuilder): void {
  t.behaviour('restart.the-handle-goes-on', { needs, limitMs: 60_000 }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await db.insert(SOURCES, { source_id: 'before' })
      await server.restart()
      await eventually(() => db.insert(SOURCES, { source_id: 'after' }), { within: 20_000, every: 50 })
      const { rows } = await db.select(SOURCES, { columns: ['source_id'] })
      assert.deepEqual(
        rows.map((row) => row.source_id),
        ['after', 'before'],
      )
    })
  })

  t.behaviour('restart.under-load-loses-nothing', { needs, limitMs: 90_000 }, async (context) => {
    await onBreakable(context, { pool: { size: 10, timeoutMs: 30_000 } }, async ({ server, db }) => {
      const load = startLoad(db)
      await eventually(() => assert.ok(load.stored.size > 200), { within: 20_000 })
      await server.restart()
      const atRestart = load.stored.size
      await eventually(() => assert.ok(load.stored.size > atRestart + 200), { within: 30_000 })
      await within(load.stop(), 30_000)
      await checkLoad(db, load, context.note)
    })
  })

  t.behaviour('crash.under-load-loses-nothing', { needs, limitMs: 90_000 }, async (context) => {
    await onBreakable(context, { pool: { size: 10, timeoutMs: 30_000 } }, async ({ server, db }) => {
      const load = startLoad(db)
      await eventually(() => assert.ok(load.stored.size > 200), { within: 20_000 })
      server.kill('SIGKILL')
      await server.restart()
      const atRestart = load.stored.size
      await eventually(() => assert.ok(load.stored.size > atRestart + 200), { within: 30_000 })
      await within(load.stop(), 30_000)
      await checkLoad(db, load, context.note)
    })
  })

  t.behaviour('away.calls-fail-soon-and-work-again', { needs, limitMs: 90_000 }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await db.count(SOURCES)
      server.kill('SIGKILL')
      await eventually(async () => assert.ok(isOutage(await failure(db.count(SOURCES)))))
      for (let i = 0; i < 20; i++) {
        const started = performance.now()
        const error = await failure(i % 2 ? db.count(SOURCES) : db.insert(SOURCES, { source_id: `${i}` }))
        assert.ok(isOutage(error), `${error.code} is retryable`)
        assert.ok(performance.now() - started < 5000, 'without a server a call fails within 5 s')
      }
      assert.equal((await db.health()).status, 'down')
      await server.restart()
      await eventually(() => db.count(SOURCES), { within: 20_000, every: 50 })
      assert.equal((await db.health()).status, 'up')
    })
  })
}

interface Load {
  readonly stored: Set<string>
  readonly unknown: Set<string>
  readonly errors: Map<string, number>
  stop(): Promise<void>
}

/** Ten writers, each with ids of its own; what a call reported decides what must be there in the end. */
function startLoad(db: Database): Load {
  const stored = new Set<string>()
  const unknown = new Set<string>()
  const errors = new Map<string, number>()
  let isOver = false
  const write = async (id: string): Promise<void> => {
    try {
      await db.insert(SOURCES, { source_id: id }, { returning: false })
      stored.add(id)
    } catch (error) {
      if (!isOutage(error)) throw error
      unknown.add(id)
      const { code } = error as { code: string }
      errors.set(code, (errors.get(code) ?? 0) + 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const writers = Array.from({ length: 10 }, async (_, writer) => {
    for (let n = 0; !isOver; n++) await write(`w${writer}-${n}`)
  })
  const ended = Promise.all(writers)
  ended.catch(() => {})
  return {
    stored,
    unknown,
    errors,
    async stop() {
      isOver = true
      await ended
    },
  }
}

async function checkLoad(db: Database, { stored, unknown, errors }: Load, note: (text: string) => void): Promise<void> {
  const found = new Set<string>()
  for await (const row of db.stream(SOURCES, { columns: ['source_id'] })) found.add(row.source_id as string)
  assert.deepEqual(
    [...stored].filter((id) => !found.has(id)),
    [],
    'what was reported as stored is there',
  )
  assert.deepEqual(
    [...found].filter((id) => !stored.has(id) && !unknown.has(id)),
    [],
    'nothing else is',
  )
  assert.ok(unknown.size > 0, 'some calls met the outage')
  const met = [...errors].map(([code, count]) => `${count} × ${code}`).join(', ')
  note(`${stored.size} rows stored around the outage, which ${unknown.size} calls met: ${met}`)
}

function endings(t: SuiteBuilder): void {
  t.behaviour('ended.idle-connections-are-replaced', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await Promise.all(Array.from({ length: 10 }, () => db.count(SOURCES)))
      assert.ok((await server.endConnections()) >= 1)
      for (let i = 0; i < 20; i++) assert.equal(await db.count(SOURCES), 0)
      await server.endConnections()
      await db.transaction((tx) => tx.insert(SOURCES, { source_id: 'x' }))
      await server.endConnections()
      for await (const row of db.stream(SOURCES)) assert.equal(row.source_id, 'x')
    })
  })

  t.behaviour('ended.a-call-under-way-fails-and-the-next-work', { needs }, async (context) => {
    await onBreakable(context, { pool: { size: 2 } }, async ({ server, db }) => {
      const slow = failure(db.execute(server.sleep(30)))
      const ending = eventually(async () => assert.ok((await server.endConnections()) > 0))
      assert.equal((await slow).code, 'connection_lost')
      await ending
      assert.deepEqual(await Promise.all([1, 2, 3, 4].map(() => db.count(SOURCES))), [0, 0, 0, 0])
    })
  })

  t.behaviour('ended.a-transaction-is-lost-and-undone', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      const work = db.transaction(async (tx) => {
        await tx.insert(SOURCES, { source_id: 'half' })
        await server.endConnections()
        await tx.insert(SOURCES, { source_id: 'other half' })
      })
      const error = await failure(work)
      assert.equal(error.code, 'connection_lost')
      assert.equal(error.retryable, true)
      assert.equal(await db.count(SOURCES), 0)
    })
  })

  t.behaviour('ended.a-transaction-can-be-retried-as-a-whole', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      let runs = 0
      await db.transaction(
        async (tx) => {
          runs++
          await tx.insert(SOURCES, { source_id: 'first' })
          if (runs === 1) await server.endConnections()
          await tx.insert(SOURCES, { source_id: 'second' })
        },
        { retry: 3 },
      )
      assert.equal(runs, 2)
      assert.equal(await db.count(SOURCES), 2)
    })
  })

  t.behaviour('ended.nothing-runs-outside-its-transaction', { needs }, async (context) => {
    await onBreakable(context, { pool: { size: 1 } }, async ({ server, db }) => {
      const work = db.transaction(async (tx) => {
        await tx.insert(SOURCES, { source_id: 'inside' })
        await server.endConnections()
        for (let i = 0; i < 5; i++) await tx.insert(SOURCES, { source_id: `later ${i}` }).catch(() => {})
      })
      await failure(work)
      assert.equal(await db.count(SOURCES), 0)
    })
  })
}

function freezes(t: SuiteBuilder): void {
  t.behaviour('frozen.five-seconds-later-every-call-has-its-answer', { needs, limitMs: 60_000 }, async (context) => {
    await onBreakable(context, { pool: { size: 5 } }, async ({ server, db }) => {
      await Promise.all(Array.from({ length: 5 }, () => db.count(SOURCES)))
      server.kill('SIGSTOP')
      const calls = Array.from({ length: 50 }, (_, i) =>
        i % 2 ? db.count(SOURCES) : db.insert(SOURCES, { source_id: `${i}` }, { returning: false }),
      )
      const thawing = setTimeout(() => server.kill('SIGCONT'), 5000)
      await within(Promise.all(calls), 30_000).finally(() => clearTimeout(thawing))
      assert.equal(await db.count(SOURCES), 25)
    })
  })

  t.behaviour('frozen.with-a-time-limit-no-call-waits-longer', { needs, limitMs: 60_000 }, async (context) => {
    await onBreakable(
      context,
      { pool: { size: 2, timeoutMs: 2000 }, statementTimeoutMs: 500 },
      async ({ server, db }) => {
        await db.count(SOURCES)
        server.kill('SIGSTOP')
        const ends = Array.from({ length: 6 }, () => failure(db.insert(SOURCES, { source_id: 'x' }), 25_000))
        for (const error of await Promise.all(ends)) assert.ok(isOutage(error), error.code)
        server.kill('SIGCONT')
        await eventually(() => db.count(SOURCES), { within: 20_000, every: 50 })
      },
    )
  })
}

function wires(t: SuiteBuilder): void {
  t.behaviour('cut.calls-under-way-fail-and-the-next-work', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await Promise.all(Array.from({ length: 5 }, () => db.execute(server.sleep(0))))
      const slow = Array.from({ length: 5 }, () => failure(db.execute(server.sleep(10))))
      server.wire.cut()
      for (const error of await Promise.all(slow)) assert.equal(error.code, 'connection_lost')
      assert.equal(await db.count(SOURCES), 0)
    })
  })

  t.behaviour('cut.a-stream-ends-with-an-error', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await db.insert(
        SOURCES,
        Array.from({ length: 5000 }, (_, i) => ({ source_id: `${i}`, summary: 'x'.repeat(1000) })),
        { returning: false },
      )
      let seen = 0
      const reading = (async () => {
        for await (const _ of db.stream(SOURCES, { batchSize: 100 })) if (++seen === 500) server.wire.cut()
      })()
      assert.equal((await failure(reading)).code, 'connection_lost')
      assert.ok(seen < 5000)
      assert.equal(await db.count(SOURCES), 5000)
    })
  })

  t.behaviour('silent.a-read-begins-again-where-the-silence-ends', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await db.count(SOURCES)
      const heard = new Promise<void>((resolve) => {
        server.wire.inspect = () => {
          server.wire.silence()
          resolve()
          return 'pass'
        }
      })
      const reading = db.count(SOURCES)
      await heard
      server.wire.mend()
      assert.equal(await within(reading, 5000), 0)
    })
  })

  t.behaviour('silent.with-a-time-limit-calls-end', { needs, limitMs: 60_000 }, async (context) => {
    await onBreakable(context, { statementTimeoutMs: 500 }, async ({ server, db }) => {
      await db.count(SOURCES)
      server.wire.silence()
      const error = await failure(db.insert(SOURCES, { source_id: 'lost' }), 20_000)
      assert.equal(error.code, 'connection_lost')
      server.wire.mend()
      await eventually(() => db.count(SOURCES), { within: 20_000, every: 50 })
    })
  })

  t.behaviour('silent.without-one-they-end-as-well', { needs, limitMs: 90_000 }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await db.count(SOURCES)
      server.wire.silence()
      const error = await failure(db.insert(SOURCES, { source_id: 'lost' }, { returning: false }), 60_000)
      assert.equal(error.code, 'connection_lost')
      server.wire.mend()
      await eventually(() => db.count(SOURCES), { within: 20_000, every: 50 })
    })
  })

  t.behaviour('slow.an-answer-that-takes-long-is-waited-for', { needs, limitMs: 60_000 }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      await within(db.execute(server.sleep(22)), 40_000)
    })
  })

  t.behaviour('refused.connections-are-tried-again', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      server.wire.refuse()
      server.wire.cut()
      const error = await failure(db.insert(SOURCES, { source_id: 'x' }))
      assert.ok(isOutage(error), error.code)
      server.wire.mend()
      await eventually(() => db.count(SOURCES))
    })
  })
}
