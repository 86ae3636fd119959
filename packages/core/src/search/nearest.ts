import type { SQL } from 'drizzle-orm'
import type { VectorFragments } from '../dialect.ts'
import type { Executor } from '../executor.ts'
import { addValue, type Bindings, type Condition } from '../filter/ast.ts'
import type { OutputColumn } from '../query/ast.ts'
import { compileFragment } from '../query/compile.ts'
import { bindPlan, type Plan } from '../query/plan.ts'
import type { ColumnInfo, TableInfo } from '../schema.ts'
import { sql } from '../sql.ts'
import { hasDirection } from '../values.ts'
import { inTransaction } from '../write.ts'
import type { Ranked } from './fuse.ts'
import type { Leg, SearchSpec } from './search.ts'
import { byRank, TopK } from './top-k.ts'
import type { VectorScan, VectorSearcher } from './vector-index.ts'

const BATCH = 200

/**
 * The nearest rows, by a store outside where there is one, else by the database where it can, else by the index in this
 * process, else by comparing with every row.
 */
export async function vectorLeg(
  leg: Leg,
  column: ColumnInfo,
  vector: Float32Array,
  spec: SearchSpec,
): Promise<Ranked[]> {
  const { dialect, connection, outside } = leg.executor.shared
  // An index follows what is committed; what an open transaction wrote is only in the table.
  const committed = leg.executor.transaction === null
  if (outside && committed) return searchBeside(leg, outside, column, vector, spec)
  const native = dialect.fragments.vector
  if (native) return nativeSearch(leg, native, column, vector, spec)
  if (connection.vectors && committed) return searchBeside(leg, connection.vectors, column, vector, spec)
  return exactSearch(leg, column, vector, spec.minScore)
}

async function searchBeside(
  leg: Leg,
  searcher: VectorSearcher,
  column: ColumnInfo,
  vector: Float32Array,
  { minScore, exact }: SearchSpec,
): Promise<Ranked[]> {
  const ids = leg.where === null ? {} : { ids: await matchingIds(leg) }
  const about = { table: leg.table.name, column: column.name, vector, topK: leg.limit, ...ids }
  return searcher.search(
    { ...about, ...(minScore === undefined ? {} : { minScore }), ...(exact ? { exact: true } : {}) },
    scanOf(leg.executor, leg.table, column),
  )
}

async function nativeSearch(
  leg: Leg,
  native: VectorFragments,
  column: ColumnInfo,
  vector: Float32Array,
  spec: SearchSpec,
): Promise<Ranked[]> {
  const plan = nearestPlan(leg, native, column, vector)
  const { exact = false, effort } = spec
  const found = await nearestRows(leg, plan, native.prepare({ exact, ...(effort === undefined ? {} : { effort }) }))
  // An index may lack vectors without a direction, and may stop before a narrow filter has let enough rows through.
  const settled = exact || found.length === leg.limit
  const ranked = settled ? found : await nearestRows(leg, plan, native.prepare({ exact: true }))
  const least = spec.minScore ?? Number.NEGATIVE_INFINITY
  return ranked.filter(({ score }) => score >= least).sort(byRank)
}

async function nearestRows(leg: Leg, plan: Plan, before: readonly SQL[]): Promise<Ranked[]> {
  if (before.length === 0) return readNearest(leg, leg.executor, plan)
  return inTransaction(leg.executor, async (executor) => {
    for (const statement of before) {
      const { sql: text, params } = executor.shared.dialect.render(statement)
      await executor.run({ text, params, write: false, tables: [], prepare: false })
    }
    return readNearest(leg, executor, plan)
  })
}

async function readNearest({ bindings, signal }: Leg, executor: Executor, plan: Plan): Promise<Ranked[]> {
  const rows = await executor.rows(plan, bindings.values, signal)
  const ids = plan.decode(rows)
  return rows.map((row, i) => ({ id: ids[i]!.id as number | bigint, score: Math.fround(Number(row[1])) }))
}

function nearestPlan(leg: Leg, native: VectorFragments, column: ColumnInfo, vector: Float32Array): Plan {
  const { bindings, table, where, executor } = leg
  const { dialect, plans } = executor.shared
  const slot = addValue(bindings, vector)
  return plans.get(`nearest ${leg.limit} ${table.name} ${column.name} ${bindings.key}`, () =>
    compileFragment(
      dialect,
      table,
      (compiler) => {
        const expr = compiler.column(column)
        const query = (): SQL => dialect.fragments.store(compiler.bind(slot, dialect.codecs.encode(column)), column)
        const id = compiler.column(table.byName.get('id') as ColumnInfo)
        const conditions = compiler.where(where, [sql`${expr} is not null`, native.hasDirection(expr, where === null)])
        return sql`select ${id}, ${native.similarity(expr, column, query())} from ${sql.identifier(table.name)}${conditions} order by ${native.distance(expr, column, query())}, ${id}${dialect.fragments.limit(sql.raw(String(leg.limit)), null)}`
      },
      [idOutput(table)],
    ),
  )
}

function idOutput(table: TableInfo): OutputColumn {
  return { as: 'id', field: { column: table.byName.get('id') as ColumnInfo } }
}

async function matchingIds(leg: Leg): Promise<(number | bigint)[]> {
  const { table, where, bindings, executor } = leg
  const plan = executor.plan(`ids ${table.name} ${bindings.key}`, () => ({
    kind: 'select',
    table,
    joins: [],
    columns: [idOutput(table)],
    where,
    groupBy: [],
    orderBy: [],
    limit: null,
    offset: null,
    count: false,
    distinct: false,
    lock: false,
  }))
  return plan.decode(await executor.rows(plan, bindings.values, leg.signal)).map((row) => row.id as number | bigint)
}

/** Reads (id, vector) of every row that has one, in batches. */
function scanOf(executor: Executor, table: TableInfo, column: ColumnInfo, bindings?: Bindings): VectorScan {
  return async function* scan(where: Condition | null) {
    const { dialect } = executor.shared
    const outputs = [idOutput(table), { as: 'vector', field: { column } }]
    const present: Condition = { type: 'not', item: { type: 'isNull', field: { column } } }
    const both: Condition = where ? { type: 'and', items: [where, present] } : present
    const plan = compileFragment(
      dialect,
      table,
      (compiler) => {
        const id = table.byName.get('id') as ColumnInfo
        return sql`select ${dialect.fragments.fetch(compiler.column(id), id)}, ${dialect.fragments.fetch(compiler.column(column), column)} from ${sql.identifier(table.name)}${compiler.where(both)}`
      },
      outputs,
    )
    for await (const batch of executor.stream({ ...bindPlan(plan, bindings?.values ?? []), prepare: false }, BATCH)) {
      yield plan.decode(batch).map((row) => ({ id: row.id as number | bigint, vector: row.vector as Float32Array }))
    }
  }
}

async function exactSearch(
  leg: Leg,
  column: ColumnInfo,
  vector: Float32Array,
  minScore = Number.NEGATIVE_INFINITY,
): Promise<Ranked[]> {
  const best = new TopK(leg.limit)
  const cosine = cosineTo(vector)
  for await (const batch of scanOf(leg.executor, leg.table, column, leg.bindings)(leg.where)) {
    for (const row of batch) {
      if (!hasDirection(row.vector)) continue
      const score = cosine(row.vector)
      if (score >= minScore) best.offer({ id: row.id, score })
    }
    leg.signal?.throwIfAborted()
  }
  return best.sorted()
}

/** Cosine similarity to one vector, as a float32 like the vectors; 0 where either has no direction. */
export function cosineTo(query: Float32Array): (vector: Float32Array) => number {
  const length = Math.sqrt(dot(query, query))
  return (vector) => {
    const scale = length * Math.sqrt(dot(vector, vector))
    return scale === 0 ? 0 : Math.fround(Math.max(-1, Math.min(1, dot(query, vector) / scale)))
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
