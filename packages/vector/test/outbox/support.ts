import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, DbError, openDatabase, type VectorStore } from '@archon-db/core'
import type { Connection, Statement } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'
import { afterEach, beforeEach } from 'vitest'
import { connectSqlite } from '../../../sqlite/src/index.ts'
import { openLocalStore } from '../../src/local/index.ts'
import { type Outbox, type OutboxOptions, openOutbox } from '../../src/outbox/index.ts'

export const CHUNKS = 'archon_crawled_pages'

export interface Process {
  readonly db: Database
  readonly outbox: Outbox
  /** Called before each statement that writes; what it throws the database seems to throw. */
  before: (statement: Statement) => void
}

/** A store in this process that a test can look into, and break. */
export interface Shared {
  readonly store: VectorStore
  /** Calls by name, with the number of items they were about. */
  readonly calls: [string, number][]
  /** Awaited before each call. */
  before: (call: string) => Promise<void> | void
}

export interface Stage {
  shared: Shared
  open(options?: Partial<OutboxOptions>): Promise<Process>
  newStore(): Promise<void>
}

/** A database file and a store for each test; every `open` is what another process would be. */
export function stage(): Stage {
  let folder = ''
  let open: Process[] = []
  const result: Stage = {
    shared: undefined as unknown as Shared,
    async open(options = {}) {
      const connection = await connectSqlite({ url: join(folder, 'a.db') })
      const process: Process = await begin(connection, result, options)
      open.push(process)
      return process
    },
    async newStore() {
      const store = await openLocalStore()
      result.shared = { store, calls: [], before: () => {} }
    },
  }
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'archon-outbox-'))
    await result.newStore()
  })
  afterEach(async () => {
    for (const { db } of open) await db.close()
    open = []
    rmSync(folder, { recursive: true, force: true })
  })
  return result
}

async function begin(connection: Connection, { shared }: Stage, options: Partial<OutboxOptions>): Promise<Process> {
  const hooks = { before: (_: Statement): void => {} }
  const watched = {
    dialect: connection.dialect,
    query: (statement: Statement) => connection.query(statement),
    async run(statement: Statement) {
      hooks.before(statement)
      return connection.run(statement)
    },
  }
  const outbox = openOutbox(watched, {
    name: 'test',
    open: async () => told(shared),
    pollMs: 0,
    leaseMs: 100,
    ...options,
  })
  const db = await openDatabase(connection, { vectors: outbox })
  await db.migrate()
  return Object.assign(hooks, { db, outbox })
}

/** The store as one process has it open: closing it leaves it to the others. */
function told(shared: Shared): VectorStore {
  return new Proxy(shared.store, {
    get(store, name: keyof VectorStore) {
      if (name === 'close') return async () => {}
      // Asked for by `await`, which takes it for a promise otherwise.
      if (!(name in store)) return undefined
      return async (...args: unknown[]) => {
        await shared.before(name)
        const [, items] = args
        const ids = (items as { ids?: unknown[] } | undefined)?.ids
        shared.calls.push([name, Array.isArray(items) ? items.length : (ids?.length ?? 0)])
        return (store[name] as (...args: unknown[]) => unknown).apply(store, args)
      }
    },
  })
}

export function down(): never {
  throw new DbError('connection_failed', 'it does not answer. Check its address.')
}

/** A direction that is the nearer to the first axis the smaller `n` is. */
export function vector(n: number, dimension = 384): Float32Array {
  const values = new Float32Array(dimension)
  values[0] = 1
  values[1] = n / 100
  return values
}

let chunk = 0
export async function add(db: Pick<Database, 'upsert' | 'insert'>, ...numbers: number[]): Promise<number[]> {
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
