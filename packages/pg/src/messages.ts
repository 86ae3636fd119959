import { Answer, columnsOf, failureOf, rowOf } from './answer.ts'
import { arrayLiteral, serialize } from './wire.ts'

/**
 * PostgreSQL's wire protocol: what is said to a server is put together here, and what it says is taken apart into
 * messages. Values travel as text in both directions.
 */

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

  #cString(text: string): this {
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

export function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

/** What is done with one message: its letter, and where its body is. */
export type Listener = (letter: number, bytes: Buffer, start: number, end: number) => void

/** Cuts what comes in into messages; what is incomplete waits for the rest. */
export class Frames {
  readonly #listener: Listener
  #held: Buffer = Buffer.alloc(0)
  #length = 0

  constructor(listener: Listener) {
    this.#listener = listener
  }

  /** Keeps nothing of `bytes`, which may be written over afterwards. */
  read(bytes: Buffer, length: number): void {
    if (this.#length === 0) {
      const used = this.#split(bytes, length)
      if (used < length) this.#hold(bytes, used, length)
      return
    }
    this.#hold(bytes, 0, length)
    const used = this.#split(this.#held, this.#length)
    if (used === 0) return
    this.#held.copyWithin(0, used, this.#length)
    this.#length -= used
    if (this.#length === 0) this.#held = Buffer.alloc(0)
  }

  #split(bytes: Buffer, length: number): number {
    let at = 0
    while (length - at >= 5) {
      const end = at + 1 + bytes.readInt32BE(at + 1)
      if (end > length) break
      this.#listener(bytes[at] as number, bytes, at + 5, end)
      at = end
    }
    return at
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    const length = this.#length + end - start
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#held.length * 2))
      this.#held.copy(larger, 0, 0, this.#length)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#length, start, end)
    this.#length = length
  }
}

const writer = new Writer()

/** One statement with its values, for a server that answers in one piece; its types are guessed by the values. */
export function extendedQuery(text: string, params: readonly unknown[]): Uint8Array {
  return writer
    .begin()
    .parse('', text, [])
    .bind('', params.map(guess), [])
    .describePortal()
    .executeAll()
    .sync()
    .take()
}

export function simpleQuery(text: string): Uint8Array {
  return writer.begin().query(text).take()
}

function guess(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return Array.isArray(value) ? arrayLiteral(value.map(String)) : JSON.stringify(value)
}

/** What the server said, up to its last statement; throws the error it reported. */
export function readAnswer(bytes: Uint8Array): Answer {
  let answer = new Answer()
  let failure: Error | undefined
  const frames = new Frames((letter, body, start, end) => {
    if (letter === SAID.error) failure = failureOf(body, start)
    else answer = listen(answer, letter, body, start, end)
  })
  frames.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.byteLength)
  if (failure) throw failure
  return answer
}

/** The letters of a server's messages. */
export const SAID = {
  parameter: 83,
  authentication: 82,
  backendKey: 75,
  ready: 90,
  error: 69,
  types: 116,
  columns: 84,
  noColumns: 110,
  row: 68,
  bound: 50,
  done: 67,
  suspended: 115,
  copyIn: 71,
  copyOut: 72,
  copyBoth: 87,
} as const

/** Of several statements in one text the last one counts. */
export function listen(answer: Answer, letter: number, bytes: Buffer, start: number, end: number): Answer {
  if (letter === SAID.row) answer.rows.push(rowOf(bytes, start, answer.described.decoders))
  else if (letter === SAID.columns || letter === SAID.done) {
    const current = answer.tag === '' ? answer : new Answer()
    if (letter === SAID.done) current.tag = bytes.toString('latin1', start, end - 1)
    else current.described = columnsOf(bytes, start)
    return current
  }
  return answer
}
