import { userInfo } from 'node:os'
import { DbError, type Statement } from '@archon-db/core/dialect'
import type { Address } from './address.ts'
import { type Answer, columnsOf, failureOf, int32, listen, NO_COLUMNS, typesOf } from './answer.ts'
import { Authentication } from './authentication.ts'
import { coded, isLost } from './errors.ts'
import { Exchange } from './exchange.ts'
import { Frames, SAID } from './frames.ts'
import { type Link, lost } from './link.ts'
import { Writer } from './requests.ts'
import { dial, Wire } from './socket.ts'
import type { DriverSsl } from './ssl.ts'
import { type Kept, ownTypes, Statements, unnamed, wantTypes } from './statements.ts'

export interface ClientOptions {
  readonly address: Address
  readonly ssl: DriverSsl
  /** Sent when the connection opens. */
  readonly settings: Readonly<Record<string, string>>
  /** Whether named statements outlive a transaction. */
  readonly prepare: boolean
  readonly connectTimeoutMs: number
}

const END_MS = 5000
const IDLE = 73

/** One for all connections: a request is written and taken in one go. */
const writer = new Writer()
const begin = (): Writer => writer.begin()

/** One connection, from opening to closing; it is never opened again. */
export class Client implements Link {
  readonly #address: Address
  readonly #prepare: boolean
  readonly #settings: Readonly<Record<string, string>>
  readonly #wire: Wire
  readonly #frames = new Frames((letter, bytes, start, end) => this.#listen(letter, bytes, start, end))
  readonly #authentication: Authentication
  readonly #timer: NodeJS.Timeout
  readonly #statements = new Statements()
  /** In the order of their answers. */
  readonly #flight: Exchange[] = []
  /** Not sent yet. */
  #outbox: Buffer[] = []
  #isReady = false
  /** The server has said a word. */
  #opened = false
  #gone: DbError | null = null
  #ended: (() => void) | null = null
  #secret = 0
  backend: number | undefined
  proven = false
  pending = 0
  since: number = performance.now()
  readonly created: number = this.since
  onGone: (() => void) | undefined
  reads = 0

  constructor({ address, ssl, settings, prepare, connectTimeoutMs }: ClientOptions) {
    this.#address = address
    this.#prepare = prepare
    const user = address.user ?? process.env.PGUSER ?? userInfo().username
    this.#settings = {
      user,
      database: address.database ?? process.env.PGDATABASE ?? user,
      client_encoding: 'UTF8',
      ...settings,
    }
    this.#authentication = new Authentication(user, address.password ?? process.env.PGPASSWORD ?? '')
    this.#wire = new Wire(address, ssl, {
      opened: () => this.#greet(),
      read: (bytes, length) => this.#frames.read(bytes, length),
      closed: (error) => this.#lose(error ?? coded('CONNECTION_CLOSED', 'The connection was closed.')),
    })
    this.#timer = setTimeout(() => this.#lose(coded('CONNECT_TIMEOUT', 'No connection in time.')), connectTimeoutMs)
  }

  #greet(): void {
    try {
      this.#wire.write(begin().startup(this.#settings).take())
    } catch (error) {
      this.#lose(error)
    }
  }

  get gone(): boolean {
    return this.#gone !== null
  }

  send(statement: Statement): Promise<Answer> {
    return new Promise((resolve, reject) => this.start(statement, resolve, reject))
  }

  command(text: string): Promise<Answer> {
    return new Promise((resolve, reject) => this.#ask(new Exchange(resolve, reject), () => begin().query(text)))
  }

  start(statement: Statement, done: (answer: Answer) => void, failed: (error: unknown) => void): void {
    const { text, params, prepare } = statement
    if (prepare === false && params.length === 0) this.#ask(new Exchange(done, failed), () => begin().query(text))
    else this.#startTyped(statement, ownTypes(params), done, failed)
  }

  /** `described` are the types that the server told, where the values alone did not say enough. */
  #startTyped(
    statement: Statement,
    own: readonly number[],
    done: (answer: Answer) => void,
    failed: (error: unknown) => void,
    described?: readonly number[],
  ): void {
    const { text, params, prepare } = statement
    const kept = this.#prepare && prepare !== false ? this.#statements.keep(text, own) : null
    const types = kept?.types ?? described ?? own
    if (!described && wantTypes(params, types)) {
      const goOn = (all: readonly number[]): void => this.#startTyped(statement, own, done, failed, all)
      this.#describe(text, own, goOn, failed)
    } else if (kept) {
      const request = (): Writer => this.#statements.write(begin(), kept, statement, own, types)
      this.#ask(new Exchange(done, failed, kept, statement), request)
    } else this.#ask(new Exchange(done, failed), () => unnamed(begin(), text, params, types).executeAll().sync())
  }

  /** Asks for the types of the parameters alone. */
  #describe(
    text: string,
    own: readonly number[],
    found: (types: readonly number[]) => void,
    failed: (error: unknown) => void,
  ): void {
    const kept: Kept = { key: '', name: '', sent: true, types: null, columns: null }
    const exchange = new Exchange(() => found(kept.types ?? own), failed, kept)
    this.#ask(exchange, () => begin().parse('', text, own).describeStatement('').sync())
  }

  #ask(exchange: Exchange, request: () => Writer): void {
    try {
      if (this.#gone) throw this.#gone
      const bytes = request().take()
      if (this.pending++ === 0) this.since = performance.now()
      this.#flight.push(exchange)
      this.#write(bytes)
    } catch (error) {
      // Not before whoever asks goes on.
      queueMicrotask(() => exchange.failed(error))
    }
  }

  /** At once, but that what follows others is collected until this turn ends. */
  #write(bytes: Buffer): void {
    if (this.#isReady && this.#flight.length === 1) this.#wire.write(bytes)
    else if (this.#outbox.push(bytes) === 1 && this.#isReady) process.nextTick(() => this.#flush())
  }

  #flush(): void {
    const outbox = this.#outbox
    if (this.#gone || outbox.length === 0) return
    this.#outbox = []
    this.#wire.write(outbox.length === 1 ? (outbox[0] as Buffer) : Buffer.concat(outbox))
  }

  #listen(letter: number, bytes: Buffer, start: number, end: number): void {
    if (this.#gone) return
    const exchange = this.#flight[0]
    if (exchange && this.#isReady) this.#follow(exchange, letter, bytes, start, end)
    else this.#open(letter, bytes, start, end)
  }

  /** What a server says before it takes statements, and unasked. */
  #open(letter: number, bytes: Buffer, start: number, end: number): void {
    switch (letter) {
      case SAID.authentication:
        this.#authenticate(Buffer.from(bytes.subarray(start, end)))
        break
      case SAID.parameter:
        this.#opened = true
        break
      case SAID.backendKey:
        this.backend = bytes.readUInt32BE(start)
        this.#secret = int32(bytes, start + 4)
        break
      case SAID.error:
        this.#lose(failureOf(bytes, start))
        break
      case SAID.ready:
        clearTimeout(this.#timer)
        this.#isReady = true
        this.#flush()
    }
  }

  #authenticate(question: Buffer): void {
    try {
      const answer = this.#authentication.answer(question, writer)
      if (Buffer.isBuffer(answer)) this.#wire.write(answer)
      else
        answer?.then(
          (proof) => !this.#gone && this.#wire.write(proof),
          (error: unknown) => this.#lose(error),
        )
    } catch (error) {
      this.#lose(error)
    }
  }

  #follow(exchange: Exchange, letter: number, bytes: Buffer, start: number, end: number): void {
    const { kept, answer } = exchange
    switch (letter) {
      case SAID.types:
        if (kept) kept.types = typesOf(bytes, start)
        break
      case SAID.columns:
        if (kept) kept.columns = columnsOf(bytes, start)
        else exchange.answer = listen(answer, letter, bytes, start, end)
        break
      case SAID.noColumns:
        if (kept) kept.columns = NO_COLUMNS
        break
      case SAID.bound:
        if (kept?.columns) answer.described = kept.columns
        break
      case SAID.ready:
        this.#settle(exchange, bytes[start] === IDLE)
        break
      case SAID.suspended:
        exchange.suspended?.()
        break
      case SAID.error:
        this.#fail(exchange, bytes, start)
        break
      case SAID.copyIn:
      case SAID.copyOut:
      case SAID.copyBoth:
        this.#lose(new DbError('unsupported', 'COPY is not offered here. Insert many rows at once, or use stream().'))
        break
      default:
        collect(exchange, letter, bytes, start, end)
        if (letter === SAID.done && !exchange.synced) this.#sync(exchange)
    }
  }

  #fail(exchange: Exchange, bytes: Buffer, start: number): void {
    const error = failureOf(bytes, start)
    exchange.error ??= error
    // The server says nothing more after this.
    if (error.severity === 'FATAL' || error.severity === 'PANIC') this.#lose(error)
    else this.#sync(exchange)
  }

  /** Ends a statement that is sent in portions. */
  #sync(exchange: Exchange): void {
    if (exchange.synced || this.#gone) return
    exchange.synced = true
    this.#wire.write(begin().sync().take())
  }

  #settle(exchange: Exchange, isIdle: boolean): void {
    this.#flight.shift()
    this.pending--
    this.since = performance.now()
    if (exchange.error) this.#refuse(exchange, exchange.error, isIdle)
    else {
      this.proven = true
      exchange.done(exchange.answer)
    }
    if (this.#ended && this.pending === 0) this.#terminate()
  }

  #refuse(exchange: Exchange, error: Error, isIdle: boolean): void {
    const { kept, statement, done, failed, stale } = exchange
    if (kept && (stale || !kept.columns)) this.#statements.forget(kept)
    // Outside a transaction nothing has happened, so it can be sent again.
    if (stale && statement && isIdle) {
      this.start(statement, done, failed)
      return
    }
    // What is short of something now is not to be used again.
    if (isLost(error)) this.#lose(error)
    failed(error)
  }

  async *cursor({ text, params }: Statement, size: number): AsyncGenerator<unknown[][]> {
    const types = await this.#typesFor(text, params)
    const exchange = new Exchange(ignore, ignore)
    exchange.synced = false
    let portion = exchange.portion()
    this.#ask(exchange, () => unnamed(begin(), text, params, types).execute(size))
    let hasMore = false
    try {
      for (;;) {
        hasMore = await portion
        this.since = performance.now()
        const batch = exchange.answer.rows.splice(0)
        if (batch.length > 0) yield batch
        if (exchange.failure) throw exchange.failure
        if (!hasMore) return
        portion = exchange.portion()
        this.#wire.write(begin().execute(size).take())
      }
    } finally {
      // Whoever stopped reading does not care what the rest would have been.
      if (hasMore && !exchange.failure) await this.#finish(exchange).catch(ignore)
    }
  }

  #typesFor(text: string, params: readonly unknown[]): Promise<readonly number[]> | readonly number[] {
    const own = ownTypes(params)
    if (!wantTypes(params, own)) return own
    return new Promise((resolve, reject) => this.#describe(text, own, resolve, reject))
  }

  #finish(exchange: Exchange): Promise<boolean> {
    const end = exchange.portion()
    this.#sync(exchange)
    return end
  }

  /** Over a connection of its own, as the protocol has it. */
  cancel(): void {
    if (this.backend === undefined || this.pending === 0 || this.gone) return
    // Whoever asked does not wait for the answer.
    dial(this.#address)
      .on('error', () => {})
      .end(begin().cancelRequest(this.backend, this.#secret).take())
  }

  /** Everything on the way fails with this. */
  #lose(error: unknown): void {
    if (this.#gone) {
      this.#ended?.()
      return
    }
    this.#gone = lost()
    clearTimeout(this.#timer)
    this.#wire.destroy()
    const flight = this.#flight.splice(0)
    this.pending = 0
    this.onGone?.()
    for (const exchange of flight) exchange.failed(this.#explain(exchange.error ?? error))
    this.#ended?.()
  }

  /** Before the server's first word it is not a connection that is lost, but one that never came about. */
  #explain(error: unknown): unknown {
    const { code } = (error ?? {}) as { code?: unknown }
    if (this.#opened || typeof code !== 'string' || !/^CONNECTION_|^ECONNRESET$|^EPIPE$|^ETIMEDOUT$/.test(code))
      return error
    return new DbError(
      'connection_failed',
      'The server closed the connection before it was open. Is it starting or full, or is only one side willing to encrypt?',
      { cause: error },
    )
  }

  destroy(): void {
    this.#lose(coded('CONNECTION_DESTROYED', 'The connection was given up.'))
  }

  async end(): Promise<void> {
    if (this.#gone) return
    const timer = setTimeout(() => this.destroy(), END_MS)
    await new Promise<void>((resolve) => {
      this.#ended = resolve
      if (this.pending === 0) this.#terminate()
    })
    clearTimeout(timer)
  }

  #terminate(): void {
    this.#wire.end(begin().terminate().take())
  }
}

/** A value that cannot be read fails its statement, and nothing else. */
function collect(exchange: Exchange, letter: number, bytes: Buffer, start: number, end: number): void {
  try {
    exchange.answer = listen(exchange.answer, letter, bytes, start, end)
  } catch (error) {
    exchange.error ??= error as Error
  }
}

function ignore(): void {}
