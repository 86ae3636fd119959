import { existsSync, readdirSync } from 'node:fs'
import type { Database } from '@archon-db/core'
import { cosineTo } from '@archon-db/core/dialect'
import type { FollowProgress } from '@archon-db/vector/local'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { add, CHUNKS, databaseFiles, follow, INDEX, near, run, vector } from './vectors.ts'

const files = databaseFiles()

describe('the log of changes', () => {
  const changes = async (db: Database): Promise<unknown[]> => {
    const { rows } = await db.execute(
      sql`select table_name, record_id from archon_vector_changes where seq > 1 order by seq`,
    )
    return rows.map(({ table_name, record_id }) => `${table_name} ${record_id}`)
  }

  test('names rows whose embedding may have changed, and no others', async () => {
    const { db } = await files.connect()
    const [id = 0] = await add(db, 1)
    await run(db, sql`update archon_crawled_pages set content = 'y', embedding_384 = embedding_384`)
    expect(await changes(db)).toEqual([`${CHUNKS} ${id}`])
    await run(db, sql`update archon_crawled_pages set embedding_384 = null`)
    await run(db, sql`update archon_crawled_pages set id = 50`)
    await run(db, sql`delete from archon_sources`)
    expect((await changes(db)).slice(1)).toEqual([id, 50, id, 50].map((record) => `${CHUNKS} ${record}`))
  })

  test('is undone with what it tells of', async () => {
    const { db } = await files.connect()
    await expect(
      db.transaction(async (tx) => {
        await tx.insert('archon_sources', { source_id: 's' })
        await tx.insert('archon_code_examples', {
          url: 'u',
          chunk_number: 1,
          content: 'c',
          summary: 's',
          source_id: 's',
        })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await changes(db)).toEqual([])
  })

  test('stays small', async () => {
    const { db } = await files.connect({}, ':memory:')
    await run(
      db,
      sql`insert into archon_vector_changes (table_name, record_id)
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 60000) select 't', i from n`,
    )
    const { rows } = await db.execute(sql`select count(*) as n, min(seq) as first from archon_vector_changes`)
    expect(rows).toEqual([{ n: 50_001, first: 10_001 }])
  })
})

describe('what the index sees', () => {
  test('an index stands only for the columns that are searched', async () => {
    const { db, connection } = await files.connect()
    await add(db, 1)
    expect(connection.vectors?.status()).toEqual([])
    expect(existsSync(files.path('a.db.vectors'))).toBe(false)
    await near(db)
    expect(connection.vectors?.status()).toMatchObject([
      { table: CHUNKS, column: 'embedding_384', state: 'ready', rows: 1, progress: 1, kept: 'disk', builds: 1 },
    ])
    expect(readdirSync(files.path('a.db.vectors'))).toEqual([INDEX])
  })

  test('a search in a transaction asks the table alone', async () => {
    const { db, connection } = await files.connect()
    const [a] = await add(db, 1)
    expect(await db.transaction((tx) => tx.search(CHUNKS, { embedding: vector(0), columns: ['id'] }))).toMatchObject([
      { row: { id: a } },
    ])
    expect(connection.vectors?.status()).toEqual([])
  })

  test('a row that another statement replaces, which fires no trigger of a delete', async () => {
    const { db, status } = await files.connect()
    const [a, b, c] = await add(db, 1, 2, 3)
    expect(await near(db)).toEqual([a, b, c])
    await run(
      db,
      sql`insert or replace into archon_crawled_pages (url, chunk_number, content, source_id)
        select url, chunk_number, content, source_id from archon_crawled_pages where id = ${a}`,
    )
    expect(await near(db, { limit: 2 })).toEqual([b, c])
    expect(status()).toMatchObject({ rows: 2, builds: 1 })
  })

  test('rows that went without a trace, a few by their hits and many by a look at all', async () => {
    const { db, connection } = await files.connect()
    const all = await add(db, ...Array.from({ length: 100 }, (_, i) => i))
    const { vectors, texts, search } = follow(connection)
    await search()
    await run(db, sql`drop trigger archon_crawled_pages_vector_delete`)
    const looksAtAll = () => texts.splice(0).filter((text) => /^select \S*"id" from .* order by/.test(text))
    texts.length = 0
    await run(db, sql`delete from archon_crawled_pages where id <= ${all[4]}`)
    expect(await search(5)).toEqual(all.slice(5, 10))
    expect(looksAtAll()).toEqual([])
    await run(db, sql`delete from archon_crawled_pages where id <= ${all[89]}`)
    expect(await search(5)).toEqual(all.slice(90, 95))
    expect(looksAtAll()).toHaveLength(1)
    expect(vectors.status()).toMatchObject([{ rows: 10, builds: 1 }])
    await vectors.close()
  })

  test('vectors that are nowhere are left out', async () => {
    const { db, status } = await files.connect()
    const [a, b] = await add(db, 1, 2)
    await near(db)
    for (const id of [a, 1000]) {
      const bytes = Buffer.alloc(1536, 0xff)
      await run(
        db,
        sql`insert or replace into archon_crawled_pages (id, url, chunk_number, content, source_id, embedding_384)
          values (${id}, 'nan', ${id}, 'x', 's', ${bytes})`,
      )
    }
    expect(await near(db)).toEqual([b])
    expect(status()).toMatchObject({ state: 'ready', rows: 1 })
  })

  test('searches at the same time share one build', async () => {
    const told: FollowProgress[] = []
    const { db, status } = await files.connect({ onProgress: (progress) => told.push(progress) })
    const all = await add(db, ...Array.from({ length: 2000 }, (_, i) => i))
    const results = await Promise.all(Array.from({ length: 20 }, () => near(db)))
    for (const result of results) expect(result).toEqual(all.slice(0, 10))
    expect(status()).toMatchObject({ rows: 2000, builds: 1 })
    expect(told.map(({ rows }) => rows)).toEqual([682, 1364, 2000])
    expect(told.at(-1)).toEqual({ table: CHUNKS, column: 'embedding_384', rows: 2000, total: 2000 })
  })

  test('writes during a build', async () => {
    let meanwhile: Promise<unknown> | undefined
    const change = async (db: Database): Promise<void> => {
      await run(db, sql`delete from archon_crawled_pages where id <= 5`)
      await db.update(CHUNKS, { embedding_384: vector(-1) }, { where: { id: 600 }, returning: false })
      await add(db, -2)
    }
    const { db } = await files.connect({
      onProgress: () => {
        meanwhile ??= change(db)
      },
    })
    const all = await add(db, ...Array.from({ length: 2000 }, (_, i) => i))
    expect([all[0], all.length]).toEqual([1, 2000])
    const found = await near(db)
    await meanwhile
    expect(found).not.toContain(5)
    expect(await near(db, { limit: 4 })).toEqual([600, 2001, 6, 7])
  })

  test('a search that was under way when the index was built anew', async () => {
    const { db, status } = await files.connect({ engine: 'hnsw', threads: 1 }, ':memory:')
    const all = await add(db, ...Array.from({ length: 1500 }, (_, i) => i))
    await near(db)
    expect(status()).toMatchObject({ engine: 'hnsw' })
    for (let round = 1; round <= 5; round++) {
      const first = near(db)
      await new Promise((resolve) => setImmediate(resolve))
      await run(db, sql`insert into archon_vector_changes (table_name, record_id) values ('t', 0)`)
      await run(db, sql`delete from archon_vector_changes where seq < (select max(seq) from archon_vector_changes)`)
      const second = near(db)
      expect([await first, await second]).toEqual([all.slice(0, 10), all.slice(0, 10)])
      expect(status()).toMatchObject({ builds: 1 + round })
    }
  })
})

describe('transactions that commit late', () => {
  /** Numbers of the log come in the order of this test instead of the database's. */
  async function connectWithLateCommits(longestTransactionMs = 60_000) {
    const { db, connection } = await files.connect({}, ':memory:')
    await run(db, sql`drop trigger archon_crawled_pages_vector_insert`)
    const { vectors, search } = follow(connection, { concurrentWrites: true }, { longestTransactionMs })
    const log = (seq: number, record: number | undefined, time = 1000) =>
      run(db, sql`insert into archon_vector_changes values (${seq}, ${CHUNKS}, ${record}, ${time})`)
    return { db, vectors, search, log }
  }

  test('are seen when they have', async () => {
    const { db, search, log, vectors } = await connectWithLateCommits()
    expect(await search()).toEqual([])
    const [a, b, c] = await add(db, 1, 2, 3)
    await log(9, b)
    expect(await search()).toEqual([b])
    await log(5, a)
    expect(await search()).toEqual([a, b])
    await log(4, c)
    await log(12, b)
    expect(await search()).toEqual([a, b, c])
    expect(vectors.status()).toMatchObject([{ builds: 1 }])
  })

  test('and had begun before the index was built', async () => {
    const { db, search, log } = await connectWithLateCommits()
    await log(9, 0)
    expect(await search()).toEqual([])
    const [a] = await add(db, 1)
    await log(7, a)
    expect(await search()).toEqual([a])
  })

  test('are not waited for longer than a transaction may take', async () => {
    const { db, search, log } = await connectWithLateCommits(500)
    const start = Date.now()
    await search()
    const [a, b] = await add(db, 1, 2)
    await log(9, b, start)
    expect(await search()).toEqual([b])
    await log(10, b, start + 501)
    expect(await search()).toEqual([b])
    await log(5, a, start)
    expect(await search()).toEqual([b])
  })

  test('prune the log, as no trigger can', async () => {
    const { db, search, log } = await connectWithLateCommits(500)
    await search()
    await log(60_000, 0, Date.now() + 10_000)
    await search()
    await expect
      .poll(() => db.execute(sql`select seq from archon_vector_changes`))
      .toMatchObject({ rows: [{ seq: 60_000 }] })
  })
})

describe('without an index', () => {
  test('a table that needs more memory than there may be is searched as it is', async () => {
    const { db, status } = await files.connect({ maxBytes: 100_000 })
    const all = await add(db, ...Array.from({ length: 1000 }, (_, i) => i))
    expect(await near(db)).toEqual(all.slice(0, 10))
    expect(status()).toMatchObject({ state: 'scanning', rows: 0, bytes: 0, reason: expect.stringContaining('memory') })
    expect(await near(db, { filter: { id: { gt: 500 } }, limit: 2 })).toEqual(all.slice(500, 502))
    expect(status()).toMatchObject({ builds: 1 })
    await run(db, sql`delete from archon_crawled_pages where id > 10`)
    expect(await near(db)).toEqual(all.slice(0, 10))
    expect(status()).toMatchObject({ state: 'ready', rows: 10 })
  })

  test('a schema from before the log is searched as it is', async () => {
    const { db, status } = await files.connect()
    const [a, b] = await add(db, 2, 1)
    await db.migrations.rollback({ to: 2 })
    expect(await near(db)).toEqual([b, a])
    expect(status()).toMatchObject({ reason: expect.stringContaining('archon_vector_changes') })
    await db.migrate()
    const [c] = await add(db, 0)
    expect(await near(db)).toEqual([c, b, a])
    expect(status()).toMatchObject({ state: 'ready' })
  })

  test('a closed database says that it is closed', async () => {
    const handle = await files.connect()
    await add(handle.db, 1)
    await near(handle.db)
    await files.close(handle)
    await expect(near(handle.db)).rejects.toMatchObject({ code: 'closed' })
  })
})

test('ten thousand vectors: what the index finds is what a comparison with all of them finds', async () => {
  const { db, connection, status } = await files.connect()
  const seed = Number(process.env.ARCHON_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`vectors: seed ${seed}`)
  const random = numbers(seed)
  const vectors = Array.from({ length: 10_000 }, () => Float32Array.from({ length: 384 }, () => random() - 0.5))
  await db.insert('archon_sources', { source_id: 's' })
  const rows = vectors.map((embedding, i) => ({
    url: 'u',
    chunk_number: i,
    content: 'x',
    source_id: 's',
    embedding_384: embedding,
  }))
  await db.insert(CHUNKS, rows, { returning: false })
  for (let round = 0; round < 5; round++) {
    const query = Float32Array.from({ length: 384 }, () => random() - 0.5)
    const cosine = cosineTo(query)
    const ranked = vectors.map((embedding, i) => ({ id: i + 1, score: Math.fround(cosine(embedding)) }))
    ranked.sort((x, y) => y.score - x.score || x.id - y.id)
    expect(await near(db, { embedding: query, limit: 50 })).toEqual(ranked.slice(0, 50).map(({ id }) => id))
    const even = ranked.filter(({ id }) => id % 2 === 0).slice(0, 50)
    const evenChunks = { filter: { id: { in: vectors.flatMap((_, i) => (i % 2 === 1 ? [i + 1] : [])) } } }
    expect(await near(db, { embedding: query, limit: 50, ...evenChunks })).toEqual(even.map(({ id }) => id))
  }
  expect(status()).toMatchObject({ rows: 10_000, builds: 1 })
  expect((await connection.capabilities()).vector).toEqual({ native: false, index: 'local' })
})

function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
