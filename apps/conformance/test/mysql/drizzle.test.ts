import { isDbError } from '@archon-db/core'
import { drizzle } from '@archon-db/mysql/drizzle'
import { projects, prompts } from '@archon-db/mysql/tables'
import { eq } from 'drizzle-orm'
import { describe, expect } from 'vitest'
import { KINDS, testsOn } from './stage.ts'

describe.each(KINDS)('%s', { timeout: 60_000 }, (kind) => {
  const onServer = testsOn(kind)

  onServer('typed queries on the same connection, and in the same transaction', async (stage) => {
    const { db } = await stage.open()
    await db.insert('archon_projects', { title: 'mine', data: { a: [1, 'x'] }, pinned: true })
    const rows = await drizzle(db)
      .select({ title: projects.title, data: projects.data, pinned: projects.pinned, at: projects.createdAt })
      .from(projects)
    expect(rows).toEqual([{ title: 'mine', data: { a: [1, 'x'] }, pinned: true, at: expect.any(Date) }])
    const work = db.transaction(async (tx) => {
      await drizzle(tx).insert(prompts).values({ name: 'inside', prompt: 'x' })
      expect(await drizzle(tx).$count(prompts, eq(prompts.name, 'inside'))).toBe(1)
      throw new Error('back')
    })
    await expect(work).rejects.toThrow('back')
    expect(await db.count('archon_prompts', { prompt_name: 'inside' })).toBe(0)
    const add = () => drizzle(db).insert(prompts).values({ name: 'twice', prompt: 'x' })
    await add()
    const error = await add().then(
      () => undefined,
      (reason: Error) => reason.cause,
    )
    expect(isDbError(error, 'unique_violation')).toBe(true)
  })
})
