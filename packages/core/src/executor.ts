import type { Connection, Dialect, RowsResult, RunResult, Session, Statement, TransactionSession } from './dialect.ts'
import { DbError, invalidInput } from './errors.ts'
import { abortable } from './internal/abortable.ts'
import type { QueryEvents } from './observe/events.ts'
import type { Query, SelectQuery } from './query/ast.ts'
import { compile } from './query/compile.ts'
import { bindPlan, type Plan, type PlanCache } from './query/plan.ts'
import type { VectorSearcher } from './search/vector-index.ts'
import { holdsSeveral, isBracket, isReading } from './statement.ts'

/** What all handles of one connection share. */
export interface Shared {
  readonly connection: Connection
  readonly dialect: Dialect
  readonly plans: PlanCache
  readonly events: QueryEvents
  closed: boolean
  /** Whether search by nearness is offered. */
  readonly vectorSearch: boolean
  /** What answers such searches in place of the database or the index beside it. */
  readonly outside?: VectorSearcher | undefined
}

/** State of one open transaction, shared by the handles of its savepoints. */
export interface TransactionState {
  readonly id: number
  readonly readOnly: boolean
  readonly session: TransactionSession
  /** The transaction and its open savepoints; only the innermost, the last, may run statements. */
  readonly open: Executor[]
  savepoints: number
}

/** What `#run` does with a statement; the two there are, made once. */
interface Verb<T> {
  send(session: Session | TransactionSession, statement: Statement): Promise<T>
  count(result: T): number
}

const QUERY: Verb<RowsResult> = {
  send: (session, statement) => session.query(statement),
  count: (result) => result.rows.length,
}

const RUN: Verb<RunResult> = {
  send: (session, statement) => session.run(statement),
  count: (result) => result.changes,
}

/** The choke point: every statement of every handle goes through `#run`, and nothing else talks to a session. */
export class Executor {
  readonly shared: Shared
  readonly transaction: TransactionState | null
  readonly #session: Session | TransactionSession
  #ended = false
  #failure: DbError | null = null
  /** Streams whose reader has not asked for more yet. */
  readonly #waiting = new Set<AsyncIterator<unknown[][]>>()

  constructor(shared: Shared, transaction: TransactionState | null = null) {
    this.shared = shared
    this.transaction = transaction
    this.#session = transaction?.session ?? shared.connection
  }

  plan(key: string, query: () => Query): Plan {
    return this.shared.plans.get(key, () => compile(this.shared.dialect, query()))
  }

  rows(plan: Plan, values: readonly unknown[], signal?: AbortSignal): Promise<unknown[][]> {
    return this.query(bindPlan(plan, values), signal).then((result) => result.rows)
  }

  query(statement: Statement, signal?: AbortSignal): Promise<RowsResult> {
    return this.#run(statement, signal, QUERY)
  }

  run(statement: Statement, signal?: AbortSignal): Promise<RunResult> {
    return this.#run(statement, signal, RUN)
  }

  /** A statement in a caller's own words. */
  async raw(
    { text, params, prepare = true }: Pick<Statement, 'text' | 'params' | 'prepare'>,
    { write = !isReading(text), signal }: { write?: boolean; signal?: AbortSignal } = {},
  ): Promise<RowsResult> {
    if (holdsSeveral(text))
      throw invalidInput('Send one statement at a time; there is another one after the semicolon.')
    if (isBracket(text))
      throw new DbError(
        'unsupported',
        'Statements that begin or end a transaction are not run one by one; use transaction((tx) => …) and the handle it gives.',
      )
    return this.query({ text, params, write, tables: [], prepare }, signal)
  }

  /** A statement that is compiled for this once, without the cache. */
  select(query: SelectQuery, values: readonly unknown[]): Promise<unknown[][]> {
    return this.rows(compile(this.shared.dialect, query), values)
  }

  /** As `run`, but an expected error is answered by null and does not end the transaction. */
  async attempt(statement: Statement, expected: (error: DbError) => boolean): Promise<RunResult | null> {
    try {
      return await this.run(statement)
    } catch (error) {
      if (!(error instanceof DbError) || !expected(error)) throw error
      this.#failure = null
      return null
    }
  }

  async *stream(statement: Statement, batchSize: number, signal?: AbortSignal): AsyncGenerator<unknown[][]> {
    this.#check(statement)
    const started = performance.now()
    let rows = 0
    const batches = this.#session.stream(statement, batchSize)[Symbol.asyncIterator]()
    try {
      for await (const batch of { [Symbol.asyncIterator]: () => batches }) {
        signal?.throwIfAborted()
        rows += batch.length
        this.#waiting.add(batches)
        yield batch
        this.#waiting.delete(batches)
        this.#check(statement)
      }
      this.#observe(statement, started, rows)
    } catch (error) {
      throw this.#fail(statement, started, error, signal)
    }
  }

  async #run<T>(statement: Statement, signal: AbortSignal | undefined, verb: Verb<T>): Promise<T> {
    this.#check(statement)
    signal?.throwIfAborted()
    const { events } = this.shared
    const started = events.active ? performance.now() : 0
    try {
      const working = verb.send(this.#session, statement)
      const result = await (signal ? abortable(working, signal) : working)
      if (events.active) this.#observe(statement, started, verb.count(result))
      return result
    } catch (error) {
      throw this.#fail(statement, started, error, signal)
    }
  }

  #check(statement: Statement): void {
    const { transaction } = this
    if (this.shared.closed)
      throw new DbError('closed', 'This database handle is closed. Open a new one with connect().')
    if (!transaction) return
    if (this.#ended)
      throw new DbError(
        'closed',
        'This transaction has ended. Await everything inside its function, and use its handle there only.',
      )
    if (this.#failure)
      throw new DbError(
        this.#failure.code,
        'An earlier statement of this transaction failed, so it can only roll back. Put what may fail into a nested transaction().',
        { cause: this.#failure },
      )
    if (transaction.open.at(-1) !== this)
      throw new DbError(
        'invalid_input',
        'A nested transaction is open. Use the handle it was given, or await it first.',
      )
    if (transaction.readOnly && statement.write)
      throw new DbError('invalid_input', 'This transaction is read-only. Leave out readOnly to write.')
  }

  #observe(statement: Statement, started: number, rows: number, error?: Error): void {
    // Who came to listen while the statement ran gets the next one.
    if (!this.shared.events.active || started === 0) return
    const { text, tables, write } = statement
    const about = { text, tables, write, durationMs: performance.now() - started, rows }
    this.shared.events.emit({
      ...about,
      ...(error ? { error } : {}),
      ...(this.transaction ? { transaction: this.transaction.id } : {}),
    })
  }

  /** After a failed statement a transaction is good for nothing but rollback, on every database alike. */
  #fail(statement: Statement, started: number, cause: unknown, signal?: AbortSignal): unknown {
    const aborted = signal?.aborted === true && cause === signal.reason
    const error = aborted ? abandoned(cause) : withTable(this.shared.dialect.toDbError(cause), statement)
    if (this.transaction) this.#failure = error
    this.#observe(statement, started, 0, error)
    return aborted ? cause : error
  }

  get failure(): DbError | null {
    return this.#failure
  }

  /** What follows is told why it is refused; nothing but rollback is left. */
  fail(failure: DbError): void {
    this.#failure = failure
  }

  /**
   * No statement may follow, neither here nor in the savepoints inside, and streams that nobody reads on are ended: they
   * would keep the connection.
   */
  async end(): Promise<void> {
    const { open } = this.transaction as TransactionState
    const at = open.indexOf(this)
    const ended = at < 0 ? [] : open.splice(at)
    for (const executor of ended) executor.#ended = true
    const streams = ended.flatMap((executor) => [...executor.#waiting])
    await Promise.allSettled(streams.map((stream) => stream.return?.()))
  }
}

/** Nobody waited for the statement to finish, so nobody knows what it did. */
function abandoned(cause: unknown): DbError {
  return new DbError('query_timeout', 'The statement was aborted.', { cause })
}

/** Not every engine says in which table a rule was broken; the statement wrote to one only. */
function withTable(error: DbError, { tables, write }: Statement): DbError {
  const [table] = tables
  if (!error.code.endsWith('_violation') || error.table !== undefined || !write || table === undefined) return error
  const { code, message, constraint, column, cause } = error
  return new DbError(code, `${message} (table ${table})`, { constraint, column, table, cause })
}
