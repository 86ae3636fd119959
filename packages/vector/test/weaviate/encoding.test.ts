import { expect, test } from 'vitest'
import { decode, encode, PARTS, uuidOf } from '../../src/weaviate/encode.ts'
import { className, classOf, specOf } from '../../src/weaviate/schema.ts'

const item = { id: 'a', vector: Float32Array.of(1, 0), metadata: { text: 'x', list: [1, null] }, content: '' }

test('ids become UUIDs, of one id always the same', () => {
  expect(uuidOf('a')).toBe('ca978112-ca1b-8dca-bac2-31b39a23dc4d')
  expect(uuidOf('a ')).not.toBe(uuidOf('a'))
})

test('an item comes back as it was; empty content is not none', () => {
  expect(decode(encode(item))).toEqual({ id: 'a', metadata: item.metadata, content: '' })
  expect(decode(encode({ ...item, content: null })).content).toBeNull()
  expect('content' in encode({ ...item, content: null })).toBe(false)
})

test('every property that an item may have is declared, with its type', () => {
  const types = new Map(
    classOf('Archon_', { name: 'docs', dimension: 2, metric: 'dot' }).properties?.map(({ name, dataType }) => [
      name,
      dataType?.[0],
    ]),
  )
  const typeOf = (value: unknown): string => (Array.isArray(value) ? 'text[]' : value === 'x' ? 'text' : typeof value)
  const encoded = encode({ ...item, metadata: { text: 'x', n: 1.5, big: 1e21, yes: true, deep: { n: 2 } } })
  for (const [name, value] of Object.entries(encoded)) {
    const type = types.get(name)
    const expected = type === 'int' ? 'number' : type === 'text' ? 'string' : type
    expect([name, typeOf(value)]).toEqual([name, expected])
  }
  expect(Number.isInteger(encoded.part) && Number(encoded.part) < PARTS).toBe(true)
})

test('vectors whose direction float32 cannot tell are marked', () => {
  const lost = (...vector: number[]): unknown => encode({ ...item, vector: Float32Array.from(vector) }).lost
  expect([lost(1, 0), lost(0, 0), lost(1e-30, 0), lost(1e30, 0), lost(-1e-6, 0)]).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
})

test('names of collections become names of classes that differ whatever their case', () => {
  const names = ['docs', 'Docs', 'DOCS', 'a_b', 'a-b', 'a__b', 'a_0b', 'aB', 'a_B']
  const classes = names.map((name) => className('Archon_', name))
  expect(new Set(classes.map((name) => name.toLowerCase())).size).toBe(names.length)
  for (const name of classes) expect(name).toMatch(/^[A-Z][_0-9A-Za-z]*$/)
  expect(className('Archon_', 'a-b_C')).toBe('Archon_a_0b___c')
})

test('a class tells which collection it is, and of which prefix', () => {
  const spec = { name: 'things', dimension: 2, metric: 'l2' } as const
  const known = classOf('Archon_t_', spec)
  expect(specOf('Archon_t_', known)).toEqual(spec)
  expect(specOf('Archon_', known)).toBeNull()
  expect(specOf('Other_', known)).toBeNull()
  expect(specOf('Archon_', { class: 'Archon_things', description: 'made by hand' })).toBeNull()
})
