import assert from 'node:assert/strict'
import { type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { allPages, present } from './fixtures.ts'

export function settings(t: SuiteBuilder): void {
  t.behaviour('settings.get.absent-is-null', async ({ db }) => {
    assert.equal(await db.repositories.settings.get('MODEL_CHOICE'), null)
  })

  t.behaviour('settings.upsert.creates-with-defaults', async ({ db }) => {
    const setting = await db.repositories.settings.upsert({ key: 'MODEL_CHOICE', value: 'small', category: 'rag' })
    const { id, createdAt, updatedAt, ...rest } = setting
    assert.deepEqual(rest, {
      key: 'MODEL_CHOICE',
      value: 'small',
      encryptedValue: null,
      isEncrypted: false,
      category: 'rag',
      description: null,
    })
    assert.ok(createdAt instanceof Date && updatedAt instanceof Date)
    assert.deepEqual(await db.repositories.settings.get('MODEL_CHOICE'), { id, createdAt, updatedAt, ...rest })
  })

  t.behaviour('settings.upsert.changes-only-what-is-given', async ({ db }) => {
    const { settings } = db.repositories
    await settings.upsert({ key: 'PORT', value: '8051', category: 'server', description: 'Where it listens' })
    const changed = await settings.upsert({ key: 'PORT', value: '9000', category: undefined })
    assert.deepEqual([changed.value, changed.category, changed.description], ['9000', 'server', 'Where it listens'])
  })

  t.behaviour('settings.upsert.keeps-id-and-created-at', async ({ db }) => {
    const { settings } = db.repositories
    const first = await settings.upsert({ key: 'PORT', value: '1' })
    const second = await settings.upsert({ key: 'PORT', value: '2', createdAt: new Date(0) })
    assert.equal(second.id, first.id)
    assert.deepEqual(second.createdAt, first.createdAt)
    assert.ok(present(second.updatedAt) > present(first.updatedAt), 'updatedAt moves on')
  })

  t.behaviour('settings.upsert.holds-encrypted-values', async ({ db }) => {
    const { settings } = db.repositories
    await settings.upsert({ key: 'OPENAI_API_KEY', encryptedValue: 'gAAAA', isEncrypted: true })
    const stored = present(await settings.get('OPENAI_API_KEY'))
    assert.deepEqual([stored.value, stored.encryptedValue, stored.isEncrypted], [null, 'gAAAA', true])
  })

  t.behaviour('settings.upsert.of-one-key-at-once-leaves-one-row', async ({ db }) => {
    const { settings } = db.repositories
    const stored = await startTogether(10, (i) => settings.upsert({ key: 'PORT', value: String(i) }))
    assert.equal(new Set(stored.map(({ id }) => id)).size, 1)
    assert.equal(await settings.count(), 1)
  })

  t.behaviour('settings.keys-are-case-sensitive', async ({ db }) => {
    const { settings } = db.repositories
    await settings.upsert({ key: 'port', value: 'small' })
    await settings.upsert({ key: 'PORT', value: 'large' })
    assert.equal(present(await settings.get('port')).value, 'small')
    assert.equal(await settings.get('Port'), null)
  })

  t.behaviour('settings.list.filters-by-category-and-encryption', async ({ db }) => {
    const { settings } = db.repositories
    await settings.upsert({ key: 'B', category: 'rag' })
    await settings.upsert({ key: 'A', category: 'rag', isEncrypted: true })
    await settings.upsert({ key: 'C' })
    const keys = async (filter: Parameters<typeof settings.list>[0]) =>
      (await settings.list(filter)).items.map(({ key }) => key)
    assert.deepEqual(await keys({ category: 'rag' }), ['A', 'B'])
    assert.deepEqual(await keys({ category: null }), ['C'])
    assert.deepEqual(await keys({ category: 'rag', isEncrypted: true }), ['A'])
    assert.deepEqual(await keys({ category: undefined }), ['A', 'B', 'C'])
  })

  t.behaviour('settings.list.pages-by-cursor', async ({ db }) => {
    const { settings } = db.repositories
    for (const key of ['E', 'A', 'D', 'B', 'C']) await settings.upsert({ key })
    const pages = await allPages((after) => settings.list({}, { limit: 2, after }))
    assert.deepEqual(
      pages.map((page) => page.map(({ key }) => key)),
      [['A', 'B'], ['C', 'D'], ['E']],
    )
  })

  t.behaviour('settings.list-all.is-in-key-order', async ({ db }) => {
    const { settings } = db.repositories
    for (const key of ['b', 'B', 'a', 'A']) await settings.upsert({ key, category: key === 'a' ? 'x' : 'y' })
    assert.deepEqual(
      (await settings.listAll()).map(({ key }) => key),
      ['A', 'B', 'a', 'b'],
    )
    assert.deepEqual(
      (await settings.listByCategory('y')).map(({ key }) => key),
      ['A', 'B', 'b'],
    )
  })

  t.behaviour('settings.count.counts-what-the-filter-lets-through', async ({ db }) => {
    const { settings } = db.repositories
    await settings.upsert({ key: 'A', category: 'rag' })
    await settings.upsert({ key: 'B' })
    assert.equal(await settings.count(), 2)
    assert.equal(await settings.count({ category: 'rag' }), 1)
    assert.equal(await settings.count({ category: 'none' }), 0)
  })

  t.behaviour('settings.update.returns-the-row-or-null', async ({ db }) => {
    const { settings } = db.repositories
    await settings.upsert({ key: 'A', value: 'old', description: 'kept' })
    const updated = present(await settings.update('A', { value: null }))
    assert.deepEqual([updated.value, updated.description], [null, 'kept'])
    assert.equal(await settings.update('B', { value: 'x' }), null)
  })

  t.behaviour('settings.delete.tells-whether-there-was-one', async ({ db }) => {
    const { settings } = db.repositories
    await settings.upsert({ key: 'A' })
    assert.equal(await settings.delete('A'), true)
    assert.equal(await settings.delete('A'), false)
    assert.equal(await settings.count(), 0)
  })
}
