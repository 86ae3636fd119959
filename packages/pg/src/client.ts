import { connect as connectSocket, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { DbError, type Statement } from '@archon-db/core/dialect'
import postgres from 'postgres'
import type { Address } from './address.ts'
import { isLost } from './errors.ts'
import { type Answer, type Link, lost } from './link.ts'
import type { DriverSsl } from './ssl.ts'
import { PARSERS, SERIALIZERS } from './wire.ts'

export interface ClientOptions {
  readonly address: Address
  /** As postgres.js takes it. */
  readonly ssl: DriverSsl
  /** Sent when the connection opens. */
  readonly settings: Readonly<Record<string, string>>
  /** Whether named statements outlive a transaction. */
  readonly prepare: boolean
  readonly connectTimeoutMs: number
}

/** Beyond this many kept statements, others are parsed anew each time: the server keeps every one of them in memory. */
const KEPT_STATEMENTS = 1000
const KEEP_ALIVE_MS = 30_000
const CANCEL_REQUEST = 80_877_102

const PREPARED = { prepare: true, simple: false }
const UNPREPARED = { prepare: false, simple: false }
const SIMPLE = { prepare: false, simple: true }

/** A statement on its way; `state` tells the backend that works on it. */
type Pending = Promise<Answer> & { readonly state: { readonly pid: number; readonly secret: number } | null }

/**
 * One connection, from opening to closing; it is never opened again. postgres.js would do that by itself, and the rest
 * of a transaction would then run without its beginning.
 */
export class Client implements Link {
  readonly #sql: postgres.Sql
  readonly #address: Address
  readonly #prepare: boolean
  readonly #kept = new Set<string>()
  #socket: Socket | undefined
  #opened = false
  #gone: DbError | null = null
  #last: Pending | undefined
  proven = false
  pending = 0
  since: number = performance.now()
  readonly created: number = performance.now()
  onGone: (() => void) | undefined
  reads = 0

  constructor(options: ClientOptions) {
    this.#address = options.address
    this.#prepare = options.prepare
    this.#sql = postgres(this.#driverOptions(options) as postgres.Options<Record<string, never>>)
  }

  get gone(): boolean {
    return this.#gone !== null
  }

  #driverOptions({ address, ssl, settings, connectTimeoutMs }: ClientOptions): object {
    return {
      host: address.host,
      port: address.port,
      username: address.user ?? process.env.PGUSER ?? userInfo().username,
      ...(address.password === undefined ? {} : { password: address.password }),
      ...(address.database === undefined ? {} : { database: address.database }),
      ssl,
      max: 1,
      idle_timeout: 0,
      max_lifetime: 0,
      connect_timeout: connectTimeoutMs / 1000,
      fetch_types: false,
      prepare: true,
      connection: settings,
      types: driverTypes(),
      onnotice: () => {},
      onparameter: () => {
        this.#opened = true
      },
      onclose: () => this.#close(),
      socket: () => this.#openSocket(),
    }
  }

  /** postgres.js asks for a socket again when one closed before the server had answered. */
  #openSocket(): Socket {
    const { host, port } = this.#address
    if (this.#socket) {
      this.#close()
      throw Object.assign(new Error('The connection was closed.'), { code: 'CONNECTION_CLOSED' })
    }
    const socket = dial(this.#address)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    // For the name in the certificate.
    Object.assign(socket, { host, port })
    this.#socket = socket
    return socket
  }

  #close(): void {
    if (this.#gone) return
    this.#gone = lost()
    this.onGone?.()
  }

  get backend(): number | undefined {
    return this.#last?.state?.pid
  }

  send(statement: Statement): Promise<Answer> {
    const { text, params } = statement
    if (statement.prepare === false) return this.#start(text, params, params.length === 0 ? SIMPLE : UNPREPARED)
    return this.#start(text, params, this.#keeps(text) ? PREPARED : UNPREPARED)
  }

  command(text: string): Promise<Answer> {
    return this.#start(text, [], SIMPLE)
  }

  #keeps(text: string): boolean {
    if (!this.#prepare) return false
    if (this.#kept.has(text)) return true
    if (this.#kept.size >= KEPT_STATEMENTS) return false
    this.#kept.add(text)
    return true
  }

  #start(text: string, params: readonly unknown[], options: object): Promise<Answer> {
    if (this.#gone) return Promise.reject(this.#gone)
    if (this.pending++ === 0) this.since = performance.now()
    const query = this.#sql.unsafe(text, params as never[], options).values() as unknown as Pending
    this.#last = query
    return query.then(
      (answer) => {
        this.proven = true
        this.#settled()
        return lastOf(answer)
      },
      (error: unknown) => {
        this.#settled()
        throw this.#afterFailure(error)
      },
    )
  }

  #settled(): void {
    this.pending--
    this.since = performance.now()
  }

  /** What broke, or never opened, is not to be used again: what is sent after the error would never be answered. */
  #afterFailure(error: unknown): unknown {
    if (!this.#opened || isLost(error)) this.destroy()
    return this.#explain(error)
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

  async *cursor({ text, params }: Statement, size: number): AsyncGenerator<unknown[][]> {
    if (this.#gone) throw this.#gone
    if (this.pending++ === 0) this.since = performance.now()
    try {
      const rows = this.#sql
        .unsafe(text, params as never[], UNPREPARED)
        .values()
        .cursor(size) as AsyncIterable<unknown[][]>
      for await (const batch of rows) {
        this.since = performance.now()
        yield batch
      }
    } catch (error) {
      throw this.#afterFailure(error)
    } finally {
      this.#settled()
    }
  }

  /** Over a connection of its own, as the protocol has it. */
  cancel(): void {
    const state = this.#last?.state
    if (!state?.pid || this.pending === 0 || this.gone) return
    const message = Buffer.alloc(16)
    message.writeInt32BE(message.length, 0)
    message.writeInt32BE(CANCEL_REQUEST, 4)
    message.writeInt32BE(state.pid | 0, 8)
    message.writeInt32BE(state.secret | 0, 12)
    // Whoever asked does not wait for the answer.
    dial(this.#address)
      .on('error', () => {})
      .end(message)
  }

  destroy(): void {
    this.#close()
    this.#socket?.destroy()
    this.#sql.end({ timeout: 0 }).catch(() => {})
  }

  async end(): Promise<void> {
    await this.#sql.end({ timeout: 5 })
    this.#close()
  }
}

function dial({ host, port }: Address): Socket {
  return host.startsWith('/') ? connectSocket(`${host}/.s.PGSQL.${port}`) : connectSocket(port, host)
}

/** Several statements in one text have several answers; the last one counts. */
function lastOf(answer: Answer): Answer {
  return answer.command === undefined && Array.isArray(answer) && answer.length > 0
    ? (answer[answer.length - 1] as unknown as Answer)
    : answer
}

/** The same types for every connection, in the form that postgres.js takes them. */
function driverTypes(): Record<string, postgres.PostgresType> {
  return Object.fromEntries(
    Object.keys(PARSERS).map((key) => {
      const oid = Number(key)
      return [
        `type${key}`,
        {
          to: oid,
          from: [oid],
          parse: PARSERS[oid] as (text: string) => unknown,
          serialize: SERIALIZERS[oid] as (value: unknown) => string,
        },
      ]
    }),
  )
}
