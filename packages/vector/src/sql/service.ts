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
import { type CollectionFragments, dialectOf, PlanCache, type SQL, sql } from '@archon-db/core/dialect'
import type { MemoryBudget } from '../local/memory.ts'
import { budgetOf } from '../local/open.ts'
import type { FilterSpeech } from '../shared/push-down.ts'
import type { ServiceCollection, VectorService } from '../shared/service.ts'
import { SqlCollection } from './collection.ts'
import { FollowedIndex } from './followed-index.ts'
import type { CollectionIndexStats, SqlStoreOptions } from './index.ts'
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
  readonly #budget: MemoryBudget | undefined
  readonly #plans = new PlanCache()
  /** By table. */
  readonly #indexes = new Map<string, { readonly name: string; readonly opening: Promise<FollowedIndex> }>()

  private constructor(db: Database, fragments: CollectionFragments, options: SqlStoreOptions) {
    this.#db = db
    this.#fragments = fragments
    this.#options = options
    this.#budget = budgetOf(options)
  }

  static async open(db: Database, options: SqlStoreOptions): Promise<SqlService> {
    const { collections } = dialectOf(db).fragments
    if (!collections) throw new DbError('unsupported', 'This database holds no vector collections. Use another store.')
    await changeSchema(db, collections.registry(REGISTRY), async () => {})
    return new SqlService(db, collections, options)
  }

  async create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }> {
    const known = await this.#find(this.#db, spec.name, false)
    if (known) return { created: false, known }
    try {
      await this.#make(spec)
      return { created: true }
    } catch (error) {
      // Another process was faster.
      if (isDbError(error, 'unique_violation')) return await this.create(spec)
      throw error
    }
  }

  async #make({ name, dimension, metric }: CollectionSpec): Promise<void> {
    // Names of collections differ by case and may be long; those of tables are of our making.
    const table = `archon_vectors_${randomBytes(8).toString('hex')}`
    const values = sql.join(
      [name, dimension, metric, table, 0].map((value) => sql`${value}`),
      sql`, `,
    )
    const entry = sql`insert into ${REGISTRY_NAME} (name, dimension, metric, table_name, revision) values (${values})`
    try {
      await changeSchema(this.#db, this.#fragments.table(table, dimension, metric), async (access) => {
        await access.execute(entry, { write: true })
      })
    } catch (error) {
      // Where it was made for good, it must not stay without its entry.
      if (!hasTransactionalDdl(this.#db)) {
        await this.#db.execute(dropTable(table), { write: true }).catch(() => {})
      }
      throw error
    }
  }

  /** The entry goes first and for good where the table cannot come back. */
  async drop(name: string): Promise<boolean> {
    const together = hasTransactionalDdl(this.#db)
    const dropped = await this.#db.transaction(
      async (tx) => {
        const known = await this.#find(tx, name, true)
        if (!known) return null
        await tx.execute(sql`delete from ${REGISTRY_NAME} where name = ${name}`, { write: true })
        if (together) await tx.execute(dropTable(known.table), { write: true })
        return known.table
      },
      { retry: 3 },
    )
    if (dropped === null) return false
    if (!together) await this.#db.execute(dropTable(dropped), { write: true })
    await this.#forget(dropped)
    return true
  }

  async list(): Promise<string[]> {
    const { rows } = await this.#db.execute(sql`select name from ${REGISTRY_NAME}`)
    return rows.map(({ name }) => name as string)
  }

  /** One snapshot for all that a call reads. */
  async reading<T>(name: string, work: (collection: ServiceCollection<SqlFilter>) => Promise<T>): Promise<T | null> {
    let table: string | undefined
    try {
      return await this.#db.transaction(
        async (tx) => {
          const known = await this.#find(tx, name, false)
          table = known?.table
          return known && (await work(await this.#collection(tx, known, known.revision)))
        },
        { readOnly: true, isolation: 'snapshot' },
      )
    } catch (error) {
      // Tables are dropped whatever snapshots there are: then the collection is another one by now, or none.
      if (table === undefined || (await this.#isStill(name, table))) throw error
      return await this.reading(name, work)
    }
  }

  /** True as well when the database cannot tell, which the error at hand says better. */
  async #isStill(name: string, table: string): Promise<boolean> {
    const known = await this.#find(this.#db, name, false).catch(() => undefined)
    return known === undefined || known?.table === table
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

  async indexes(): Promise<CollectionIndexStats[]> {
    const opened = Array.from(this.#indexes.values(), async ({ name, opening }) => ({
      collection: name,
      ...(await opening).stats(),
    }))
    return await Promise.all(opened)
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
    return new SqlCollection({ access, spec: { name, dimension, metric }, table, plans: this.#plans, revision, index })
  }

  #indexOf({ name, table, dimension, metric }: Registered): Promise<FollowedIndex> {
    const known = this.#indexes.get(table)
    if (known) return known.opening
    const { indexPath } = this.#options
    const path = indexPath === undefined ? {} : { path: join(indexPath, table) }
    const opening = FollowedIndex.open({ dimension, metric, fingerprint: table, ...path }, this.#budget)
    this.#indexes.set(table, { name, opening })
    return opening
  }

  async #forget(table: string): Promise<void> {
    const index = this.#indexes.get(table)
    this.#indexes.delete(table)
    await (await index?.opening)?.close()
  }
}

/** The statements and then the work, as one change where the database can take back changes of its schema. */
async function changeSchema(
  db: Database,
  statements: readonly SQL[],
  work: (access: DataAccess) => Promise<void>,
): Promise<void> {
  const change = async (access: DataAccess): Promise<void> => {
    for (const statement of statements) await access.execute(statement, { write: true })
    await work(access)
  }
  await (hasTransactionalDdl(db) ? db.transaction(change, { retry: 3 }) : change(db))
}

function hasTransactionalDdl(db: Database): boolean {
  return dialectOf(db).traits.transactionalDdl
}

function dropTable(name: string): SQL {
  return sql`drop table ${sql.identifier(name)}`
}
