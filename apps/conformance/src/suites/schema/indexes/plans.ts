import type { Database } from '@archon-db/core'
import type { Connection, Statement } from '@archon-db/core/dialect'
import { type Context, recorded, type TableAccess } from '../../../harness/index.ts'
import { HOT_QUERIES, type HotQuery, WHOLE_READS } from './queries.ts'
import { fillTables } from './rows.ts'

/** What a query sent, and how the database finds the rows of each table in it. */
export interface QueryPlan {
  readonly found: number
  readonly steps: readonly PlanStep[]
}

export interface PlanStep extends TableAccess {
  readonly statement: string
}

type Plans = ReadonlyMap<string, QueryPlan | Error>

/** One filled database per backend serves all behaviours: filling it takes longest, and plans do not change after that. */
const known = new WeakMap<Context['backend'], Promise<Plans>>()

export async function planOf(context: Context, { id }: HotQuery): Promise<QueryPlan> {
  const plans = known.get(context.backend) ?? readPlans(context)
  known.set(context.backend, plans)
  const plan = (await plans).get(id)
  if (!plan || plan instanceof Error) throw plan ?? new Error(`${id} was not run.`)
  return plan
}

/** A database whose statements are noted, and how each of them finds its rows. */
interface Watched {
  readonly db: Database
  /** What was sent since the last call. */
  taken(): Statement[]
  refreshStatistics(): Promise<void>
  accessesOf(statement: Statement): Promise<PlanStep[]>
}

async function watch({ fresh, planner }: Context): Promise<Watched> {
  let sent: Statement[] = []
  let connection: Connection | undefined
  const through = (real: Connection): Connection => {
    connection = real
    return recorded(real, (statement) => sent.push(statement))
  }
  const { db } = await fresh({ through })
  const reached = connection as unknown as Connection
  return {
    db,
    taken() {
      const taken = sent
      sent = []
      // Statements that name no table begin, end and set.
      return taken.filter(({ tables }) => tables.length > 0)
    },
    refreshStatistics: () => planner.refreshStatistics(reached),
    async accessesOf(statement) {
      const accesses = await planner.accesses(reached, statement)
      return accesses
        .filter(({ table }) => db.schema.tables.has(table))
        .map((access) => ({ ...access, statement: statement.text }))
    },
  }
}

async function readPlans(context: Context): Promise<Plans> {
  const { db, taken, refreshStatistics, accessesOf } = await watch(context)
  const rows = await fillTables(db, context.random)
  await refreshStatistics()
  const plans = new Map<string, QueryPlan | Error>()
  for (const { id, run, after } of [...HOT_QUERIES, ...WHOLE_READS]) {
    try {
      const page = await after?.(db.repositories, rows)
      taken()
      const found = await run(db.repositories, rows, page?.nextCursor ?? null)
      plans.set(id, { found, steps: (await Promise.all(taken().map(accessesOf))).flat() })
    } catch (error) {
      plans.set(id, error as Error)
    }
  }
  return plans
}

const DIMENSION = 768
const CHUNKS = 2000

/** Vectors of this length are kept beside their rows, which makes a table look cheaper to read than it is. */
export async function nearestPlan(context: Context): Promise<QueryPlan> {
  const { db, taken, refreshStatistics, accessesOf } = await watch(context)
  const vector = (): Float32Array => Float32Array.from({ length: DIMENSION }, () => context.random.next() - 0.5)
  await db.insert('archon_sources', { source_id: 'a' })
  const chunks = Array.from({ length: CHUNKS }, (_, i) => ({
    ...{ url: 'a', chunk_number: i, content: '', source_id: 'a' },
    [`embedding_${DIMENSION}`]: vector(),
  }))
  await db.insert('archon_crawled_pages', chunks, { returning: false })
  await refreshStatistics()
  taken()
  const hits = await db.search('archon_crawled_pages', { embedding: vector(), limit: 10 })
  return { found: hits.length, steps: (await Promise.all(taken().map(accessesOf))).flat() }
}
