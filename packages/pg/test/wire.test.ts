import { jsonNull } from '@archon-db/core/dialect'
import { describe, expect, test } from 'vitest'
import { decodeVector, encodeVector } from '../src/columns.ts'
import { PARSERS, SERIALIZERS } from '../src/wire.ts'

const parse = (oid: number, text: string): unknown => PARSERS[oid]?.(text)

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

  test('booleans', () => {
    expect([parse(16, 't'), parse(16, 'f')]).toEqual([true, false])
  })
})

describe('serializing', () => {
  test('takes values of raw SQL, and texts that a column made already', () => {
    expect([SERIALIZERS[16]?.(true), SERIALIZERS[16]?.('false')]).toEqual(['true', 'false'])
    expect([SERIALIZERS[3802]?.({ a: 1 }), SERIALIZERS[3802]?.('{"a":1}')]).toEqual(['{"a":1}', '{"a":1}'])
    expect(SERIALIZERS[1184]?.(new Date(0))).toBe('1970-01-01T00:00:00.000Z')
    expect(SERIALIZERS[20]?.(9007199254740993n)).toBe('9007199254740993')
    expect([SERIALIZERS[1009]?.(['a"b', '\\']), SERIALIZERS[1009]?.('{x}')]).toEqual(['{"a\\"b","\\\\"}', '{x}'])
  })
})

describe('vectors', () => {
  const vector = Float32Array.of(0, -0.1, 1e-38, 3.4028234e38, 0.30000001192092896)

  test('come back bit by bit, from both forms', () => {
    const text = encodeVector(vector)
    expect(decodeVector(text)).toEqual(vector)
    expect(decodeVector(text.replace('[', '{').replace(']', '}'))).toEqual(vector)
  })
})
