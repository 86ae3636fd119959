import type { Socket } from 'node:net'
import { DbError, type RowsResult, type RunResult, type Statement } from '@archon-db/core/dialect'
import mysql, { type Connection, type ConnectionOptions, type FieldPacket, type ResultSetHeader } from 'mysql2'
import type { Address } from './address.ts'
import { List, spreadLists } from './lists.ts'

export interface ClientOptions {
  readonly address: Address
  readonly ssl: { readonly rejectUnauthorized: boolean; readonly ca?: string; readonly verifyIdentity?: boolean } | null
  readonly connectTimeoutMs: number
  /** Run when the connection opens. */
  readonly setup: readonly string[]
  /** Bytes that the server takes in one statement. */
  readonly maxPacket: number
}

/** Kept per connection; the server has room for some 16,000 in all. */
const KEPT_STATEMENTS = 256
/** Statements with more values than this are not kept: the server holds memory for every one. */
const KEPT_VALUES = 1000
const KEEP_ALIVE_MS = 30_000

/** What a statement came to: rows of one result, or what it changed. */
interface Answer {
  readonly rows: unknown[][]
  readonly fields: readonly FieldPacket[]
  readonly header: ResultSetHeader | null
}

/** One connection, from opening to closing; it is never opened again. */
export class Client {
  readonly #connection: Connection
  readonly #options: ClientOptions
  #gone: Error | null = null
  /** What is told when the connection goes away: mysql2 keeps quiet about connections that are destroyed. */
  readonly #waiting = new Set<(error: Error) => void>()
  /** Statements that the server has not answered yet. */
  pending = 0
  /** When the oldest of those was sent, or the last one answered. */
  since: number = performance.now()
  readonly created: number = performance.now()
  /** It has served a caller: when it fails the next one, it may have died in between. */
  proven = false
  onGone: (() => void) | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#connection = mysql.createConnection(driverOptions(options))
    this.#connection.on('error', (error: Error) => this.#lose(error))
    this.#connection.on('end', () => this.#lose(closedByServer()))
    for (const text of options.setup) this.command(text).catch((error: Error) => this.#fail(error))
  }

  get gone(): boolean {
    return this.#gone !== null
  }

  get id(): number {
    return this.#connection.threadId
  }

  #lose(error: Error): void {
    if (this.#gone) return
    this.#gone = error
    for (const fail of this.#waiting) fail(error)
    this.#waiting.clear()
    this.onGone?.()
  }

  /** Without its settings a connection must not be used. */
  #fail(error: Error): void {
    this.destroy(error)
  }

  async query(statement: Statement): Promise<RowsResult> {
    return new Rows(await this.#send(statement))
  }

  async run(statement: Statement): Promise<RunResult> {
    const { header, rows } = await this.#send(statement)
    if (!header) return { changes: rows.length }
    return header.insertId
      ? { changes: header.affectedRows, firstId: firstIdOf(header) }
      : { changes: header.affectedRows }
  }

  /** Bare text. */
  command(text: string): Promise<Answer> {
    return this.#send({ text, params: [], write: true, tables: [], prepare: false })
  }

  #send(statement: Statement): Promise<Answer> {
    if (this.#gone) return Promise.reject(this.#gone)
    if (this.pending++ === 0) this.since = performance.now()
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.#settle(fail)
        reject(error)
      }
      this.#waiting.add(fail)
      const done: Done = (error, rows, fields) => {
        if (!this.#waiting.has(fail)) return
        if (!error) {
          this.#settle(fail)
          resolve(answerOf(rows, fields))
        } else if ((error as { fatal?: unknown }).fatal) this.#lose(error)
        else fail(error)
      }
      try {
        this.#start(statement, done)
      } catch (error) {
        fail(error as Error)
      }
    })
  }

  #settle(fail: (error: Error) => void): void {
    this.#waiting.delete(fail)
    this.pending--
    this.since = performance.now()
  }

  /** Text without values goes as it is, for not all of SQL can be prepared. */
  #start({ text, params, tables }: Statement, done?: Done) {
    if (params.length === 0) return this.#connection.query({ sql: text, rowsAsArray: true }, done)
    const { sql, values, isBinary } = this.#bind(text, params)
    if (values.length <= KEPT_VALUES || !done) return this.#connection.execute({ sql, values, rowsAsArray: true }, done)
    // A batch of rows of core's making, whose text holds no question mark of its own: the driver writes the values into
    // it, which halves the work of a statement that is used once.
    const isBatch = tables.length > 0 && text.startsWith('insert into ')
    if (isBatch && !isBinary) return this.#connection.query({ sql, values, rowsAsArray: true }, done)
    return this.#connection.execute(
      { sql, values, rowsAsArray: true },
      (error: Error | null, rows: unknown, fields: unknown) => {
        this.#connection.unprepare({ sql, rowsAsArray: true } as never)
        done(error, rows, fields)
      },
    )
  }

  #bind(text: string, params: readonly unknown[]): { sql: string; values: never[]; isBinary: boolean } {
    let lists = false
    let isBinary = false
    let bytes = 0
    for (const param of params) {
      if (typeof param === 'string') bytes += param.length
      else if (param instanceof Uint8Array) {
        isBinary = true
        bytes += param.byteLength
      } else if (param instanceof List) lists = true
    }
    // A character takes four bytes at most.
    if (bytes * 4 > this.#options.maxPacket) checkSize(text, params, this.#options.maxPacket)
    const bound = lists ? spreadLists(text, params) : { text, params }
    return { sql: bound.text, values: bound.params as never[], isBinary }
  }

  /** Rows in batches; the server is held back while the reader is busy. What is left unread is thrown away. */
  async *batches(statement: Statement, size: number, kill: () => Promise<void>): AsyncGenerator<unknown[][]> {
    if (this.#gone) throw this.#gone
    if (this.pending++ === 0) this.since = performance.now()
    const reader = new Reader(this.#connection, size)
    this.#waiting.add(reader.fail)
    try {
      reader.read(this.#start(statement))
      yield* reader.batches()
    } finally {
      if (reader.isOpen) await Promise.all([this.stop(kill), reader.drain()])
      this.#settle(reader.fail)
    }
  }

  /** Ends what runs. A kill that comes too late would hit the next statement, so that one is of no importance. */
  async stop(kill: () => Promise<void>): Promise<void> {
    await kill()
    await this.command('do 0').catch(() => {})
  }

  /** Ends in good order. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#connection.end(() => {
        this.#lose(closedByServer())
        resolve()
      })
    })
  }

  /** Lets go at once; whatever waits for an answer is told that the connection is lost. */
  destroy(error: Error = closedByServer()): void {
    this.#lose(error)
    this.#connection.destroy()
    // mysql2 would go on reading what the server still sends.
    ;(this.#connection as unknown as { readonly stream: Socket }).stream.destroy()
  }
}

type Done = (error: Error | null, rows: unknown, fields: unknown) => void

function driverOptions({ address, ssl, connectTimeoutMs }: ClientOptions): ConnectionOptions {
  const { host, port, user, password, database, socketPath } = address
  return {
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    user,
    ...(password === undefined ? {} : { password }),
    database,
    ...(ssl ? { ssl } : {}),
    connectTimeout: connectTimeoutMs,
    charset: 'UTF8MB4_BIN',
    timezone: 'Z',
    supportBigNumbers: true,
    jsonStrings: true,
    multipleStatements: false,
    flags: ['-LOCAL_FILES'],
    maxPreparedStatements: KEPT_STATEMENTS,
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  } as ConnectionOptions
}

/** Names are made only for those who ask. */
export class Rows implements RowsResult {
  readonly rows: unknown[][]
  readonly changes?: number
  /** As of an insert. */
  readonly firstId?: number | bigint
  readonly #fields: readonly FieldPacket[]

  constructor({ rows, fields, header }: Answer) {
    this.rows = rows
    this.#fields = fields
    if (!header) return
    this.changes = header.affectedRows
    if (header.insertId) this.firstId = firstIdOf(header)
  }

  get columns(): readonly string[] {
    return this.#fields.map(({ name }) => name)
  }
}

/** A procedure gives several results; the first one is taken. */
function answerOf(rows: unknown, fields: unknown): Answer {
  const several = Array.isArray(fields) && Array.isArray(fields[0])
  const result = several ? (rows as unknown[])[0] : rows
  if (!Array.isArray(result)) return { rows: [], fields: [], header: (result ?? null) as ResultSetHeader | null }
  return { rows: result as unknown[][], fields: ((several ? fields[0] : fields) ?? []) as FieldPacket[], header: null }
}

function firstIdOf({ insertId }: ResultSetHeader): number | bigint {
  return typeof insertId === 'string' ? BigInt(insertId) : insertId
}

function checkSize(text: string, params: readonly unknown[], most: number): void {
  let bytes = text.length
  for (const param of params) {
    if (typeof param === 'string') bytes += Buffer.byteLength(param)
    else if (param instanceof Uint8Array) bytes += param.byteLength
  }
  if (bytes + params.length * 10 < most) return
  const size = (count: number): string => `${Math.ceil(count / 2 ** 20)} MiB`
  throw new DbError(
    'invalid_input',
    `This statement carries ${size(bytes)}, and the server takes ${size(most)} at once. Raise max_allowed_packet on the server, or write less in one call.`,
  )
}

function closedByServer(): Error {
  return Object.assign(new Error('The connection is closed.'), { code: 'CONNECTION_GONE' })
}

/** The part of mysql2's commands that reading row by row takes. */
interface Command {
  on(event: 'result', listener: (row: unknown) => void): unknown
  on(event: 'end', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** Collects rows as they come, and stops the connection while a full batch waits. */
class Reader {
  readonly #connection: Connection
  readonly #size: number
  #rows: unknown[][] = []
  #error: Error | null = null
  #discarding = false
  #wake: (() => void) | undefined
  /** Rows are under way. */
  isOpen = false
  #ended = false

  constructor(connection: Connection, size: number) {
    this.#connection = connection
    this.#size = size
  }

  read(command: unknown): void {
    this.isOpen = true
    const source = command as Command
    source.on('result', (row) => this.#take(row))
    source.on('end', () => this.#end(null))
    source.on('error', (error) => this.#end(error))
  }

  readonly fail = (error: Error): void => this.#end(error)

  #take(row: unknown): void {
    if (this.#discarding || !Array.isArray(row)) return
    this.#rows.push(row)
    if (this.#rows.length < this.#size) return
    this.#connection.pause()
    this.#wake?.()
  }

  #end(error: Error | null): void {
    if (this.#ended) return
    this.#ended = true
    this.isOpen = false
    this.#error = error
    this.#wake?.()
  }

  async *batches(): AsyncGenerator<unknown[][]> {
    for (;;) {
      if (this.#rows.length < this.#size && !this.#ended) await this.#woken()
      const batch = this.#rows.splice(0, this.#size)
      if (batch.length > 0) yield batch
      if (this.#rows.length > 0) continue
      if (this.#ended) break
      this.#connection.resume()
    }
    if (this.#error) throw this.#error
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  async drain(): Promise<void> {
    this.#discarding = true
    this.#connection.resume()
    while (!this.#ended) await this.#woken()
  }
}
