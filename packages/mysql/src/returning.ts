import type {
  ColumnInfo,
  Condition,
  DeleteQuery,
  InsertQuery,
  OnConflict,
  OutputColumn,
  ReturningStrategy,
  SelectQuery,
  TableInfo,
  UpdateQuery,
  WriteRunner,
} from '@archon-db/core/dialect'
import { DbError } from '@archon-db/core/dialect'

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

type Key = readonly unknown[]

/** So many keys stand in one statement. */
const KEYS_AT_ONCE = 1000

function keyColumns(table: TableInfo): ColumnInfo[] {
  return table.primaryKey.map((name) => table.byName.get(name) as ColumnInfo)
}

function outputsOf(columns: readonly ColumnInfo[]): OutputColumn[] {
  return columns.map((column) => ({ as: column.name, field: { column } }))
}

function selectOf(
  table: TableInfo,
  columns: readonly OutputColumn[],
  where: Condition | null,
  lock: boolean,
): SelectQuery {
  const plain = { joins: [], groupBy: [], orderBy: [], limit: null, offset: null, count: false, distinct: false }
  return { kind: 'select', table, columns, where, lock, ...plain }
}

/** A condition on rows by the values of some columns, with where its values begin. */
function keyCondition(columns: readonly ColumnInfo[], count: number, from = 0): Condition {
  const [column] = columns
  if (columns.length === 1) return { type: 'in', field: { column: column as ColumnInfo }, values: from }
  const items = Array.from({ length: count }, (_, row): Condition => {
    const parts = columns.map((part, i): Condition => {
      return { type: 'compare', field: { column: part }, op: 'eq', value: from + row * columns.length + i }
    })
    return { type: 'and', items: parts }
  })
  return items.length === 1 ? (items[0] as Condition) : { type: 'or', items }
}

function keyValues(columns: readonly ColumnInfo[], keys: readonly Key[]): unknown[] {
  return columns.length === 1 ? [keys.map(([value]) => value)] : keys.flat()
}

/** How many keys there are is part of the shape only where each has a place of its own. */
function keyShape(columns: readonly ColumnInfo[], keys: readonly Key[]): string {
  return columns.length === 1 ? '' : `:${keys.length}`
}

function textOf(key: Key): string {
  return key.map(String).join('\0')
}

function slices<T>(items: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let start = 0; start < items.length; start += KEYS_AT_ONCE) parts.push(items.slice(start, start + KEYS_AT_ONCE))
  return parts
}

/** The rows with these keys, in the keys' order. */
async function readBack(
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

// ---- update and delete -----------------------------------------------------------------------------------------------

/** Which rows are meant is settled, and they are locked, before any is changed. */
async function update(query: UpdateQuery, values: readonly unknown[], run: WriteRunner, shape: string): Promise<{ rows: unknown[][] }> {
  const { table, where } = query
  const columns = keyColumns(table)
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

/** The key after an update that sets a part of it. */
function changedKey({ table, set }: UpdateQuery, values: readonly unknown[], key: Key): Key {
  return keyColumns(table).map((column, i) => {
    const assignment = set.find((one) => one.column.name === column.name)
    if (!assignment) return key[i]
    const value = values[assignment.value]
    return assignment.type === 'increment' ? BigInt(key[i] as number) + BigInt(value as number) : value
  })
}

async function remove(query: DeleteQuery, values: readonly unknown[], run: WriteRunner, shape: string): Promise<{ rows: unknown[][] }> {
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

// ---- insert and upsert -----------------------------------------------------------------------------------------------

/** How often an upsert looks again for rows that others stored meanwhile. */
const LOOKS = 10

interface InsertSettings {
  readonly key: string
  readonly idStep: number
}

/** A row that was stored, and whether it is new. */
interface Stored {
  readonly key: Key
  readonly inserted: boolean
}

class Insert {
  readonly #query: InsertQuery
  readonly #rows: readonly Key[]
  readonly #run: WriteRunner
  readonly #shape: string
  readonly #idStep: number

  constructor(query: InsertQuery, values: readonly unknown[], run: WriteRunner, { key, idStep }: InsertSettings) {
    const { columns, rows } = query
    this.#query = query
    this.#rows = Array.from({ length: rows }, (_, row) => values.slice(row * columns.length, (row + 1) * columns.length))
    this.#run = run
    this.#shape = key
    this.#idStep = idStep
  }

  async plain(): Promise<{ rows: unknown[][] }> {
    const { firstId } = await this.#run.write(`${this.#shape};new`, () => this.#plainQuery(this.#rows.length), this.#rows.flat())
    return { rows: await this.#read(this.#keysOf(this.#rows, firstId)) }
  }

  /** Keys that the rows bring along, or the numbers that the server gave them: one after the other within a statement. */
  #keysOf(rows: readonly Key[], firstId: number | bigint | undefined): Key[] {
    const { table, columns } = this.#query
    const at = table.primaryKey.map((name) => columns.findIndex((column) => column.name === name))
    if (!at.includes(-1)) return rows.map((row) => at.map((index) => row[index]))
    return rows.map((_, i) => [BigInt(firstId ?? 0) + BigInt(i * this.#idStep)])
  }

  #plainQuery(rows: number): InsertQuery {
    return { ...this.#query, rows, returning: null, onConflict: null }
  }

  async #read(keys: readonly Key[]): Promise<unknown[][]> {
    const { table, returning: outputs } = this.#query
    return outputs ? readBack(table, outputs, keys, this.#run, this.#shape) : []
  }

  /**
   * Rows are found by the named key alone and locked; the missing ones are inserted plainly, so that another key's
   * conflict is an error. When somebody else stored one of them meanwhile, it is found at the next look.
   */
  async upsert(onConflict: OnConflict): Promise<{ rows: unknown[][]; inserted: boolean[] }> {
    const stored = new Array<Stored | undefined>(this.#rows.length)
    for (let look = 0; stored.includes(undefined); look++) {
      const open = this.#rows.flatMap((row, position) => (stored[position] ? [] : [{ row, position }]))
      const found = await this.#find(open.map(({ row }) => row), onConflict)
      const known = open.flatMap((one, i) => (found[i] ? [{ ...one, key: found[i] as Key }] : []))
      const missing = open.filter((_, i) => !found[i])
      await this.#change(known, onConflict)
      for (const { key, position } of known) stored[position] = { key, inserted: false }
      const keys = missing.length === 0 ? [] : await this.#insertMissing(missing.map(({ row }) => row), onConflict, look === LOOKS)
      keys?.forEach((key, i) => {
        stored[(missing[i] as { position: number }).position] = { key, inserted: true }
      })
    }
    const all = stored as Stored[]
    return { rows: await this.#read(all.map(({ key }) => key)), inserted: all.map(({ inserted }) => inserted) }
  }

  /** The primary keys of the stored rows that have the named keys of these; undefined where there is none. */
  async #find(rows: readonly Key[], { columns }: OnConflict): Promise<(Key | undefined)[]> {
    const { table } = this.#query
    const at = columns.map((column) => this.#query.columns.indexOf(column))
    const keys = rows.map((row) => at.map((index) => (index < 0 ? null : row[index])))
    const outputs = outputsOf([...columns, ...keyColumns(table)])
    const found = new Map<string, Key>()
    // A null is equal to nothing.
    for (const slice of slices(keys.filter((key) => !key.includes(null)))) {
      const looking = (): SelectQuery => selectOf(table, outputs, keyCondition(columns, slice.length), true)
      const shape = `${this.#shape};find${keyShape(columns, slice)}`
      for (const row of await this.#run.select(shape, looking, keyValues(columns, slice))) {
        found.set(textOf(row.slice(0, columns.length)), row.slice(columns.length))
      }
    }
    return keys.map((key) => (key.includes(null) ? undefined : found.get(textOf(key))))
  }

  /** Undefined when one of the rows is there by now. */
  async #insertMissing(rows: readonly Key[], { columns }: OnConflict, last: boolean): Promise<Key[] | undefined> {
    const name = keyName(this.#query.table, columns)
    const expected = (error: DbError): boolean => !last && error.code === 'unique_violation' && error.constraint === name
    const shape = `${this.#shape};missing:${rows.length}`
    const result = await this.#run.tryWrite(shape, () => this.#plainQuery(rows.length), rows.flat(), expected)
    return result ? this.#keysOf(rows, result.firstId) : undefined
  }

  /** Rows that are stored, and locked, take their new values. */
  async #change(known: readonly { row: Key; key: Key }[], { update: changed }: OnConflict): Promise<void> {
    if (known.length === 0 || changed.length === 0) return
    const keys = keyColumns(this.#query.table)
    if (changed.some((column) => keys.includes(column))) return this.#changeKeys(known, changed)
    const own = this.#query.columns.filter((column) => !keys.includes(column))
    const at = own.map((column) => this.#query.columns.indexOf(column))
    const query = (): InsertQuery => {
      const columns = [...keys, ...own]
      return { ...this.#query, columns, rows: known.length, returning: null, onConflict: { columns: keys, update: changed } }
    }
    const values = known.flatMap(({ row, key }) => [...key, ...at.map((index) => row[index])])
    await this.#run.write(`${this.#shape};change:${known.length}`, query, values)
  }

  /** Where the primary key itself changes, it cannot say which row is meant. */
  async #changeKeys(known: readonly { row: Key; key: Key }[], changed: readonly ColumnInfo[]): Promise<void> {
    const { table, columns } = this.#query
    const keys = keyColumns(table)
    const query = (): UpdateQuery => {
      const set = changed.map((column, value) => ({ type: 'set' as const, column, value }))
      return { kind: 'update', table, set, where: keyCondition(keys, 1, changed.length), returning: null }
    }
    for (const one of known) {
      const values = changed.map((column) => one.row[columns.indexOf(column)])
      await this.#run.write(`${this.#shape};rekey`, query, [...values, ...keyValues(keys, [one.key])])
    }
  }
}

function keyName(table: TableInfo, columns: readonly ColumnInfo[]): string {
  const wanted = columns.map(({ name }) => name).sort().join()
  const unique = table.uniques.find((one) => [...one.columns].sort().join() === wanted)
  if ([...table.primaryKey].sort().join() === wanted) return `${table.name}_pkey`
  if (unique) return unique.name
  throw new DbError('invalid_input', `Table ${table.name} has no unique key on (${columns.map(({ name }) => name).join(', ')}).`)
}
