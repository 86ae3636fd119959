import { jsonNull } from '@archon-db/core/dialect'
import { describe, expect, test } from 'vitest'
import { decodeVector, decodeVectorBytes, encodeVector } from '../src/columns.ts'
import { decoderOf, serialize, typeOf } from '../src/wire.ts'

/** Among other bytes, as in a row. */
const parse = (oid: number, text: string): unknown => {
  const bytes = Buffer.from(`9${text}9`)
  return decoderOf(oid)(bytes, 1, bytes.length - 1)
}

describe('parsing', () => {
  test.each([
    ['2025-01-31 12:34:56+00', '2025-01-31T12:34:56.000Z'],
    ['2025-01-31 12:34:56.7+00', '2025-01-31T12:34:56.700Z'],
    ['2025-01-31 12:34:56.789+00', '2025-01-31T12:34:56.789Z'],
    ['2025-01-31 12:34:56.789499+00', '2025-01-31T12:34:56.789Z'],
    ['2025-01-31 12:34:56.7895+00', '2025-01-31T12:34:56.790Z'],
    ['2025-12-31 23:59:59.9996+00', '2026-01-01T00:00:00.000Z'],
    // PostgreSQL rounds halves away from the year 2000.
    ['1999-01-31 12:34:56.7895+00', '1999-01-31T12:34:56.789Z'],
    ['1999-01-31 12:34:56.789501+00', '1999-01-31T12:34:56.790Z'],
    ['1000-01-01 00:00:00+00', '1000-01-01T00:00:00.000Z'],
    ['9999-12-31 23:59:59.999+00', '9999-12-31T23:59:59.999Z'],
    ['2025-01-31 12:34:56+05:30', '2025-01-31T07:04:56.000Z'],
    ['2025-01-31 12:34:56+02', '2025-01-31T10:34:56.000Z'],
  ])('timestamptz %s', (text, iso) => {
    expect((parse(1184, text) as Date).toISOString()).toBe(iso)
  })

  test('a time without a zone is UTC, and a day stays text', () => {
    expect(parse(1114, '2025-01-31 12:34:56.789')).toEqual(new Date('2025-01-31T12:34:56.789Z'))
    expect(parse(1082, '2025-01-31')).toBe('2025-01-31')
  })

  test.each([
    ['0', 0],
    ['-7', -7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
  ])('bigint %s', (text, value) => {
    expect(parse(20, text)).toBe(value)
  })

  test("JSON, whose own null is told from SQL's", () => {
    expect(parse(3802, '{"a": [1, null]}')).toEqual({ a: [1, null] })
    expect(parse(3802, 'null')).toBe(jsonNull)
    expect(parse(114, '"text"')).toBe('text')
  })

  test.each([
    [1009, '{}', []],
    [1009, '{a,"b \\"c\\" \\\\,{}",NULL,"NULL",""}', ['a', 'b "c" \\,{}', null, 'NULL', '']],
    [1007, '{1,-2}', [1, -2]],
    [1000, '{t,f}', [true, false]],
    [1016, '{9007199254740993}', [9007199254740993n]],
    [3807, '{"{\\"a\\": 1}"}', [{ a: 1 }]],
    [1021, '{1,0.5}', Float32Array.of(1, 0.5)],
  ])('arrays, of type %i: %s', (oid, text, value) => {
    expect(parse(oid, text)).toEqual(value)
  })

  test('booleans, numbers, bytes, and texts of any other type', () => {
    expect([parse(16, 't'), parse(16, 'f')]).toEqual([true, false])
    expect([parse(21, '-32768'), parse(23, '0'), parse(23, '2147483647'), parse(26, '4294967295')]).toEqual([
      -32768, 0, 2147483647, 4294967295,
    ])
    expect([parse(700, '1.5'), parse(701, '-1e+300'), parse(701, 'NaN'), parse(701, '-Infinity')]).toEqual([
      1.5,
      -1e300,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ])
    expect(parse(17, '\\x00ff')).toEqual(Buffer.from([0, 255]))
    expect([parse(25, 'é€😀'), parse(1700, '12345678901234567890.5'), parse(2950, '')]).toEqual([
      'é€😀',
      '12345678901234567890.5',
      '',
    ])
  })
})

describe('serializing', () => {
  test('takes values of raw SQL, and texts that a column made already', () => {
    expect([serialize(true, 16), serialize('false', 16)]).toEqual(['true', 'false'])
    expect([serialize({ a: 1 }, 3802), serialize('{"a":1}', 3802), serialize([1], 114)]).toEqual([
      '{"a":1}',
      '{"a":1}',
      '[1]',
    ])
    expect(serialize(new Date(0), 1184)).toBe('1970-01-01T00:00:00.000Z')
    expect([serialize(9007199254740993n, 20), serialize(1.5, 0)]).toEqual(['9007199254740993', '1.5'])
    expect([serialize(['a"b', '\\'], 1009), serialize('{x}', 1009)]).toEqual(['{"a\\"b","\\\\"}', '{x}'])
    expect([serialize(Uint8Array.of(0, 255), 17), serialize('\\x00ff', 17)]).toEqual(['\\x00ff', '\\x00ff'])
  })

  test.each([
    [new Date(0), 1184],
    [new Uint8Array(1), 17],
    [true, 16],
    [1n, 20],
    [[1n], 20],
    ['text', 0],
    [1, 0],
    [null, 0],
    [['text'], 0],
    [[], 0],
    [{ a: 1 }, 0],
  ])('what %o is, it says by itself: %i', (value, oid) => {
    expect(typeOf(value)).toBe(oid)
  })
})

describe('vectors', () => {
  const vector = Float32Array.of(0, -0.1, 1e-38, 3.4028234e38, 0.30000001192092896)

  test('come back bit by bit, from both forms', () => {
    const text = encodeVector(vector)
    expect(decodeVector(text)).toEqual(vector)
    expect(decodeVector(text.replace('[', '{').replace(']', '}'))).toEqual(vector)
  })

  test('come back bit by bit as the bytes that pgvector sends, wherever they lie', () => {
    const sent = Buffer.alloc(4 + vector.length * 4)
    sent.writeInt16BE(vector.length)
    for (const [i, number] of vector.entries()) sent.writeFloatBE(number, 4 + i * 4)
    expect(decodeVectorBytes(sent)).toEqual(vector)
    expect(decodeVectorBytes(Buffer.concat([Buffer.from('x'), sent]).subarray(1))).toEqual(vector)
    const text = Buffer.from(`\\x${sent.toString('hex')}`)
    expect(decodeVectorBytes(decoderOf(17)(text, 0, text.length) as Buffer)).toEqual(vector)
  })
})
