import assert from 'node:assert/strict'
import type { DataAccess } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addChunks, CHUNKS, EXAMPLES, ids } from './fixtures.ts'

const find = async (db: DataAccess, text: string, options: object = {}): Promise<unknown[]> =>
  ids(await db.search(CHUNKS, { text, columns: ['id'], ...options }))

export function fullText(t: SuiteBuilder): void {
  matching(t)
  syntaxIsData(t)
  languages(t)
  ranking(t)
  following(t)
}

function matching(t: SuiteBuilder): void {
  t.behaviour('text.finds-the-row', async ({ db }) => {
    const [a] = await addChunks(db, [{ content: 'The database pool is exhausted.' }, { content: 'Nothing to see.' }])
    assert.deepEqual(await find(db, 'pool'), [a])
  })

  t.behaviour('text.all-words-must-occur', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ content: 'pool of connections' }, { content: 'pool of water' }])
    assert.deepEqual(await find(db, 'pool connections'), [a])
    assert.deepEqual(new Set(await find(db, 'pool')), new Set([a, b]))
    assert.deepEqual(await find(db, 'pool connections missing'), [])
  })

  t.behaviour('text.words-not-parts-of-words', async ({ db }) => {
    const [a] = await addChunks(db, [{ content: 'a pool' }, { content: 'a poolside spool' }])
    assert.deepEqual(await find(db, 'pool'), [a])
  })

  t.behaviour('text.any-case', async ({ db }) => {
    const [a] = await addChunks(db, [{ content: 'PostgreSQL and ÉCOLE' }])
    for (const text of ['postgresql', 'POSTGRESQL', 'école', 'École']) assert.deepEqual(await find(db, text), [a], text)
  })

  t.behaviour('text.accents-count', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ content: 'café' }, { content: 'cafe' }])
    assert.deepEqual(await find(db, 'café'), [a])
    assert.deepEqual(await find(db, 'cafe'), [b])
  })

  for (const [query, content] of [
    ['connection', 'connections'],
    ['connecting', 'connected'],
    ['running', 'runs'],
    ['happiness', 'happy'],
    ['stories', 'story'],
    ['database', 'databases'],
    ['indexing', 'index'],
    ['relational', 'relate'],
  ] as const) {
    t.behaviour(`text.stem.${query}-finds-${content}`, async ({ db }) => {
      const [a] = await addChunks(db, [{ content: `about ${content} here` }, { content: 'other' }])
      assert.deepEqual(await find(db, query), [a])
    })
  }

  t.behaviour('text.stop-words-do-not-count', async ({ db }) => {
    const [a] = await addChunks(db, [{ content: 'pool size' }])
    assert.deepEqual(await find(db, 'the size of the pool'), [a])
  })

  for (const text of ['', '   ', 'the of and', '!!! ??? ---', '"', '()']) {
    t.behaviour(`text.nothing-to-find.${JSON.stringify(text).length}-${text.length}`, async ({ db }) => {
      await addChunks(db, [{ content: 'the of and pool' }])
      assert.deepEqual(await find(db, text), [])
    })
  }

  for (const word of ['js', 'db', 'ai', 'x', '42', 'c3', 'com', 'www', 'de', 'und']) {
    t.behaviour(`text.short-or-common.${word}`, async ({ db }) => {
      const [a] = await addChunks(db, [{ content: `first ${word} last` }, { content: 'first last' }])
      assert.deepEqual(await find(db, word), [a])
    })
  }

  t.behaviour('text.identifiers-fall-apart', async ({ db }) => {
    const [a] = await addChunks(db, [{ content: 'call db.pool_size/acquire-connection(example.com/path) please' }])
    for (const text of ['pool', 'size', 'acquire', 'connection', 'example', 'path', 'pool_size', 'example.com'])
      assert.deepEqual(await find(db, text), [a], text)
  })

  t.behaviour('text.filter-applies', async ({ db }) => {
    const [, b] = await addChunks(db, [
      { content: 'pool one', source_id: 'x' },
      { content: 'pool two', source_id: 'y' },
    ])
    assert.deepEqual(await find(db, 'pool', { filter: { source_id: 'y' } }), [b])
    assert.deepEqual(await find(db, 'pool', { filter: { source_id: 'z' } }), [])
  })

  t.behaviour('text.json-filter-applies', async ({ db }) => {
    const [a] = await addChunks(db, [
      { content: 'pool', metadata: { knowledge_type: 'technical' } },
      { content: 'pool', metadata: { knowledge_type: 'business' } },
    ])
    assert.deepEqual(await find(db, 'pool', { filter: { metadata: { knowledge_type: 'technical' } } }), [a])
  })

  t.behaviour('text.limit', async ({ db }) => {
    const all = await addChunks(
      db,
      Array.from({ length: 12 }, () => ({ content: 'pool' })),
    )
    assert.deepEqual(await find(db, 'pool'), all.slice(0, 10))
    assert.deepEqual(await find(db, 'pool', { limit: 3 }), all.slice(0, 3))
    assert.deepEqual(await find(db, 'pool', { limit: 0 }), [])
    assert.deepEqual(await find(db, 'pool', { limit: 100 }), all)
  })

  t.behaviour('text.code-examples-search-summaries-too', async ({ db }) => {
    await addChunks(db, [])
    await db.insert('archon_sources', { source_id: 's' })
    const { rows } = await db.insert<{ id: number }>(
      EXAMPLES,
      [
        { url: 'u', chunk_number: 0, content: 'const a = 1', summary: 'Declares a constant', source_id: 's' },
        { url: 'u', chunk_number: 1, content: 'constant()', summary: 'Calls it', source_id: 's' },
        { url: 'u', chunk_number: 2, content: 'const b = 2', summary: 'Other', source_id: 's' },
      ],
      { returning: ['id'] },
    )
    const hits = await db.search(EXAMPLES, { text: 'constant', columns: ['id'] })
    assert.deepEqual(new Set(ids(hits)), new Set([rows[0]?.id, rows[1]?.id]))
    assert.deepEqual(ids(await db.search(EXAMPLES, { text: 'declare const', columns: ['id'] })), [rows[0]?.id])
  })

  t.behaviour('text.other-tables-refused', async ({ db }) => {
    await rejects(db.search('archon_tasks', { text: 'x' }), 'unsupported', { messageIncludes: 'archon_crawled_pages' })
  })

  t.behaviour('text.inputs-refused', async ({ db }) => {
    for (const spec of [
      {},
      { mode: 'keyword' },
      { text: 5 },
      { text: 'x', limit: -1 },
      { text: 'x', limit: 1.5 },
      { text: 'x', mode: 'fuzzy' },
      { text: 'x', columns: ['nope'] },
    ]) {
      await rejects(db.search(CHUNKS, spec as object), 'invalid_input')
    }
    await rejects(db.search(CHUNKS, { text: 'x', filter: { nope: 1 } }), 'invalid_filter')
  })

  t.behaviour('text.columns', async ({ db }) => {
    await addChunks(db, [{ content: 'pool', vector: [1] }])
    const [all] = await db.search(CHUNKS, { text: 'pool' })
    assert.ok(
      all &&
        !Object.keys(all.row).some(
          (key) => key.startsWith('embedding_') && key !== 'embedding_model' && key !== 'embedding_dimension',
        ),
    )
    assert.equal(all.row.content, 'pool')
    const [some] = await db.search(CHUNKS, { text: 'pool', columns: ['url', 'embedding_384'] })
    assert.deepEqual(Object.keys(some?.row ?? {}), ['url', 'embedding_384'])
  })
}

function syntaxIsData(t: SuiteBuilder): void {
  for (const [name, text] of Object.entries({
    quotes: '"pool"',
    'open-quote': '"pool',
    star: 'pool*',
    minus: '-pool',
    plus: '+pool',
    colon: 'content:pool',
    'column-filter': '{content}: pool',
    or: 'pool | nothere',
    parens: '(pool)',
    near: 'NEAR(pool pool)',
    tilde: '~pool',
    at: 'pool @3',
    caret: '^pool',
    percent: '%pool%',
    backslash: 'pool\\',
    apostrophe: "pool'",
    semicolon: "pool'; drop table archon_tasks; --",
    ampersand: 'pool & pool',
    brackets: 'pool <-> pool',
    hash: '#pool$',
  })) {
    t.behaviour(`text.data.${name}`, async ({ db }) => {
      const [a] = await addChunks(db, [
        { content: 'a pool near content here with drop table archon tasks nothere or 3' },
        { content: 'unrelated' },
      ])
      assert.deepEqual(await find(db, text), [a])
      assert.equal(await db.count('archon_tasks'), 0)
    })
  }
  t.behaviour('text.data.words-that-are-operators-elsewhere', async ({ db }) => {
    const [a] = await addChunks(db, [{ content: 'near' }, { content: 'far' }])
    assert.deepEqual(await find(db, 'near'), [a])
    assert.deepEqual(await find(db, 'near AND far'), [])
  })
}

function languages(t: SuiteBuilder): void {
  for (const [name, content, query] of [
    ['german', 'Die Größe der Übertragung', 'größe'],
    ['greek', 'η βάση δεδομένων', 'βάση'],
    ['russian', 'база данных и пул', 'данных'],
    ['turkish', 'veritabanı bağlantısı', 'bağlantısı'],
    ['chinese', '数据库连接池已经耗尽', '连接池'],
    ['japanese', 'データベースの接続プール', '接続'],
    ['korean', '데이터베이스 연결 풀', '연결'],
    ['thai', 'ฐานข้อมูลและการเชื่อมต่อ', 'การเชื่อมต่อ'],
    ['hindi', 'डेटाबेस कनेक्शन', 'कनेक्शन'],
    ['arabic', 'قاعدة البيانات', 'البيانات'],
  ] as const) {
    t.behaviour(`text.language.${name}`, async ({ db }) => {
      const [a] = await addChunks(db, [{ content }, { content: 'something else' }])
      assert.deepEqual(await find(db, query), [a])
    })
  }
}

function ranking(t: SuiteBuilder): void {
  t.behaviour('text.more-often-ranks-higher', async ({ db }) => {
    const [a, b] = await addChunks(db, [
      { content: 'pool and some other words here' },
      { content: 'pool pool pool some other words' },
    ])
    assert.deepEqual(await find(db, 'pool'), [b, a])
  })

  t.behaviour('text.closer-ranks-higher', async ({ db }) => {
    const filler = 'word '.repeat(30)
    const [a, b] = await addChunks(db, [
      { content: `connection ${filler} pool` },
      { content: `connection pool ${filler}` },
    ])
    assert.deepEqual(await find(db, 'connection pool'), [b, a])
  })

  t.behaviour('text.ties-by-id', async ({ db }) => {
    const all = await addChunks(
      db,
      Array.from({ length: 5 }, () => ({ content: 'same pool text' })),
    )
    assert.deepEqual(await find(db, 'pool'), all)
  })

  t.behaviour('text.scores', async ({ db }) => {
    await addChunks(db, [{ content: 'the pool' }])
    const [hit] = await db.search(CHUNKS, { text: 'pool', columns: ['content'] })
    // Two words: slowness = 1.2 × (0.25 + 0.75 × 2 / 400); frequency = 1 / (1 + slowness); closeness = 1.
    const expected = 0.75 * (1 / (1 + 1.2 * (1 - 0.75 + (0.75 * 2) / 400))) + 0.25 * 1
    assert.deepEqual(hit, {
      row: { content: 'the pool' },
      score: expected,
      similarity: null,
      keywordScore: expected,
      matchType: 'keyword',
    })
  })
}

function following(t: SuiteBuilder): void {
  t.behaviour('text.follows-updates-and-deletes', async ({ db }) => {
    const [a, b] = await addChunks(db, [{ content: 'pool' }, { content: 'water' }])
    await db.update(CHUNKS, { content: 'lake' }, { where: { id: a as number } })
    await db.update(CHUNKS, { content: 'pool' }, { where: { id: b as number } })
    assert.deepEqual(await find(db, 'pool'), [b])
    await db.delete(CHUNKS, { where: { id: b as number } })
    assert.deepEqual(await find(db, 'pool'), [])
    assert.deepEqual(await find(db, 'lake'), [a])
  })

  t.behaviour('text.cascaded-deletes-are-gone', async ({ db }) => {
    await addChunks(db, [{ content: 'pool' }])
    await db.delete('archon_sources', { where: { source_id: 's' } })
    assert.deepEqual(await find(db, 'pool'), [])
  })

  t.behaviour('text.inside-a-transaction', async ({ db }) => {
    await addChunks(db, [{ content: 'pool' }])
    await db.transaction(async (tx) => {
      const [b] = await addChunks(tx, [{ content: 'lake' }], 'https://example.org/b')
      assert.deepEqual(await find(tx, 'lake'), [b])
      await tx.delete(CHUNKS, { where: { content: 'pool' } })
      assert.deepEqual(await find(tx, 'pool'), [])
    })
  })

  t.behaviour('text.rolled-back-rows-never-appear', async ({ db }) => {
    await assert.rejects(
      db.transaction(async (tx) => {
        await addChunks(tx, [{ content: 'pool' }])
        throw new Error('no')
      }),
    )
    assert.deepEqual(await find(db, 'pool'), [])
  })

  t.behaviour('text.large-rows', async ({ db }) => {
    const [a] = await addChunks(db, [{ content: `${'filler words here '.repeat(120_000)} needle` }])
    assert.deepEqual(await find(db, 'needle'), [a])
  })
}
