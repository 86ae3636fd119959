import { sql } from '@archon-db/core/dialect'
import { describe, expect } from 'vitest'
import { rejects } from '../../src/harness/index.ts'
import { eventually } from '../servers/machine.ts'
import { KINDS, outcome, testsOn } from './stage.ts'

/** MySQL limits the time of reading statements alone, others are given up later; MariaDB cuts the sleep short. */
const LONG_WRITE_ENDS = { mysql: 'connection_lost', mariadb: 'done' } as const

describe.each(KINDS)('%s', { timeout: 60_000 }, (kind) => {
  const faults = testsOn(kind)

  faults('the end of a transaction at its time limit ends its statement on the server', async (stage) => {
    const { db, connection } = await stage.open()
    const work = db.transaction((tx) => tx.execute(sql`select sleep(60)`), { timeoutMs: 200 })
    await rejects(work, 'query_timeout')
    await eventually('the statement ended', async () => {
      return (
        (await stage.sql("select 1 from information_schema.processlist where info = 'select sleep(60)'")).length === 0
      )
    })
    expect(connection.pool().busy).toBe(0)
  })

  faults('a write that goes on beyond its time is ended on the server, too', async (stage) => {
    const { db } = await stage.open({ statementTimeoutMs: 300 })
    const ended = await outcome(db.execute(sql`do sleep(60)`))
    expect(ended).toBe(LONG_WRITE_ENDS[kind])
    await eventually('the statement ended', async () => {
      return (await stage.sql("select 1 from information_schema.processlist where info = 'do sleep(60)'")).length === 0
    })
  })

  faults('a server without room says so, and is used again when there is', async (stage) => {
    const { db } = await stage.open({ pool: { size: 4 } })
    const [[limit]] = (await stage.sql('select @@max_connections')) as [[number]]
    const admin = await stage.admin()
    const [[used]] = (await admin.query({
      sql: 'select count(*) from information_schema.processlist',
      rowsAsArray: true,
    })) as unknown as [[[number]]]
    await admin.query(`set global max_connections = ${Math.max(10, used[0])}`)
    const blockers = await Promise.all(Array.from({ length: 12 }, () => stage.admin().catch(() => undefined)))
    const calls = await Promise.all([1, 2, 3, 4].map(() => outcome(db.execute(sql`select sleep(0.1)`))))
    for (const blocker of blockers) blocker?.destroy()
    await admin.query(`set global max_connections = ${limit}`)
    expect(new Set(calls)).toEqual(new Set(['done', 'too_many_connections']))
    await eventually('all connect', async () => {
      const again = await Promise.all([1, 2, 3, 4].map(() => outcome(db.execute(sql`select sleep(0.01)`))))
      return again.every((one) => one === 'done')
    })
  })

  faults('the migration lock is free again when its holder dies', async (stage) => {
    const { db, connection } = await stage.open({ migrated: false })
    const held = connection.withMigrationLock(async (session) => {
      const { rows } = await session.query({ text: 'select connection_id()', params: [], write: false, tables: [] })
      await stage.sql(`kill ${rows[0]?.[0]}`)
      await session.query({ text: 'select 1', params: [], write: false, tables: [] })
    })
    expect(await outcome(held)).not.toBe('done')
    const { applied, total } = await db.migrate()
    expect(applied).toHaveLength(total)
  })

  faults('waiting for a lock ends after the time given', async (stage) => {
    const { db } = await stage.open({ lockTimeoutMs: 1000 })
    await db.transaction(async (tx) => {
      await tx.update('archon_prompts', { prompt: 'mine' }, { allRows: true })
      await rejects(db.update('archon_prompts', { prompt: 'theirs' }, { allRows: true }), 'lock_timeout', {
        retryable: true,
      })
    })
  })
})
