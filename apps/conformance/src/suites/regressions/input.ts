import assert from 'node:assert/strict'
import type { Database } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'

/** Callers without a type checker: every one of these is told what is wrong, in this library's own words. */
// biome-ignore lint/suspicious/noExplicitAny: the types would refuse all of these
const MISTAKES: Readonly<Record<string, (db: any) => Promise<unknown>>> = {
  'onConflict as text': (db) => db.upsert('archon_settings', { key: 'a' }, { onConflict: 'key' }),
  'returning as text': (db) => db.insert('archon_settings', { key: 'a' }, { returning: 'key' }),
  'update without options': (db) => db.update('archon_settings', { value: 'x' }),
  'delete without options': (db) => db.delete('archon_settings'),
  'null for options': (db) => db.select('archon_settings', null),
  'null for options of insert': (db) => db.insert('archon_settings', { key: 'a' }, null),
  'null for options of transaction': (db) => db.transaction(async () => 1, null),
  'null for options of stream': (db) => db.stream('archon_settings', null)[Symbol.asyncIterator]().next(),
  'no aggregates': (db) => db.aggregate('archon_settings', {}),
  'nothing to aggregate': (db) => db.aggregate('archon_settings'),
  'groupBy as text': (db) => db.aggregate('archon_settings', { groupBy: 'key', aggregates: { n: 'count' } }),
  'two results under one key': (db) =>
    db.aggregate('archon_settings', { groupBy: ['key'], aggregates: { key: 'count' } }),
  'columns as text': (db) => db.select('archon_settings', { columns: 'key' }),
  'columns null': (db) => db.select('archon_settings', { columns: null }),
  'unknown naming': (db) => db.select('archon_settings', { naming: 'camel' }),
  'naming of every object': (db) => db.select('archon_settings', { naming: '__proto__' }),
  'signal that is none': (db) => db.select('archon_settings', { signal: 5 }),
  'search for nothing': (db) => db.search('archon_crawled_pages'),
}

export function input(t: SuiteBuilder): void {
  t.behaviour('options.mistaken', { needs: 'sql' }, async ({ db }) => {
    for (const [mistake, call] of Object.entries(MISTAKES)) {
      const error = await call(db).then(
        () => new Error('it was accepted'),
        (caught: unknown) => caught as Error & { code?: unknown },
      )
      assert.equal((error as { code?: unknown }).code, 'invalid_input', `${mistake}: ${error}`)
    }
  })

  t.behaviour('dates.without-a-time', async ({ db }) => {
    const never = new Date(Number.NaN)
    await rejects(db.insert('archon_sources', { source_id: 'a', metadata: { at: never } }), 'invalid_input')
    await rejects(db.insert('archon_sources', { source_id: 'a', metadata: never }), 'invalid_input')
    await rejects(db.select('archon_sources', { where: { 'metadata.at': never } }), 'invalid_input')
    await rejects(db.select('archon_sources', { where: { created_at: never } }), 'invalid_input')
  })

  t.behaviour('filters.gaps-in-lists', async ({ db }) => {
    const gap = new Array(1)
    for (const where of [
      { and: gap },
      { or: [...gap, { key: 'a' }] },
      { or: Object.assign(new Array(2), { 1: { key: 'a' } }) },
    ])
      await rejects(db.select('archon_settings', { where }), 'invalid_filter')
    for (const list of [gap, Object.assign(new Array(2), { 1: 'a' })])
      await rejects(db.select('archon_settings', { where: { key: { in: list } } }), 'invalid_filter')
  })

  t.behaviour('keys.of-every-object', async ({ db }) => {
    await hostileKeys(db)
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  })
}

/** `__proto__` and its like as keys, wherever callers choose keys. */
async function hostileKeys(db: Database): Promise<void> {
  const metadata = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":2},"toString":3}')
  await db.insert('archon_sources', { source_id: 'a', metadata })
  const alias = JSON.parse('{"__proto__":"metadata","constructor":"source_id"}')
  const { rows } = await db.select('archon_sources', { columns: alias })
  assert.equal(spelled(rows), spelled([JSON.parse(`{"__proto__":${JSON.stringify(metadata)},"constructor":"a"}`)]))
  assert.equal(Object.getPrototypeOf(rows[0]), Object.prototype)
  const [group] = await db.aggregate('archon_sources', { aggregates: JSON.parse('{"__proto__":"count"}') })
  assert.equal(JSON.stringify(group), '{"__proto__":1}')
  assert.equal(await db.count('archon_sources', { 'metadata.__proto__.polluted': 1 }), 1)
  assert.equal(await db.count('archon_sources', { 'metadata.constructor.prototype': 2 }), 1)
  assert.equal(await db.count('archon_sources', { 'metadata.hasOwnProperty': { exists: true } }), 0)
  assert.equal(
    await db.count('archon_sources', { metadata: { jsonContains: JSON.parse('{"__proto__":{"polluted":1}}') } }),
    1,
  )
  assert.equal(
    await db.count('archon_sources', { metadata: { jsonContains: JSON.parse('{"__proto__":{"polluted":2}}') } }),
    0,
  )
  await rejects(db.insert('archon_settings', JSON.parse('{"__proto__":1,"key":"a"}')), 'invalid_input')
  for (const name of ['__proto__', 'constructor', 'hasOwnProperty'])
    await rejects(db.select('archon_sources', { where: { [name]: 1 } as never, columns: [name] }), 'invalid_filter')
  for (const operator of ['constructor', 'toString', 'hasOwnProperty'])
    await rejects(db.select('archon_sources', { where: { title: { [operator]: 1 } } }), 'invalid_filter')
}

/** As JSON, keys in order; a comparison member by member may pass over the strangest of them. */
function spelled(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spelled).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${spelled(member)}`)
  return `{${members.sort().join()}}`
}
