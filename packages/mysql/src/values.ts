import { type Codecs, type ColumnInfo, jsonNull, type MatchOp, narrowBigint } from '@archon-db/core/dialect'
import { decodeVector, encodeVector } from './columns.ts'
import { List, type RawValue } from './lists.ts'
import { encodePattern } from './text.ts'

type Convert = ((value: unknown) => unknown) | null

export const codecs: Codecs = {
  encode: encoderOf,
  decode: decoderOf,
  encodeList(column, asJson) {
    const encode = asJson ? null : encoderOf(column)
    return (values) => new List((values as RawValue[]).map((value) => (encode ? (encode(value) as RawValue) : value)))
  },
  encodePattern: (op: MatchOp) => (value) => encodePattern(op, value as string),
}

function encoderOf(column: ColumnInfo): Convert {
  switch (column.kind) {
    case 'json':
      return (value) => JSON.stringify(value)
    case 'vector':
      return (value) => encodeVector(value as Float32Array)
    default:
      return null
  }
}

function decoderOf(column: ColumnInfo): Convert {
  switch (column.kind) {
    case 'boolean':
      return (value) => value === 1
    case 'bigint':
      // Beyond 2^53 the driver gives the digits.
      return (value) => (typeof value === 'string' ? narrowBigint(BigInt(value)) : value)
    case 'json':
      return (value) => JSON.parse(value as string) ?? jsonNull
    case 'vector':
      return (value) => decodeVector(value as Uint8Array)
    default:
      return null
  }
}
