import assert from 'node:assert/strict'
import { sql } from '@archon-db/core'
import { eventually, type SuiteBuilder } from '../../harness/index.ts'
import { failure, onBreakable, SOURCES, within } from './support.ts'

const needs = ['breakable'] as const

/** A statement that reads for a long time, on any server. */
const ENDLESS = sql`select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c`

/** Time limits hold, whether the server works, sleeps or is frozen. */
export function deadlines(t: SuiteBuilder): void {
  t.behaviour('deadline.a-statement-that-goes-on-is-stopped', { needs }, async (context) => {
    await onBreakable(context, { statementTimeoutMs: 300 }, async ({ db }) => {
      assert.equal((await failure(db.execute(ENDLESS))).code, 'query_timeout')
      assert.equal(await db.count(SOURCES), 0)
    })
  })

  t.behaviour('deadline.a-transaction-that-goes-on-is-undone', { needs }, async (context) => {
    await onBreakable(context, { pool: { size: 1 } }, async ({ server, db }) => {
      const work = db.transaction(
        async (tx) => {
          await tx.insert(SOURCES, { source_id: 'x' })
          await tx.execute(server.sleep(60))
        },
        { timeoutMs: 300 },
      )
      assert.equal((await failure(work)).code, 'query_timeout')
      assert.equal(await within(db.count(SOURCES), 10_000), 0)
      await eventually(async () => assert.equal((await db.health()).pool.busy, 0))
    })
  })

  t.behaviour('frozen.a-transaction-ends-at-its-own-time-limit', { needs, limitMs: 60_000 }, async (context) => {
    await onBreakable(context, {}, async ({ server, db }) => {
      const work = db.transaction(
        async (tx) => {
          await tx.insert(SOURCES, { source_id: 'x' })
          server.kill('SIGSTOP')
          await tx.count(SOURCES)
        },
        { timeoutMs: 300 },
      )
      assert.equal((await failure(work)).code, 'query_timeout')
      server.kill('SIGCONT')
      await eventually(async () => assert.equal(await db.count(SOURCES), 0))
    })
  })

  t.behaviour('frozen.a-handle-can-be-closed', { needs, limitMs: 60_000 }, async (context) => {
    await onBreakable(context, { pool: { size: 3 } }, async ({ server, db }) => {
      await Promise.all(Array.from({ length: 3 }, () => db.execute(server.sleep(0.01))))
      server.kill('SIGSTOP')
      const waiting = failure(db.count(SOURCES))
      await within(db.close(), 20_000)
      assert.ok(['closed', 'connection_lost'].includes((await waiting).code))
    })
  })
}
