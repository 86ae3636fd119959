import { type EventEmitter, once } from 'node:events'
import type { Condition, Stmt, StmtResult, StreamRequest, WireError } from './protocol.ts'
import { fromWire, type SqliteValue, toWire, wireError } from './protocol.ts'

/** What is used of the engine's binding. */
export interface Binding {
  readonly inTransaction: boolean
  prepare(text: string): Prepared
  exec(text: string): void
  close(): void
}

interface Prepared {
  readonly reader: boolean
  raw(on: boolean): Prepared
  safeIntegers(on: boolean): Prepared
  columns(): { name: string }[]
  all(params: readonly unknown[]): SqliteValue[][]
  run(params: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint }
}

type Answer = { readonly type: string; readonly result?: unknown }

/** How long the server has a writer wait for its turn. */
const TURN_MS = 5000

/** One stream of a client: a connection of its own, from the first request to the last. */
export class Stream {
  readonly #db: Binding
  /** Tells when another stream may have left the write lock. */
  readonly #turns: EventEmitter
  readonly #texts = new Map<number, string>()

  constructor(db: Binding, turns: EventEmitter) {
    this.#db = db
    this.#turns = turns
  }

  async answer(request: StreamRequest): Promise<Answer> {
    const { type } = request
    if (type === 'execute') return { type, result: await this.#execute(request.stmt) }
    if (type === 'batch') return { type, result: await this.#batch(request.batch.steps) }
    if (type === 'sequence') this.#db.exec(this.#textOf(request))
    else if (type === 'store_sql') this.#texts.set(request.sql_id, request.sql)
    else if (type === 'close_sql') this.#texts.delete(request.sql_id)
    else if (type === 'close') this.close()
    return { type }
  }

  close(): void {
    // The binding ends a connection only when its statements have been collected.
    if (this.#db.inTransaction) this.#db.exec('rollback')
    this.#db.close()
    this.#turns.emit('turn')
  }

  async #batch(steps: Extract<StreamRequest, { type: 'batch' }>['batch']['steps']): Promise<object> {
    const results: (StmtResult | null)[] = []
    const errors: (WireError | null)[] = []
    for (const { condition, stmt } of steps) {
      const wanted = !condition || holds(condition, results, errors)
      const outcome = wanted ? await this.#execute(stmt).catch((error: unknown) => wireError(error)) : null
      results.push(outcome && 'rows' in outcome ? outcome : null)
      errors.push(outcome && 'message' in outcome ? outcome : null)
    }
    return { step_results: results, step_errors: errors }
  }

  /** Writers stand in line, as they do before the server. */
  async #execute(stmt: Stmt): Promise<StmtResult> {
    const deadline = AbortSignal.timeout(TURN_MS)
    for (;;) {
      const result = this.#tryOnce(stmt, deadline.aborted)
      if (result) return result
      await once(this.#turns, 'turn', { signal: deadline }).catch(() => undefined)
    }
  }

  /** Nothing where another stream has the lock, and it is not the last try. */
  #tryOnce(stmt: Stmt, isLast: boolean): StmtResult | undefined {
    const held = this.#db.inTransaction
    try {
      const result = this.#run(stmt)
      // A write by itself, or the end of a transaction, leaves the lock to the next.
      if (!this.#db.inTransaction) this.#turns.emit('turn')
      return result
    } catch (error) {
      if (held && !this.#db.inTransaction) this.#turns.emit('turn')
      if (isLast || (error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error
      return undefined
    }
  }

  #run(stmt: Stmt): StmtResult {
    const text = this.#textOf(stmt)
    const result = this.#step(text, stmt)
    // The engine knows such a transaction by name; that it cannot write is the server's doing.
    if (/^begin\b.*\breadonly$/i.test(text)) this.#db.exec('pragma query_only = on')
    else if (!this.#db.inTransaction) this.#db.exec('pragma query_only = off')
    return result
  }

  #step(text: string, stmt: Stmt): StmtResult {
    const prepared = this.#db.prepare(text)
    const params = (stmt.args ?? []).map(fromWire)
    if (!prepared.reader) {
      const { changes, lastInsertRowid } = prepared.run(params)
      return { cols: [], rows: [], affected_row_count: changes, last_insert_rowid: String(lastInsertRowid) }
    }
    const cols = prepared.columns().map(({ name }) => ({ name }))
    const rows = prepared.raw(true).safeIntegers(true).all(params)
    return { cols, rows: rows.map((row) => row.map(toWire)), affected_row_count: 0, last_insert_rowid: null }
  }

  #textOf({ sql, sql_id }: { readonly sql?: string; readonly sql_id?: number }): string {
    return sql ?? this.#texts.get(sql_id ?? 0) ?? ''
  }
}

function holds(
  condition: Condition,
  results: readonly (StmtResult | null)[],
  errors: readonly (WireError | null)[],
): boolean {
  if (condition.type === 'ok') return results[condition.step] !== null
  if (condition.type === 'error') return errors[condition.step] !== null
  if (condition.type === 'not') return !holds(condition.cond, results, errors)
  const each = condition.conds.map((inner) => holds(inner, results, errors))
  return condition.type === 'and' ? each.every(Boolean) : each.some(Boolean)
}
