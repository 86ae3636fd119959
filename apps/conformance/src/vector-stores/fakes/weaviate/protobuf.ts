import { unknownHere } from './refusal.ts'

/** As much of the Protocol Buffers wire format as the messages of Weaviate need. */
export interface MessageType {
  readonly name: string
  /** By number. */
  readonly fields: Readonly<Record<number, Field>>
}

export interface Field {
  readonly name: string
  readonly type: ScalarType | (() => MessageType)
  readonly repeated: boolean
}

type ScalarType = 'string' | 'bytes' | 'bool' | 'integer' | 'float' | 'double'

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5

const WIRE: Readonly<Record<ScalarType, number>> = {
  string: LENGTH,
  bytes: LENGTH,
  bool: VARINT,
  integer: VARINT,
  float: FIXED32,
  double: FIXED64,
}

export function one(name: string, type: Field['type']): Field {
  return { name, type, repeated: false }
}

export function many(name: string, type: Field['type']): Field {
  return { name, type, repeated: true }
}

/** Fields that were not sent are absent, lists too. */
export function decode<Message>(type: MessageType, bytes: Buffer): Message {
  const message: Record<string, unknown> = {}
  const reader = new Reader(bytes)
  while (!reader.atEnd) {
    const tag = Number(reader.varint())
    const field = type.fields[tag >>> 3]
    // An empty list is sent by some encoders, and says nothing.
    if (!field && (tag & 7) === LENGTH && reader.bytes().length === 0) continue
    if (!field) throw unknownHere(`field ${tag >>> 3} of ${type.name}`)
    const values = readValues(reader, field, tag & 7)
    if (field.repeated) message[field.name] = [...((message[field.name] as unknown[]) ?? []), ...values]
    else message[field.name] = values.at(-1)
  }
  return message as Message
}

function readValues(reader: Reader, { type, repeated }: Field, wire: number): unknown[] {
  if (typeof type === 'function') return [decode(type(), reader.bytes())]
  if (!repeated || wire !== LENGTH || WIRE[type] === LENGTH) return [reader.scalar(type)]
  const packed = new Reader(reader.bytes())
  const values: unknown[] = []
  while (!packed.atEnd) values.push(packed.scalar(type))
  return values
}

/** Every field that is there is written, be it empty: of alternatives, the one that is there counts. */
export function encode(type: MessageType, message: object): Buffer {
  const parts: Buffer[] = []
  for (const [number, field] of Object.entries(type.fields)) {
    const value = (message as Record<string, unknown>)[field.name]
    const values = field.repeated ? ((value ?? []) as unknown[]) : value === undefined ? [] : [value]
    for (const item of values) parts.push(...encodeField(Number(number), field, item))
  }
  return Buffer.concat(parts)
}

function encodeField(number: number, { type }: Field, value: unknown): Buffer[] {
  if (typeof type === 'function') return [tagOf(number, LENGTH), ...withLength(encode(type(), value as object))]
  return [tagOf(number, WIRE[type]), ...encodeScalar(type, value)]
}

function encodeScalar(type: ScalarType, value: unknown): Buffer[] {
  switch (type) {
    case 'string':
      return withLength(Buffer.from(value as string))
    case 'bytes':
      return withLength(value as Buffer)
    case 'bool':
      return [varint(value ? 1n : 0n)]
    case 'integer':
      return [varint(BigInt.asUintN(64, BigInt(value as number)))]
    case 'float': {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatLE(value as number)
      return [bytes]
    }
    case 'double': {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(value as number)
      return [bytes]
    }
  }
}

function tagOf(number: number, wire: number): Buffer {
  return varint(BigInt((number << 3) | wire))
}

function withLength(bytes: Buffer): Buffer[] {
  return [varint(BigInt(bytes.length)), bytes]
}

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return Buffer.from([...bytes, Number(rest)])
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.#at++)
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }

  bytes(): Buffer {
    const length = Number(this.varint())
    return this.#take(length)
  }

  scalar(type: ScalarType): unknown {
    switch (type) {
      case 'string':
        return this.bytes().toString('utf8')
      case 'bytes':
        return this.bytes()
      case 'bool':
        return this.varint() !== 0n
      case 'integer':
        return Number(BigInt.asIntN(64, this.varint()))
      case 'float':
        return this.#take(4).readFloatLE()
      case 'double':
        return this.#take(8).readDoubleLE()
    }
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    if (taken.length < length) throw new Error('The message ends within a field.')
    this.#at += length
    return taken
  }
}
