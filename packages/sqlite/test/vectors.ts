import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@archon-db/core'
import type { Connection, Traits, VectorIndexStatus, VectorSearcher } from '@archon-db/core/dialect'
import { connectSqlite } from '@archon-db/sqlite'
import { type FollowOptions, followTables } from '@archon-db/vector/local'
import type { SQL } from 'drizzle-orm'
import { afterEach, beforeEach } from 'vitest'

export const CHUNKS = 'archon_crawled_pages'
export const INDEX = `${CHUNKS}.embedding_384`

export interface Handle {
  readonly db: Database
  readonly connection: Connection
  status(): VectorIndexStatus | undefined
}

/** Database files in a folder of the test's own. */
export interface Files {
  path(...names: string[]): string
  /** An index is on disk from the first row on, unless told otherwise. */
  connect(options?: FollowOptions, url?: string): Promise<Handle>
  close(handle: Handle): Promise<void>
}

export function databaseFiles(): Files {
  let folder = ''
  let open: Handle[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-sqlite-vectors-'))
  })
  afterEach(async () => {
    for (const { db } of open) await db.close()
    open = []
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    path: (...names) => join(folder, ...names),
    async connect(options = {}, url = join(folder, 'a.db')) {
      const connection = await connectSqlite({ url, vectors: { snapshotFloats: 0, ...options } })
      const db = await openDatabase(connection)
      await db.migrate()
      const handle = { db, connection, status: () => connection.vectors?.status()[0] }
      open.push(handle)
      return handle
    },
    async close(handle) {
      open = open.filter((other) => other !== handle)
      await handle.db.close()
    },
  }
}

/** A direction that is the nearer to the first axis the smaller `n` is. */
export function vector(n: number): Float32Array {
  const values = new Float32Array(384)
  values[0] = 1
  values[1] = n / 100
  return values
}

let chunk = 0
export async function add(db: Database, ...numbers: number[]): Promise<number[]> {
  await db.upsert('archon_sources', [{ source_id: 's' }], { returning: false })
  const rows = numbers.map((n) => ({
    url: 'u',
    chunk_number: ++chunk,
    content: 'x',
    source_id: 's',
    embedding_384: vector(n),
  }))
  return (await db.insert<{ id: number }>(CHUNKS, rows, { returning: ['id'] })).rows.map(({ id }) => id)
}

export async function near(db: Database, options: object = {}): Promise<unknown[]> {
  const hits = await db.search(CHUNKS, { embedding: vector(0), columns: ['id'], ...options })
  return hits.map(({ row }) => row.id)
}

export async function run(db: Database, statement: SQL): Promise<void> {
  await db.execute(statement, { write: true })
}

export interface Follower {
  readonly vectors: VectorSearcher
  /** The statements it has sent. */
  readonly texts: string[]
  search(topK?: number): Promise<unknown[]>
}

/** An index of its own beside the connection's, on a database that is said to have other traits. */
export function follow(connection: Connection, traits: Partial<Traits> = {}, options: FollowOptions = {}): Follower {
  const texts: string[] = []
  const dialect = { ...connection.dialect, traits: { ...connection.dialect.traits, ...traits } }
  const vectors = followTables(
    {
      dialect,
      query(statement) {
        texts.push(statement.text)
        return connection.query(statement)
      },
      run: (statement) => connection.run(statement),
    },
    options,
  )
  const scan = () => {
    throw new Error('The table was scanned.')
  }
  return {
    vectors,
    texts,
    async search(topK = 10) {
      const query = { table: CHUNKS, column: 'embedding_384', vector: vector(0), topK }
      return (await vectors.search(query, scan)).map(({ id }) => id)
    },
  }
}
