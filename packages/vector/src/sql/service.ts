import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  type CollectionSpec,
  type DataAccess,
  type Database,
  DbError,
  isDbError,
  type VectorMetric,
} from '@archon-db/core'
import { type CollectionFragments, dialectOf, sql } from '@archon-db/core/dialect'
import type { FilterSpeech } from '../shared/push-down.ts'
import type { ServiceCollection, VectorService } from '../shared/service.ts'
import { SqlCollection } from './collection.ts'
import { FollowedIndex } from './followed-index.ts'
import type { SqlStoreOptions } from './index.ts'
import { type SqlFilter, sqlSpeech } from './words.ts'

const REGISTRY = 'archon_vector_collections'
const REGISTRY_NAME = sql.identifier(REGISTRY)

/** A collection's row in the registry. */
interface Registered extends CollectionSpec {
  readonly table: string
  readonly revision: number
}

export class SqlService implements VectorService<SqlFilter> {
  readonly speech: FilterSpeech<SqlFilter> = sqlSpeech
  readonly maxNearest = 10_000
  readonly #db: Database
  readonly #fragments: CollectionFragments
  readonly #options: SqlStoreOptions
  /** By table. */
  readonly #indexes = new Map<string, Promise<FollowedIndex>>()

  private constructor(db: Database, fragments: CollectionFragments, options: SqlStoreOptions) {
    this.#db = db
    this.#fragments = fragments
    this.#options = options
  }

  static async open(db: Database, options: SqlStoreOptions): Promise<SqlService> {
    const { collections } = dialectOf(db).fragments
    if (!collections) throw new DbError('unsupported', 'This database holds no vector collections. Use another store.')
    await db.transaction(
      async (tx) => {
        for (const statement of collections.registry(REGISTRY)) await tx.execute(statement, { write: true })
      },
      { retry: 3 },
    )
    return new SqlService(db, collections, options)
  }

  async create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }> {
    try {
      return await this.#db.transaction(async (tx) => {
        const known = await this.#find(tx, spec.name, false)
        return known ? ({ created: false, known } as const) : await this.#make(tx, spec)
      })
    } catch (error) {
      // Another process was faster.
      if (isDbError(error, 'unique_violation')) return await this.create(spec)
      throw error
    }
  }

  async #make(tx: DataAccess, { name, dimension, metric }: CollectionSpec): Promise<{ created: true }> {
    // Names of collections differ by case and may be long; those of tables are of our making.
    const table = `archon_vectors_${randomBytes(8).toString('hex')}`
    const values = sql.join(
      [name, dimension, metric, table, 0].map((value) => sql`${value}`),
      sql`, `,
    )
    await tx.execute(
      sql`insert into ${REGISTRY_NAME} (name, dimension, metric, table_name, revision) values (${values})`,
      { write: true },
    )
    for (const statement of this.#fragments.table(table, dimension, metric))
      await tx.execute(statement, { write: true })
    return { created: true }
  }

  async drop(name: string): Promise<boolean> {
    const dropped = await this.#db.transaction(async (tx) => {
      const known = await this.#find(tx, name, true)
      if (!known) return null
      await tx.execute(sql`delete from ${REGISTRY_NAME} where name = ${name}`, { write: true })
      await tx.execute(sql`drop table ${sql.identifier(known.table)}`, { write: true })
      return known.table
    })
    if (dropped === null) return false
    await this.#forget(dropped)
    return true
  }

  async list(): Promise<string[]> {
    const { rows } = await this.#db.execute(sql`select name from ${REGISTRY_NAME}`)
    return rows.map(({ name }) => name as string)
  }

  /** One snapshot for all that a call reads. */
  async reading<T>(name: string, work: (collection: ServiceCollection<SqlFilter>) => Promise<T>): Promise<T | null> {
    return await this.#db.transaction(
      async (tx) => {
        const known = await this.#find(tx, name, false)
        return known && (await work(await this.#collection(tx, known, known.revision)))
      },
      { readOnly: true, isolation: 'snapshot' },
    )
  }

  /** The registry's row is locked, so that writers of a collection take turns and revisions follow the commits. */
  async writing<T>(name: string, work: (collection: ServiceCollection<SqlFilter>) => Promise<T>): Promise<T | null> {
    return await this.#db.transaction(
      async (tx) => {
        const known = await this.#find(tx, name, true)
        if (!known) return null
        const revision = known.revision + 1
        await tx.execute(sql`update ${REGISTRY_NAME} set revision = ${revision} where name = ${name}`, { write: true })
        return await work(await this.#collection(tx, known, revision))
      },
      { retry: 3 },
    )
  }

  /** The database belongs to the caller. */
  async close(): Promise<void> {
    await Promise.all([...this.#indexes.keys()].map((table) => this.#forget(table)))
  }

  toDbError(error: unknown): DbError {
    return dialectOf(this.#db).toDbError(error)
  }

  async #find(access: DataAccess, name: string, lock: boolean): Promise<Registered | null> {
    const suffix = lock ? dialectOf(access).fragments.lock : sql.empty()
    const { rows } = await access.execute(
      sql`select name, dimension, metric, table_name, revision from ${REGISTRY_NAME} where name = ${name}${suffix}`,
      { write: false },
    )
    const [row] = rows
    if (!row) return null
    const { dimension, metric, table_name: table, revision } = row
    return {
      name,
      dimension: Number(dimension),
      metric: metric as VectorMetric,
      table: table as string,
      revision: Number(revision),
    }
  }

  async #collection(access: DataAccess, known: Registered, revision: number): Promise<SqlCollection> {
    const { name, dimension, metric, table } = known
    const index = this.#fragments.distance ? null : await this.#indexOf(known)
    return new SqlCollection({ access, spec: { name, dimension, metric }, table, revision, index })
  }

  #indexOf({ table, dimension, metric }: Registered): Promise<FollowedIndex> {
    const known = this.#indexes.get(table)
    if (known) return known
    const { indexPath } = this.#options
    const path = indexPath === undefined ? {} : { path: join(indexPath, table) }
    const opening = FollowedIndex.open({ dimension, metric, fingerprint: table, ...path })
    this.#indexes.set(table, opening)
    return opening
  }

  async #forget(table: string): Promise<void> {
    const index = this.#indexes.get(table)
    this.#indexes.delete(table)
    await (await index)?.close()
  }
}
