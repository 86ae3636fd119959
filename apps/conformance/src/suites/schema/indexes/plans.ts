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

async function readPlans({ fresh, planner, random }: Context): Promise<Plans> {
  let sent: Statement[] = []
  let connection: Connection | undefined
  const through = (real: Connection): Connection => {
    connection = real
    return recorded(real, (statement) => sent.push(statement))
  }
  const { db } = await fresh({ through })
  const rows = await fillTables(db, random)
  const reached = connection as unknown as Connection
  await planner.refreshStatistics(reached)
  const accessesOf = async (statement: Statement): Promise<PlanStep[]> => {
    const accesses = await planner.accesses(reached, statement)
    return accesses
      .filter(({ table }) => db.schema.tables.has(table))
      .map((access) => ({ ...access, statement: statement.text }))
  }
  const plans = new Map<string, QueryPlan | Error>()
  for (const { id, run, after } of [...HOT_QUERIES, ...WHOLE_READS]) {
    try {
      const page = await after?.(db.repositories, rows)
      sent = []
      const found = await run(db.repositories, rows, page?.nextCursor ?? null)
      // Statements that name no table begin, end and set.
      const asked = sent.filter(({ tables }) => tables.length > 0)
      plans.set(id, { found, steps: (await Promise.all(asked.map(accessesOf))).flat() })
    } catch (error) {
      plans.set(id, error as Error)
    }
  }
  return plans
}
