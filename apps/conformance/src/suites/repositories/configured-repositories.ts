import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { allPages, at, NO_ID, present } from './fixtures.ts'

const URL_OF = (name: string): string => `https://github.com/owner/${name}`

export function configuredRepositories(t: SuiteBuilder): void {
  t.behaviour('configured-repositories.create.has-defaults', async ({ db }) => {
    const { configuredRepositories } = db.repositories
    const { id, createdAt, updatedAt, ...rest } = await configuredRepositories.create({ url: URL_OF('a') })
    assert.deepEqual(rest, {
      url: URL_OF('a'),
      displayName: null,
      owner: null,
      defaultBranch: null,
      isVerified: false,
      lastVerifiedAt: null,
      defaultSandboxType: 'git_worktree',
      defaultCommands: ['create-branch', 'planning', 'execute', 'commit', 'create-pr'],
    })
    const stored = { id, createdAt, updatedAt, ...rest }
    assert.deepEqual(await configuredRepositories.get(id), stored)
    assert.deepEqual(await configuredRepositories.getByUrl(URL_OF('a')), stored)
  })

  t.behaviour('configured-repositories.get.absent-is-null', async ({ db }) => {
    assert.equal(await db.repositories.configuredRepositories.get(NO_ID), null)
    assert.equal(await db.repositories.configuredRepositories.getByUrl(URL_OF('a')), null)
  })

  t.behaviour('configured-repositories.create.refuses-what-is-not-on-github', async ({ db }) => {
    for (const url of [
      'http://github.com/a/b',
      'https://github.com/a',
      'https://example.com/a/b',
      'https://github.com/a/b/c',
    ]) {
      await rejects(db.repositories.configuredRepositories.create({ url }), 'check_violation')
    }
  })

  t.behaviour('configured-repositories.create.twice-is-refused', async ({ db }) => {
    const { configuredRepositories } = db.repositories
    await configuredRepositories.create({ url: URL_OF('a') })
    await rejects(configuredRepositories.create({ url: URL_OF('a') }), 'unique_violation')
  })

  t.behaviour('configured-repositories.list.has-the-newest-first', async ({ db }) => {
    const { configuredRepositories } = db.repositories
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      await configuredRepositories.create({
        url: URL_OF(name),
        displayName: name,
        createdAt: at(i),
        isVerified: i === 1,
      })
    }
    const pages = await allPages((after) => configuredRepositories.list({}, { limit: 2, after }))
    assert.deepEqual(
      pages.map((page) => page.map(({ displayName }) => displayName)),
      [['c', 'b'], ['a']],
    )
    assert.deepEqual(
      (await configuredRepositories.list({ isVerified: true })).items.map(({ displayName }) => displayName),
      ['b'],
    )
    assert.equal(await configuredRepositories.count({ isVerified: false }), 2)
    assert.equal(await configuredRepositories.count({ owner: 'x' }), 0)
  })

  t.behaviour('configured-repositories.update-and-delete', async ({ db }) => {
    const { configuredRepositories } = db.repositories
    const { id } = await configuredRepositories.create({ url: URL_OF('a') })
    const patch = {
      isVerified: true,
      lastVerifiedAt: at(5),
      defaultSandboxType: 'tmp_dir',
      defaultCommands: [],
    } as const
    const updated = present(await configuredRepositories.update(id, { ...patch, defaultCommands: [] }))
    assert.deepEqual(
      [updated.isVerified, updated.lastVerifiedAt, updated.defaultSandboxType, updated.defaultCommands],
      [true, at(5), 'tmp_dir', []],
    )
    assert.equal(await configuredRepositories.update(NO_ID, { isVerified: true }), null)
    assert.equal(await configuredRepositories.delete(id), true)
    assert.equal(await configuredRepositories.delete(id), false)
  })
}
