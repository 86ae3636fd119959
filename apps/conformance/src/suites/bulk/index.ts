import assert from 'node:assert/strict'
import type { DataAccess, Row } from '@archon-db/core'
import { rejects, type Suite, type SuiteBuilder, suite } from '../../harness/index.ts'

const PROMPTS = 'archon_prompts'
const TASKS = 'archon_tasks'
const MANY = 50_000

const promptRows = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ prompt_name: `name ${String(i).padStart(6, '0')}`, prompt: `text ${i}` }))

const quick = { returning: false } as const

export const bulk: Suite = suite('bulk', (t) => {
  fiftyThousand(t)
  returned(t)
  atomicity(t)
  shapes(t)
  changes(t)
})

function fiftyThousand(t: SuiteBuilder): void {
  t.behaviour('insert.fifty-thousand-rows', { limitMs: 90_000 }, async ({ db }) => {
    assert.deepEqual(await db.insert(PROMPTS, promptRows(MANY), quick), { rows: [], count: MANY })
    assert.equal(await db.count(PROMPTS), MANY)
    const ends = await db.select(PROMPTS, {
      columns: ['prompt'],
      where: { prompt_name: { in: ['name 000000', 'name 040000', 'name 049999'] } },
      orderBy: 'prompt_name',
    })
    assert.deepEqual(
      ends.rows.map((row) => row.prompt),
      ['text 0', 'text 40000', 'text 49999'],
    )
  })
  t.behaviour('insert.fifty-thousand-or-none', { limitMs: 90_000 }, async ({ db }) => {
    const rows = promptRows(MANY)
    rows[40_000] = { prompt_name: 'name 000007', prompt: 'taken already' }
    await rejects(db.insert(PROMPTS, rows, quick), 'unique_violation')
    assert.equal(await db.count(PROMPTS), 0)
  })
  t.behaviour('insert.wrong-value-in-row-forty-thousand', { limitMs: 90_000 }, async ({ db }) => {
    const rows = promptRows(MANY)
    rows[40_000] = { prompt_name: 'name', prompt: 5 }
    await rejects(db.insert(PROMPTS, rows, quick), 'invalid_input', { column: 'prompt' })
    assert.equal(await db.count(PROMPTS), 0)
  })
}

function returned(t: SuiteBuilder): void {
  t.behaviour('insert.five-thousand-rows-returned-in-input-order', async ({ db, random }) => {
    const rows = random.shuffle(promptRows(5000))
    const result = await db.insert(PROMPTS, rows, { returning: ['prompt_name', 'prompt'] })
    assert.equal(result.count, 5000)
    assert.deepEqual(result.rows, rows)
  })
  t.behaviour('insert.numbered-rows-returned-in-input-order', async ({ db, random }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const numbers = random.shuffle(Array.from({ length: 3000 }, (_, i) => i))
    const rows = numbers.map((chunk_number) => ({
      url: 'u',
      chunk_number,
      content: `c${chunk_number}`,
      source_id: 's',
    }))
    const result = await db.insert<{ id: number; chunk_number: number }>('archon_crawled_pages', rows, {
      returning: ['id', 'chunk_number'],
    })
    assert.deepEqual(
      result.rows.map((row) => row.chunk_number),
      numbers,
    )
    const ids = result.rows.map((row) => row.id)
    assert.equal(new Set(ids).size, 3000)
    const stored = await db.select<{ id: number }>('archon_crawled_pages', {
      columns: ['id', 'chunk_number'],
      orderBy: 'id',
    })
    const byId = new Map(result.rows.map((row) => [row.id, row.chunk_number]))
    assert.deepEqual(
      stored.rows,
      [...byId].sort(([a], [b]) => a - b).map(([id, chunk_number]) => ({ id, chunk_number })),
    )
  })
  t.behaviour('upsert.five-thousand-rows-half-of-them-new', async ({ db, random }) => {
    const rows = promptRows(5000)
    await db.insert(
      PROMPTS,
      rows.filter((_, i) => i % 2 === 0),
      quick,
    )
    const changed = random.shuffle(rows.map((row, i) => ({ ...row, prompt: `new ${i}`, i })))
    const sent = changed.map(({ i: _, ...row }) => row)
    const result = await db.upsert(PROMPTS, sent, { onConflict: ['prompt_name'], returning: ['prompt_name', 'prompt'] })
    assert.deepEqual(result.rows, sent)
    assert.deepEqual(
      result.inserted,
      changed.map(({ i }) => i % 2 === 1),
    )
    assert.equal(await db.count(PROMPTS, { prompt: { startsWith: 'new ' } }), 5000)
  })
  t.behaviour('upsert.ignoring-what-is-there', async ({ db }) => {
    const rows = promptRows(2000)
    await db.insert(PROMPTS, rows.slice(0, 1000), quick)
    const result = await db.upsert(
      PROMPTS,
      rows.map((row) => ({ ...row, prompt: 'new' })),
      { onConflict: ['prompt_name'], whenFound: 'ignore', returning: ['prompt'] },
    )
    assert.equal(result.inserted.filter(Boolean).length, 1000)
    assert.deepEqual(result.inserted.slice(998, 1002), [false, false, true, true])
    assert.deepEqual(
      result.rows.slice(998, 1002).map((row) => row.prompt),
      ['text 998', 'text 999', 'new', 'new'],
    )
  })
  t.behaviour('upsert.without-returning', async ({ db }) => {
    const rows = promptRows(5000)
    await db.insert(PROMPTS, rows.slice(2500), quick)
    const options = { onConflict: ['prompt_name'], ...quick }
    assert.deepEqual(await db.upsert(PROMPTS, rows, options), { rows: [], count: 5000, inserted: [] })
    assert.equal(await db.count(PROMPTS), 5000)
  })
}

function atomicity(t: SuiteBuilder): void {
  t.behaviour('atomic.upsert', async ({ db }) => {
    await db.insert('archon_settings', { key: 'k0', value: 'old' })
    const rows: Row[] = Array.from({ length: 5000 }, (_, i) => ({ key: `k${i}`, value: 'new' }))
    rows[4000] = { key: null, value: 'new' }
    await rejects(db.upsert('archon_settings', rows, { onConflict: ['key'], ...quick }), 'not_null_violation')
    assert.deepEqual((await db.select('archon_settings', { columns: ['key', 'value'] })).rows, [
      { key: 'k0', value: 'old' },
    ])
  })
  t.behaviour('atomic.foreign-key', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      url: 'u',
      chunk_number: i,
      content: 'c',
      source_id: i === 2500 ? 'nowhere' : 's',
    }))
    await rejects(db.insert('archon_crawled_pages', rows, quick), 'foreign_key_violation')
    assert.equal(await db.count('archon_crawled_pages'), 0)
  })
  t.behaviour('atomic.groups-of-columns', async ({ db }) => {
    const rows = [
      { prompt_name: 'a', prompt: 'x' },
      { prompt_name: 'b', prompt: 'x', created_at: new Date(0) },
      { prompt_name: 'a', prompt: 'y', updated_at: new Date(0) },
    ]
    await rejects(db.insert(PROMPTS, rows), 'unique_violation')
    assert.equal(await db.count(PROMPTS), 0)
  })
  t.behaviour('atomic.inside-a-transaction', async ({ db }) => {
    await db.transaction(async (tx) => {
      await tx.insert(PROMPTS, promptRows(3000), quick)
      const rows = promptRows(4000).slice(2999)
      await rejects(
        tx.transaction((inner) => inner.insert(PROMPTS, rows, quick)),
        'unique_violation',
      )
      assert.equal(await tx.count(PROMPTS), 3000)
    })
    assert.equal(await db.count(PROMPTS), 3000)
  })
  t.behaviour('atomic.not-seen-half-done', { needs: ['shareable', 'concurrentReads'] }, async ({ db, open }) => {
    const other = await open()
    const seen = new Set<number>()
    let writing = true
    const write = db.insert(PROMPTS, promptRows(20_000), quick).finally(() => {
      writing = false
    })
    while (writing) seen.add(await other.count(PROMPTS))
    await write
    assert.ok(
      [...seen].every((count) => count === 0 || count === 20_000),
      `seen: ${[...seen].join(', ')}`,
    )
  })
}

function shapes(t: SuiteBuilder): void {
  t.behaviour('shape.more-values-than-one-statement-takes', async ({ db }) => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      title: `t${i}`, description: 'd', status: 'doing', assignee: 'a', task_order: i, priority: 'high', feature: 'f', sources: [i],
      code_examples: [], archived: i % 2 === 0, archived_at: new Date(i), archived_by: 'b', created_at: new Date(i), updated_at: new Date(i),
    })) // biome-ignore format: in groups
    assert.equal((await db.insert(TASKS, rows, quick)).count, 5000)
    const aggregates = { n: 'count', s: 'sum(task_order)', last: 'max(created_at)' }
    assert.deepEqual(await db.aggregate(TASKS, { aggregates }), [{ n: 5000, s: 12_497_500, last: new Date(4999) }])
  })
  t.behaviour('shape.rows-with-all-sorts-of-columns', async ({ db, random }) => {
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      title: `t${i}`,
      ...(random.integer(0, 1) && { feature: `f${i}` }),
      ...(random.integer(0, 1) && { task_order: i }),
      ...(random.integer(0, 1) && { created_at: new Date(i) }),
      ...(random.integer(0, 1) && { archived: true }),
    }))
    const result = await db.insert<Row>(TASKS, rows)
    assert.equal(result.rows.length, 2000)
    result.rows.forEach((stored, i) => {
      const row = rows[i] as Row
      const { title, feature, task_order, archived } = stored
      assert.deepEqual({ title, feature, task_order, archived }, pick(row))
      if (row.created_at) assert.deepEqual(stored.created_at, row.created_at)
    })
  })
  t.behaviour('shape.rows-of-a-megabyte', async ({ db }) => {
    const text = 'ä'.repeat(512 * 1024)
    const rows = Array.from({ length: 24 }, (_, i) => ({ prompt_name: `n${i}`, prompt: `${i} ${text}` }))
    assert.equal((await db.insert(PROMPTS, rows, quick)).count, 24)
    const { rows: stored } = await db.select(PROMPTS, { columns: ['prompt'], where: { prompt_name: 'n23' } })
    assert.equal(stored[0]?.prompt, `23 ${text}`)
  })
  t.behaviour('shape.vectors', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const rows = Array.from({ length: 300 }, (_, i) => ({
      url: 'u',
      chunk_number: i,
      content: 'c',
      source_id: 's',
      embedding_1536: new Float32Array(1536).fill(i / 8),
    }))
    await db.insert('archon_crawled_pages', rows, quick)
    const { rows: stored } = await db.select<{ embedding_1536: Float32Array }>('archon_crawled_pages', {
      columns: ['embedding_1536'],
      where: { chunk_number: 299 },
    })
    assert.deepEqual(stored[0]?.embedding_1536, new Float32Array(1536).fill(299 / 8))
  })
}

function pick(row: Row): Row {
  return {
    title: row.title,
    feature: row.feature ?? null,
    task_order: row.task_order ?? 0,
    archived: row.archived ?? false,
  }
}

async function numbered(db: DataAccess, count: number): Promise<void> {
  await db.insert(
    TASKS,
    Array.from({ length: count }, (_, i) => ({ title: `t${i}`, task_order: i })),
    quick,
  )
}

function changes(t: SuiteBuilder): void {
  t.behaviour('update.ten-thousand-rows', async ({ db }) => {
    await numbered(db, 10_000)
    assert.deepEqual(await db.update(TASKS, { feature: 'f' }, { where: { task_order: { lt: 9000 } }, ...quick }), {
      rows: [],
      count: 9000,
    })
    assert.equal(await db.count(TASKS, { feature: 'f' }), 9000)
  })
  t.behaviour('update.ten-thousand-rows-returned', async ({ db }) => {
    await numbered(db, 10_000)
    const { rows, count } = await db.update(
      TASKS,
      { feature: 'f' },
      { allRows: true, returning: ['task_order', 'feature'] },
    )
    assert.equal(count, 10_000)
    assert.equal(new Set(rows.map((row) => row.task_order)).size, 10_000)
    assert.ok(rows.every((row) => row.feature === 'f'))
  })
  t.behaviour('delete.ten-thousand-rows', async ({ db }) => {
    await numbered(db, 10_000)
    const { rows, count } = await db.delete(TASKS, { where: { task_order: { gte: 5000 } }, returning: ['task_order'] })
    assert.equal(count, 5000)
    assert.equal(new Set(rows.map((row) => row.task_order)).size, 5000)
    assert.equal((await db.delete(TASKS, { allRows: true, ...quick })).count, 5000)
    assert.equal(await db.count(TASKS), 0)
  })
  t.behaviour('delete.a-list-of-ten-thousand', async ({ db }) => {
    const rows = promptRows(10_000)
    await db.insert(PROMPTS, rows, quick)
    const names = rows.map((row) => row.prompt_name as string)
    assert.equal((await db.delete(PROMPTS, { where: { prompt_name: { in: names.slice(1) } }, ...quick })).count, 9999)
    assert.deepEqual((await db.select(PROMPTS, { columns: ['prompt_name'] })).rows, [{ prompt_name: names[0] }])
  })
  t.behaviour('delete.family-of-five-thousand', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const rows = Array.from({ length: 5000 }, (_, i) => ({ url: 'u', chunk_number: i, content: 'c', source_id: 's' }))
    await db.insert('archon_crawled_pages', rows, quick)
    assert.equal((await db.delete('archon_sources', { where: { source_id: 's' } })).count, 1)
    assert.equal(await db.count('archon_crawled_pages'), 0)
  })
}
