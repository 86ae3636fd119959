import {
  type ColumnInfo,
  DbError,
  type InsertQuery,
  type OnConflict,
  type SelectQuery,
  type TableInfo,
  type UpdateQuery,
  type WriteRunner,
} from '@archon-db/core/dialect'
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
  textOf,
} from './row-keys.ts'

/** How often an upsert looks again for rows that others stored meanwhile. */
const LOOKS = 10

interface InsertSettings {
  readonly key: string
  readonly idStep: number
}

type Query = () => InsertQuery | UpdateQuery
type Expected = (error: DbError) => boolean
const never: Expected = () => false

/** Rows, and which of their columns are stored. */
interface Written {
  readonly rows: readonly Key[]
  readonly columns: readonly ColumnInfo[]
  /** The primary key that a row had before, and gives up. */
  readonly left?: Key
}

/** A row that was stored, and whether it is new. */
interface Stored {
  readonly key: Key
  readonly inserted: boolean
}

export class Insert {
  readonly #query: InsertQuery
  readonly #rows: readonly Key[]
  readonly #run: WriteRunner
  readonly #shape: string
  readonly #idStep: number
  /** Rows are still to come after the part at hand. */
  #more = false
  /** Runs the parts that were put off. */
  #unreferenced: (() => Promise<void>) | undefined
  /** What those will have stored: their keys are taken. */
  readonly #putOff: Written[] = []

  constructor(query: InsertQuery, values: readonly unknown[], run: WriteRunner, { key, idStep }: InsertSettings) {
    const { columns, rows } = query
    this.#query = query
    this.#rows = Array.from({ length: rows }, (_, row) =>
      values.slice(row * columns.length, (row + 1) * columns.length),
    )
    this.#run = run
    this.#shape = key
    this.#idStep = idStep
  }

  async plain(): Promise<{ rows: unknown[][] }> {
    const { firstId } = await this.#run.write(
      `${this.#shape};new`,
      () => this.#plainQuery(this.#rows.length),
      this.#rows.flat(),
    )
    return { rows: await this.#read(this.#keysOf(this.#rows, firstId)) }
  }

  /** Keys that the rows bring along, or the numbers that the server gave them: one after the other within a statement. */
  #keysOf(rows: readonly Key[], firstId: number | bigint | undefined): Key[] {
    const { table, columns } = this.#query
    const parts = keyColumns(table).map((column) => ({ column, at: columns.indexOf(column) }))
    return rows.map((row, i) =>
      parts.map(({ column, at }) => {
        if (at >= 0) return row[at]
        return column.autoIncrement ? BigInt(firstId ?? 0) + BigInt(i * this.#idStep) : valueByDefault(column)
      }),
    )
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
    const stored: Stored[] = []
    for (let look = 1; stored.length < this.#rows.length; look++) {
      stored.push(...(await this.#look(this.#rows.slice(stored.length), onConflict, look === LOOKS)))
    }
    await this.#unreferenced?.()
    return { rows: await this.#read(stored.map(({ key }) => key)), inserted: stored.map(({ inserted }) => inserted) }
  }

  /** What became of the rows, up to the first that somebody else stored since they were looked for. */
  async #look(rows: readonly Key[], onConflict: OnConflict, last: boolean): Promise<Stored[]> {
    const found = await this.#find(rows, onConflict)
    const stored: Stored[] = []
    // In their order, for a row may stand in the way of the next, or make way for it.
    for (const { start, end } of this.#parts(found)) {
      const part = rows.slice(start, end)
      const keys = found.slice(start, end)
      this.#more = end < rows.length
      const outcome = keys[0]
        ? await this.#change(part, keys as Key[], onConflict)
        : await this.#insertMissing(part, onConflict, last)
      if (!outcome) break
      stored.push(...outcome.map((key) => ({ key, inserted: keys[0] === undefined })))
    }
    return stored
  }

  /** Once a part was put off, each row is looked at by itself: it might take a key of that part's. */
  *#parts(found: readonly (Key | undefined)[]): Generator<{ start: number; end: number }> {
    for (const { start, end } of runsOf(found)) {
      if (this.#putOff.length === 0) yield { start, end }
      else for (let row = start; row < end; row++) yield { start: row, end: row + 1 }
    }
  }

  /** That a row lacks a value is found out before that its key is taken. */
  #checkTaken({ rows: [row = []], columns }: Written): void {
    const { table } = this.#query
    if (this.#lacksValue(row)) return
    const keys = [{ name: `${table.name}_pkey`, columns: table.primaryKey }, ...table.uniques]
    for (const { name, columns: key } of keys) {
      const wanted = this.#keyIn(row, columns, key)
      const isTaken = this.#putOff.some((one) =>
        one.rows.some((other) => this.#keyIn(other, one.columns, key) === wanted),
      )
      if (wanted !== undefined && isTaken) throw takenKey(table.name, name, key)
    }
  }

  /** Whether a key is taken only because the part that gives it up was put off. */
  #waitsForKey({ code, constraint }: DbError, { rows: [row = []], columns }: Written): boolean {
    const { name, primaryKey } = this.#query.table
    if (code !== 'unique_violation' || constraint !== `${name}_pkey`) return false
    const wanted = this.#keyIn(row, columns, primaryKey)
    return this.#putOff.some(({ left }) => left !== undefined && textOf(left) === wanted)
  }

  /** The row's values of a key, all of which are given and stored. */
  #keyIn(row: Key, stored: readonly ColumnInfo[], key: readonly string[]): string | undefined {
    const given = this.#query.columns.map(({ name }) => name)
    const values = key.map((name) => (stored.some((column) => column.name === name) ? row[given.indexOf(name)] : null))
    return values.some((value) => value === null || value === undefined) ? undefined : textOf(values)
  }

  /**
   * A part of the rows. References count when all rows are stored: a part that breaks one is put off until the others
   * are through, for they may break another rule, or be what it refers to.
   */
  #send(shape: string, query: Query, values: readonly unknown[], written: Written, isExpected: Expected = never) {
    const key = `${this.#shape};${shape}`
    if (this.#putOff.length > 0) this.#checkTaken(written)
    return this.#run.tryWrite(key, query, values, (error) => {
      if (isExpected(error)) return true
      if (error.code === 'foreign_key_violation' ? !this.#more : !this.#waitsForKey(error, written)) return false
      const earlier = this.#unreferenced
      this.#putOff.push(written)
      this.#unreferenced = async () => {
        await earlier?.()
        await this.#run.write(key, query, values)
      }
      return true
    })
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
    let isThere = false
    const expected: Expected = (error) => {
      isThere = !last && error.code === 'unique_violation' && error.constraint === name
      return isThere
    }
    const query = (): InsertQuery => this.#plainQuery(rows.length)
    const written = { rows, columns: this.#query.columns }
    const result = await this.#send(`missing:${rows.length}`, query, rows.flat(), written, expected)
    return isThere ? undefined : this.#keysOf(rows, result?.firstId)
  }

  /** Rows that are stored, and locked, take their new values; returns their primary keys after that. */
  async #change(rows: readonly Key[], keys: readonly Key[], { update: changed }: OnConflict): Promise<readonly Key[]> {
    const primary = keyColumns(this.#query.table)
    if (changed.length === 0) await this.#checkIgnored(rows)
    else if (changed.some((column) => primary.includes(column))) return this.#changeKeys(rows, keys, changed)
    else await this.#overwrite(rows, keys, changed)
    return keys
  }

  /** The rows are there and their primary keys name them: no other key can come into it. */
  async #overwrite(rows: readonly Key[], keys: readonly Key[], changed: readonly ColumnInfo[]): Promise<void> {
    const primary = keyColumns(this.#query.table)
    const own = this.#query.columns.filter((column) => !primary.includes(column))
    const at = own.map((column) => this.#query.columns.indexOf(column))
    const query = (): InsertQuery => ({
      ...this.#query,
      columns: [...primary, ...own],
      rows: rows.length,
      returning: null,
      onConflict: { columns: primary, update: changed },
    })
    const values = rows.flatMap((row, i) => [...(keys[i] as Key), ...at.map((index) => row[index])])
    await this.#send(`change:${rows.length}`, query, values, { rows, columns: changed })
  }

  /** A row that is found must keep the table's rules all the same; that it is there is the last thing an insert finds. */
  async #checkIgnored(rows: readonly Key[]): Promise<void> {
    const isThere: Expected = ({ code }) => code === 'unique_violation' || code === 'foreign_key_violation'
    const doubtful = hasRules(this.#query.table) ? rows : rows.filter((row) => this.#lacksValue(row))
    for (const row of doubtful) {
      await this.#run.tryWrite(`${this.#shape};ignored`, () => this.#plainQuery(1), row, isThere)
    }
  }

  #lacksValue(row: Key): boolean {
    const { table, columns } = this.#query
    return table.columns.some((column) => {
      const at = columns.indexOf(column)
      const isGiven = at >= 0 ? row[at] !== null : column.default !== undefined
      return !column.nullable && column.kind !== 'generated' && !isGiven
    })
  }

  /** Where the primary key itself changes, it cannot say which row is meant. */
  async #changeKeys(rows: readonly Key[], keys: readonly Key[], changed: readonly ColumnInfo[]): Promise<Key[]> {
    const { table, columns } = this.#query
    const primary = keyColumns(table)
    const query = (): UpdateQuery => {
      const set = changed.map((column, value) => ({ type: 'set' as const, column, value }))
      return { kind: 'update', table, set, where: keyCondition(primary, 1, changed.length), returning: null }
    }
    const afterwards = this.#more
    for (const [i, row] of rows.entries()) {
      this.#more = afterwards || i < rows.length - 1
      const values = changed.map((column) => row[columns.indexOf(column)])
      const bound = [...values, ...keyValues(primary, [keys[i] as Key])]
      await this.#send('rekey', query, bound, { rows: [row], columns: changed, left: keys[i] as Key })
    }
    return rows.map((row, i) => {
      const before = keys[i] as Key
      return primary.map((column, part) => (changed.includes(column) ? row[columns.indexOf(column)] : before[part]))
    })
  }
}

function takenKey(table: string, constraint: string, [column, ...others]: readonly string[]): DbError {
  const message = `Another row of the same call has this key already. (table ${table}, constraint ${constraint})`
  const place = column === undefined || others.length > 0 ? {} : { column }
  return new DbError('unique_violation', message, { table, constraint, ...place })
}

function valueByDefault({ default: found }: ColumnInfo): unknown {
  return found?.type === 'value' ? found.value : null
}

/** Stretches of rows that are all found, or all missing. */
function runsOf(found: readonly (Key | undefined)[]): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = []
  found.forEach((key, i) => {
    const last = runs.at(-1)
    if (last && (found[i - 1] === undefined) === (key === undefined)) last.end = i + 1
    else runs.push({ start: i, end: i + 1 })
  })
  return runs
}

const CHECKED_BEFORE: ReadonlySet<string> = new Set(['boolean', 'json', 'vector'])

/** Whether the table has rules beyond what values of its types must be, which core sees to. */
function hasRules({ name, columns, checks }: TableInfo): boolean {
  const ofTypes = columns.filter(({ kind }) => CHECKED_BEFORE.has(kind)).map((column) => `${name}_${column.name}_check`)
  return checks.some((check) => !ofTypes.includes(check))
}

function keyName(table: TableInfo, columns: readonly ColumnInfo[]): string {
  const wanted = columns
    .map(({ name }) => name)
    .sort()
    .join()
  const unique = table.uniques.find((one) => [...one.columns].sort().join() === wanted)
  if ([...table.primaryKey].sort().join() === wanted) return `${table.name}_pkey`
  if (unique) return unique.name
  throw new DbError(
    'invalid_input',
    `Table ${table.name} has no unique key on (${columns.map(({ name }) => name).join(', ')}).`,
  )
}
