import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import postgres from 'postgres'
import { getLoadablePath } from 'sqlite-vec'
import { pg } from '../../../backends/pg.ts'
import type { Contender } from './contender.ts'

/** The databases' own indexes by their own drivers, without anything on top. */

export const rawPgvector: Contender = {
  name: 'pgvector, postgres.js',
  async open({ dimension }) {
    const running = await pg.start()
    const { url, drop } = await running.fresh('vectors')
    const client = postgres(url, { max: 1, onnotice: () => {} })
    await client.unsafe(`create table bench (id integer primary key, embedding vector(${dimension}) not null)`)
    return {
      async add(start, vectors) {
        const ids = vectors.map((_, i) => start + i)
        await client.unsafe('insert into bench select * from unnest($1::integer[], $2::vector[])', [
          ids,
          vectors.map(asText),
        ] as never[])
      },
      async ready() {
        // Built when the rows are there, which is the quickest way, and in memory.
        await client.unsafe("set maintenance_work_mem = '1GB'")
        await client.unsafe('create index on bench using hnsw (embedding vector_cosine_ops)')
      },
      async nearest(query, limit) {
        const text = `select id from bench order by embedding <=> $1 limit ${limit}`
        const rows = await client.unsafe<{ id: number }[]>(text, [asText(query)], { prepare: true })
        return rows.map(({ id }) => id)
      },
      async bytes() {
        const [row] = await client.unsafe("select pg_total_relation_size('bench') as bytes")
        return { disk: Number(row?.bytes) }
      },
      async close() {
        await client.end()
        await drop()
        await running.stop()
      },
    }
  },
}

/** Neighbours in one byte a component, twenty of each: much quicker and smaller than as it comes. */
const LIBSQL_INDEX = "'metric=cosine', 'compress_neighbors=float8', 'max_neighbors=20'"

export const rawLibsql: Contender = {
  name: 'libSQL vector_top_k, @libsql/client',
  async open({ dimension }) {
    const folder = await mkdtemp(join(tmpdir(), 'archon-db-bench-'))
    const file = join(folder, 'bench.db')
    const client = createClient({ url: pathToFileURL(file).href })
    await client.execute('pragma journal_mode = wal')
    // With its usual two megabytes it reads most of its graph again for each row.
    await client.execute('pragma cache_size = -1000000')
    await client.execute(`create table bench (id integer primary key, embedding f32_blob(${dimension}))`)
    await client.execute(`create index nearest on bench (libsql_vector_idx(embedding, ${LIBSQL_INDEX}))`)
    return {
      async add(start, vectors) {
        const insert = 'insert into bench values (?, ?)'
        await client.batch(
          vectors.map((vector, i) => ({ sql: insert, args: [start + i, asBytes(vector)] })),
          'write',
        )
      },
      async ready() {},
      async nearest(query, limit) {
        const top = `select id from vector_top_k('nearest', ?, ${limit})`
        const { rows } = await client.execute({ sql: top, args: [asBytes(query)] })
        return rows.map(({ id }) => Number(id))
      },
      async bytes() {
        await client.execute('pragma wal_checkpoint(truncate)')
        return { disk: (await stat(file)).size }
      },
      async close() {
        client.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}

/** What vec0 tables keep beside their rows, in chunks that every search reads. */
export const rawSqliteVec: Contender = {
  name: 'sqlite-vec vec0 (exact), node:sqlite',
  async open({ dimension }) {
    const folder = await mkdtemp(join(tmpdir(), 'archon-db-bench-'))
    const file = join(folder, 'bench.db')
    const db = new DatabaseSync(file, { allowExtension: true })
    db.loadExtension(getLoadablePath())
    db.exec('pragma journal_mode = wal')
    db.exec('pragma cache_size = -1000000')
    db.exec(`create virtual table bench using vec0(embedding float[${dimension}] distance_metric=cosine)`)
    const insert = db.prepare('insert into bench (rowid, embedding) values (?, ?)')
    const select = db.prepare('select rowid as id from bench where embedding match ? and k = ?')
    return {
      async add(start, vectors) {
        db.exec('begin')
        // It takes whole numbers as BigInt alone.
        for (const [i, vector] of vectors.entries()) insert.run(BigInt(start + i), new Uint8Array(asBytes(vector)))
        db.exec('commit')
      },
      async ready() {},
      async nearest(query, limit) {
        return select.all(new Uint8Array(asBytes(query)), limit).map(({ id }) => Number(id))
      },
      async bytes() {
        db.exec('pragma wal_checkpoint(truncate)')
        return { disk: (await stat(file)).size }
      },
      async close() {
        db.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}

function asText(vector: Float32Array): string {
  return `[${vector.join()}]`
}

/** A copy: of a part, the driver would send the whole. */
function asBytes(vector: Float32Array): ArrayBuffer {
  return vector.slice().buffer
}
