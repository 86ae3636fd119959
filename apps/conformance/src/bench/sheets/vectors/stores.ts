import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Database, VectorStore } from '@archon-db/core'
import { type SQL, sql } from '@archon-db/core/dialect'
import { openChromaStore } from '@archon-db/vector/chroma'
import { type EngineChoice, type IndexStats, openLocalStore } from '@archon-db/vector/local'
import { openSqlStore } from '@archon-db/vector/sql'
import type { Backend } from '../../../harness/index.ts'
import { startChroma } from '../../../vector-stores/chroma-server.ts'
import type { Bytes, Contender, Field, Running } from './contender.ts'

/** The contract's own stores: checked input, scores, metadata and all. */

const NAME = 'bench'
/** While a graph is being built, so that looking does not slow it down. */
const LOOK_MS = 25

export function localStore(engine: EngineChoice): Contender {
  return {
    name: `local, ${engine}`,
    async open(field) {
      const path = await mkdtemp(join(tmpdir(), 'archon-db-bench-'))
      const store = await openLocalStore({ path, sync: false, engine })
      const stats = async (): Promise<readonly IndexStats[]> => (await store.stats()).collections
      return await onStore(store, field, {
        stats,
        bytes: async () => ({ disk: await folderBytes(path), memory: (await store.stats()).bytes.total }),
        close: () => rm(path, { recursive: true, force: true }),
      })
    },
  }
}

/** Collections as tables, on a database that the other cases run on. */
export function tableStore(backend: Backend, what: string, size: SQL): Contender {
  return {
    name: `${backend.label}, ${what}`,
    async open(field) {
      const running = await backend.start()
      const { db, drop } = await running.fresh('vectors')
      const store = await openSqlStore(db)
      const before = await sizeOf(db, size)
      return await onStore(store, field, {
        stats: () => store.indexes(),
        async bytes() {
          const memory = (await store.indexes()).reduce((sum, { bytes }) => sum + bytes.total, 0)
          return { disk: (await sizeOf(db, size)) - before, ...(memory > 0 && { memory }) }
        },
        async close() {
          await drop()
          await running.stop()
        },
      })
    },
  }
}

export const chromaStore: Contender = {
  name: 'Chroma',
  async open(field) {
    const server = await startChroma()
    const store = await openChromaStore({ url: server.url })
    const before = await folderBytes(server.folder)
    return await onStore(store, field, {
      stats: async () => [],
      bytes: async () => ({ disk: (await folderBytes(server.folder)) - before }),
      close: () => server.stop(),
    })
  },
}

export const SIZES = {
  sqlite: sql`select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`,
  mysql: sql`select coalesce(sum(file_size), 0) as bytes from information_schema.innodb_tablespaces where name like concat(database(), '/archon_vectors_%')`,
  pg: sql`select coalesce(sum(pg_total_relation_size(oid)), 0) as bytes from pg_class where relkind = 'r' and relname like 'archon_vectors_%'`,
} as const

interface Around {
  stats(): Promise<readonly IndexStats[]>
  bytes(): Promise<Bytes>
  close(): Promise<void>
}

async function onStore(store: VectorStore, { dimension }: Field, { stats, bytes, close }: Around): Promise<Running> {
  await store.createCollection({ name: NAME, dimension, metric: 'cosine' })
  const nearest = async (vector: Float32Array, topK: number): Promise<number[]> => {
    const hits = await store.search(NAME, { vector, topK })
    return hits.map(({ id }) => Number(id))
  }
  return {
    async add(start, vectors) {
      await store.upsert(
        NAME,
        vectors.map((vector, i) => ({ id: String(start + i), vector })),
      )
    },
    async ready() {
      // The first search is what makes an index in this process read its table, and begin its graph.
      await nearest(new Float32Array(dimension).fill(1), 1)
      while ((await stats()).some(({ graph }) => graph === 'building')) await delay(LOOK_MS)
    },
    nearest,
    bytes,
    async close() {
      await store.close()
      await close()
    },
  }
}

async function sizeOf(db: Database, query: SQL): Promise<number> {
  const { rows } = await db.execute(query)
  return Number(rows[0]?.bytes)
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
