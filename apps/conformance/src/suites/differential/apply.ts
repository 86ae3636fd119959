import { type DataAccess, DbError, on, type Row, type SelectResult, type SelectSpec } from '@archon-db/core'
import { canonical, canonicalRow } from './canonical.ts'
import type { Operation } from './operations.ts'

/** What an operation came to, in a form that is equal exactly when callers cannot tell the results apart. */
export type Outcome = { readonly value: unknown } | { readonly error: string }

export async function outcomeOf(access: DataAccess, operation: Operation): Promise<Outcome> {
  try {
    return { value: await apply(access, operation) }
  } catch (error) {
    if (error instanceof DbError) return { error: error.code }
    throw error
  }
}

async function apply(access: DataAccess, operation: Operation): Promise<unknown> {
  switch (operation.do) {
    case 'insert': {
      const { rows, count } = await access.insert(operation.table, operation.rows, { returning: operation.returning })
      return { count, rows: rows.map(canonicalRow) }
    }
    case 'upsert': {
      const { table, onConflict, whenFound } = operation
      const { rows, count, inserted } = await access.upsert(table, operation.rows, { onConflict, whenFound })
      return { count, inserted, rows: rows.map(canonicalRow) }
    }
    case 'update': {
      const { rows, count } = await access.update(operation.table, operation.patch, {
        where: operation.where,
        allRows: true,
      })
      return { count, rows: inAnyOrder(rows) }
    }
    case 'delete': {
      const { rows, count } = await access.delete(operation.table, { where: operation.where, allRows: true })
      return { count, rows: inAnyOrder(rows) }
    }
    case 'transaction':
      return transaction(access, operation)
    default:
      return read(access, operation)
  }
}

type Read = Exclude<Operation, { do: 'insert' | 'upsert' | 'update' | 'delete' | 'transaction' }>

async function read(access: DataAccess, operation: Read): Promise<unknown> {
  switch (operation.do) {
    case 'select': {
      const { rows, count } = await access.select(operation.table, operation.spec as SelectSpec)
      return { count, rows: rows.map(canonicalRow) }
    }
    case 'pages':
      return pages(access, operation)
    case 'stream': {
      const rows: unknown[] = []
      const { table, where, batchSize } = operation
      for await (const row of access.stream(table, { where, batchSize })) rows.push(canonicalRow(row))
      return rows
    }
    case 'aggregate': {
      const { table, where, groupBy, aggregates } = operation
      const rows = await access.aggregate(table, { aggregates, where, ...(groupBy.length > 0 && { groupBy }) })
      return rows.map(canonicalRow)
    }
    case 'join': {
      const from = access.from('archon_tasks').select('id', 'title', 'archon_projects.title', 'archon_projects.pinned')
      const joined = from[operation.type]('archon_projects', on('project_id', 'id'))
      return (
        await joined
          .where(operation.where)
          .orderBy(...operation.orderBy)
          .execute()
      ).map((row) => canonicalRow({ ...row }))
    }
  }
}

/** More pages than rows means that paging goes round in circles. */
const MOST_PAGES = 100

async function pages(
  access: DataAccess,
  { table, where, orderBy, size }: Extract<Operation, { do: 'pages' }>,
): Promise<unknown> {
  const found: unknown[] = []
  let after: string | null | undefined = null
  for (let page = 0; after !== undefined && page < MOST_PAGES; page++) {
    const result: SelectResult = await access.select(table, {
      where,
      orderBy,
      limit: size,
      after,
    })
    found.push({ rows: result.rows.map(canonicalRow), nextCursor: result.nextCursor })
    after = result.nextCursor ?? undefined
  }
  return found
}

class RollbackOnPurpose extends Error {}

/** The outcomes of its steps; a step that fails ends it, as it does for every caller who does not catch. */
async function transaction(
  access: DataAccess,
  { steps, end }: Extract<Operation, { do: 'transaction' }>,
): Promise<unknown> {
  const outcomes: unknown[] = []
  try {
    await access.transaction(async (tx) => {
      for (const step of steps) outcomes.push(await stepOutcome(tx, step))
      if (end === 'rollback') throw new RollbackOnPurpose()
    })
    return { outcomes, end: 'committed' }
  } catch (error) {
    if (error instanceof RollbackOnPurpose) return { outcomes, end: 'rolled back' }
    if (error instanceof DbError) return { outcomes, end: error.code }
    throw error
  }
}

/** A nested transaction's failure is its own; that of a statement belongs to the transaction it is in. */
async function stepOutcome(tx: DataAccess, step: Operation): Promise<unknown> {
  return step.do === 'transaction' ? outcomeOf(tx, step) : { value: await apply(tx, step) }
}

/** Which row of an update or a delete comes first is nobody's promise. */
function inAnyOrder(rows: readonly Row[]): unknown[] {
  return rows
    .map((row) => ({ row: canonicalRow(row), key: JSON.stringify(canonical(row)) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ row }) => row)
}
