import { openDatabase, sql } from '@archon-db/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openLocalStore } from '../../vector/src/local/index.ts'
import { openOutbox } from '../../vector/src/outbox/index.ts'
import { connectPglite } from '../src/pglite.ts'
import { vectorLog } from '../src/vector-log.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const CHUNKS = 'archon_crawled_pages'
const connection = await connectPglite()
const db = await openDatabase(connection)

/** What was logged since the last look. */
async function logged(): Promise<[unknown, number][]> {
  const { rows } = await db.execute(
    sql`delete from archon_vector_changes where table_name <> 'archon_vector_changes' returning table_name, record_id, seq`,
    { write: true },
  )
  return rows
    .sort((a, b) => Number(a.seq) - Number(b.seq))
    .map(({ table_name, record_id }) => [table_name, Number(record_id)])
}

async function add(...numbers: number[]): Promise<number[]> {
  const rows = numbers.map((n) => ({
    url: 'u',
    chunk_number: n,
    content: 'x',
    source_id: 's',
    embedding_384: new Float32Array(384).fill(n),
  }))
  return (await db.insert<{ id: number }>(CHUNKS, rows, { returning: ['id'] })).rows.map(({ id }) => id)
}

beforeAll(() => db.migrate())
afterAll(() => db.close())
beforeEach(async () => {
  await db.delete('archon_sources', { allRows: true })
  await db.insert('archon_sources', { source_id: 's' })
  await logged()
})

const isOn = async (): Promise<boolean> => (await db.execute(vectorLog.isOn)).rows.length > 0

test('nothing is logged until a store outside asks for it', async () => {
  const [id] = await add(1)
  await db.delete(CHUNKS, { where: { id: id as number } })
  expect(await logged()).toEqual([])
  expect(await isOn()).toBe(false)
})

describe('once it is asked for', () => {
  beforeAll(async () => {
    for (const statement of vectorLog.start) await db.execute(statement, { write: true })
  })

  test('each change of a row that may hold an embedding is logged, in both tables', async () => {
    const [a, b] = (await add(1, 2)) as [number, number]
    expect(await logged()).toEqual([
      [CHUNKS, a],
      [CHUNKS, b],
    ])
    await db.update(CHUNKS, { embedding_384: null }, { where: { id: a } })
    await db.update(CHUNKS, { embedding_768: new Float32Array(768).fill(1) }, { where: { id: b } })
    expect(await logged()).toEqual([
      [CHUNKS, a],
      [CHUNKS, b],
    ])
    await db.insert('archon_code_examples', { url: 'u', chunk_number: 1, content: 'x', summary: 'x', source_id: 's' })
    expect((await logged()).map(([table]) => table)).toEqual(['archon_code_examples'])
  })

  test('it is known whether all are', async () => {
    expect(await isOn()).toBe(true)
    await db.execute(sql`alter table archon_code_examples disable trigger archon_code_examples_vector_changes`)
    expect(await isOn()).toBe(false)
    await db.execute(vectorLog.start[1]!, { write: true })
    expect(await isOn()).toBe(true)
  })

  test('changes of anything else are not', async () => {
    const [id] = (await add(1)) as [number]
    await logged()
    await db.update(CHUNKS, { content: 'y', metadata: { a: 1 } }, { where: { id } })
    await db.update(CHUNKS, { embedding_384: new Float32Array(384).fill(1) }, { where: { id } })
    expect(await logged()).toEqual([])
  })

  test('a new id is logged beside the old one', async () => {
    const [id] = (await add(1)) as [number]
    await logged()
    await db.execute(sql`update archon_crawled_pages set id = ${id + 1000} where id = ${id}`, { write: true })
    expect(await logged()).toEqual([
      [CHUNKS, id],
      [CHUNKS, id + 1000],
    ])
  })

  test('what goes with its source is logged; what is rolled back is not', async () => {
    const [id] = (await add(1)) as [number]
    await logged()
    await db.delete('archon_sources', { where: { source_id: 's' } })
    expect(await logged()).toEqual([[CHUNKS, id]])
    await db.insert('archon_sources', { source_id: 's' })
    const failing = db.transaction(async (tx) => {
      await tx.insert(CHUNKS, { url: 'u', chunk_number: 9, content: 'x', source_id: 's' })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await logged()).toEqual([])
  })
})

test('what was written while the log was stopped is in the store as well, once it is used again', async () => {
  const store = await openLocalStore()
  const outboxOf = () => openOutbox(connection, { name: 'test', open: async () => store, pollMs: 0 })
  const [a] = await add(1)
  expect(await outboxOf().verify()).toEqual({ compared: 1, differences: [] })
  await db.execute(sql`alter table archon_crawled_pages disable trigger archon_crawled_pages_vector_changes`)
  const [b] = await add(2)
  expect(await logged()).toEqual([[CHUNKS, a]])
  expect(await outboxOf().verify()).toEqual({ compared: 2, differences: [] })
  await db.delete(CHUNKS, { where: { id: b as number } })
  expect(await logged()).toEqual([[CHUNKS, b]])
  await store.close()
})
