import { openDatabase, sql } from '@archon-db/core'
import { EMBEDDING_DIMENSIONS } from '@archon-db/core/dialect'
import { splitStatements } from '@archon-db/core/migrations'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { migrations } from '../src/migrations.ts'
import { connectPglite } from '../src/pglite.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const db = await openDatabase(await connectPglite())
beforeAll(() => db.migrate())
afterAll(() => db.close())

const rows = async (text: string): Promise<Record<string, unknown>[]> =>
  (await db.execute(sql.raw(text), { write: true })).rows
const value = async (text: string): Promise<unknown> => Object.values((await rows(text))[0] ?? {})[0]

/** `[1, 0, 0, …]`, pointing a little elsewhere. */
function direction(dimension: number, ...first: number[]): number[] {
  return [...first, ...new Array<number>(dimension - first.length).fill(0)]
}

describe('the functions that the application calls', () => {
  beforeEach(async () => {
    await db.delete('archon_sources', { allRows: true })
    await db.insert('archon_sources', [{ source_id: 's1' }, { source_id: 's2' }])
  })

  async function fill(dimension: number): Promise<void> {
    const chunk = (n: number, source: string, vector: number[], content: string): object => ({
      url: `u${n}`,
      chunk_number: n,
      content,
      source_id: source,
      metadata: { n, even: n % 2 === 0 },
      [`embedding_${dimension}`]: vector,
    })
    await db.insert('archon_crawled_pages', [
      chunk(1, 's1', direction(dimension, 1, 0), 'pooling connections'),
      chunk(2, 's1', direction(dimension, 3, 4), 'something else'),
      chunk(3, 's2', direction(dimension, 0, 1), 'pooling far away'),
    ])
    await db.insert('archon_code_examples', [
      { ...chunk(1, 's1', direction(dimension, 1, 0), 'let pool'), summary: 'opens a pool' },
    ])
  }

  const query = (dimension: number): string => `'[${direction(dimension, 1, 0).join()}]'::vector`

  test.each(EMBEDDING_DIMENSIONS)('match_* find neighbours of %i numbers', async (dimension) => {
    await fill(dimension)
    const found = await rows(
      `select url, round(similarity::numeric, 4)::float8 as similarity from match_archon_crawled_pages(${query(dimension)}, 2)`,
    )
    expect(found).toEqual([
      { url: 'u1', similarity: 1 },
      { url: 'u2', similarity: 0.6 },
    ])
    const filtered = await rows(
      `select url from match_archon_crawled_pages(${query(dimension)}, 10, '{"even": false}', 's2')`,
    )
    expect(filtered).toEqual([{ url: 'u3' }])
    const code = await rows(`select * from match_archon_code_examples_multi(${query(dimension)}, ${dimension})`)
    expect(code.map(Object.keys)).toEqual([
      ['id', 'url', 'chunk_number', 'content', 'summary', 'metadata', 'source_id', 'similarity'],
    ])
  })

  test.each(EMBEDDING_DIMENSIONS)('hybrid_search_* join both lists for %i numbers', async (dimension) => {
    await fill(dimension)
    const found = await rows(
      `select url, match_type from hybrid_search_archon_crawled_pages(${query(dimension)}, 'pooling', 2, '{}', null)`,
    )
    expect(found).toEqual([
      { url: 'u1', match_type: 'hybrid' },
      { url: 'u2', match_type: 'vector' },
    ])
    const all = await rows(
      `select url, match_type from hybrid_search_archon_crawled_pages_multi(${query(dimension)}, ${dimension}, 'far', 3)`,
    )
    expect(all.find(({ url }) => url === 'u3')).toEqual({ url: 'u3', match_type: 'hybrid' })
    const [code] = await rows(`select * from hybrid_search_archon_code_examples(${query(dimension)}, 'opens')`)
    expect(Object.keys(code ?? {})).toEqual([
      'id',
      'url',
      'chunk_number',
      'content',
      'summary',
      'metadata',
      'source_id',
      'similarity',
      'match_type',
    ])
  })

  test('say what lengths there are', async () => {
    await expect(rows(`select * from match_archon_crawled_pages('[1,2,3]'::vector)`)).rejects.toMatchObject({
      code: 'invalid_input',
    })
    await expect(rows(`select * from match_archon_crawled_pages_multi(${query(384)}, 768)`)).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(await value(`select detect_embedding_dimension(${query(768)})`)).toBe(768)
    expect(await value('select get_embedding_column_name(3072)')).toBe('embedding_3072')
    expect(await value('select get_embedding_column_name(500)')).toBe(null)
  })

  test('search_archon_pages_fts ranks by words', async () => {
    await fill(384)
    const found = await rows(`select url, rank > 0 as ranked from search_archon_pages_fts('pooling', 10, '{}', 's1')`)
    expect(found).toEqual([{ url: 'u1', ranked: true }])
  })

  test('archive_task takes the subtasks along', async () => {
    const [parent] = (await db.insert('archon_tasks', { title: 'parent' })).rows
    const [child] = (await db.insert('archon_tasks', { title: 'child', parent_task_id: parent?.id })).rows
    const [other] = (await db.insert('archon_tasks', { title: 'other' })).rows
    expect(await value(`select archive_task('${parent?.id}', 'me')`)).toBe(true)
    const archived = await db.select('archon_tasks', { where: { archived: true, archived_by: 'me' } })
    expect(archived.rows.map((row) => row.id).sort()).toEqual([parent?.id, child?.id].sort())
    expect(archived.rows.every((row) => row.archived_at instanceof Date)).toBe(true)
    expect(await value(`select archive_task('${'0'.repeat(8)}-0000-7000-8000-000000000000')`)).toBe(false)
    expect(await db.count('archon_tasks', { id: other?.id as string, archived: false })).toBe(1)
  })
})

describe('long texts', () => {
  test('16 MiB are stored and found, whatever the indexes hold of them', async () => {
    await db.insert('archon_sources', { source_id: 'long' })
    const word = (n: number): string => n.toString(36).padStart(7, 'q')
    const content = `${Array.from({ length: 2 ** 21 }, (_, n) => word(n)).join(' ')} needle`
    await db.insert(
      'archon_crawled_pages',
      { url: 'long', chunk_number: 1, content, source_id: 'long' },
      { returning: false },
    )
    const hits = await db.search('archon_crawled_pages', { text: 'needle', columns: ['url', 'content'] })
    expect(hits.map(({ row }) => row.url)).toEqual(['long'])
    expect(hits[0]?.row.content === content).toBe(true)
    await db.delete('archon_sources', { where: { source_id: 'long' } })
  })
})

describe('updated_at', () => {
  test('moves strictly, also within a millisecond and when set by hand', async () => {
    await db.upsert('archon_settings', { key: 'k', value: '1' }, { onConflict: ['key'] })
    const read = async (): Promise<Date> =>
      (await db.select('archon_settings', { where: { key: 'k' } })).rows[0]?.updated_at as Date
    await rows(`update archon_settings set updated_at = now() + interval '1 year' where key = 'k'`)
    let before = await read()
    expect(before.getTime()).toBeLessThan(Date.now() + 60_000)
    for (let i = 0; i < 20; i++) {
      await rows(`update archon_settings set value = value where key = 'k'`)
      const after = await read()
      expect(after.getTime()).toBeGreaterThan(before.getTime())
      before = after
    }
    await rows(`update archon_settings set updated_at = null where key = 'k'`)
    expect(await read()).toBeInstanceOf(Date)
  })
})

describe('row-level security', () => {
  beforeAll(async () => {
    for (const role of ['app', 'anon', 'authenticated']) {
      await rows(`create role ${role}`)
      for (const what of ['usage on schema', 'all on all tables in schema', 'all on all sequences in schema'])
        await rows(`grant ${what} public to ${role}`)
    }
    await db.upsert('archon_sources', { source_id: 'visible' })
  })

  async function as(role: string, text: string, claims = ''): Promise<unknown> {
    return db.transaction(async (tx) => {
      await tx.execute(sql.raw(`select set_config('request.jwt.claims', '${claims}', true)`), { write: true })
      await tx.execute(sql.raw(`set local role ${role}`), { write: true })
      return Object.values((await tx.execute(sql.raw(text), { write: true })).rows[0] ?? {})[0]
    })
  }

  const COUNTS = {
    settings: 'select count(*) from archon_settings',
    sources: "select count(*) from archon_sources where source_id = 'visible'",
  }

  test('every table has it, the ledger too', async () => {
    const open = await rows(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity and relname in (${[...db.schema.tables.keys(), 'archon_schema_migrations'].map((name) => `'${name}'`).join()})`,
    )
    expect(open).toEqual([])
  })

  test('lets a role of the server work', async () => {
    expect(await as('app', COUNTS.settings)).toBeGreaterThan(40)
    expect(await as('app', `insert into archon_settings (key) values ('by app') returning key`)).toBe('by app')
    expect(await as('app', 'select count(*) from archon_schema_migrations')).toBe(0)
  })

  test('shows people who have not signed in the public tables alone', async () => {
    expect(await as('anon', COUNTS.settings)).toBe(0)
    expect(await as('anon', COUNTS.sources)).toBe(1)
    await expect(as('anon', `insert into archon_sources (source_id) values ('x')`)).rejects.toMatchObject({
      code: 'permission_denied',
    })
  })

  test('lets people who have signed in work on settings and read prompts', async () => {
    expect(await as('authenticated', COUNTS.settings)).toBeGreaterThan(40)
    expect(await as('authenticated', 'select count(*) from archon_prompts')).toBe(3)
    expect(await as('authenticated', `update archon_prompts set prompt = '' returning id`)).toBeUndefined()
  })

  test('believes the claims of a request more than its role', async () => {
    expect(await as('app', COUNTS.settings, '{"role": "anon"}')).toBe(0)
    expect(await as('app', COUNTS.settings, '{"role": "service_role"}')).toBeGreaterThan(40)
  })
})

describe('the first migration', () => {
  test('changes nothing when it runs again', async () => {
    const before = await db.migrations.introspect()
    const [first] = await migrations()
    for (const statement of splitStatements(first?.up ?? '')) await rows(statement)
    expect(await db.migrations.introspect()).toEqual(before)
  })
})
