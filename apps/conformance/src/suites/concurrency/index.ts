import assert from 'node:assert/strict'
import { type Database, increment } from '@archon-db/core'
import { type Suite, type SuiteBuilder, settleTogether, startTogether, suite } from '../../harness/index.ts'

const TASKS = 'archon_tasks'

export const concurrency: Suite = suite('concurrency', (t) => {
  writers(t)
  handles(t)
  callers(t)
})

async function total(db: Database): Promise<number> {
  const [row] = await db.aggregate<{ n: number }>(TASKS, { aggregates: { n: 'sum(task_order)' } })
  return row?.n ?? 0
}

function writers(t: SuiteBuilder): void {
  t.behaviour('writers.ten-times-ten-rows', async ({ db }) => {
    await startTogether(10, async (writer) => {
      for (let i = 0; i < 10; i++) await db.insert(TASKS, { title: `${writer}-${i}` }, { returning: false })
    })
    const { rows } = await db.select<{ title: string }>(TASKS, { columns: ['title'] })
    assert.equal(new Set(rows.map((row) => row.title)).size, 100)
  })

  t.behaviour('writers.returned-rows-are-ones-own', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const results = await startTogether(12, (writer) =>
      db.insert<{ id: number; url: string; chunk_number: number }>(
        'archon_crawled_pages',
        Array.from({ length: 5 }, (_, i) => ({ url: `w${writer}`, chunk_number: i, content: 'x', source_id: 's' })),
        { returning: ['id', 'url', 'chunk_number'] },
      ),
    )
    for (const [writer, { rows }] of results.entries()) {
      assert.deepEqual(
        rows.map((row) => [row.url, row.chunk_number]),
        Array.from({ length: 5 }, (_, i) => [`w${writer}`, i]),
      )
    }
    const ids = results.flatMap(({ rows }) => rows.map((row) => row.id))
    assert.equal(new Set(ids).size, 60)
  })

  t.behaviour('counter.atomic-increment', async ({ db }) => {
    await db.insert(TASKS, { title: 'counter', task_order: 0 })
    await startTogether(10, async () => {
      for (let i = 0; i < 10; i++)
        await db.update(TASKS, { task_order: increment(1) }, { where: { title: 'counter' }, returning: false })
    })
    assert.equal(await total(db), 100)
  })

  t.behaviour('counter.each-sees-its-own-result', async ({ db }) => {
    await db.insert(TASKS, { title: 'counter', task_order: 0 })
    const results = await startTogether(10, () =>
      db.update<{ task_order: number }>(
        TASKS,
        { task_order: increment(1) },
        { where: { title: 'counter' }, returning: ['task_order'] },
      ),
    )
    assert.deepEqual(
      results.map(({ rows }) => rows[0]?.task_order).sort((a, b) => Number(a) - Number(b)),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    )
  })

  t.behaviour('unique.one-winner', async ({ db }) => {
    const outcomes = await settleTogether(10, (i) =>
      db.insert('archon_prompts', { prompt_name: 'same', prompt: `${i}` }),
    )
    assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.equal((outcome.reason as { code: string }).code, 'unique_violation')
    assert.equal(await db.count('archon_prompts'), 1)
  })

  t.behaviour('upsert.one-row-one-insert', async ({ db }) => {
    const results = await startTogether(10, (i) =>
      db.transaction((tx) => tx.upsert('archon_settings', { key: 'same', value: `${i}` }, { onConflict: ['key'] }), {
        retry: 20,
      }),
    )
    assert.equal(results.filter(({ inserted }) => inserted[0]).length, 1)
    assert.equal(await db.count('archon_settings'), 1)
  })

  t.behaviour('delete.each-row-once', async ({ db }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 50 }, (_, i) => ({ title: `t${i}` })),
      { returning: false },
    )
    const results = await startTogether(8, () =>
      db.transaction((tx) => tx.delete<{ title: string }>(TASKS, { allRows: true, returning: ['title'] }), {
        retry: 20,
      }),
    )
    const deleted = results.flatMap(({ rows }) => rows.map((row) => row.title))
    assert.equal(deleted.length, 50)
    assert.equal(new Set(deleted).size, 50)
  })

  t.behaviour('transfer.the-sum-stays', async ({ db, random }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 4 }, (_, i) => ({ title: `account${i}`, task_order: 100 })),
      { returning: false },
    )
    const plans = Array.from({ length: 20 }, () => ({
      from: random.integer(0, 3),
      to: random.integer(0, 3),
      amount: random.integer(1, 9),
    }))
    await startTogether(20, (i) => {
      const { from, to, amount } = plans[i] as (typeof plans)[number]
      return db.transaction(
        async (tx) => {
          await tx.update(
            TASKS,
            { task_order: increment(-amount) },
            { where: { title: `account${from}` }, returning: false },
          )
          await tx.update(
            TASKS,
            { task_order: increment(amount) },
            { where: { title: `account${to}` }, returning: false },
          )
        },
        { retry: 50 },
      )
    })
    assert.equal(await total(db), 400)
  })

  t.behaviour('update.returned-rows-are-what-was-stored', async ({ db }) => {
    const { rows } = await db.insert<{ id: string }>(
      TASKS,
      Array.from({ length: 10 }, (_, i) => ({ title: `t${i}` })),
    )
    const results = await startTogether(10, (i) =>
      db.update<{ id: string; title: string }>(TASKS, { title: `n${i}` }, { where: { id: rows[i]?.id } }),
    )
    for (const [i, result] of results.entries())
      assert.deepEqual(
        result.rows.map((row) => [row.id, row.title]),
        [[rows[i]?.id, `n${i}`]],
      )
  })
}

function handles(t: SuiteBuilder): void {
  t.behaviour('handles.two-released-together', { needs: 'shareable' }, async ({ db, open }) => {
    const other = await open()
    await startTogether(20, (i) => (i % 2 ? db : other).insert(TASKS, { title: `t${i}` }, { returning: false }))
    assert.equal(await db.count(TASKS), 20)
    assert.equal(await other.count(TASKS), 20)
  })

  t.behaviour('handles.atomic-counter-across', { needs: 'shareable' }, async ({ db, open }) => {
    const others = [db, await open(), await open()]
    await db.insert(TASKS, { title: 'counter', task_order: 0 })
    await startTogether(30, (i) =>
      (others[i % 3] as Database).update(
        TASKS,
        { task_order: increment(1) },
        { where: { title: 'counter' }, returning: false },
      ),
    )
    assert.equal(await total(db), 30)
  })

  t.behaviour('handles.transactions-across', { needs: 'shareable' }, async ({ db, open }) => {
    const other = await open()
    await db.insert(TASKS, { title: 'counter', task_order: 0 })
    await startTogether(10, (i) =>
      (i % 2 ? db : other).transaction(
        async (tx) => {
          const {
            rows: [row],
          } = await tx.select<{ task_order: number }>(TASKS, { columns: ['task_order'] })
          await tx.update(TASKS, { task_order: (row?.task_order ?? 0) + 1 }, { where: { title: 'counter' } })
        },
        { isolation: 'snapshot', retry: 100 },
      ),
    )
    assert.equal(await total(db), 10)
  })

  t.behaviour('handles.read-your-writes', { needs: 'shareable' }, async ({ db, open }) => {
    const other = await open()
    for (let i = 1; i <= 5; i++) {
      await db.insert(TASKS, { title: `t${i}` }, { returning: false })
      assert.equal(await other.count(TASKS), i)
    }
  })
}

function callers(t: SuiteBuilder): void {
  t.behaviour('callers.hundred-at-once', async ({ db }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 100 }, (_, i) => ({ title: `t${i}`, task_order: i })),
      { returning: false },
    )
    const results = await startTogether(100, (i) =>
      db.select<{ title: string }>(TASKS, { columns: ['title'], where: { task_order: i } }),
    )
    assert.deepEqual(
      results.map(({ rows }) => rows[0]?.title),
      Array.from({ length: 100 }, (_, i) => `t${i}`),
    )
  })

  t.behaviour('callers.hundred-mixed', async ({ db }) => {
    await startTogether(100, async (i) => {
      await db.insert(TASKS, { title: `t${i}`, task_order: 1 }, { returning: false })
      await db.select(TASKS, { where: { title: `t${i}` }, limit: 1 })
      if (i % 10 === 0)
        await db.transaction(
          (tx) => tx.update(TASKS, { task_order: 2 }, { where: { title: `t${i}` }, returning: false }),
          { retry: 10 },
        )
    })
    assert.equal(await total(db), 110)
  })

  t.behaviour('callers.thousand-at-once', { limitMs: 60_000 }, async ({ db }) => {
    await db.insert(TASKS, { title: 'one', task_order: 7 })
    const outcomes = await settleTogether(1000, () =>
      db.select<{ task_order: number }>(TASKS, { columns: ['task_order'] }),
    )
    assert.deepEqual(
      [
        ...new Set(
          outcomes.map((outcome) =>
            outcome.status === 'fulfilled' ? outcome.value.rows[0]?.task_order : String(outcome.reason),
          ),
        ),
      ],
      [7],
    )
  })

  t.behaviour('callers.streams-side-by-side', async ({ db }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 300 }, (_, i) => ({ title: `t${i}`, task_order: 1 })),
      { returning: false },
    )
    const sums = await startTogether(4, async () => {
      let sum = 0
      for await (const row of db.stream<{ task_order: number }>(TASKS, { columns: ['task_order'], batchSize: 50 }))
        sum += row.task_order
      return sum
    })
    assert.deepEqual(sums, [300, 300, 300, 300])
  })

  t.behaviour('callers.write-while-streaming', { needs: 'concurrentReads' }, async ({ db }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 200 }, (_, i) => ({ title: `t${i}`, task_order: 1 })),
      { returning: false },
    )
    let seen = 0
    for await (const row of db.stream<{ id: string }>(TASKS, { columns: ['id'], batchSize: 10 })) {
      seen++
      if (seen % 50 === 0) await db.update(TASKS, { task_order: 2 }, { where: { id: row.id }, returning: false })
    }
    assert.equal(seen, 200)
    assert.equal(await db.count(TASKS, { task_order: 2 }), 4)
  })

  t.behaviour('callers.a-stream-left-early-leaves-no-past-behind', async ({ db }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 500 }, (_, i) => ({ title: `t${i}` })),
      { returning: false },
    )
    for await (const _ of db.stream(TASKS, { batchSize: 5 })) break
    await db.insert(TASKS, { title: 'after' }, { returning: false })
    let seen = 0
    for await (const _ of db.stream(TASKS, { batchSize: 5 })) seen++
    assert.equal(seen, 501)
  })

  t.behaviour('callers.a-stream-left-early-frees-its-connection', async ({ db }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 100 }, (_, i) => ({ title: `t${i}` })),
      { returning: false },
    )
    for (let round = 0; round < 30; round++) {
      for await (const _ of db.stream(TASKS, { batchSize: 5 })) break
    }
    await db.insert(TASKS, { title: 'after' })
    assert.equal(await db.count(TASKS), 101)
  })
}
