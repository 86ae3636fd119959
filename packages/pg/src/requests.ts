import { coded } from './errors.ts'
import { serialize } from './wire.ts'

/** What is said to a server in PostgreSQL's wire protocol, version 3.0. Values travel as text. */

const PROTOCOL = 196_608
const CANCEL_REQUEST = 80_877_102
const SSL_REQUEST = 80_877_103
/** What the protocol counts parameters with. */
const MOST_PARAMETERS = 65_534
/** A request beyond this keeps the buffer it was written in. */
const COPIED = 16_384
const FIRST_SIZE = 65_536

/** Writes the messages of one request behind each other, to be sent in one piece. */
export class Writer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
  #at = 0

  /** Forgets what a request that failed half-way left behind. */
  begin(): this {
    this.#at = 0
    return this
  }

  take(): Buffer {
    const written = this.#bytes.subarray(0, this.#at)
    if (this.#at <= COPIED) return Buffer.from(written)
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
    return written
  }

  startup(settings: Readonly<Record<string, string>>): this {
    const start = this.#at
    this.#int32(0).#int32(PROTOCOL)
    for (const [name, value] of Object.entries(settings)) if (value) this.#cString(name).#cString(value)
    this.#byte(0)
    this.#bytes.writeInt32BE(this.#at - start, start)
    return this
  }

  sslRequest(): this {
    return this.#int32(8).#int32(SSL_REQUEST)
  }

  cancelRequest(backend: number, secret: number): this {
    return this.#int32(16).#int32(CANCEL_REQUEST).#int32(backend).#int32(secret)
  }

  password(text: string): this {
    return this.#message('p', () => this.#cString(text))
  }

  saslStart(mechanism: string, text: string): this {
    return this.#message('p', () => this.#cString(mechanism).#value(text))
  }

  saslGoOn(text: string): this {
    return this.#message('p', () => this.#text(text))
  }

  /** Bare text, which may be several statements. */
  query(text: string): this {
    return this.#message('Q', () => this.#cString(text))
  }

  parse(name: string, text: string, types: readonly number[]): this {
    const start = this.#open(LETTERS.parse)
    this.#cString(name).#cString(text).#int16(types.length)
    for (const type of types) this.#int32(type)
    return this.#close(start)
  }

  bind(name: string, params: readonly unknown[], types: readonly number[]): this {
    if (params.length >= MOST_PARAMETERS) throw coded('MAX_PARAMETERS_EXCEEDED', 'Too many parameters.')
    const start = this.#open(LETTERS.bind)
    this.#byte(0).#cString(name).#int16(0).#int16(params.length)
    for (let i = 0; i < params.length; i++) this.#parameter(params[i], types[i] ?? 0)
    return this.#int16(0).#close(start)
  }

  #parameter(value: unknown, type: number): this {
    if (value === null) return this.#int32(-1)
    if (value === undefined) throw coded('UNDEFINED_VALUE', 'A parameter is undefined.')
    return this.#value(serialize(value, type))
  }

  describeStatement(name: string): this {
    return this.#message('D', () => this.#byte(LETTERS.statement).#cString(name))
  }

  describePortal(): this {
    return this.#append(DESCRIBE_PORTAL)
  }

  /** The rest of a statement without a limit. */
  executeAll(): this {
    return this.#append(EXECUTE_ALL)
  }

  /** Some rows only; the statement stays open. */
  execute(rows: number): this {
    return this.#message('E', () => this.#byte(0).#int32(rows)).#message('H', () => this)
  }

  closeStatement(name: string): this {
    return this.#message('C', () => this.#byte(LETTERS.statement).#cString(name))
  }

  sync(): this {
    return this.#append(SYNC)
  }

  terminate(): this {
    return this.#append(TERMINATE)
  }

  #message(letter: string, body: () => this): this {
    const start = this.#open(letter.charCodeAt(0))
    return body().#close(start)
  }

  #open(letter: number): number {
    this.#byte(letter)
    this.#room(4)
    this.#at += 4
    return this.#at - 4
  }

  /** The length counts itself, but not the letter before it. */
  #close(start: number): this {
    this.#bytes.writeInt32BE(this.#at - start, start)
    return this
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + length))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }

  #append(bytes: Buffer): this {
    this.#room(bytes.length)
    for (let i = 0; i < bytes.length; i++) this.#bytes[this.#at++] = bytes[i] as number
    return this
  }

  #byte(value: number): this {
    this.#room(1)
    this.#bytes[this.#at++] = value
    return this
  }

  #int16(value: number): this {
    return this.#byte(value >> 8).#byte(value)
  }

  #int32(value: number): this {
    this.#room(4)
    const at = this.#at
    this.#bytes[at] = value >> 24
    this.#bytes[at + 1] = value >> 16
    this.#bytes[at + 2] = value >> 8
    this.#bytes[at + 3] = value
    this.#at = at + 4
    return this
  }

  /** A character of JavaScript becomes three bytes at most. */
  #text(text: string): this {
    this.#room(text.length * 3)
    this.#at += this.#bytes.write(text, this.#at)
    return this
  }

  /** What came after the end would be read as the next part of the message. */
  #cString(text: string): this {
    if (text.includes('\0')) throw coded('22021', 'A text of the request holds a zero byte.')
    return this.#text(text).#byte(0)
  }

  #value(text: string): this {
    this.#int32(0)
    const start = this.#at
    this.#text(text)
    this.#bytes.writeInt32BE(this.#at - start, start - 4)
    return this
  }
}

const LETTERS = { bind: 66, parse: 80, statement: 83 } as const
const SYNC = Buffer.from('S\0\0\0\x04')
const TERMINATE = Buffer.from('X\0\0\0\x04')
const DESCRIBE_PORTAL = Buffer.from('D\0\0\0\x06P\0')
const EXECUTE_ALL = Buffer.from('E\0\0\0\x09\0\0\0\0\0')
