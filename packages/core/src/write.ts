import type { Executor } from './executor.ts'
import type { DeleteQuery, OutputColumn, UpdateQuery, WriteQuery } from './query/ast.ts'
import { decoderFor } from './query/decode.ts'
import type { Parsed } from './query/parse-select.ts'
import { bindPlan } from './query/plan.ts'
import type { WriteResult } from './query/specs.ts'
import { beginTransaction } from './transaction.ts'

export async function runUpdateOrDelete(
  executor: Executor,
  parsed: Parsed<UpdateQuery | DeleteQuery>,
  signal?: AbortSignal,
): Promise<WriteResult> {
  const { query, values, key } = parsed
  if (query.kind === 'delete' && cascadesToItself(query)) return deleteFamily(executor, { query, values, key }, signal)
  if (query.returning && executor.shared.dialect.returning) return emulated(executor, query, values, query.returning)
  const plan = executor.plan(key, () => query)
  if (!query.returning) return { rows: [], count: (await executor.run(bindPlan(plan, values), signal)).changes }
  const rows = plan.decode(await executor.rows(plan, values, signal))
  return { rows, count: rows.length }
}

/** The statement may come too late to a row that its cascade took away: not every engine counts and returns that one. */
function cascadesToItself({ table, where }: DeleteQuery): boolean {
  const isOneRow = where?.type === 'compare' && where.op === 'eq' && where.field.column.primaryKey
  return !isOneRow && table.foreignKeys.some((key) => key.table === table.name && key.onDelete === 'cascade')
}

/** Looks at the rows before it deletes them. */
async function deleteFamily(
  executor: Executor,
  { query, values, key }: Parsed<DeleteQuery>,
  signal?: AbortSignal,
): Promise<WriteResult> {
  const { table, where, returning } = query
  const keys = table.primaryKey.map((name): OutputColumn => ({ as: name, field: { column: table.byName.get(name)! } }))
  const plain = { joins: [], groupBy: [], orderBy: [], limit: null, offset: null, count: false, distinct: false }
  const columns = returning ?? keys
  return inTransaction(executor, async (inner) => {
    const looking = inner.plan(`${key};first`, () => ({ kind: 'select', table, columns, where, ...plain, lock: true }))
    const rows = looking.decode(await inner.rows(looking, values, signal))
    const deleting = inner.plan(`${key};then`, () => ({ ...query, returning: null }))
    await inner.run(bindPlan(deleting, values), signal)
    return { rows: returning ? rows : [], count: rows.length }
  })
}

async function emulated(
  executor: Executor,
  query: WriteQuery,
  values: readonly unknown[],
  returning: readonly OutputColumn[],
): Promise<WriteResult> {
  const { rows } = await inTransaction(executor, (inner) => returningWrite(inner, query, values))
  const decoded = decoderFor(executor.shared.dialect, returning)(rows)
  return { rows: decoded, count: decoded.length }
}

/** A write whose rows the dialect fetches in its own way. Needs an open transaction. */
export function returningWrite(
  executor: Executor,
  query: WriteQuery,
  values: readonly unknown[],
): Promise<{ rows: unknown[][]; inserted?: boolean[] }> {
  return executor.shared.dialect.returning!.write(query, values, executor)
}

/** Joins the open transaction, or brackets the work in one of its own. */
export function inTransaction<T>(executor: Executor, work: (executor: Executor) => Promise<T>): Promise<T> {
  return executor.transaction ? work(executor) : beginTransaction(executor, work, {})
}
