import assert from 'node:assert/strict'
import { type Filter, jsonMerge, type Row, sql } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { guard, HOSTILE, intact } from './hostile.ts'

const PROJECTS = 'archon_projects'

/** Values are data: they are stored, found and given back as they are. */
export function values(t: SuiteBuilder): void {
  stored(t)
  compared(t)
  insideJson(t)
  searched(t)
  keys(t)
}

function stored(t: SuiteBuilder): void {
  t.behaviour('value.stored', async ({ db }) => {
    await guard(db)
    const rows = HOSTILE.map((title) => ({ title, description: title, github_repo: title }))
    const inserted = await db.insert(PROJECTS, rows, { returning: ['title', 'description', 'github_repo'] })
    assert.deepEqual(inserted.rows, rows)
    for (const title of HOSTILE) {
      const updated = await db.update(
        PROJECTS,
        { description: `${title}!` },
        { where: { title }, returning: ['description'] },
      )
      assert.deepEqual(updated.rows, [{ description: `${title}!` }])
    }
    for (const title of HOSTILE) assert.equal((await db.delete(PROJECTS, { where: { title } })).count, 1)
    await intact(db)
  })
  t.behaviour('value.upserted', async ({ db }) => {
    await guard(db)
    const rows = HOSTILE.map((key) => ({ key, value: key }))
    const first = await db.upsert('archon_settings', rows, { onConflict: ['key'], returning: ['key', 'value'] })
    const second = await db.upsert('archon_settings', rows, { onConflict: ['key'], returning: ['key', 'value'] })
    assert.deepEqual([first.rows, second.rows], [rows, rows])
    assert.deepEqual(
      second.inserted,
      rows.map(() => false),
    )
    await intact(db)
  })
  t.behaviour('value.of-raw-sql', { needs: 'sql' }, async ({ db }) => {
    await guard(db)
    for (const text of HOSTILE) {
      const { rows } = await db.execute(sql`select title from archon_tasks where title = ${text} or feature = ${text}`)
      assert.deepEqual(rows, [])
    }
    await intact(db)
  })
}

function compared(t: SuiteBuilder): void {
  const operators: Readonly<Record<string, (text: string) => unknown>> = {
    eq: (text) => text,
    in: (text) => ({ in: [text, 'nothing'] }),
    like: (text) => ({ like: text.replaceAll(/[\\%_]/g, '\\$&') }),
    ilike: (text) => ({ ilike: text.toUpperCase().replaceAll(/[\\%_]/g, '\\$&') }),
    contains: (text) => ({ contains: text }),
    'starts-with': (text) => ({ startsWith: text }),
    'ends-with': (text) => ({ endsWith: text }),
    between: (text) => ({ between: [text, text] }),
    'not-distinct': (text) => ({ gte: text, lte: text }),
  }
  for (const [name, test] of Object.entries(operators)) {
    t.behaviour(`value.compared.${name}`, async ({ db }) => {
      await guard(db)
      const closed = HOSTILE.map((text) => `<${text}>`)
      await db.insert(
        PROJECTS,
        closed.map((title) => ({ title })),
        { returning: false },
      )
      for (const text of closed) {
        const { rows } = await db.select(PROJECTS, { columns: ['title'], where: { title: test(text) } as Filter })
        assert.deepEqual(rows, [{ title: text }])
      }
      await intact(db)
    })
  }
}

function insideJson(t: SuiteBuilder): void {
  const path = (text: string): string => `data."${text.replaceAll(/["\\]/g, '\\$&')}"`
  t.behaviour('json.keys-and-values', async ({ db }) => {
    await guard(db)
    const data = Object.fromEntries(HOSTILE.map((text) => [text, text]))
    const { rows } = await db.insert(PROJECTS, { title: 'p', data })
    assert.deepEqual(rows[0]?.data, data)
    const merged = await db.update(PROJECTS, { data: jsonMerge(data) }, { where: { title: 'p' } })
    assert.deepEqual(merged.rows[0]?.data, data)
    await intact(db)
  })
  t.behaviour('json.paths', async ({ db }) => {
    await guard(db)
    await db.insert(PROJECTS, { title: 'p', data: Object.fromEntries(HOSTILE.map((text) => [text, 'v'])) })
    await db.insert(PROJECTS, { title: 'other', data: { v: 'v' } })
    for (const text of HOSTILE) {
      const where = { [path(text)]: 'v' } as Filter
      const { rows } = await db.select(PROJECTS, { columns: { title: 'title', at: path(text) }, where })
      assert.deepEqual(rows, [{ title: 'p', at: 'v' }], text)
      for (const test of [{ exists: true }, { like: 'v' }, { in: ['v'] }, { gte: 'v' }, { jsonContains: 'v' }])
        assert.equal(await db.count(PROJECTS, { [path(text)]: test } as Filter), 1, text)
      assert.equal(
        (await db.from(PROJECTS).whereJson('data', path(text).slice('data'.length).replace(/^/, '$'), 'v')).length,
        1,
      )
    }
    await intact(db)
  })
  t.behaviour('json.paths-in-groups', async ({ db }) => {
    await guard(db)
    for (const text of HOSTILE) {
      await db.insert(PROJECTS, { title: 'p', data: { [text]: text } })
      const rows = await db.aggregate(PROJECTS, { groupBy: [path(text)], aggregates: { n: 'count' } })
      assert.deepEqual(rows, [{ [path(text)]: text, n: 1 }])
      await db.delete(PROJECTS, { allRows: true })
    }
    await intact(db)
  })
  t.behaviour('json.unquoted-paths', async ({ db }) => {
    await guard(db)
    await db.insert(PROJECTS, { title: 'p', data: { a: 1 } })
    for (const text of HOSTILE) {
      const outcome = await db
        .count(PROJECTS, { [`data.${text}`]: 1 } as Filter)
        .catch((error: { code?: string }) => error.code)
      assert.ok(outcome === 0 || outcome === 'invalid_filter', `${text}: ${outcome}`)
    }
    await intact(db)
  })
  t.behaviour('json.contained', async ({ db }) => {
    await guard(db)
    const documents = HOSTILE.map((text) => ({ [text]: [text, { [text]: text }] }))
    await db.insert(
      PROJECTS,
      documents.map((data, i) => ({ title: `p${i}`, data })),
    )
    for (const [i, document] of documents.entries()) {
      const { rows } = await db.select(PROJECTS, { columns: ['title'], where: { data: { jsonContains: document } } })
      assert.deepEqual(rows, [{ title: `p${i}` }])
    }
    await intact(db)
  })
}

function searched(t: SuiteBuilder): void {
  t.behaviour('search.text', async ({ db }) => {
    await guard(db)
    await db.insert('archon_sources', { source_id: 's' })
    await db.insert('archon_crawled_pages', {
      url: 'u',
      chunk_number: 0,
      content: 'a pool of connections',
      source_id: 's',
    })
    const operators = [
      'pool" OR content:"',
      'pool AND NOT pool',
      '+pool -connections',
      'NEAR(pool connections)',
      'content: pool',
      '"pool',
      'pool*)',
      '(((',
      "pool' & !'x",
      'pool | | ',
      '@@',
      '<->',
      '~*',
      '^pool',
      '{pool}',
    ]
    for (const text of [...HOSTILE, ...operators]) {
      const hits = await db.search('archon_crawled_pages', { text })
      assert.ok(hits.length <= 1)
    }
    assert.equal((await db.search('archon_crawled_pages', { text: 'pool' })).length, 1)
    await intact(db)
  })
  t.behaviour('search.filter', async ({ db }) => {
    await guard(db)
    for (const text of HOSTILE) {
      await rejects(db.search('archon_crawled_pages', { text: 'a', filter: { [text]: 1 } as Filter }), 'invalid_filter')
      assert.deepEqual(await db.search('archon_crawled_pages', { text: 'a', filter: { url: text } }), [])
    }
    await intact(db)
  })
}

/** Names that mean something to JavaScript. */
function keys(t: SuiteBuilder): void {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__']
  t.behaviour('javascript.names', async ({ db }) => {
    await guard(db)
    for (const name of names) {
      const own = (value: unknown): Row => JSON.parse(`{ "${name}": ${JSON.stringify(value)} }`) as Row
      await rejects(db.select(name), 'invalid_input')
      await rejects(db.select('archon_tasks', { where: own(1) }), 'invalid_filter')
      await rejects(db.select('archon_tasks', { where: { title: own(1) } as Filter }), 'invalid_filter')
      await rejects(db.select('archon_tasks', { orderBy: name }), 'invalid_filter')
      await rejects(db.insert('archon_tasks', { title: 't', ...own(1) }), 'invalid_input')
      await rejects(db.update('archon_tasks', own(1), { allRows: true }), 'invalid_input')
    }
    assert.equal(({} as Row).polluted, undefined)
    await intact(db)
  })
  t.behaviour('javascript.prototype-stays-clean', async ({ db }) => {
    await guard(db)
    const data = JSON.parse(
      '{ "__proto__": { "polluted": true }, "constructor": { "prototype": { "polluted": true } } }',
    ) as Row
    await db.insert(PROJECTS, { title: 'p', data })
    const { rows } = await db.update(PROJECTS, { data: jsonMerge(data) }, { where: { title: 'p' } })
    assert.deepEqual(Object.keys(rows[0]?.data as Row).sort(), ['__proto__', 'constructor'])
    assert.equal(({} as Row).polluted, undefined)
    const result = await db.select(PROJECTS, {
      columns: JSON.parse('{ "__proto__": "data" }') as Record<string, string>,
    })
    assert.deepEqual(Object.keys(result.rows[0] ?? {}), ['__proto__'])
    assert.equal(({} as Row).polluted, undefined)
    await intact(db)
  })
}
