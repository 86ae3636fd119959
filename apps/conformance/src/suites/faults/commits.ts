import assert from 'node:assert/strict'
import { eventually, type SuiteBuilder } from '../../harness/index.ts'
import type { Inspect } from '../../servers/wire.ts'
import { failure, onBreakable, SOURCES } from './support.ts'

const needs = ['breakable'] as const

/** A connection that goes away around COMMIT leaves the caller not knowing, and must say so. */
export function commits(t: SuiteBuilder): void {
  const cases: Readonly<Record<string, { verdict: ReturnType<Inspect>; stored: number }>> = {
    'commit.cut-before-the-server-hears-of-it': { verdict: 'cut-before', stored: 0 },
    'commit.cut-before-its-answer-arrives': { verdict: 'cut-after', stored: 1 },
  }
  for (const [id, { verdict, stored }] of Object.entries(cases)) {
    t.behaviour(id, { needs }, async (context) => {
      await onBreakable(context, {}, async ({ server, db }) => {
        let runs = 0
        const work = db.transaction(
          async (tx) => {
            runs++
            await tx.insert(SOURCES, { source_id: 'maybe' })
            server.wire.inspect = (sent) => (/commit/i.test(sent.toString('latin1')) ? verdict : 'pass')
          },
          { retry: 3 },
        )
        const error = await failure(work)
        assert.equal(error.code, 'commit_unknown')
        assert.equal(error.retryable, false)
        assert.equal(runs, 1, 'never run again in silence')
        server.wire.mend()
        await eventually(async () => assert.equal(await db.count(SOURCES), stored))
      })
    })
  }

  t.behaviour('commit.lost-before-it-was-sent-is-no-riddle', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      const work = db.transaction(async (tx) => {
        await tx.insert(SOURCES, { source_id: 'x' })
        await server.endConnections()
        await eventually(async () => assert.equal((await db.health()).pool.busy, 0))
      })
      assert.equal((await failure(work)).code, 'connection_lost')
      assert.equal(await db.count(SOURCES), 0)
    })
  })

  t.behaviour('rollback.never-fails-without-a-server', { needs }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      const reason = new Error('my own')
      const work = db.transaction(async (tx) => {
        await tx.insert(SOURCES, { source_id: 'x' })
        server.wire.cut()
        throw reason
      })
      await assert.rejects(work, reason)
      assert.equal(await db.count(SOURCES), 0)
    })
  })
}
