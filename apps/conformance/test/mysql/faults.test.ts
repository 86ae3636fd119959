import { sql } from '@archon-db/core/dialect'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rejects } from '../../src/harness/index.ts'
import { eventually } from '../servers/machine.ts'
import { Cable, KINDS, outcome, type Stage, stageFor } from './stage.ts'

describe.each(KINDS)('%s', { timeout: 60_000 }, (kind) => {
  const staged = stageFor(kind)
  const faults = (name: string, work: (stage: Stage) => Promise<void>): void => {
    test(name, async (context) => {
      const stage = staged()
      if (stage) await work(stage)
      else context.skip('this machine has no such server')
    })
  }

  faults('reads go on after a restart, and so does everything else', async (stage) => {
    const { db } = await stage.open()
    await db.insert('archon_prompts', { prompt_name: 'before', prompt: 'x' })
    await stage.server.restart()
    expect(await db.count('archon_prompts', { prompt_name: 'before' })).toBe(1)
    await db.insert('archon_prompts', { prompt_name: 'after', prompt: 'x' })
    await db.transaction(async (tx) => {
      expect(await tx.count('archon_prompts', { prompt_name: 'after' })).toBe(1)
    })
  })

  faults('a transaction that a restart cuts in two fails retryably, and runs again when asked to', async (stage) => {
    const { db } = await stage.open()
    let attempts = 0
    await db.transaction(
      async (tx) => {
        await tx.insert('archon_prompts', { prompt_name: 'once', prompt: 'x' })
        if (++attempts === 1) await stage.server.restart()
        await tx.count('archon_prompts')
      },
      { retry: 3 },
    )
    expect(attempts).toBe(2)
    expect(await db.count('archon_prompts', { prompt_name: 'once' })).toBe(1)
    const work = db.transaction(async (tx) => {
      await tx.count('archon_prompts')
      await stage.server.restart()
      await tx.count('archon_prompts')
    })
    await rejects(work, 'connection_lost', { retryable: true })
  })

  faults('a killed connection ends its statement, and the pool goes on with others', async (stage) => {
    const { db } = await stage.open({ pool: { size: 2 } })
    const [asked] = (await db.execute(sql`select connection_id() as id`)).rows
    const sleeping = rejects(db.execute(sql`select sleep(30)`), 'connection_lost')
    await eventually('the statement runs', async () => {
      const found = await stage.sql("select id from information_schema.processlist where info = 'select sleep(30)'")
      for (const [id] of found) await stage.sql(`kill ${id}`)
      return found.length > 0
    })
    await sleeping
    expect(asked).toBeDefined()
    expect(await Promise.all([1, 2, 3, 4].map(() => db.count('archon_prompts')))).toEqual([3, 3, 3, 3])
  })

  faults('idle connections that were killed are not handed out', async (stage) => {
    const { db, connection } = await stage.open({ pool: { size: 3 } })
    await Promise.all([1, 2, 3].map(() => db.execute(sql`select sleep(0.05)`)))
    expect(connection.pool().open).toBe(3)
    const ids = await stage.sql(
      `select id from information_schema.processlist where db = database() or db like 'stage%'`,
    )
    for (const [id] of ids) await stage.sql(`kill ${id}`).catch(() => {})
    await eventually('the pool noticed', () => connection.pool().open === 0)
    await db.transaction(async (tx) => {
      await tx.insert('archon_prompts', { prompt_name: 'new', prompt: 'x' })
    })
  })

  faults('connections that the server closed for being idle are replaced', async (stage) => {
    await stage.sql('set global wait_timeout = 1')
    onTestFinished(async () => {
      await stage.sql('set global wait_timeout = 28800')
    })
    const { db, connection } = await stage.open({ pool: { size: 2 } })
    await eventually('the server closed them', () => connection.pool().open === 0)
    await db.insert('archon_prompts', { prompt_name: 'later', prompt: 'x' })
    expect(await db.count('archon_prompts', { prompt_name: 'later' })).toBe(1)
  })

  faults('a frozen server makes nothing hang once statements have a time limit', async (stage) => {
    const { db } = await stage.open({ statementTimeoutMs: 500 })
    stage.server.kill('SIGSTOP')
    try {
      await rejects(
        db.insert('archon_prompts', { prompt_name: 'cold', prompt: 'x' }, { returning: false }),
        'connection_lost',
      )
      await db.close()
    } finally {
      stage.server.kill('SIGCONT')
    }
    const { db: again } = await stage.open()
    expect(await again.count('archon_prompts')).toBe(3)
  })

  faults('a transaction on a frozen server ends at its own time limit', async (stage) => {
    const { db } = await stage.open()
    const work = db.transaction(
      async (tx) => {
        stage.server.kill('SIGSTOP')
        await tx.count('archon_prompts')
      },
      { timeoutMs: 300 },
    )
    const failed = rejects(work, 'query_timeout')
    await failed.finally(() => stage.server.kill('SIGCONT'))
    expect(await db.count('archon_prompts')).toBe(3)
  })

  faults('a statement that goes on too long is stopped', async (stage) => {
    const { db } = await stage.open({ statementTimeoutMs: 300 })
    const slow = sql`select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c`
    await rejects(db.execute(slow), 'query_timeout')
    expect(await db.count('archon_prompts')).toBe(3)
  })

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

  faults('a cut cable fails what is under way and nothing after it', async (stage) => {
    const { cable, url } = await Cable.lay(await stage.address())
    const { db, connection } = await stage.open({ url, pool: { size: 2 } })
    const sleeping = rejects(db.execute(sql`select sleep(30)`), 'connection_lost', { retryable: true })
    await eventually('it runs', () => connection.pool().busy === 1)
    cable.cut()
    await sleeping
    expect(await db.count('archon_prompts')).toBe(3)
  })

  faults('a cable cut at COMMIT leaves the outcome open, and says so', async (stage) => {
    const { cable, url } = await Cable.lay(await stage.address())
    const { db } = await stage.open({ url })
    cable.cutAt = (sent) => sent.includes('commit')
    const work = db.transaction((tx) => tx.insert('archon_prompts', { prompt_name: 'x', prompt: 'x' }), { retry: 3 })
    await rejects(work, 'commit_unknown', { retryable: false })
    cable.cutAt = () => false
    expect(await db.count('archon_prompts', { prompt_name: 'x' })).toBe(0)
  })

  faults('a silent connection that lay idle is found out before it is used', async (stage) => {
    const { cable, url } = await Cable.lay(await stage.address())
    const { db } = await stage.open({ url, pool: { size: 1 } })
    cable.frozen = true
    const count = db.count('archon_prompts')
    // New connections pass; those that were open stay silent.
    expect(await Promise.race([outcome(count), new Promise((resolve) => setTimeout(resolve, 200, 'waiting'))])).toBe(
      'waiting',
    )
    cable.cut()
    cable.frozen = false
    expect(await count).toBe(3)
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

  faults('a pool that is used up says so within its time', async (stage) => {
    const { db } = await stage.open({ pool: { size: 1, timeoutMs: 200 } })
    await db.transaction(async () => {
      await rejects(db.count('archon_prompts'), 'pool_exhausted', { retryable: true, messageIncludes: '1 of 1' })
    })
    expect(await db.count('archon_prompts')).toBe(3)
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
