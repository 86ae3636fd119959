import assert from 'node:assert/strict'
import type { SuiteBuilder } from '../../harness/index.ts'
import { allPages, present } from './fixtures.ts'

export function prompts(t: SuiteBuilder): void {
  t.behaviour('prompts.upsert.creates-and-changes', async ({ db }) => {
    const { prompts } = db.repositories
    const first = await prompts.upsert({ name: 'builder', prompt: 'Build it.', description: 'How to build' })
    const second = await prompts.upsert({ name: 'builder', prompt: 'Build it well.' })
    assert.deepEqual({ ...second, updatedAt: null }, { ...first, prompt: 'Build it well.', updatedAt: null })
    assert.deepEqual(await prompts.get('builder'), second)
  })

  t.behaviour('prompts.get.absent-is-null', async ({ db }) => {
    assert.equal(await db.repositories.prompts.get('builder'), null)
  })

  t.behaviour('prompts.list.is-by-name-and-pages', async ({ db }) => {
    const { prompts } = db.repositories
    for (const name of ['c', 'a', 'b']) await prompts.upsert({ name, prompt: name })
    const pages = await allPages((after) => prompts.list({}, { limit: 2, after }))
    assert.deepEqual(
      pages.map((page) => page.map(({ name }) => name)),
      [['a', 'b'], ['c']],
    )
    assert.deepEqual(
      (await prompts.listAll()).map(({ name }) => name),
      ['a', 'b', 'c'],
    )
    assert.deepEqual(
      (await prompts.list({ name: 'b' })).items.map(({ prompt }) => prompt),
      ['b'],
    )
  })

  t.behaviour('prompts.update.returns-the-row-or-null', async ({ db }) => {
    const { prompts } = db.repositories
    await prompts.upsert({ name: 'a', prompt: 'one' })
    assert.equal(present(await prompts.update('a', { prompt: 'two' })).prompt, 'two')
    assert.equal(await prompts.update('b', { prompt: 'two' }), null)
  })

  t.behaviour('prompts.delete-and-count', async ({ db }) => {
    const { prompts } = db.repositories
    await prompts.upsert({ name: 'a', prompt: 'one' })
    assert.equal(await prompts.count(), 1)
    assert.equal(await prompts.count({ name: 'b' }), 0)
    assert.equal(await prompts.delete('a'), true)
    assert.equal(await prompts.delete('a'), false)
    assert.equal(await prompts.count(), 0)
  })
}
