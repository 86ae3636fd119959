import type { ColumnInfo, Condition, OutputColumn, SelectQuery, TableInfo, WriteRunner } from '@archon-db/core/dialect'

/** Rows by their keys: finding them, and reading back what was written. */

export type Key = readonly unknown[]

/** So many keys stand in one statement. */
const KEYS_AT_ONCE = 1000

export function keyColumns(table: TableInfo): ColumnInfo[] {
  return table.primaryKey.map((name) => table.byName.get(name) as ColumnInfo)
}

export function outputsOf(columns: readonly ColumnInfo[]): OutputColumn[] {
  return columns.map((column) => ({ as: column.name, field: { column } }))
}

export function selectOf(
  table: TableInfo,
  columns: readonly OutputColumn[],
  where: Condition | null,
  lock: boolean,
): SelectQuery {
  const plain = { joins: [], groupBy: [], orderBy: [], limit: null, offset: null, count: false, distinct: false }
  return { kind: 'select', table, columns, where, lock, ...plain }
}

/** A condition on rows by the values of some columns, with where its values begin. */
export function keyCondition(columns: readonly ColumnInfo[], count: number, from = 0): Condition {
  const [column] = columns
  if (isList(columns, count)) return { type: 'in', field: { column: column as ColumnInfo }, values: from }
  const items = Array.from({ length: count }, (_, row): Condition => {
    const parts = columns.map((part, i): Condition => {
      return { type: 'compare', field: { column: part }, op: 'eq', value: from + row * columns.length + i }
    })
    return parts.length === 1 ? (parts[0] as Condition) : { type: 'and', items: parts }
  })
  return items.length === 1 ? (items[0] as Condition) : { type: 'or', items }
}

/** Keys of one column go as a list; all others have a place each. */
function isList(columns: readonly ColumnInfo[], count: number): boolean {
  return columns.length === 1 && count > 1
}

export function keyValues(columns: readonly ColumnInfo[], keys: readonly Key[]): unknown[] {
  return isList(columns, keys.length) ? [keys.map(([value]) => value)] : keys.flat()
}

/** How many keys there are is part of the shape only where each has a place of its own. */
export function keyShape(columns: readonly ColumnInfo[], keys: readonly Key[]): string {
  return isList(columns, keys.length) ? '' : `:${keys.length}`
}

export function textOf(key: Key): string {
  return key.map(String).join('\0')
}

export function slices<T>(items: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let start = 0; start < items.length; start += KEYS_AT_ONCE) parts.push(items.slice(start, start + KEYS_AT_ONCE))
  return parts
}

/** The rows with these keys, in the keys' order. */
export async function readBack(
  table: TableInfo,
  outputs: readonly OutputColumn[],
  keys: readonly Key[],
  run: WriteRunner,
  shape: string,
): Promise<unknown[][]> {
  const columns = keyColumns(table)
  const found = new Map<string, unknown[]>()
  for (const slice of slices(keys)) {
    const query = (): SelectQuery => {
      return selectOf(table, [...outputs, ...outputsOf(columns)], keyCondition(columns, slice.length), false)
    }
    const rows = await run.select(`${shape};back${keyShape(columns, slice)}`, query, keyValues(columns, slice))
    for (const row of rows) found.set(textOf(row.slice(outputs.length)), row)
  }
  return keys.map((key) => found.get(textOf(key)) as unknown[])
}
