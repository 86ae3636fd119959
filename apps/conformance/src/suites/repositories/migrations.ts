import assert from 'node:assert/strict'
import type { SuiteBuilder } from '../../harness/index.ts'
import { allPages, at } from './fixtures.ts'

export function migrations(t: SuiteBuilder): void {
  t.behaviour('migrations.record.returns-what-is-stored', async ({ db }) => {
    const stored = await db.repositories.migrations.record({ version: '0.1.0', name: '001_add', checksum: 'abc' })
    assert.deepEqual([stored.version, stored.name, stored.checksum], ['0.1.0', '001_add', 'abc'])
    assert.ok(stored.appliedAt instanceof Date)
  })

  t.behaviour('migrations.record.twice-changes-nothing', async ({ db }) => {
    const { migrations } = db.repositories
    const first = await migrations.record({ version: '0.1.0', name: '001_add', checksum: 'abc' })
    const second = await migrations.record({ version: '0.1.0', name: '001_add', checksum: 'other' })
    assert.deepEqual(second, first)
    assert.equal(await migrations.count(), 1)
  })

  t.behaviour('migrations.list-applied.has-the-latest-first', async ({ db }) => {
    const { migrations } = db.repositories
    await migrations.record({ version: '0.1.0', name: '001', appliedAt: at(1) })
    await migrations.record({ version: '0.1.0', name: '003', appliedAt: at(3) })
    await migrations.record({ version: '0.2.0', name: '002', appliedAt: at(2) })
    assert.deepEqual(
      (await migrations.listApplied()).map(({ name }) => name),
      ['003', '002', '001'],
    )
    const pages = await allPages((after) => migrations.list({ version: '0.1.0' }, { limit: 1, after }))
    assert.deepEqual(
      pages.map((page) => page.map(({ name }) => name)),
      [['003'], ['001']],
    )
    assert.equal(await migrations.count({ version: '0.1.0' }), 2)
  })

  t.behaviour('migrations.table-exists.true-once-migrated', async ({ db }) => {
    assert.equal(await db.repositories.migrations.tableExists(), true)
  })

  t.behaviour('migrations.table-exists.false-before', { needs: 'ledger' }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    assert.equal(await db.repositories.migrations.tableExists(), false)
  })

  t.behaviour('migrations.table-exists.leaves-the-transaction-usable', { needs: 'ledger' }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const answers = await db.transaction(async (tx) => [
      await tx.repositories.migrations.tableExists(),
      await tx.repositories.migrations.tableExists(),
    ])
    assert.deepEqual(answers, [false, false])
  })
}
