import { expect, test } from 'vitest'
import { decodeId, encodeId } from '../../src/pinecone/ids.ts'
import { decodeRecord, encodeItem, sizeOf, toNumbers, toQuery } from '../../src/pinecone/record.ts'

const VECTOR = Float32Array.of(0.1, -2, 3)

function item(rest: { metadata?: Record<string, never> | object; content?: string | null; vector?: Float32Array }) {
  return { id: 'a', vector: VECTOR, metadata: {}, content: null, ...rest } as Parameters<typeof encodeItem>[0]
}

test('ids: plain ones as they are, others as ASCII, the longest by their hash', () => {
  for (const id of ['a', 'A1', '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12', 'docs/page#2', 'x'.repeat(512)]) {
    expect(encodeId(id)).toBe(id)
  }
  for (const id of ['ä', '日本', '😀', ' a', 'a ', '~u', '~hx', '..', '__proto__', "it's", '%41', 'ä'.repeat(150)]) {
    const stored = encodeId(id)
    expect(stored).toMatch(/^~u[\w-]+$/)
    expect(stored.length).toBeLessThanOrEqual(512)
    expect(decodeId(stored)).toBe(id)
  }
  for (const id of ['x'.repeat(513), '日'.repeat(5000)]) {
    expect(encodeId(id)).toMatch(/^~h[0-9a-f]{64}$/)
    expect(decodeId(encodeId(id))).toBeNull()
  }
  expect(encodeId('日'.repeat(5000))).not.toBe(encodeId('日'.repeat(5001)))
})

test('an item comes back from its record', () => {
  const metadata = {
    text: 'naïve',
    n: 5e-324,
    none: null,
    list: [1, 'a', null],
    deep: { a: { b: [] } },
    $x: 1,
    _metadata: 2,
  }
  for (const content of [null, '', 'text']) {
    const { record, long } = encodeItem(item({ metadata, content }), 'cosine', 'w')
    expect(long).toBeNull()
    expect(Object.values(record.metadata).every((value) => value !== null)).toBe(true)
    expect(decodeRecord(record, null)).toEqual({ id: 'a', metadata, content, vector: VECTOR })
  }
})

test('an id that cannot be read back from its code stands in the record', () => {
  const id = '日'.repeat(1000)
  const { record } = encodeItem({ ...item({}), id }, 'dot', 'w')
  expect(decodeRecord(record, null).id).toBe(id)
})

test('vectors: every float32 survives its nine digits', () => {
  const bits = new Uint32Array([1, 0x007fffff, 0x00800000, 0x3dcccccd, 0x3eaaaaab, 0x7f7fffff, 0xbf800001, 0x4b7fffff])
  const vector = new Float32Array(bits.buffer)
  expect(Float32Array.from(JSON.parse(JSON.stringify(toNumbers(vector))))).toEqual(vector)
})

test('zeros alone are stored as something else, and come back', () => {
  const zero = new Float32Array(3)
  for (const metric of ['cosine', 'dot', 'l2'] as const) {
    const { record } = encodeItem(item({ vector: zero }), metric, 'w')
    expect(record.values.some((component) => component !== 0)).toBe(true)
    expect(decodeRecord(record, null).vector).toEqual(zero)
    expect(toQuery(zero, metric).some((component) => component !== 0)).toBe(true)
  }
})

test('by cosine, what float32 cannot bring to length 1 is marked', () => {
  const odd = (vector: Float32Array, metric: 'cosine' | 'dot') =>
    encodeItem(item({ vector }), metric, 'w').record.metadata._odd
  expect(odd(Float32Array.of(1e-30, 0, 0), 'cosine')).toBe('length')
  expect(odd(Float32Array.of(1e30, 1e30, 0), 'cosine')).toBe('length')
  expect(odd(Float32Array.of(1e30, 1e30, 0), 'dot')).toBeUndefined()
  expect(odd(VECTOR, 'cosine')).toBeUndefined()
  const query = toQuery(Float32Array.of(3e30, 4e30), 'cosine')
  expect(query[0]).toBeCloseTo(0.6, 6)
  expect(query[1]).toBeCloseTo(0.8, 6)
})

test('content that has no room in the record is told apart; metadata that has none is refused', () => {
  const { record, long } = encodeItem(item({ content: 'x'.repeat(50_000) }), 'dot', 'w')
  expect(long).toHaveLength(50_000)
  expect(sizeOf(record.metadata)).toBeLessThan(1000)
  const deep = { ['k'.repeat(1000)]: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`n${i}`, i])) }
  expect(() => encodeItem(item({ metadata: deep }), 'dot', 'w')).toThrow(
    expect.objectContaining({ code: 'invalid_input', message: expect.stringContaining('metadata') }),
  )
})

test('what something else has written is not taken for an item', () => {
  expect(() => decodeRecord({ id: 'a', values: [1] }, null)).toThrow('written by something else')
})
