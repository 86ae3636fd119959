import type { Executor } from './executor.ts'
import type { Condition } from './filter/ast.ts'
import { bringsNumbers, numberPast } from './own-numbers.ts'
import type { InsertQuery, OnConflict, OutputColumn, SelectQuery } from './query/ast.ts'
import { keyText, type ParsedInsert, type RowGroup } from './query/parse-write.ts'
import { bindPlan, type Plan } from './query/plan.ts'
import type { Row, UpsertResult, WriteResult } from './query/specs.ts'
import type { ColumnInfo, TableInfo } from './schema.ts'
import { inTransaction, returningWrite } from './write.ts'

/** Statements stay below this, so that no engine's packet limit is met by a batch of large rows. */
const MAX_STATEMENT_BYTES = 8 * 2 ** 20

export async function runInsert(executor: Executor, parsed: ParsedInsert, signal?: AbortSignal): Promise<WriteResult> {
  const batches = parsed.groups.flatMap((group) => split(executor, group))
  if (batches.length === 0) return { rows: [], count: 0 }
  const rows = new Array<Row>(parsed.returning ? parsed.count : 0)
  const ownNumbers = bringsNumbers(executor, parsed)
  await bracket(executor, batches.length > 1 || ownNumbers, async (inner) => {
    for (const batch of batches) {
      signal?.throwIfAborted()
      place(rows, batch, (await writeBatch(inner, parsed, batch, null, signal)).rows)
    }
    if (ownNumbers) await numberPast(inner, parsed)
  })
  return { rows, count: parsed.count }
}

/** One statement is atomic by itself; several need a transaction around them. */
function bracket<T>(executor: Executor, needed: boolean, work: (executor: Executor) => Promise<T>): Promise<T> {
  return needed ? inTransaction(executor, work) : work(executor)
}

function place(target: Row[], batch: RowGroup, rows: readonly Row[]): void {
  rows.forEach((row, i) => {
    target[batch.positions[i] as number] = row
  })
}

/** Cuts a group to what one statement may carry. */
function split(executor: Executor, group: RowGroup): RowGroup[] {
  const { traits } = executor.shared.dialect
  const most = Math.max(1, Math.min(traits.insertBatch, Math.floor(traits.maxParameters / group.columns.length)))
  const heaviest = Math.min(MAX_STATEMENT_BYTES, (traits.maxStatementBytes ?? Number.POSITIVE_INFINITY) / 2)
  const batches: RowGroup[] = []
  let start = 0
  let bytes = 0
  for (let end = 0; end < group.rows.length; end++) {
    const size = sizeOf(group.rows[end] as unknown[])
    if (end > start && (end - start === most || bytes + size > heaviest)) {
      batches.push(cut(group, start, end))
      start = end
      bytes = 0
    }
    bytes += size
  }
  if (start < group.rows.length) batches.push(cut(group, start, group.rows.length))
  return batches
}

function cut(group: RowGroup, start: number, end: number): RowGroup {
  return { columns: group.columns, rows: group.rows.slice(start, end), positions: group.positions.slice(start, end) }
}

/** A rough upper bound; only the order of magnitude matters. */
function sizeOf(row: readonly unknown[]): number {
  let size = 0
  for (const value of row) {
    if (typeof value === 'string') size += value.length * 2
    else if (value instanceof Float32Array) size += value.byteLength
    else size += sizeOfJson(value)
  }
  return size
}

function sizeOfJson(value: unknown): number {
  if (typeof value === 'string') return value.length * 2 + 4
  if (typeof value !== 'object' || value === null) return 16
  if (Array.isArray(value)) return value.reduce<number>((size, item) => size + sizeOfJson(item), 4)
  return Object.entries(value).reduce((size, [key, item]) => size + key.length * 2 + 8 + sizeOfJson(item), 4)
}

interface BatchResult {
  readonly rows: Row[]
  readonly inserted: boolean[]
}

async function writeBatch(
  executor: Executor,
  parsed: ParsedInsert,
  batch: RowGroup,
  onConflict: OnConflict | null,
  signal?: AbortSignal,
): Promise<BatchResult> {
  const { dialect } = executor.shared
  const { returning, table } = parsed
  const query: InsertQuery = {
    kind: 'insert',
    table,
    columns: batch.columns,
    rows: batch.rows.length,
    returning,
    onConflict,
  }
  const values = batch.rows.flat(1)
  const plan = executor.plan(insertKey(query), () => query)
  if (dialect.returning && (returning || onConflict)) return emulatedBatch(executor, query, values, plan)
  if (!returning) {
    await executor.run(bindPlan(plan, values), signal)
    return { rows: [], inserted: [] }
  }
  const arrays = await executor.rows(plan, values, signal)
  return {
    rows: plan.decode(arrays),
    inserted: onConflict && dialect.fragments.wasInserted ? arrays.map((row) => truthy(row[returning.length])) : [],
  }
}

async function emulatedBatch(
  executor: Executor,
  query: InsertQuery,
  values: unknown[],
  plan: Plan,
): Promise<BatchResult> {
  const key = insertKey(query)
  const { rows, inserted = [] } = await inTransaction(executor, (inner) => returningWrite(inner, query, values, key))
  return { rows: plan.decode(rows), inserted }
}

function truthy(value: unknown): boolean {
  return value === true || value === 1 || value === 't'
}

function insertKey({ table, columns, rows, returning, onConflict }: InsertQuery): string {
  const names = (list: readonly ColumnInfo[]): string => list.map((column) => column.name).join()
  const conflict = onConflict ? `${names(onConflict.columns)}>${names(onConflict.update)}` : ''
  return `insert ${table.name} (${names(columns)}) ${rows} ${conflict} ${returning ? returning.map((output) => JSON.stringify(output.as)).join() : '-'}`
}

// ---- upsert ----------------------------------------------------------------------------------------------------------

export async function runUpsert(executor: Executor, parsed: ParsedInsert, signal?: AbortSignal): Promise<UpsertResult> {
  const batches = parsed.groups.flatMap((group) => split(executor, group).map((batch) => ({ batch, group })))
  if (batches.length === 0) return { rows: [], count: 0, inserted: [] }
  const rows = new Array<Row>(parsed.returning ? parsed.count : 0)
  const inserted = new Array<boolean>(parsed.returning ? parsed.count : 0)
  const ownNumbers = bringsNumbers(executor, parsed)
  const single = batches.length === 1 && !ownNumbers && (parsed.returning === null || canTell(executor))
  await bracket(executor, !single || ignores(parsed, batches[0]!.group), async (inner) => {
    for (const { batch, group } of batches) {
      signal?.throwIfAborted()
      const result = await upsertBatch(inner, parsed, batch, parsed.onConflict!(group.columns), signal)
      place(rows, batch, result.rows)
      if (parsed.returning)
        batch.positions.forEach((position, i) => {
          inserted[position] = result.inserted[i] as boolean
        })
    }
    if (ownNumbers) await numberPast(inner, parsed)
  })
  return { rows, count: parsed.count, inserted }
}

/** Whether the write itself reveals which rows are new. */
function canTell(executor: Executor): boolean {
  const { dialect } = executor.shared
  return dialect.fragments.wasInserted !== undefined || dialect.returning !== undefined
}

function ignores(parsed: ParsedInsert, group: RowGroup): boolean {
  return parsed.onConflict!(group.columns).update.length === 0
}

async function upsertBatch(
  executor: Executor,
  parsed: ParsedInsert,
  batch: RowGroup,
  onConflict: OnConflict,
  signal?: AbortSignal,
): Promise<BatchResult> {
  const { returning } = parsed
  const { returning: strategy } = executor.shared.dialect
  if (onConflict.update.length === 0 && !strategy) return insertMissing(executor, parsed, batch, onConflict, signal)
  if (returning === null || canTell(executor)) return writeBatch(executor, parsed, batch, onConflict, signal)
  const known = await storedKeys(executor, parsed.table, batch, onConflict, onConflict.columns.map(toOutput))
  const { rows } = await writeBatch(executor, parsed, batch, onConflict, signal)
  return { rows, inserted: batch.rows.map((row) => !known.has(keyOf(batch, row, onConflict))) }
}

function toOutput(column: ColumnInfo): OutputColumn {
  return { as: column.name, field: { column } }
}

/** Rows that are there stay untouched, their updated_at included. A key that is not supplied is found nowhere. */
async function insertMissing(
  executor: Executor,
  parsed: ParsedInsert,
  batch: RowGroup,
  onConflict: OnConflict,
  signal?: AbortSignal,
): Promise<BatchResult> {
  if (!parsed.returning) return writeBatch(executor, parsed, batch, onConflict, signal)
  const isSupplied = onConflict.columns.every((column) => batch.columns.includes(column))
  if (isSupplied) return insertUnlessStored(executor, parsed, batch, onConflict, signal)
  const { rows } = await writeBatch(executor, parsed, batch, null, signal)
  return { rows, inserted: batch.rows.map(() => true) }
}

/** Some rows of a batch; their positions are those in the batch. */
function pick(batch: RowGroup, wanted: (row: readonly unknown[]) => boolean): RowGroup {
  const positions = batch.rows.flatMap((row, i) => (wanted(row) ? [i] : []))
  return { columns: batch.columns, rows: positions.map((i) => batch.rows[i] as unknown[]), positions }
}

/**
 * The insert returns the rows that it stored; what it did not store is looked up by its key. A key with a null is found
 * nowhere, so such rows are all stored, and come back in their order.
 */
async function insertUnlessStored(
  executor: Executor,
  parsed: ParsedInsert,
  batch: RowGroup,
  onConflict: OnConflict,
  signal?: AbortSignal,
): Promise<BatchResult> {
  const returning = parsed.returning!
  const keys = onConflict.columns.map((column) => ({ ...toOutput(column), as: `:${column.name}` }))
  const outputs = [...returning, ...keys]
  const keyIn = (row: Row): string => rowKey(keys.map((key) => row[key.as]))
  const at = onConflict.columns.map((column) => batch.columns.indexOf(column))
  const isKeyed = (row: readonly unknown[]): boolean => at.every((index) => row[index] !== null)
  const written = await writeBatch(executor, { ...parsed, returning: outputs }, batch, onConflict, signal)
  const keyless = written.rows.filter((row) => keys.some((key) => row[key.as] === null)).values()
  const byKey = new Map(written.rows.map((row) => [keyIn(row), row]))
  const isNew = batch.rows.map((row) => !isKeyed(row) || byKey.has(keyOf(batch, row, onConflict)))
  const found = pick(batch, (row) => isKeyed(row) && !byKey.has(keyOf(batch, row, onConflict)))
  for (const [key, row] of await storedKeys(executor, parsed.table, found, onConflict, outputs)) byKey.set(key, row)
  const rows = batch.rows.map((row) => {
    const stored = isKeyed(row) ? byKey.get(keyOf(batch, row, onConflict)) : keyless.next().value
    return Object.fromEntries(returning.map((output) => [output.as, stored?.[output.as]]))
  })
  return { rows, inserted: isNew }
}

const KEYS_PER_LOOK = 200

/** The stored rows that have the batch's keys, by key. */
async function storedKeys(
  executor: Executor,
  table: TableInfo,
  batch: RowGroup,
  onConflict: OnConflict,
  outputs: readonly OutputColumn[],
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>()
  const { columns } = onConflict
  const at = columns.map((column) => batch.columns.indexOf(column))
  for (let start = 0; start < batch.rows.length; start += KEYS_PER_LOOK) {
    const keys = batch.rows
      .slice(start, start + KEYS_PER_LOOK)
      .map((row) => at.map((index) => (index < 0 ? null : row[index])))
    const complete = keys.filter((key) => !key.includes(null))
    if (complete.length === 0) continue
    const query = keyQuery(table, columns, complete.length, outputs)
    const plan = executor.plan(
      `keys ${table.name} ${columns.map((column) => column.name)} ${complete.length} ${outputs.map((output) => output.as)}`,
      () => query,
    )
    const values = columns.length === 1 ? [complete.map((key) => key[0])] : complete.flat()
    for (const row of plan.decode(await executor.rows(plan, values)))
      found.set(rowKey(columns.map((column) => row[outputName(outputs, column)])), row)
  }
  return found
}

function outputName(outputs: readonly OutputColumn[], column: ColumnInfo): string {
  const output = outputs.findLast((candidate) => candidate.field?.column === column)
  return (output as OutputColumn).as
}

function keyQuery(
  table: TableInfo,
  columns: readonly ColumnInfo[],
  count: number,
  outputs: readonly OutputColumn[],
): SelectQuery {
  return {
    kind: 'select',
    table,
    joins: [],
    columns: outputs,
    where: keyCondition(columns, count),
    groupBy: [],
    orderBy: [],
    limit: null,
    offset: null,
    count: false,
    distinct: false,
    lock: false,
  }
}

function keyCondition(columns: readonly ColumnInfo[], count: number): Condition {
  if (columns.length === 1) return { type: 'in', field: { column: columns[0] as ColumnInfo }, values: 0 }
  const items = Array.from(
    { length: count },
    (_, row): Condition => ({
      type: 'and',
      items: columns.map((column, i) => ({
        type: 'compare',
        field: { column },
        op: 'eq',
        value: row * columns.length + i,
      })),
    }),
  )
  return { type: 'or', items }
}

function keyOf(batch: RowGroup, row: readonly unknown[], onConflict: OnConflict): string {
  return rowKey(
    onConflict.columns.map((column) => {
      const index = batch.columns.indexOf(column)
      return index < 0 ? null : row[index]
    }),
  )
}

/** Null is equal to nothing, so a key with a null matches no stored row. */
function rowKey(key: readonly unknown[]): string {
  return key.includes(null) ? `:${Math.random()}` : keyText(key)
}
