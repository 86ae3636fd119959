import type { Answer } from './link.ts'
import { arrayLiteral, PARSERS } from './wire.ts'

/**
 * PostgreSQL's wire protocol, as much of it as one embedded server needs: a statement goes out in one message and its
 * answer comes back in one piece. PGlite's own reader drops a byte order mark at the start of a text.
 */

/** Bare text, which may be several statements. */
export function simpleQuery(text: string): Uint8Array {
  return message('Q', cString(text))
}

/** One statement with its values, whose types the server works out. */
export function extendedQuery(text: string, params: readonly unknown[]): Uint8Array {
  const parse = message('P', cString(''), cString(text), int16(0))
  const bind = message(
    'B',
    cString(''),
    cString(''),
    int16(0),
    int16(params.length),
    ...params.map(parameter),
    int16(0),
  )
  return Buffer.concat([
    parse,
    bind,
    message('D', Buffer.from('P\0')),
    message('E', cString(''), int32(0)),
    message('S'),
  ])
}

function message(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function parameter(value: unknown): Buffer {
  if (value === null || value === undefined) return int32(-1)
  const bytes = Buffer.from(textOf(value))
  return Buffer.concat([int32(bytes.length), bytes])
}

/** Columns have made their values text already; raw SQL may bind the rest. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return Array.isArray(value) ? arrayLiteral(value.map(String)) : JSON.stringify(value)
}

/** What the server said, up to its last statement; throws the error it reported. */
export function readAnswer(bytes: Uint8Array): Answer {
  const reader = new Reader(bytes)
  let answer = emptyAnswer()
  let failure: Error | undefined
  while (reader.next()) {
    if (reader.type === 'T') answer = Object.assign(emptyAnswer(), { columns: reader.columns() })
    else if (reader.type === 'D') answer.push(reader.row(answer.columns))
    else if (reader.type === 'C') Object.assign(answer, reader.outcome())
    else if (reader.type === 'E') failure = reader.failure()
  }
  if (failure) throw failure
  return answer
}

type Mutable = { -readonly [K in keyof Answer]: Answer[K] } & { columns: readonly Column[] }

function emptyAnswer(): Mutable {
  return Object.assign([], { count: null, command: '', columns: [] })
}

interface Column {
  readonly name: string
  readonly parse: ((text: string) => unknown) | undefined
}

/** Types that are read the same everywhere, besides those of wire.ts. */
const NUMBERS = new Set([21, 23, 26, 700, 701])
const BYTES = 17

function parserOf(oid: number): Column['parse'] {
  if (NUMBERS.has(oid)) return Number
  return oid === BYTES ? (text) => Buffer.from(text.slice(2), 'hex') : PARSERS[oid]
}

/** The fields of an error by the letters that the protocol gives them. */
const FIELDS: Readonly<Record<string, string>> = {
  S: 'severity',
  C: 'code',
  M: 'message',
  D: 'detail',
  H: 'hint',
  W: 'where',
  t: 'table_name',
  c: 'column_name',
  n: 'constraint_name',
  R: 'routine',
}

class Reader {
  readonly #bytes: Buffer
  type = ''
  #at = 0
  #end = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  next(): boolean {
    if (this.#end >= this.#bytes.length) return false
    this.type = String.fromCharCode(this.#bytes[this.#end] as number)
    this.#at = this.#end + 5
    this.#end += 1 + this.#bytes.readInt32BE(this.#end + 1)
    return true
  }

  columns(): Column[] {
    return Array.from({ length: this.#int16() }, () => {
      const name = this.#cString()
      const oid = this.#bytes.readUInt32BE(this.#at + 6)
      this.#at += 18
      return { name, parse: parserOf(oid) }
    })
  }

  row(columns: readonly Column[]): unknown[] {
    return Array.from({ length: this.#int16() }, (_, i) => {
      const length = this.#bytes.readInt32BE(this.#at)
      this.#at += 4
      if (length < 0) return null
      const text = this.#bytes.toString('utf8', this.#at, this.#at + length)
      this.#at += length
      const parse = columns[i]?.parse
      return parse ? parse(text) : text
    })
  }

  /** `INSERT 0 5`, `SELECT 3`, `COMMIT`. */
  outcome(): { command: string; count: number | null } {
    const [, command = '', count] = /^(.*?)(?: \d+)??(?: (\d+))?$/.exec(this.#cString()) ?? []
    return { command, count: count === undefined ? null : Number(count) }
  }

  failure(): Error {
    const fields: Record<string, string> = {}
    while (this.#bytes[this.#at] !== 0) {
      const field = FIELDS[String.fromCharCode(this.#bytes[this.#at++] as number)]
      const text = this.#cString()
      if (field) fields[field] = text
    }
    return Object.assign(new Error(fields.message), fields)
  }

  #int16(): number {
    this.#at += 2
    return this.#bytes.readUInt16BE(this.#at - 2)
  }

  #cString(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }
}
