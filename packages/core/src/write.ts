import type { WriteRunner } from './dialect.ts'
import { isDbError } from './errors.ts'
import type { Executor } from './executor.ts'
import type { DeleteQuery, OutputColumn, Query, UpdateQuery, WriteQuery } from './query/ast.ts'
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
  if (query.returning && executor.shared.dialect.returning) return emulated(executor, { query, values, key })
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
  { query, values, key }: Parsed<UpdateQuery | DeleteQuery>,
): Promise<WriteResult> {
  const { rows } = await inTransaction(executor, (inner) => returningWrite(inner, query, values, key))
  const decoded = executor.plan(key, () => query).decode(rows)
  return { rows: decoded, count: decoded.length }
}

/** A write that the dialect does in its own way. Needs an open transaction. */
export function returningWrite(
  executor: Executor,
  query: WriteQuery,
  values: readonly unknown[],
  key: string,
): Promise<{ rows: unknown[][]; inserted?: boolean[] }> {
  return executor.shared.dialect.returning!.write(query, values, runnerOf(executor), key)
}

function runnerOf(executor: Executor): WriteRunner {
  const statement = (key: string, query: () => Query, values: readonly unknown[]) =>
    bindPlan(executor.plan(key, query), values)
  return {
    select: (key, query, values) => executor.rows(executor.plan(key, query), values),
    write: (key, query, values) => executor.run(statement(key, query, values)),
    tryWrite: (key, query, values, expected) => executor.attempt(statement(key, query, values), expected),
  }
}

/** So often is a bracket that collided with another one run again. */
const COLLISIONS = 10

/** Joins the open transaction, or brackets the work in one of its own, which nobody sees begin again. */
export async function inTransaction<T>(executor: Executor, work: (executor: Executor) => Promise<T>): Promise<T> {
  if (executor.transaction) return work(executor)
  for (let attempt = 1; ; attempt++) {
    try {
      return await beginTransaction(executor, work, {})
    } catch (error) {
      const collided = isDbError(error, 'deadlock') || isDbError(error, 'serialization_failure')
      if (!collided || attempt > COLLISIONS) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt))
    }
  }
}
