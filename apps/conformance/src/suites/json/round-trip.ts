import assert from 'node:assert/strict'
import { type Database, jsonNull } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { TABLE } from './documents.ts'

async function roundTrip(db: Database, documents: readonly unknown[], expected = documents): Promise<void> {
  for (const [i, data] of documents.entries()) {
    const inserted = await db.insert(TABLE, { title: `p${i}`, data })
    assert.deepEqual(inserted.rows[0]?.data, expected[i], `inserted ${i}`)
    const where = { title: `p${i}` }
    assert.deepEqual((await db.select(TABLE, { where })).rows[0]?.data, expected[i], `selected ${i}`)
    await db.update(TABLE, { data: 'something else' }, { where })
    const updated = await db.update(TABLE, { data }, { where })
    assert.deepEqual(updated.rows[0]?.data, expected[i], `updated ${i}`)
  }
}

function nested(levels: number, kind: 'array' | 'object'): unknown {
  let document: unknown = 1
  for (let level = 0; level < levels; level++) document = kind === 'array' ? [document] : { a: document }
  return document
}

export function roundTrips(t: SuiteBuilder): void {
  values(t)
  nulls(t)
  shapes(t)
  conversions(t)
  refusals(t)
}

function values(t: SuiteBuilder): void {
  t.behaviour('round-trip.scalars', async ({ db }) => {
    await roundTrip(db, ['', 'a', 'é😀', '5', 'true', 'null', 0, 1, -1, 1.5, true, false])
  })
  t.behaviour('round-trip.containers', async ({ db }) => {
    await roundTrip(db, [{}, [], [[]], [{}], { a: {} }, { a: [] }, [1, 'a', true, null, { b: [2] }]])
  })
  t.behaviour('round-trip.numbers', async ({ db }) => {
    const numbers = [
      0.1,
      -0.1,
      1e21,
      1e-7,
      9007199254740991,
      -9007199254740991,
      1.7976931348623157e308,
      1 / 3,
      0.1 + 0.2,
      4294967296,
      123456789.12345679,
    ]
    await roundTrip(db, [numbers, ...numbers.map((n) => ({ n }))])
  })
  t.behaviour('round-trip.very-small-numbers', async ({ db }) => {
    await roundTrip(db, [[2.2250738585072014e-308, 1e-300, 5e-324]])
  })
  t.behaviour('round-trip.minus-zero', async ({ db }) => {
    await roundTrip(db, [{ n: -0 }], [{ n: 0 }])
  })
  t.behaviour('round-trip.strings', async ({ db }) => {
    const strings = [
      '\n\r\t\b\f\v',
      '"quotes"',
      "it's",
      '\\',
      '\\n',
      '\\u0041',
      '\u0001\u001f\u007f',
      '\u2028\u2029',
      '\ufeff',
      '</script>',
      '日本語',
      '𝒜😀',
      'a'.repeat(10_000),
    ]
    await roundTrip(db, [
      strings,
      ...strings.map((text) => ({ text })),
      Object.fromEntries(strings.map((text, i) => [text, i])),
    ])
  })
}

function nulls(t: SuiteBuilder): void {
  t.behaviour('null.inside-documents', async ({ db }) => {
    await roundTrip(db, [{ a: null }, [null], [null, null, 1]])
  })
  t.behaviour('null.of-sql', async ({ db }) => {
    const { rows } = await db.insert(TABLE, { title: 'p', data: null })
    assert.equal(rows[0]?.data, null)
    assert.equal(await db.count(TABLE, { data: null }), 1)
    assert.equal(await db.count(TABLE, { data: { isNull: false } }), 0)
  })
  t.behaviour('null.of-json', async ({ db }) => {
    const { rows } = await db.insert(TABLE, { title: 'p', data: jsonNull })
    assert.equal(rows[0]?.data, jsonNull)
    assert.equal((await db.select(TABLE)).rows[0]?.data, jsonNull)
    assert.equal(JSON.stringify(rows[0]?.data), 'null')
    assert.equal(await db.count(TABLE, { data: null }), 0)
    assert.equal(await db.count(TABLE, { data: { isNull: false } }), 1)
    assert.equal(await db.count(TABLE, { data: { exists: true } }), 1)
    assert.equal(await db.count(TABLE, { data: { jsonContains: null } }), 1)
  })
  t.behaviour('null.of-json-comes-back-in', async ({ db }) => {
    await db.insert(TABLE, { title: 'p', data: jsonNull })
    const [row] = (await db.select(TABLE)).rows
    await db.update(TABLE, { data: row?.data }, { where: { title: 'p' } })
    assert.equal((await db.select(TABLE)).rows[0]?.data, jsonNull)
    await db.update(TABLE, { data: null }, { where: { title: 'p' } })
    assert.equal((await db.select(TABLE)).rows[0]?.data, null)
  })
  t.behaviour('null.of-json-in-a-required-column', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const chunk = { url: 'u', chunk_number: 0, content: 'c', source_id: 's' }
    await rejects(db.insert('archon_crawled_pages', { ...chunk, metadata: null }), 'not_null_violation')
    const { rows } = await db.insert('archon_crawled_pages', { ...chunk, metadata: jsonNull })
    assert.equal(rows[0]?.metadata, jsonNull)
  })
  t.behaviour('null.fetched-by-path', async ({ db }) => {
    await db.insert(TABLE, { title: 'p', data: { n: null, s: 'x', o: { a: [1] } } })
    const columns = {
      n: 'data.n',
      missing: 'data.missing',
      s: 'data.s',
      o: 'data.o',
      first: 'data.o.a[0]',
      none: 'data.s.x',
    }
    const { rows } = await db.select(TABLE, { columns })
    assert.deepEqual(rows, [{ n: null, missing: null, s: 'x', o: { a: [1] }, first: 1, none: null }])
  })
}

function shapes(t: SuiteBuilder): void {
  t.behaviour('shape.keys-of-every-sort', async ({ db }) => {
    const keys = [
      '',
      ' ',
      'a.b',
      '$',
      '$a',
      'a b',
      "it's",
      'q"q',
      'back\\slash',
      'ключ',
      '😀',
      '0',
      '10',
      '2',
      '[0]',
      '*',
      '#',
      '@',
      'to',
      '\n',
      'a\u0301',
      'á',
      'A',
      'a',
    ]
    await roundTrip(db, [Object.fromEntries(keys.map((key, i) => [key, i]))])
  })
  t.behaviour('shape.keys-of-objects-themselves', async ({ db }) => {
    await roundTrip(db, [
      JSON.parse('{ "__proto__": { "x": 1 }, "constructor": 2, "toString": "y", "hasOwnProperty": null }'),
    ])
  })
  t.behaviour('shape.deep', async ({ db }) => {
    await roundTrip(db, [nested(90, 'array'), nested(90, 'object')])
  })
  t.behaviour('shape.wide', async ({ db }) => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key ${i}`, i]))
    await roundTrip(db, [wide, Array.from({ length: 5000 }, (_, i) => ({ i }))])
  })
  t.behaviour('shape.keys-that-differ-in-case', async ({ db }) => {
    await roundTrip(db, [{ key: 1, Key: 2, KEY: 3 }])
    assert.equal(await db.count(TABLE, { 'data.Key': 2 }), 1)
    assert.equal(await db.count(TABLE, { 'data.Key': 1 }), 0)
  })
}

function conversions(t: SuiteBuilder): void {
  t.behaviour('conversion.undefined-members-vanish', async ({ db }) => {
    await roundTrip(db, [{ a: undefined, b: { c: undefined } }], [{ b: {} }])
  })
  t.behaviour('conversion.dates-become-text', async ({ db }) => {
    const at = new Date('2024-02-29T23:59:59.999Z')
    await roundTrip(db, [{ at, list: [at] }], [{ at: at.toISOString(), list: [at.toISOString()] }])
    assert.equal(await db.count(TABLE, { 'data.at': at }), 1)
  })
  t.behaviour('conversion.objects-without-prototype', async ({ db }) => {
    await roundTrip(db, [Object.assign(Object.create(null) as object, { a: 1 })], [{ a: 1 }])
  })
}

function refusals(t: SuiteBuilder): void {
  t.behaviour('refused.not-json', async ({ db }) => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    class Point {
      x = 1
    }
    const refused: readonly unknown[] = [
      Number.NaN, Number.POSITIVE_INFINITY, { n: Number.NaN }, [Number.NEGATIVE_INFINITY], 5n, { n: 5n }, [undefined], () => 1, { f: () => 1 }, Symbol('a'), { s: Symbol('a') },
      new Map([['a', 1]]), { m: new Set([1]) }, new Point(), { p: new Point() }, new Uint8Array(2), { r: /a/ }, circular,
    ] // biome-ignore format: a list
    for (const data of refused)
      await rejects(db.insert(TABLE, { title: 'p', data }), 'invalid_input', { column: 'data' })
    assert.equal(await db.count(TABLE), 0)
  })
  t.behaviour('refused.characters', async ({ db }) => {
    for (const data of ['a\0', { a: '\0' }, ['\0'], { 'a\0': 1 }, { a: { b: ['\ud800'] } }, { '\udc00': 1 }])
      await rejects(db.insert(TABLE, { title: 'p', data }), 'invalid_input', { column: 'data' })
  })
  t.behaviour('refused.too-deep', async ({ db }) => {
    await roundTrip(db, [nested(100, 'array')])
    await rejects(db.insert(TABLE, { title: 'p', data: nested(101, 'array') }), 'invalid_input', {
      column: 'data',
      messageIncludes: '100',
    })
    await rejects(db.insert(TABLE, { title: 'p', data: nested(50_000, 'object') }), 'invalid_input', { column: 'data' })
  })
}
