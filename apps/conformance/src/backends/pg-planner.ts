import type { Planner, TableAccess } from '../harness/index.ts'

/** The part of `explain (format json)` that says which rows are read, and how. */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  /** An index that finds the nearest rows first. */
  readonly 'Order By'?: string
  /** By which an upsert finds the row that is there. */
  readonly 'Conflict Arbiter Indexes'?: readonly string[]
  readonly Plans?: readonly PlanNode[]
}

export const planner: Planner = {
  async accesses(connection, { text, params }) {
    const explain = { text: `explain (format json) ${text}`, params, write: false, tables: [], prepare: false }
    const { rows } = await connection.query(explain)
    const answer = rows[0]?.[0]
    const [{ Plan }] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as [{ Plan: PlanNode }]
    return accessesOf(Plan)
  },
  async refreshStatistics(connection) {
    await connection.run({ text: 'analyze', params: [], write: true, tables: [], prepare: false })
  },
}

function accessesOf(node: PlanNode): TableAccess[] {
  const below = (node.Plans ?? []).flatMap(accessesOf)
  const table = node['Relation Name']
  if (table === undefined) return below
  if (node['Node Type'] === 'ModifyTable') {
    const arbiters = node['Conflict Arbiter Indexes'] ?? []
    return [...below, ...arbiters.map((index) => ({ table, index }))]
  }
  const indexes =
    node['Node Type'] === 'Bitmap Heap Scan' ? (node.Plans ?? []).flatMap(bitmapIndexes) : [lookedUp(node)]
  return [...below, { table, index: indexes.every((index) => index !== null) ? indexes.join(' + ') : null }]
}

/** A bitmap is made of several where a condition has alternatives. */
function bitmapIndexes(node: PlanNode): (string | null)[] {
  return node.Plans ? node.Plans.flatMap(bitmapIndexes) : [lookedUp(node)]
}

/** Without a condition on it the index is read from one end to the other. */
function lookedUp(node: PlanNode): string | null {
  const sought = node['Index Cond'] ?? node['Order By']
  return sought === undefined ? null : (node['Index Name'] ?? null)
}
