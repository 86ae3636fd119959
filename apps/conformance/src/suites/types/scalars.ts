import assert from 'node:assert/strict'
import type { Database } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { BIGINT, BOOLEAN, DOUBLE, ENUM, INTEGER, type Place, roundTrip, TIMESTAMP, UUID } from './round-trip.ts'

export function scalars(t: SuiteBuilder): void {
  numbers(t)
  bigints(t)
  times(t)
  timesAsText(t)
  others(t)
}

export async function refuseAll(
  db: Database,
  { table, column, row }: Place,
  values: readonly unknown[],
): Promise<void> {
  const rest = await row(db, 0)
  for (const value of values) await rejects(db.insert(table, { ...rest, [column]: value }), 'invalid_input', { column })
  assert.equal(await db.count(table), 0)
}

function numbers(t: SuiteBuilder): void {
  t.behaviour('integer.extremes', async ({ db }) => {
    await roundTrip(db, INTEGER, [0, 1, -1, 2147483647, -2147483648, null])
  })
  t.behaviour('integer.minus-zero-and-bigint', async ({ db }) => {
    await roundTrip(db, INTEGER, [-0, 5n, -2147483648n], [0, 5, -2147483648])
  })
  t.behaviour('integer.refused', async ({ db }) => {
    await refuseAll(db, INTEGER, [
      2147483648,
      -2147483649,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '5',
      '',
      true,
      2147483648n,
      [],
      {},
      new Date(0),
    ])
  })
  t.behaviour('double.extremes', async ({ db }) => {
    const values = [
      0,
      0.1,
      -0.1,
      1 / 3,
      5e-324,
      2.2250738585072014e-308,
      1.7976931348623157e308,
      -1.7976931348623157e308,
      9007199254740994,
      1e21,
      123456789.12345679,
      0.1 + 0.2,
    ]
    await roundTrip(db, DOUBLE, values)
  })
  t.behaviour('double.minus-zero', async ({ db }) => {
    await roundTrip(db, DOUBLE, [-0], [0])
  })
  t.behaviour('double.random', async ({ db, random }) => {
    const values = Array.from({ length: 40 }, () => (random.next() - 0.5) * 10 ** random.integer(-300, 300))
    await roundTrip(db, DOUBLE, values)
  })
  t.behaviour('double.refused', async ({ db }) => {
    await refuseAll(db, DOUBLE, [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      '1.5',
      5n,
      true,
      [],
      {},
    ])
  })
}

function bigints(t: SuiteBuilder): void {
  t.behaviour('bigint.beyond-two-to-the-53', async ({ db }) => {
    await roundTrip(db, BIGINT, [
      1,
      2147483648,
      9007199254740991,
      9007199254740992n,
      9007199254740993n,
      1000000000000000003n,
    ])
  })
  t.behaviour('bigint.small-ones-are-numbers', async ({ db }) => {
    await roundTrip(db, BIGINT, [7n, 9007199254740991n], [7, 9007199254740991])
  })
  t.behaviour('bigint.negative-and-zero', async ({ db }) => {
    await roundTrip(db, BIGINT, [-1, -9007199254740993n, 0], [-1, -9007199254740993n, 0])
  })
  // In a database of its own: after the last number there is no next one.
  t.behaviour('bigint.ends-of-64-bits', async ({ fresh }) => {
    const { db } = await fresh()
    await roundTrip(db, BIGINT, [-9223372036854775808n, 9223372036854775807n])
    const { rows } = await db.select('archon_crawled_pages', { columns: ['id'], orderBy: 'desc(id)' })
    assert.deepEqual(rows, [{ id: 9223372036854775807n }, { id: -9223372036854775808n }])
  })
  t.behaviour('bigint.found-by-number-and-bigint', async ({ db }) => {
    await roundTrip(db, BIGINT, [5, 9007199254740993n])
    assert.equal(await db.count('archon_crawled_pages', { id: 5n }), 1)
    assert.equal(await db.count('archon_crawled_pages', { id: 9007199254740993n }), 1)
    assert.equal(await db.count('archon_crawled_pages', { id: 9007199254740992n }), 0)
    assert.equal(await db.count('archon_crawled_pages', { id: { in: [5n, 5, 9007199254740993n] } }), 2)
  })
  t.behaviour('bigint.refused', async ({ db }) => {
    await refuseAll(db, BIGINT, [2 ** 53, -(2 ** 53), 1.5, Number.NaN, '5', 2n ** 63n, -(2n ** 63n) - 1n, true, {}])
  })
  // In a database of its own: others have used up small numbers.
  t.behaviour('bigint.numbered-by-the-database', async ({ fresh }) => {
    const { db } = await fresh()
    const row = await BIGINT.row(db, 0)
    const { rows } = await db.insert<{ id: unknown }>('archon_crawled_pages', [row, { ...row, url: 'v' }])
    const [first, second] = rows.map(({ id }) => id)
    assert.equal(typeof first, 'number')
    assert.ok((second as number) > (first as number))
    await db.delete('archon_crawled_pages', { where: { id: second as number } })
    const [next] = (await db.insert<{ id: number }>('archon_crawled_pages', { ...row, url: 'w' })).rows
    assert.ok((next?.id ?? 0) > (second as number), 'a number is not given twice')
  })
}

const date = (text: string): Date => new Date(text)

function times(t: SuiteBuilder): void {
  t.behaviour('timestamp.milliseconds', async ({ db }) => {
    const texts = [
      '1970-01-01T00:00:00.000Z',
      '2024-02-29T23:59:59.999Z',
      '2024-02-29T23:59:59.001Z',
      '1969-12-31T23:59:59.999Z',
      '2038-01-19T03:14:08.000Z',
      '1900-01-01T00:00:00.001Z',
    ]
    await roundTrip(db, TIMESTAMP, texts.map(date))
  })
  t.behaviour('timestamp.ends', async ({ db }) => {
    await roundTrip(
      db,
      TIMESTAMP,
      ['1000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '1582-10-10T00:00:00.000Z'].map(date),
    )
  })
  t.behaviour('timestamp.hours-that-some-zone-skips', async ({ db }) => {
    const texts = [
      '2024-03-31T01:30:00.000Z',
      '2024-03-31T02:30:00.000Z',
      '2024-10-27T00:30:00.000Z',
      '2024-10-27T01:30:00.000Z',
      '2024-03-10T07:30:00.000Z',
    ]
    await roundTrip(db, TIMESTAMP, texts.map(date))
  })
  t.behaviour('timestamp.text-without-zone-is-utc', async ({ db }) => {
    const texts = [
      '2024-07-01T12:34:56.789',
      '2024-07-01 12:34:56',
      '2024-07-01T12:34',
      '2024-07-01',
      '2024-07-01T12:34:56.7',
      '2024-07-01T12:34:56,5',
    ]
    const times = [
      '2024-07-01T12:34:56.789Z',
      '2024-07-01T12:34:56.000Z',
      '2024-07-01T12:34:00.000Z',
      '2024-07-01T00:00:00.000Z',
      '2024-07-01T12:34:56.700Z',
      '2024-07-01T12:34:56.500Z',
    ]
    await roundTrip(db, TIMESTAMP, texts, times.map(date))
  })
  t.behaviour('timestamp.offsets', async ({ db }) => {
    const texts = [
      '2024-07-01T12:00:00Z',
      '2024-07-01T12:00:00z',
      '2024-07-01T12:00:00+02:00',
      '2024-07-01T12:00:00-0530',
      '2024-07-01T12:00:00+05',
      '2024-01-01T00:30:00+01:00',
      '2024-07-01T12:00:00 +00:00',
    ]
    const times = [
      '2024-07-01T12:00:00Z',
      '2024-07-01T12:00:00Z',
      '2024-07-01T10:00:00Z',
      '2024-07-01T17:30:00Z',
      '2024-07-01T07:00:00Z',
      '2023-12-31T23:30:00Z',
      '2024-07-01T12:00:00Z',
    ]
    await roundTrip(db, TIMESTAMP, texts, times.map(date))
  })
}

function timesAsText(t: SuiteBuilder): void {
  t.behaviour('timestamp.finer-than-milliseconds-is-cut', async ({ db }) => {
    const texts = ['2024-07-01T12:00:00.123456Z', '2024-07-01T12:00:00.999999Z', '2024-07-01T12:00:00.0009Z']
    const times = ['2024-07-01T12:00:00.123Z', '2024-07-01T12:00:00.999Z', '2024-07-01T12:00:00.000Z']
    await roundTrip(db, TIMESTAMP, texts, times.map(date))
  })
  t.behaviour('timestamp.filter-by-text-and-date', async ({ db }) => {
    await roundTrip(db, TIMESTAMP, [date('2024-07-01T12:00:00.001Z'), date('2024-07-01T12:00:00.002Z')])
    const count = (test: object | string): Promise<number> => db.count('archon_tasks', { archived_at: test })
    assert.equal(await count('2024-07-01T14:00:00.001+02:00'), 1)
    assert.equal(await count({ gt: '2024-07-01 12:00:00.001' }), 1)
    assert.equal(await count({ in: ['2024-07-01T12:00:00.001Z', date('2024-07-01T12:00:00.002Z')] }), 2)
    assert.equal(await count({ between: [date('2024-07-01T12:00:00.001Z'), '2024-07-01T12:00:00.001Z'] }), 1)
  })
  t.behaviour('timestamp.refused', async ({ db }) => {
    const texts = [
      '',
      'now',
      'yesterday',
      '2024',
      '2024-13-01',
      '2024-02-30',
      '2023-02-29',
      '2024-07-01T24:00:00',
      '2024-07-01T12:60:00Z',
      '01.07.2024',
      'Mon Jul 01 2024',
      '1719835200000',
      '0999-12-31T23:59:59.999Z',
      '+012024-01-01T00:00:00Z',
      '2024-07-01T12:00:00 CET',
      '1000-01-01T00:00:00+01:00',
      '9999-12-31T23:59:59-01:00',
    ]
    await refuseAll(db, TIMESTAMP, [
      ...texts,
      0,
      1719835200000,
      true,
      {},
      new Date(Number.NaN),
      date('0999-12-31T23:59:59.999Z'),
      date('+010000-01-01T00:00:00.000Z'),
    ])
  })
}

function others(t: SuiteBuilder): void {
  t.behaviour('boolean.values', async ({ db }) => {
    await roundTrip(db, BOOLEAN, [true, false, null])
  })
  t.behaviour('boolean.refused', async ({ db }) => {
    await refuseAll(db, BOOLEAN, [0, 1, 'true', 'false', 't', '', 1n, {}, []])
  })
  t.behaviour('enum.values', async ({ db }) => {
    await roundTrip(db, ENUM, ['todo', 'doing', 'review', 'done', null])
  })
  t.behaviour('enum.refused', async ({ db }) => {
    await refuseAll(db, ENUM, ['', 'Todo', 'todo ', 'DONE', 'archived', 0, 1, true, ['todo']])
  })
  t.behaviour('uuid.lower-case-form', async ({ db }) => {
    const ids = [
      '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12',
      'ABCDEF01-2345-4789-ABCD-EF0123456789',
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ]
    await roundTrip(
      db,
      UUID,
      ids,
      ids.map((id) => id.toLowerCase()),
    )
    assert.equal(await db.count('archon_prompts', { id: 'AbCdEf01-2345-4789-ABCD-ef0123456789' }), 1)
    assert.equal(await db.count('archon_prompts', { id: { in: ids } }), 4)
  })
  t.behaviour('uuid.refused', async ({ db }) => {
    await refuseAll(db, UUID, [
      '',
      'x',
      '0198c1d27a5e7c3b9f102b4c6d8e0f12',
      '{0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12}',
      '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f1',
      '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f1g',
      ' 0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12',
      5,
      {},
    ])
  })
  t.behaviour('uuid.made-by-the-client-in-order', async ({ db }) => {
    const rows = Array.from({ length: 200 }, (_, i) => ({ prompt_name: `n${i}`, prompt: 'x' }))
    const before = Date.now()
    const ids = (await db.insert<{ id: string }>('archon_prompts', rows)).rows.map(({ id }) => id)
    const after = Date.now()
    assert.deepEqual(ids, ids.toSorted())
    assert.equal(new Set(ids).size, 200)
    for (const id of ids) {
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      const time = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
      assert.ok(time >= before - 1000 && time <= after + 1000, `${id} was made at ${time}`)
    }
  })
}
