import assert from 'node:assert/strict'
import { sql } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { add, names } from '../prompts.ts'

export function statements(t: SuiteBuilder): void {
  t.behaviour('execute.brackets-are-refused', { needs: 'sql' }, async ({ db }) => {
    const brackets = ['begin', 'BEGIN immediate', ' /* why */ commit', '-- why\nrollback', 'savepoint a', 'release a']
    for (const text of brackets)
      await rejects(db.execute(sql.raw(text)), 'unsupported', { messageIncludes: 'transaction' })
    await db.transaction(async (tx) => {
      await add(tx, 'a')
      await rejects(tx.execute(sql`commit`), 'unsupported')
    })
    assert.deepEqual(await names(db), ['a'])
  })

  t.behaviour('execute.several-statements-are-refused', { needs: 'sql' }, async ({ db }) => {
    await add(db, 'a')
    await rejects(db.execute(sql`select 1; delete from archon_prompts`), 'invalid_input')
    assert.deepEqual(await names(db), ['a'])
    assert.equal((await db.execute(sql`select 1 as one;`)).rows.length, 1)
  })

  t.behaviour('execute.is-a-statement', { needs: 'sql' }, async ({ db }) => {
    for (const given of ['select 1', undefined, null, {}])
      await rejects(db.execute(given as never), 'invalid_input', { messageIncludes: 'sql`' })
  })

  t.behaviour('execute.delete-after-with-is-a-write', { needs: 'sql' }, async ({ db }) => {
    await add(db, 'a')
    const removal = sql`with gone as (select id from archon_prompts) delete from archon_prompts where id in (select id from gone)`
    await rejects(
      db.transaction((tx) => tx.execute(removal), { readOnly: true }),
      'invalid_input',
      { messageIncludes: 'read-only' },
    )
    assert.deepEqual(await names(db), ['a'])
  })

  t.behaviour('execute.read-only-whatever-is-said', { needs: 'sql' }, async ({ db }) => {
    await add(db, 'a')
    const sneaky = db.transaction((tx) => tx.execute(sql`delete from archon_prompts`, { write: false }), {
      readOnly: true,
    })
    await assert.rejects(sneaky)
    assert.deepEqual(await names(db), ['a'])
    await add(db, 'b')
    assert.deepEqual(await names(db), ['a', 'b'])
  })

  t.behaviour('execute.write-said-to-read', { needs: 'sql' }, async ({ db }) => {
    await add(db, 'a')
    await db.execute(sql`delete from archon_prompts`, { write: false })
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('execute.explain-holds-nothing', { needs: 'sql' }, async ({ db }) => {
    await db.execute(sql`explain select * from archon_prompts`)
    await db.execute(sql`explain delete from archon_prompts`)
    await db.transaction((tx) => add(tx, 'a'))
    assert.deepEqual(await names(db), ['a'])
  })

  t.behaviour('execute.explain-keeps-no-snapshot', { needs: ['sql', 'shareable'] }, async ({ db, open }) => {
    const other = await open()
    await db.execute(sql`explain select * from archon_prompts`)
    assert.deepEqual(await names(db), [])
    await add(other, 'a')
    assert.deepEqual(await names(db), ['a'])
  })
}
