import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../src/index.ts'
import { archonDb, folders, initialised } from './support.ts'

const folder = folders()
const CHUNKS = 'archon_crawled_pages'
const embedding = Float32Array.from({ length: 384 }, (_, i) => (i === 0 ? 1 : 0))
let cwd = ''

/** Takes every connection and ends it, as a server that is just going down does. */
const broken = createServer((request) => request.socket.destroy())
const environment = (): Record<string, string> => ({
  VECTOR_DATABASE: 'chroma',
  CHROMA_URL: `http://127.0.0.1:${(broken.address() as AddressInfo).port}`,
})

beforeAll(async () => {
  cwd = await initialised(folder())
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve))
  const db = await connect({ url: join(cwd, 'archon.db') }, {})
  await db.insert('archon_sources', { source_id: 's' })
  await db.insert(CHUNKS, { url: 'u', chunk_number: 0, content: 'words', source_id: 's', embedding_384: embedding })
  await db.close()
})
afterAll(() => new Promise((resolve) => broken.close(resolve)))

describe('without a store outside', () => {
  test('status counts what the tables have', async () => {
    const { code, out } = await archonDb(['vector', 'status', '--json'], { cwd })
    const { columns, ...about } = JSON.parse(out)
    expect([code, about]).toEqual([0, { store: 'local', state: 'current', pending: 0, lagMs: 0, busy: false }])
    expect(columns).toHaveLength(10)
    expect(columns.filter(({ rows }: { rows: number }) => rows > 0)).toEqual([
      { table: CHUNKS, column: 'embedding_384', rows: 1, stored: 1, collection: null },
    ])
    expect((await archonDb(['vector', 'status'], { cwd })).out).toMatch(
      /index in each process[\s\S]*embedding_384 +1 +1/,
    )
  })

  test.each(['rebuild', 'verify'])('%s has nothing to do', async (action) => {
    const { code, err } = await archonDb(['vector', action], { cwd })
    expect(code).toBe(1)
    expect(err).toContain('VECTOR_DATABASE')
  })

  test('another action is a mistake', async () => {
    const { code, err } = await archonDb(['vector', 'stats'], { cwd })
    expect([code, err]).toEqual([
      2,
      'Error: ACTION takes status, rebuild or verify.\narchon-db vector --help shows what it takes.\n',
    ])
  })
})

describe('with a store that does not answer', () => {
  test('writes and searches by words go on; by nearness the store is named', async () => {
    const db = await connect({ url: join(cwd, 'archon.db') }, environment())
    await db.insert(CHUNKS, { url: 'v', chunk_number: 0, content: 'words', source_id: 's', embedding_384: embedding })
    expect(await db.search(CHUNKS, { text: 'words' })).toHaveLength(2)
    await expect(db.search(CHUNKS, { embedding })).rejects.toMatchObject({
      code: 'connection_failed',
      message: expect.stringContaining('vector store chroma'),
    })
    expect(await db.transaction((tx) => tx.search(CHUNKS, { embedding }))).toHaveLength(2)
    await db.delete(CHUNKS, { where: { url: 'v' } })
    await db.close()
  })

  test('status says how far it is behind, verify and rebuild fail', async () => {
    const env = environment()
    const status = await archonDb(['vector', 'status', '--json'], { cwd, env })
    expect([status.code, JSON.parse(status.out)]).toMatchObject([0, { store: 'chroma', state: 'copying', pending: 1 }])
    for (const action of ['verify', 'rebuild']) {
      const { code, err } = await archonDb(['vector', action], { cwd, env })
      expect(code).toBe(1)
      expect(err).toContain('The vector store chroma cannot be used')
    }
  })
})
