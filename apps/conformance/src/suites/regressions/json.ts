import assert from 'node:assert/strict'
import { type Database, jsonMerge } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'

/** Numbers that need all their digits, and keys that need care. */
const EXACT = {
  sum: 0.1 + 0.2,
  large: 1.7976931348623157e308,
  small: 5e-324,
  wide: 123456789012345680000,
  safe: Number.MAX_SAFE_INTEGER,
  whole: 1,
  list: [0.1 + 0.2, { deep: 1 / 3 }],
  object: { third: 1 / 3 },
  'quo"te\n\u0001é\\': 'te"xt\\',
  '': 1 / 3,
  nothing: null,
  yes: true,
}

export function json(t: SuiteBuilder): void {
  t.behaviour('merge.keeps-every-digit', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 'a', metadata: EXACT })
    const change = { third: 2 / 3, 'quo"te2\\': 1e-7, '': 1e21 }
    const { rows } = await db.update(
      'archon_sources',
      { metadata: jsonMerge(change) },
      { where: { source_id: 'a' }, returning: ['metadata'] },
    )
    assert.deepEqual(rows, [{ metadata: { ...EXACT, ...change } }])
    assert.deepEqual(await stored(db), { ...EXACT, ...change })
  })

  t.behaviour('merge.takes-objects', async ({ db }) => {
    await db.insert('archon_sources', { source_id: 'a', metadata: EXACT })
    for (const document of [[], null, 'text', 5, new Date(0)])
      await rejects(
        db.update('archon_sources', { metadata: jsonMerge(document as never) }, { where: { source_id: 'a' } }),
        'invalid_input',
      )
  })

  t.behaviour('merge.over-what-is-no-object', async ({ db }) => {
    for (const metadata of [[1, 2], 'text', 5, true, null]) {
      await db.upsert('archon_sources', { source_id: 'a', metadata }, { onConflict: ['source_id'] })
      await db.update('archon_sources', { metadata: jsonMerge({ a: 1 }) }, { where: { source_id: 'a' } })
      assert.deepEqual(await stored(db), { a: 1 })
    }
  })

  t.behaviour('contains.wide-and-deep', async ({ db }) => {
    const wide = Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`k${i}`, i]))
    const nested = nest(25)
    const list = Array.from({ length: 1100 }, (_, i) => i)
    await db.insert('archon_sources', { source_id: 'a', metadata: { wide, nested, list } })
    const holds = (document: unknown): Promise<number> =>
      db.count('archon_sources', { metadata: { jsonContains: document } })
    assert.equal(await holds({ wide }), 1)
    assert.equal(await holds({ wide: { ...wide, k1199: 0 } }), 0)
    assert.equal(await holds({ nested }), 1)
    assert.equal(await holds({ nested: nest(24) }), 0)
    assert.equal(await holds({ list }), 1)
    assert.equal(await holds({ list: [...list, 1100] }), 0)
  })
}

function nest(depth: number): unknown {
  return depth === 0 ? 'bottom' : { in: nest(depth - 1) }
}

async function stored(db: Database): Promise<unknown> {
  const { rows } = await db.select('archon_sources', { where: { source_id: 'a' }, columns: ['metadata'] })
  return rows[0]?.metadata
}
