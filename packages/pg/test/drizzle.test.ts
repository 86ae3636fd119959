import { isDbError, openDatabase } from '@archon-db/core'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drizzle } from '../src/drizzle.ts'
import { connectPglite } from '../src/pglite.ts'
import * as tables from '../src/tables.ts'

const db = await openDatabase(await connectPglite())
const { prompts, projects } = tables

beforeAll(() => db.migrate())
afterAll(() => db.close())

test('typed queries on the same connection', async () => {
  await db.insert('archon_projects', { title: 'mine', data: { a: [1, 'x'] }, pinned: true })
  const rows = await drizzle(db)
    .select({ title: projects.title, data: projects.data, pinned: projects.pinned, at: projects.createdAt })
    .from(projects)
  expect(rows).toEqual([{ title: 'mine', data: { a: [1, 'x'] }, pinned: true, at: expect.any(Date) }])
  const found = await drizzle(db).query.projects.findFirst({ where: eq(projects.title, 'mine') })
  expect(found?.data).toEqual({ a: [1, 'x'] })
  expect(await drizzle(db).query.projects.findFirst({ where: eq(projects.title, 'nobody') })).toBeUndefined()
})

test('inside a transaction it belongs to it', async () => {
  const work = db.transaction(async (tx) => {
    await drizzle(tx).insert(prompts).values({ name: 'inside', prompt: 'x' })
    expect(await drizzle(tx).$count(prompts, eq(prompts.name, 'inside'))).toBe(1)
    throw new Error('back')
  })
  await expect(work).rejects.toThrow('back')
  expect(await db.count('archon_prompts', { prompt_name: 'inside' })).toBe(0)
})

test('its own transactions are refused: statements of a pool cannot be bracketed', async () => {
  const error = await drizzle(db)
    .transaction(async () => {})
    .then(
      () => undefined,
      (reason: Error) => reason.cause ?? reason,
    )
  expect(isDbError(error, 'unsupported')).toBe(true)
})

test('errors carry the code as their cause', async () => {
  const add = () => drizzle(db).insert(prompts).values({ name: 'twice', prompt: 'x' })
  await add()
  const error = await add().then(
    () => undefined,
    (reason: Error) => reason.cause,
  )
  expect(isDbError(error, 'unique_violation')).toBe(true)
})
