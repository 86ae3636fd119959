import type {
  Condition,
  DeleteQuery,
  ReturningStrategy,
  SelectQuery,
  UpdateQuery,
  WriteRunner,
} from '@archon-db/core/dialect'
import { Insert } from './insert.ts'
import {
  type Key,
  keyColumns,
  keyCondition,
  keyShape,
  keyValues,
  outputsOf,
  readBack,
  selectOf,
  slices,
} from './row-keys.ts'

/** Written rows are read back by their primary keys, inside the transaction that wrote them. */
export function returning(idStep: number): ReturningStrategy {
  return {
    write(query, values, run, key) {
      if (query.kind === 'update') return update(query, values, run, key)
      if (query.kind === 'delete') return remove(query, values, run, key)
      const insert = new Insert(query, values, run, { key, idStep })
      return query.onConflict ? insert.upsert(query.onConflict) : insert.plain()
    },
  }
}

/** Which rows are meant is settled, and they are locked, before any is changed. */
async function update(
  query: UpdateQuery,
  values: readonly unknown[],
  run: WriteRunner,
  shape: string,
): Promise<{ rows: unknown[][] }> {
  const { table, where } = query
  const columns = keyColumns(table)
  const isKept = columns.length === 1 && !query.set.some(({ column }) => column.primaryKey)
  if (isKept && namesRow(where)) return updateRow(query, values, run, shape)
  const locking = (): SelectQuery => selectOf(table, outputsOf(columns), where, true)
  const keys = await run.select(`${shape};keys`, locking, values)
  for (const slice of slices(keys)) {
    const writing = (): UpdateQuery => {
      return { ...query, where: keyCondition(columns, slice.length, values.length), returning: null }
    }
    const bound = [...values, ...keyValues(columns, slice)]
    await run.write(`${shape};write${keyShape(columns, slice)}`, writing, bound)
  }
  const now = keys.map((key) => changedKey(query, values, key))
  return { rows: await readBack(table, query.returning ?? [], now, run, shape) }
}

/** The condition is the primary key itself: it means the same row before and after, and locks it by being written. */
function namesRow(where: Condition | null): boolean {
  return where?.type === 'compare' && where.op === 'eq' && where.field.column.primaryKey && !where.field.path
}

async function updateRow(
  query: UpdateQuery,
  values: readonly unknown[],
  run: WriteRunner,
  shape: string,
): Promise<{ rows: unknown[][] }> {
  const { table, where, returning: outputs } = query
  const { changes } = await run.write(`${shape};row`, () => ({ ...query, returning: null }), values)
  if (changes === 0) return { rows: [] }
  return { rows: await run.select(`${shape};row-back`, () => selectOf(table, outputs ?? [], where, false), values) }
}

/** The key after an update that sets a part of it. */
function changedKey({ table, set }: UpdateQuery, values: readonly unknown[], key: Key): Key {
  return keyColumns(table).map((column, i) => {
    const assignment = set.find((one) => one.column.name === column.name)
    if (!assignment) return key[i]
    const value = values[assignment.value]
    return assignment.type === 'increment' ? BigInt(key[i] as number) + BigInt(value as number) : value
  })
}

async function remove(
  query: DeleteQuery,
  values: readonly unknown[],
  run: WriteRunner,
  shape: string,
): Promise<{ rows: unknown[][] }> {
  const { table, where, returning: outputs } = query
  const columns = keyColumns(table)
  const wanted = outputs ?? []
  const locking = (): SelectQuery => selectOf(table, [...wanted, ...outputsOf(columns)], where, true)
  const rows = await run.select(`${shape};rows`, locking, values)
  for (const slice of slices(rows.map((row) => row.slice(wanted.length)))) {
    const writing = (): DeleteQuery => {
      return { ...query, where: keyCondition(columns, slice.length), returning: null }
    }
    await run.write(`${shape};write${keyShape(columns, slice)}`, writing, keyValues(columns, slice))
  }
  return { rows }
}
