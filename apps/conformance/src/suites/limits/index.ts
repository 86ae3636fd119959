import assert from 'node:assert/strict'
import { type Database, type Filter, jsonMerge, type Row } from '@archon-db/core'
import { rejects, type Suite, type SuiteBuilder, suite } from '../../harness/index.ts'

const PROMPTS = 'archon_prompts'
const TASKS = 'archon_tasks'
const MEBI = 2 ** 20

export const limits: Suite = suite('limits', (t) => {
  largeTexts(t)
  largeDocuments(t)
  longLists(t)
  longKeys(t)
  longInput(t)
  manyShapes(t)
})

/** Text in which a piece that is lost, doubled or moved shows. */
function numbered(length: number, piece: (i: number) => string): string {
  const parts: string[] = []
  for (let size = 0, i = 0; size < length; i++) {
    const part = piece(i)
    parts.push(part)
    size += part.length
  }
  return parts.join('').slice(0, length)
}

async function storedText(db: Database, text: string): Promise<void> {
  await db.insert(PROMPTS, { prompt_name: 'large', prompt: text }, { returning: false })
  const { rows } = await db.select<{ prompt: string }>(PROMPTS, { columns: ['prompt'] })
  assert.equal(rows[0]?.prompt.length, text.length)
  // Not deepEqual: nobody wants to read the difference.
  assert.ok(rows[0]?.prompt === text, 'the text came back as it was')
}

function largeTexts(t: SuiteBuilder): void {
  t.behaviour('text.sixteen-mebibytes', { limitMs: 60_000 }, async ({ db }) => {
    await storedText(
      db,
      numbered(16 * MEBI, (i) => `line ${i}\n`),
    )
  })
  t.behaviour('text.sixteen-mebibytes-of-long-characters', { limitMs: 60_000 }, async ({ db }) => {
    await storedText(db, "😀ä\\'".repeat((16 * MEBI) / 8))
  })
  t.behaviour('text.sixteen-mebibytes-returned-and-updated', { limitMs: 60_000 }, async ({ db }) => {
    const text = numbered(16 * MEBI, (i) => `${i},`)
    const { rows } = await db.insert<{ prompt: string }>(PROMPTS, { prompt_name: 'large', prompt: 'small' })
    assert.equal(rows[0]?.prompt, 'small')
    const updated = await db.update<{ prompt: string }>(PROMPTS, { prompt: text }, { where: { prompt_name: 'large' } })
    assert.ok(updated.rows[0]?.prompt === text, 'the text came back as it was')
  })
  t.behaviour('text.filtered-by-a-mebibyte', async ({ db }) => {
    const text = numbered(MEBI, (i) => `${i} `)
    await db.insert(
      PROMPTS,
      [
        { prompt_name: 'a', prompt: text },
        { prompt_name: 'b', prompt: `${text}x` },
      ],
      { returning: false },
    )
    for (const test of [text, { contains: `${text}x` }, { startsWith: `${text}x` }, { in: [text] }])
      assert.equal(await db.count(PROMPTS, { prompt: test } as Filter), 1)
    assert.equal(await db.count(PROMPTS, { prompt: { startsWith: text } }), 2)
  })
  t.behaviour('text.forty-rows-of-a-mebibyte-streamed', { limitMs: 60_000 }, async ({ db }) => {
    for (let i = 0; i < 40; i++)
      await db.insert(
        PROMPTS,
        { prompt_name: String(i).padStart(2, '0'), prompt: String(i % 10).repeat(MEBI) },
        { returning: false },
      )
    let next = 0
    for await (const row of db.stream<{ prompt: string }>(PROMPTS, {
      columns: ['prompt'],
      orderBy: 'prompt_name',
      batchSize: 4,
    })) {
      assert.ok(row.prompt === String(next % 10).repeat(MEBI))
      next++
    }
    assert.equal(next, 40)
  })
}

function largeDocuments(t: SuiteBuilder): void {
  t.behaviour('json.eight-mebibytes', { limitMs: 60_000 }, async ({ db }) => {
    const list = Array.from({ length: 80 }, (_, i) => ({ i, text: numbered(100_000, (n) => `${i}.${n} "quoted" `) }))
    await db.insert('archon_projects', { title: 'p', data: { list } }, { returning: false })
    const { rows } = await db.select<{ data: unknown; last: unknown }>('archon_projects', {
      columns: { data: 'data', last: 'data.list[79].i' },
    })
    assert.equal(rows[0]?.last, 79)
    assert.deepEqual(rows[0]?.data, { list })
  })
  t.behaviour('json.merged-into-a-large-one', async ({ db }) => {
    const data: Row = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, { i }]))
    await db.insert('archon_projects', { title: 'p', data }, { returning: false })
    await db.update(
      'archon_projects',
      { data: jsonMerge({ 'key 5000': 'new', more: true }) },
      { allRows: true, returning: false },
    )
    assert.deepEqual((await db.select('archon_projects')).rows[0]?.data, { ...data, 'key 5000': 'new', more: true })
  })
}

function longLists(t: SuiteBuilder): void {
  const count = 10_000
  t.behaviour('in.ten-thousand-texts', async ({ db }) => {
    const names = Array.from({ length: count }, (_, i) => `name ${i} 😀'`)
    await db.insert(
      PROMPTS,
      [1, 5000, 9999, 10_000].map((i) => ({ prompt_name: `name ${i} 😀'`, prompt: 'x' })),
    )
    assert.equal(await db.count(PROMPTS, { prompt_name: { in: names } }), 3)
    assert.equal(await db.count(PROMPTS, { prompt_name: { notIn: names } }), 1)
    assert.equal(await db.count(PROMPTS, { not: { prompt_name: { in: [...names, null] } } } as Filter), 0)
  })
  t.behaviour('in.ten-thousand-of-other-kinds', async ({ db }) => {
    const id = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
    const archived_at = new Date('2024-02-29T00:00:00.001Z')
    await db.insert(TASKS, [
      { id, title: 't', task_order: 77, archived_at, sources: { n: 77, s: 'text 77' } },
      { title: 'other', task_order: -1 },
    ])
    const range = <T>(item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i))
    const lists: Row = {
      task_order: range((i) => i),
      id: [...range((i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`), id],
      archived_at: range((i) => new Date(archived_at.getTime() + i)),
      'sources.n': range((i) => i),
      'sources.s': range((i) => `text ${i}`),
      status: range(() => 'todo'),
    }
    for (const [field, list] of Object.entries(lists))
      assert.equal(await db.count(TASKS, { [field]: { in: list }, title: 't' } as Filter), 1, field)
  })
  t.behaviour('in.ten-thousand-numbers-of-the-database', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { chunk_number: 0, content: 'c', source_id: 's' }
    await db.insert('archon_crawled_pages', [
      { ...chunk, url: 'a', id: 9007199254740993n },
      { ...chunk, url: 'b', id: 9007199254740995n },
    ])
    const ids = Array.from({ length: count }, (_, i) => 9007199254740993n - BigInt(i))
    assert.equal(await db.count('archon_crawled_pages', { id: { in: ids } }), 1)
  })
  t.behaviour('in.lists-of-many-lengths', async ({ db }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 100 }, (_, i) => ({ title: `t${i}`, task_order: i })),
      { returning: false },
    )
    for (const length of [0, 1, 2, 3, 7, 8, 9, 99, 100, 101]) {
      const list = Array.from({ length }, (_, i) => i)
      assert.equal(await db.count(TASKS, { task_order: { in: list } }), Math.min(length, 100))
    }
  })
}

/** Keys as long as real addresses are, told apart to their last character. */
function longKeys(t: SuiteBuilder): void {
  t.behaviour('key.address-of-two-thousand-characters', async ({ db, random }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const stem = `https://example.com/${Array.from({ length: 1978 }, () => random.integer(0, 35).toString(36)).join('')}/`
    const page = { source_id: 's', full_content: 'c', word_count: 1, char_count: 1 }
    const urls = [`${stem}a`, `${stem}b`, `${stem}A`, stem]
    await db.insert(
      'archon_page_metadata',
      urls.map((url) => ({ ...page, url })),
    )
    for (const url of urls) {
      await rejects(db.insert('archon_page_metadata', { ...page, url }), 'unique_violation')
      assert.equal(await db.count('archon_page_metadata', { url }), 1)
    }
    const { inserted } = await db.upsert(
      'archon_page_metadata',
      { ...page, url: `${stem}b`, word_count: 2 },
      { onConflict: ['url'] },
    )
    assert.deepEqual(inserted, [false])
  })
  t.behaviour('key.setting-of-255-characters', async ({ db }) => {
    const keys = ['a', 'b', '😀'].map((last) => `${'é'.repeat(254)}${last}`)
    await db.insert(
      'archon_settings',
      keys.map((key) => ({ key })),
    )
    for (const key of keys) assert.equal(await db.count('archon_settings', { key }), 1)
    await rejects(db.insert('archon_settings', { key: keys[2] }), 'unique_violation')
    await rejects(db.insert('archon_settings', { key: 'é'.repeat(256) }), 'invalid_input', { column: 'key' })
  })
  t.behaviour('key.source-of-500-characters', async ({ db }) => {
    const ids = ['a', 'b'].map((last) => `${'s'.repeat(499)}${last}`)
    await db.insert(
      'archon_sources',
      ids.map((source_id) => ({ source_id })),
    )
    await db.insert('archon_crawled_pages', { url: 'u', chunk_number: 0, content: 'c', source_id: ids[1] })
    assert.equal((await db.delete('archon_sources', { where: { source_id: ids[0] as string } })).count, 1)
    assert.equal(await db.count('archon_crawled_pages'), 1)
  })
}

/** Input of a size that nobody means ends in a DbError, not in a crash. */
function longInput(t: SuiteBuilder): void {
  t.behaviour('input.names-of-a-mebibyte', async ({ db }) => {
    const name = 'x'.repeat(MEBI)
    const errors = [
      await rejects(db.select(name), 'invalid_input'),
      await rejects(db.select(TASKS, { columns: [name] }), 'invalid_filter'),
      await rejects(db.select(TASKS, { orderBy: name }), 'invalid_filter'),
      await rejects(db.select(TASKS, { where: { [name]: 1 } }), 'invalid_filter'),
      await rejects(db.select(TASKS, { where: { title: { [name]: 1 } } as Filter }), 'invalid_filter'),
      await rejects(db.insert(TASKS, { [name]: 1 }), 'invalid_input'),
      await rejects(db.select(TASKS, { limit: 1, after: name }), 'invalid_input'),
      await rejects(db.aggregate(TASKS, { aggregates: { n: name } }), 'invalid_input'),
    ]
    for (const error of errors)
      assert.ok(error.message.length < 1500, `${error.message.length} characters: ${error.message.slice(0, 80)}`)
  })
  t.behaviour('input.more-values-than-a-statement-takes', async ({ db, backend }) => {
    await db.insert(TASKS, { title: 't7' })
    const or = Array.from({ length: 70_000 }, (_, i) => ({ title: `t${i}` }))
    if (backend.traits.maxParameters >= or.length) assert.equal(await db.count(TASKS, { or }), 1)
    else await rejects(db.count(TASKS, { or }), 'invalid_filter', { table: TASKS, messageIncludes: ['70000', 'in:'] })
    assert.equal(await db.count(TASKS, { title: { in: or.map(({ title }) => title) } }), 1)
  })
  t.behaviour('input.all-columns-many-times', async ({ db }) => {
    await db.insert(TASKS, { title: 'a' })
    const columns = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`c${i}`, 'title']))
    const { rows } = await db.select(TASKS, { columns })
    assert.deepEqual(rows, [Object.fromEntries(Object.keys(columns).map((key) => [key, 'a']))])
  })
}

/** More shapes of queries than any cache keeps, one after the other and again. */
function manyShapes(t: SuiteBuilder): void {
  t.behaviour('shapes.three-thousand', { limitMs: 60_000 }, async ({ db }) => {
    await db.insert('archon_projects', {
      title: 'p',
      data: Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`k${i}`, i])),
    })
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 1500; i++) assert.equal(await db.count('archon_projects', { [`data.k${i}`]: i } as Filter), 1)
    }
  })
  t.behaviour('shapes.hundred-at-once', async ({ db }) => {
    await db.insert(
      TASKS,
      Array.from({ length: 100 }, (_, i) => ({ title: `t${i}`, task_order: i })),
      { returning: false },
    )
    const counts = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        db.count(TASKS, { or: Array.from({ length: i + 1 }, (__, n) => ({ task_order: n })) }),
      ),
    )
    assert.deepEqual(
      counts,
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
  })
}
