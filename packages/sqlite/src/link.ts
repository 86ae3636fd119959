import { DbError, narrowBigint, type RowsResult, type RunResult, type Statement } from '@archon-db/core/dialect'
import Database from 'libsql'

/** The slice of libsql that is used here; its own types say less. */
interface Prepared {
  readonly reader: boolean
  raw(on?: boolean): Prepared
  safeIntegers(on?: boolean): Prepared
  columns(): { name: string }[]
  run(params: unknown[]): { changes: number; lastInsertRowid: number | bigint }
  /** Starts over and ends after one row, which frees the snapshot. */
  get(params: unknown[]): unknown
  iterate(params: unknown[]): Iterator<unknown[]>
}

interface Cached {
  readonly statement: Prepared
  readonly columns: readonly string[]
  readonly explains?: boolean
}

const EXPLAIN = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*explain\b/i

const KEPT_STATEMENTS = 200

/**
 * One connection to a database file. libsql is what @libsql/client uses for files; spoken to directly, statements stay
 * prepared and rows come as arrays, which takes a quarter of the client's time.
 */
export class Link {
  readonly #db: InstanceType<typeof Database>
  readonly #prepared = new Map<string, Cached>()

  #isReadOnly = false

  constructor(path: string) {
    this.#db = new Database(path)
  }

  get isOpen(): boolean {
    return this.#db.open
  }

  get isReadOnly(): boolean {
    return this.#isReadOnly
  }

  /** Whether SQLite refuses whatever would change something, told from the statement itself and not from its words. */
  readOnly(on: boolean): void {
    if (!this.#db.open) return
    this.#db.exec(`pragma query_only = ${on ? 'on' : 'off'}`)
    this.#isReadOnly = on
  }

  get inTransaction(): boolean {
    return this.#db.open && this.#db.inTransaction
  }

  exec(text: string): void {
    this.#db.exec(text)
  }

  query(statement: Statement): RowsResult {
    const { statement: prepared, columns, explains } = this.#prepare(statement)
    return this.#step(prepared, bindable(statement.params), (params) => {
      if (!prepared.reader) return { rows: [], columns: [], changes: prepared.run(params).changes }
      const rows = collect(prepared.iterate(params))
      // To SQLite an EXPLAIN read to its end still runs, and holds its snapshot, or whatever lock its statement would take.
      if (explains) prepared.get(params)
      return { rows, columns }
    })
  }

  run(statement: Statement): RunResult {
    const { statement: prepared } = this.#prepare(statement)
    return this.#step(prepared, bindable(statement.params), (params) => {
      if (prepared.reader) return { changes: collect(prepared.iterate(params)).length }
      const { changes, lastInsertRowid } = prepared.run(params)
      return { changes, firstId: lastInsertRowid }
    })
  }

  #step<T>(prepared: Prepared, params: unknown[], work: (params: unknown[]) => T): T {
    try {
      return work(params)
    } catch (error) {
      if (isBusy(error)) this.#abandon(prepared, params)
      throw error
    }
  }

  /**
   * SQLite keeps a statement that found the database busy ready to go on: what others write on this connection would not
   * be committed before it ends. Starting it over where nothing may be written ends it.
   */
  #abandon(prepared: Prepared, params: unknown[]): void {
    const was = this.#isReadOnly
    this.readOnly(true)
    try {
      prepared.get(params)
    } catch {
      // It was refused, as it was meant to be.
    } finally {
      this.readOnly(was)
    }
  }

  /** Rows in batches; the statement is not shared, so that others may run meanwhile. */
  *batches(statement: Statement, size: number): Generator<unknown[][]> {
    const { statement: prepared } = this.#compile(statement.text)
    const params = bindable(statement.params)
    const rows = prepared.iterate(params)
    let last = 0
    try {
      do {
        const batch = collect(rows, size)
        last = batch.length
        if (last > 0) yield batch
      } while (last === size)
    } finally {
      // Left half-way, a statement would hold its snapshot, and all that follows on this connection would read the past.
      if (last === size && this.isOpen) prepared.get(params)
    }
  }

  #prepare({ text, prepare }: Statement): Cached {
    if (prepare === false) return this.#compile(text)
    const known = this.#prepared.get(text)
    if (known) return known
    if (this.#prepared.size >= KEPT_STATEMENTS) this.#prepared.delete(this.#prepared.keys().next().value as string)
    const compiled = this.#compile(text)
    this.#prepared.set(text, compiled)
    return compiled
  }

  #compile(text: string): Cached {
    const statement = this.#db.prepare(text) as unknown as Prepared
    if (!statement.reader) return { statement, columns: [] }
    statement.raw(true).safeIntegers(true)
    return { statement, columns: statement.columns().map((column) => column.name), explains: EXPLAIN.test(text) }
  }

  close(): void {
    this.#prepared.clear()
    if (this.#db.open) this.#db.close()
  }
}

/** Another process holds the lock that is needed. */
export function isBusy(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY')
}

/** The connection may not write. */
export function isReadOnly(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'SQLITE_READONLY'
}

function collect(rows: Iterator<unknown[]>, most: number = Number.POSITIVE_INFINITY): unknown[][] {
  const collected: unknown[][] = []
  while (collected.length < most) {
    const next = rows.next()
    if (next.done) break
    const row = next.value
    for (let i = 0; i < row.length; i++) if (typeof row[i] === 'bigint') row[i] = narrowBigint(row[i] as bigint)
    collected.push(row)
  }
  return collected
}

/** libsql binds every number as REAL and aborts the process on booleans: whole numbers go as integers, and odd types are refused. */
function bindable(params: readonly unknown[]): unknown[] {
  return params.map((value) => {
    switch (typeof value) {
      case 'number':
        return Number.isSafeInteger(value) ? BigInt(value) : value
      case 'boolean':
        return value ? 1n : 0n
      case 'string':
      case 'bigint':
        return value
      default:
        return bindableObject(value)
    }
  })
}

function bindableObject(value: unknown): unknown {
  if (value === null || value instanceof Uint8Array) return value
  if (value instanceof Date) return BigInt(value.getTime())
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  throw new DbError(
    'invalid_input',
    'A statement takes strings, numbers, booleans, dates, bytes and null as values. Turn objects into JSON text first.',
  )
}
