import assert from 'node:assert/strict'
import { type DataAccess, increment, type Row, sql } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { one } from './rows.ts'

/** A row of every table that keeps the time of its last change, and a patch for it. */
const TABLES: Readonly<Record<string, { readonly row: Row; readonly patch: Row }>> = {
  archon_settings: { row: { key: 'k' }, patch: { value: 'v' } },
  archon_sources: { row: { source_id: 's' }, patch: { title: 't' } },
  archon_page_metadata: {
    row: { source_id: 's', url: 'u', full_content: 'c', word_count: 1, char_count: 1 },
    patch: { chunk_count: 2 },
  },
  archon_projects: { row: { title: 'p' }, patch: { description: 'd' } },
  archon_tasks: { row: { title: 't' }, patch: { status: 'done' } },
  archon_prompts: { row: { prompt_name: 'p', prompt: 'x' }, patch: { prompt: 'y' } },
  archon_configured_repositories: { row: { repository_url: 'https://github.com/a/b' }, patch: { owner: 'o' } },
  archon_agent_work_orders: {
    row: { agent_work_order_id: 'w', repository_url: 'u', sandbox_identifier: 's', status: 'pending' },
    patch: { status: 'running' },
  },
}

const PROMPTS = 'archon_prompts'
const ALL = { allRows: true } as const

export function clock(t: SuiteBuilder): void {
  for (const [table, { row, patch }] of Object.entries(TABLES)) {
    t.behaviour(`updated-at.moves.${table.slice('archon_'.length).replaceAll('_', '-')}`, async ({ db }) => {
      if (table === 'archon_page_metadata') await db.insert('archon_sources', { source_id: 's' })
      const before = one((await db.insert<Times>(table, row)).rows)
      const after = one((await db.update<Times>(table, patch, ALL)).rows)
      assert.ok(after.updated_at > before.updated_at, `${after.updated_at.toISOString()} is later`)
      assert.deepEqual(after.created_at, before.created_at)
      assert.deepEqual((await db.select(table)).rows, [after])
    })
  }
  steps(t)
  sentByTheCaller(t)
  rawSql(t)
}

interface Times {
  readonly created_at: Date
  readonly updated_at: Date
}

async function prompt(db: DataAccess, more: Row = {}): Promise<Times> {
  return one((await db.insert<Times>(PROMPTS, { prompt_name: 'a', prompt: 'x', ...more })).rows)
}

async function change(db: DataAccess, patch: Row = { prompt: 'y' }): Promise<Times> {
  return one((await db.update<Times>(PROMPTS, patch, ALL)).rows)
}

function steps(t: SuiteBuilder): void {
  t.behaviour('updated-at.later-every-time', async ({ db }) => {
    let last = (await prompt(db)).updated_at
    for (let i = 0; i < 20; i++) {
      const { updated_at } = await change(db, { prompt: `${i}` })
      assert.ok(updated_at > last, `change ${i}: ${updated_at.toISOString()} after ${last.toISOString()}`)
      last = updated_at
    }
    assert.deepEqual(one((await db.select<Times>(PROMPTS)).rows).updated_at, last)
  })
  t.behaviour('updated-at.later-inside-one-transaction', async ({ db }) => {
    await db.transaction(async (tx) => {
      const first = await prompt(tx)
      const second = await change(tx)
      const third = await change(tx, { prompt: 'z' })
      assert.ok(second.updated_at > first.updated_at)
      assert.ok(third.updated_at > second.updated_at)
    })
  })
  t.behaviour('updated-at.later-without-returning', async ({ db }) => {
    const { updated_at } = await prompt(db)
    await db.update(PROMPTS, { prompt: 'y' }, { ...ALL, returning: false })
    assert.ok(one((await db.select<Times>(PROMPTS)).rows).updated_at > updated_at)
  })
  t.behaviour('updated-at.moves-when-nothing-else-does', async ({ db }) => {
    const { updated_at } = await prompt(db)
    assert.ok((await change(db, { prompt: 'x' })).updated_at > updated_at)
  })
  t.behaviour('updated-at.moves-with-increment', async ({ db }) => {
    const before = one((await db.insert<Times>('archon_tasks', { title: 't' })).rows)
    const after = one((await db.update<Times>('archon_tasks', { task_order: increment(1) }, ALL)).rows)
    assert.ok(after.updated_at > before.updated_at)
  })
  t.behaviour('updated-at.only-of-rows-that-match', async ({ db }) => {
    const { rows } = await db.insert<Times>(
      PROMPTS,
      ['a', 'b'].map((prompt_name) => ({ prompt_name, prompt: 'x' })),
    )
    await db.update(PROMPTS, { prompt: 'y' }, { where: { prompt_name: 'a' } })
    const stored = await db.select<Times>(PROMPTS, { orderBy: 'prompt_name' })
    assert.ok((stored.rows[0] as Times).updated_at > (rows[0] as Times).updated_at)
    assert.deepEqual(stored.rows[1], rows[1])
  })
  t.behaviour('updated-at.unmoved-after-rollback', async ({ db }) => {
    class Stop extends Error {}
    const before = await prompt(db)
    await assert.rejects(
      db.transaction(async (tx) => {
        await change(tx)
        throw new Stop()
      }),
      Stop,
    )
    assert.deepEqual((await db.select(PROMPTS)).rows, [before])
  })
}

function sentByTheCaller(t: SuiteBuilder): void {
  t.behaviour('updated-at.sent-by-the-caller-is-overruled', async ({ db }) => {
    const { updated_at } = await prompt(db)
    for (const sent of [new Date('2001-01-01T00:00:00.000Z'), updated_at, '2001-01-01'])
      assert.ok((await change(db, { prompt: 'y', updated_at: sent })).updated_at > updated_at)
    assert.ok((await change(db, { updated_at: new Date('2001-01-01T00:00:00.000Z') })).updated_at > updated_at)
  })
  t.behaviour('updated-at.later-than-a-future', async ({ db }) => {
    const future = new Date('2999-12-31T23:59:59.999Z')
    await prompt(db, { updated_at: future })
    const { updated_at } = await change(db)
    assert.ok(updated_at > future, updated_at.toISOString())
  })
  t.behaviour('updated-at.from-null', async ({ db }) => {
    const { updated_at: empty } = await prompt(db, { updated_at: null })
    assert.equal(empty, null)
    const { updated_at } = await change(db)
    assert.ok(Math.abs(updated_at.getTime() - Date.now()) < 30 * 60_000, updated_at.toISOString())
  })
  t.behaviour('updated-at.malformed-is-refused', async ({ db }) => {
    await prompt(db)
    await rejects(change(db, { updated_at: 'now' }), 'invalid_input', { column: 'updated_at' })
  })
  t.behaviour('created-at.stays', async ({ db }) => {
    const created_at = new Date('2001-01-01T00:00:00.123Z')
    await prompt(db, { created_at })
    assert.deepEqual((await change(db)).created_at, created_at)
  })
}

/** Whoever writes past this library moves it as well. */
function rawSql(t: SuiteBuilder): void {
  t.behaviour('updated-at.moves-with-raw-sql', { needs: 'sql' }, async ({ db }) => {
    const future = new Date('2999-12-31T23:59:59.000Z')
    await db.insert(PROMPTS, [
      { prompt_name: 'now', prompt: 'x' },
      { prompt_name: 'future', prompt: 'x', updated_at: future },
    ])
    const read = async (): Promise<Times[]> => (await db.select<Times>(PROMPTS, { orderBy: 'prompt_name' })).rows
    let [last, lastNow] = (await read()) as [Times, Times]
    for (let i = 0; i < 3; i++) {
      await db.execute(sql`update archon_prompts set prompt = ${`${i}`}`)
      const [next, nextNow] = (await read()) as [Times, Times]
      assert.ok(next.updated_at > last.updated_at, `change ${i}: ${next.updated_at.toISOString()}`)
      assert.ok(nextNow.updated_at > lastNow.updated_at, `change ${i}: ${nextNow.updated_at.toISOString()}`)
      ;[last, lastNow] = [next, nextNow]
    }
  })
}
