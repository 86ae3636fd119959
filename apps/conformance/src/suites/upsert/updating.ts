import assert from 'node:assert/strict'
import type { DataAccess, DbErrorCode, Row } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'

const SETTINGS = 'archon_settings'
const BY_KEY = { onConflict: ['key'] } as const

interface Setting {
  readonly id: string
  readonly key: string
  readonly value: string | null
  readonly category: string | null
  readonly created_at: Date
  readonly updated_at: Date
}

async function stored(db: DataAccess): Promise<Setting[]> {
  return (await db.select<Setting>(SETTINGS, { orderBy: 'key' })).rows
}

async function add(db: DataAccess, row: Row): Promise<Setting> {
  const { rows } = await db.insert<Setting>(SETTINGS, row)
  return rows[0] as Setting
}

export function updating(t: SuiteBuilder): void {
  results(t)
  returned(t)
  whatChanges(t)
  batches(t)
  keysOfBatches(t)
  orphans(t)
  times(t)
}

function results(t: SuiteBuilder): void {
  t.behaviour('new.row-is-inserted', async ({ db }) => {
    const { rows, count, inserted } = await db.upsert(SETTINGS, { key: 'a', value: '1' }, BY_KEY)
    assert.equal(count, 1)
    assert.deepEqual(inserted, [true])
    assert.equal(rows[0]?.is_encrypted, false)
    assert.deepEqual(await stored(db), rows)
  })
  t.behaviour('found.row-is-updated', async ({ db }) => {
    const before = await add(db, { key: 'a', value: '1' })
    const { rows, count, inserted } = await db.upsert<Setting>(SETTINGS, { key: 'a', value: '2' }, BY_KEY)
    assert.equal(count, 1)
    assert.deepEqual(inserted, [false])
    assert.deepEqual([rows[0]?.id, rows[0]?.value], [before.id, '2'])
    assert.deepEqual(await stored(db), rows)
  })
  t.behaviour('found.unchanged-row-counts', async ({ db }) => {
    const before = await add(db, { key: 'a', value: '1' })
    const { rows, count, inserted } = await db.upsert<Setting>(SETTINGS, { key: 'a', value: '1' }, BY_KEY)
    assert.deepEqual([count, inserted], [1, [false]])
    assert.deepEqual([rows[0]?.id, rows[0]?.value], [before.id, '1'])
  })
  t.behaviour('returning-false', async ({ db }) => {
    await add(db, { key: 'a', value: '1' })
    const result = await db.upsert(
      SETTINGS,
      [
        { key: 'a', value: '2' },
        { key: 'b', value: '3' },
      ],
      { ...BY_KEY, returning: false },
    )
    assert.deepEqual(result, { rows: [], count: 2, inserted: [] })
    assert.deepEqual(
      (await stored(db)).map(({ key, value }) => [key, value]),
      [
        ['a', '2'],
        ['b', '3'],
      ],
    )
  })
}

function returned(t: SuiteBuilder): void {
  t.behaviour('returning-columns', async ({ db }) => {
    await add(db, { key: 'a', value: '1' })
    const { rows, inserted } = await db.upsert(
      SETTINGS,
      [
        { key: 'b', value: '2' },
        { key: 'a', value: '3' },
      ],
      { ...BY_KEY, returning: ['value', 'key'] },
    )
    assert.deepEqual(rows, [
      { value: '2', key: 'b' },
      { value: '3', key: 'a' },
    ])
    assert.deepEqual(inserted, [true, false])
  })
  t.behaviour('returning-without-the-key', async ({ db }) => {
    await add(db, { key: 'a', value: '1' })
    const { rows, inserted } = await db.upsert(
      SETTINGS,
      [
        { key: 'a', value: '3' },
        { key: 'b', value: '2' },
      ],
      { ...BY_KEY, returning: ['value'] },
    )
    assert.deepEqual(rows, [{ value: '3' }, { value: '2' }])
    assert.deepEqual(inserted, [false, true])
  })
  t.behaviour('nothing', async ({ db }) => {
    assert.deepEqual(await db.upsert(SETTINGS, [], BY_KEY), { rows: [], count: 0, inserted: [] })
  })
  t.behaviour('refused.bad-input', async ({ db }) => {
    await rejects(db.upsert('nope', { key: 'a' }), 'invalid_input')
    await rejects(db.upsert(SETTINGS, { key: 'a', nope: 1 }, BY_KEY), 'invalid_input', { messageIncludes: 'nope' })
    await rejects(db.upsert(SETTINGS, { key: 5 }, BY_KEY), 'invalid_input', { column: 'key' })
    await rejects(db.upsert(SETTINGS, 'a' as unknown as object, BY_KEY), 'invalid_input')
    await rejects(db.upsert(SETTINGS, [null] as unknown as object[], BY_KEY), 'invalid_input')
    await rejects(db.upsert(SETTINGS, { key: 'a' }, { ...BY_KEY, returning: ['nope'] }), 'invalid_input')
    assert.equal(await db.count(SETTINGS), 0)
  })
}

function whatChanges(t: SuiteBuilder): void {
  t.behaviour('found.columns-not-supplied-stay', async ({ db }) => {
    await add(db, { key: 'a', value: '1', category: 'c', description: 'd', is_encrypted: true })
    const { rows } = await db.upsert(SETTINGS, { key: 'a', value: '2', description: undefined }, BY_KEY)
    const { value, category, description, is_encrypted } = rows[0] ?? {}
    assert.deepEqual(
      { value, category, description, is_encrypted },
      { value: '2', category: 'c', description: 'd', is_encrypted: true },
    )
  })
  t.behaviour('found.null-is-supplied', async ({ db }) => {
    await add(db, { key: 'a', value: '1', category: 'c' })
    const { rows } = await db.upsert<Setting>(SETTINGS, { key: 'a', value: null, category: null }, BY_KEY)
    assert.deepEqual([rows[0]?.value, rows[0]?.category], [null, null])
  })
  t.behaviour('found.key-alone-changes-nothing', async ({ db }) => {
    const before = await add(db, { key: 'a', value: '1' })
    const { rows, inserted } = await db.upsert<Setting>(SETTINGS, { key: 'a' }, BY_KEY)
    assert.deepEqual(inserted, [false])
    assert.deepEqual(rows, [before])
    assert.deepEqual(await stored(db), [before])
  })
  t.behaviour('found.id-stays', async ({ db }) => {
    const before = await add(db, { key: 'a' })
    const { rows } = await db.upsert<Setting>(SETTINGS, { key: 'a', value: '2' }, BY_KEY)
    assert.equal(rows[0]?.id, before.id)
  })
  t.behaviour('found.json-is-replaced', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's', metadata: { a: 1, b: 2 } })
    const { rows } = await db.upsert('archon_sources', { source_id: 's', metadata: { b: 3 } })
    assert.deepEqual(rows[0]?.metadata, { b: 3 })
  })
  t.behaviour('found.values-of-every-kind', async ({ db }) => {
    const id = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
    await db.insert('archon_tasks', { id, title: 'a' })
    const archived_at = new Date('2024-02-29T23:59:59.999Z')
    const task = {
      id,
      title: "it's",
      status: 'done',
      priority: 'critical',
      task_order: -1,
      archived: true,
      archived_at,
      sources: [{ a: null }],
      feature: '😀',
    }
    const { rows, inserted } = await db.upsert('archon_tasks', task)
    assert.deepEqual(inserted, [false])
    const { description: _, assignee: __, ...own } = rows[0] ?? {}
    for (const [column, value] of Object.entries(task)) assert.deepEqual(own[column], value, column)
  })
  t.behaviour('found.vectors', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { url: 'u', chunk_number: 0, content: 'c', source_id: 's' }
    const onConflict = ['url', 'chunk_number']
    const first = await db.upsert<{ id: number }>(
      'archon_crawled_pages',
      { ...chunk, embedding_384: new Float32Array(384) },
      { onConflict },
    )
    const second = await db.upsert<{ id: number; embedding_384: Float32Array }>(
      'archon_crawled_pages',
      { ...chunk, embedding_384: new Float32Array(384).fill(0.25) },
      { onConflict },
    )
    assert.equal(second.rows[0]?.id, first.rows[0]?.id)
    assert.deepEqual(second.rows[0]?.embedding_384, new Float32Array(384).fill(0.25))
    assert.deepEqual([first.inserted, second.inserted], [[true], [false]])
  })
}

function batches(t: SuiteBuilder): void {
  t.behaviour('batch.new-and-found-in-input-order', async ({ db }) => {
    await db.insert(
      SETTINGS,
      ['b', 'd'].map((key) => ({ key, value: 'old' })),
    )
    const { rows, count, inserted } = await db.upsert<Setting>(
      SETTINGS,
      ['d', 'a', 'b', 'c'].map((key) => ({ key, value: `new ${key}` })),
      BY_KEY,
    )
    assert.equal(count, 4)
    assert.deepEqual(
      rows.map(({ key, value }) => [key, value]),
      [
        ['d', 'new d'],
        ['a', 'new a'],
        ['b', 'new b'],
        ['c', 'new c'],
      ],
    )
    assert.deepEqual(inserted, [false, true, false, true])
  })
  t.behaviour('batch.rows-with-different-columns', async ({ db }) => {
    await db.insert(
      SETTINGS,
      ['a', 'b'].map((key) => ({ key, value: 'old', category: 'old' })),
    )
    const { rows, inserted } = await db.upsert<Setting>(
      SETTINGS,
      [{ key: 'a', value: 'new' }, { key: 'c', category: 'new' }, { category: 'new', key: 'b' }, { key: 'd' }],
      BY_KEY,
    )
    assert.deepEqual(
      rows.map(({ key, value, category }) => [key, value, category]),
      [
        ['a', 'new', 'old'],
        ['c', null, 'new'],
        ['b', 'old', 'new'],
        ['d', null, null],
      ],
    )
    assert.deepEqual(inserted, [false, true, false, true])
  })
  t.behaviour('batch.one-bad-row-stores-none', async ({ db }) => {
    const before = await add(db, { key: 'a', value: 'old' })
    await rejects(
      db.upsert(
        SETTINGS,
        [
          { key: 'a', value: 'new' },
          { key: null, value: 'x' },
        ],
        BY_KEY,
      ),
      'not_null_violation',
    )
    assert.deepEqual(await stored(db), [before])
  })
}

/** References are looked at when all rows are in: until then a row without its parent holds keys, and gives them up. */
function orphans(t: SuiteBuilder): void {
  const id = (last: number): string => `0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f1${last}`
  const page = { full_content: '', word_count: 1, char_count: 1, source_id: 's' }
  const orphan = { ...page, id: id(2), url: 'stored', source_id: 'nowhere' }
  const incomplete = { ...page, id: id(5), url: 'b', char_count: null }
  const cases: Readonly<Record<string, { rows: Row[]; code: DbErrorCode }>> = {
    'orphan.takes-its-key': { rows: [orphan, { ...page, id: id(2), url: 'a' }, incomplete], code: 'unique_violation' },
    'orphan.gives-up-its-key': {
      rows: [orphan, { ...page, id: id(1), url: 'a' }, incomplete],
      code: 'not_null_violation',
    },
    'orphan.is-refused-in-the-end': {
      rows: [orphan, { ...page, id: id(1), url: 'a' }],
      code: 'foreign_key_violation',
    },
    'orphan.comes-after-what-is-incomplete': { rows: [orphan, incomplete], code: 'not_null_violation' },
  }
  for (const [name, { rows, code }] of Object.entries(cases)) {
    t.behaviour(name, async ({ db }) => {
      await db.insert('archon_sources', { source_id: 's' })
      await db.insert('archon_page_metadata', { ...page, id: id(1), url: 'stored' })
      for (const returning of [true, false] as const) {
        const options = { onConflict: ['url'], ...(returning ? {} : { returning }) }
        await rejects(db.upsert('archon_page_metadata', rows, options), code)
      }
      const left = (await db.select('archon_page_metadata', { columns: ['id', 'url', 'source_id'] })).rows
      assert.deepEqual(left, [{ id: id(1), url: 'stored', source_id: 's' }])
    })
  }
}

function keysOfBatches(t: SuiteBuilder): void {
  t.behaviour('batch.same-key-twice-refused', async ({ db }) => {
    const twice: readonly Row[][] = [
      [
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
      ],
      [{ key: 'a', value: '1' }, { key: 'b' }, { key: 'a' }],
    ]
    for (const rows of twice)
      await rejects(db.upsert(SETTINGS, rows, BY_KEY), 'invalid_input', { messageIncludes: 'same key' })
    await rejects(db.upsert(SETTINGS, twice[0] as Row[], { ...BY_KEY, whenFound: 'ignore' }), 'invalid_input')
    const id = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
    await rejects(
      db.upsert(SETTINGS, [
        { id, key: 'a' },
        { id: id.toUpperCase(), key: 'b' },
      ]),
      'invalid_input',
    )
    const chunk = { url: 'u', content: 'c', source_id: 's' }
    await rejects(
      db.upsert('archon_crawled_pages', [
        { ...chunk, id: 5, chunk_number: 1 },
        { ...chunk, id: 5n, chunk_number: 2 },
      ]),
      'invalid_input',
    )
    assert.equal(await db.count(SETTINGS), 0)
  })
  t.behaviour('batch.keys-that-are-only-alike', async ({ db }) => {
    const alike = ['a', 'A', 'a ', 'á', 'a\u0301', 'ß', 'ss', 'ａ', ''].map((key) => ({ key, value: key }))
    const first = await db.upsert<Setting>(SETTINGS, alike, BY_KEY)
    assert.deepEqual(
      first.inserted,
      alike.map(() => true),
    )
    const second = await db.upsert<Setting>(
      SETTINGS,
      alike.map(({ key }) => ({ key, value: `new ${key}` })),
      BY_KEY,
    )
    assert.deepEqual(
      second.inserted,
      alike.map(() => false),
    )
    assert.deepEqual(
      second.rows.map(({ value }) => value),
      alike.map(({ key }) => `new ${key}`),
    )
    assert.equal(await db.count(SETTINGS), alike.length)
  })
  t.behaviour('batch.together-with-others', async ({ db }) => {
    const results = await startTogether(8, (i) => db.upsert<Setting>(SETTINGS, { key: 'a', value: `${i}` }, BY_KEY))
    assert.equal(results.filter(({ inserted }) => inserted[0]).length, 1)
    const [row] = await stored(db)
    assert.equal(await db.count(SETTINGS), 1)
    assert.ok(results.every(({ rows }) => rows[0]?.id === row?.id))
  })
  t.behaviour('batch.in-a-transaction-that-fails', async ({ db }) => {
    class Stop extends Error {}
    const before = await add(db, { key: 'a', value: 'old' })
    const work = db.transaction(async (tx) => {
      const { inserted } = await tx.upsert(SETTINGS, [{ key: 'a', value: 'new' }, { key: 'b' }], BY_KEY)
      assert.deepEqual(inserted, [false, true])
      throw new Stop()
    })
    await assert.rejects(work, Stop)
    assert.deepEqual(await stored(db), [before])
  })
}

function times(t: SuiteBuilder): void {
  t.behaviour('time.created-at-is-never-reset', async ({ db }) => {
    const created_at = new Date('2001-01-01T00:00:00.001Z')
    await add(db, { key: 'a', created_at })
    const sent = await db.upsert<Setting>(
      SETTINGS,
      { key: 'a', value: '2', created_at: new Date('2030-01-01T00:00:00Z') },
      BY_KEY,
    )
    assert.deepEqual(sent.rows[0]?.created_at, created_at)
    const plain = await db.upsert<Setting>(SETTINGS, { key: 'a', value: '3' }, BY_KEY)
    assert.deepEqual(plain.rows[0]?.created_at, created_at)
  })
  t.behaviour('time.created-at-of-a-new-row', async ({ db }) => {
    const created_at = new Date('2001-01-01T00:00:00.001Z')
    const { rows } = await db.upsert<Setting>(SETTINGS, { key: 'a', created_at, updated_at: created_at }, BY_KEY)
    assert.deepEqual([rows[0]?.created_at, rows[0]?.updated_at], [created_at, created_at])
  })
  t.behaviour('time.updated-at-is-later-every-time', async ({ db }) => {
    let last = (await add(db, { key: 'a' })).updated_at
    for (let i = 0; i < 10; i++) {
      const { rows } = await db.upsert<Setting>(SETTINGS, { key: 'a', value: `${i}` }, BY_KEY)
      const { updated_at } = rows[0] as Setting
      assert.ok(updated_at > last, `change ${i}: ${updated_at.toISOString()} after ${last.toISOString()}`)
      last = updated_at
    }
    assert.deepEqual((await stored(db))[0]?.updated_at, last)
  })
  t.behaviour('time.updated-at-sent-by-the-caller-is-overruled', async ({ db }) => {
    const { updated_at } = await add(db, { key: 'a' })
    const { rows } = await db.upsert<Setting>(SETTINGS, { key: 'a', updated_at: new Date(0) }, BY_KEY)
    assert.ok((rows[0] as Setting).updated_at > updated_at)
  })
  t.behaviour('time.updated-at-later-than-a-future', async ({ db }) => {
    const future = new Date('2999-12-31T23:59:59.999Z')
    await add(db, { key: 'a', updated_at: future })
    const { rows } = await db.upsert<Setting>(SETTINGS, { key: 'a', value: '2' }, BY_KEY)
    assert.ok((rows[0] as Setting).updated_at > future)
  })
}
