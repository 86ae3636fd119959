import type { VectorFilter } from '@archon-db/core'
import { expect, test } from 'vitest'
import { chromaWords } from '../src/chroma/words.ts'
import { parseMetadataFilter } from '../src/metadata.ts'
import { flatten } from '../src/shared/flat.ts'
import { flatSpeech } from '../src/shared/flat-speech.ts'
import { planFilter } from '../src/shared/push-down.ts'

const explain = (filter: VectorFilter) => planFilter(parseMetadataFilter(filter), flatSpeech(chromaWords))

test('what Chroma can say is asked of it, and checked again', () => {
  expect(explain({ kind: 'book', price: { gte: 3, lt: 9.5 }, 'author.name': { in: ['Ada', 'Bob'] } })).toEqual({
    native: {
      $and: [
        { kind: 'book' },
        { $and: [{ price: { $gte: 3 } }, { price: { $lte: 10 } }] },
        { 'author.name': { $in: ['Ada', 'Bob'] } },
      ],
    },
    none: false,
    rechecked: true,
    pushed: ['kind eq', 'price gte', 'price lt', 'author.name in'],
    here: [],
  })
})

test('what it cannot say is evaluated here; one such branch opens the whole alternative', () => {
  expect(explain({ kind: 'book', name: { ilike: '%x%' } })).toMatchObject({
    native: { kind: 'book' },
    pushed: ['kind eq'],
    here: ['name ilike'],
  })
  expect(explain({ or: [{ kind: 'book' }, { name: { ilike: '%x%' } }] })).toMatchObject({
    native: null,
    pushed: [],
    here: ['kind eq', 'name ilike'],
    rechecked: true,
  })
  expect(explain({ kind: { ne: 'book' }, note: null })).toMatchObject({
    native: null,
    here: ['kind ne', 'note isNull'],
  })
})

test('not is taken into the conditions; what can never match is not asked at all', () => {
  expect(explain({ not: { or: [{ price: { gt: 3 } }, { kind: { ne: 'pen' } }] } })).toMatchObject({
    native: { $and: [{ price: { $lte: 3 } }, { kind: 'pen' }] },
  })
  expect(explain({ kind: 'book', tags: { in: [] } })).toMatchObject({ none: true })
  expect(explain({ or: [{ kind: { in: [] } }, { kind: 'pen' }] })).toMatchObject({ native: { kind: 'pen' } })
})

test('whole and other numbers go in lists of their own; texts of a list are asked for by their key', () => {
  expect(explain({ n: { in: [1, 2.5] } }).native).toEqual({ $or: [{ n: { $in: [1] } }, { n: { $in: [2.5] } }] })
  expect(explain({ tags: { jsonContains: ['a', 'b'] } }).native).toEqual({
    $and: [{ 'tags[]': { $contains: 'a' } }, { 'tags[]': { $contains: 'b' } }],
  })
  expect(explain({ tags: { jsonContains: 'a' } }).native).toEqual({
    $or: [{ tags: 'a' }, { 'tags[]': { $contains: 'a' } }],
  })
  expect(explain({ author: { jsonContains: { name: 'Ada', born: 1815, dead: null } } }).native).toEqual({
    $and: [{ 'author.name': 'Ada' }, { 'author.born': 1815 }],
  })
})

test('flat keys: no two paths share one, nulls and long texts have none', () => {
  const long = 'x'.repeat(257)
  expect(
    flatten({ a: { b: 1 }, 'a.b': 2, 'a[]': 3, a2: ['x', 1, 'x', 'y'], '': 4, _x: 5, $y: 6, '~': 7, long, none: null }),
  ).toEqual({
    'a.b': 1,
    'a~2eb': 2,
    'a~5b]': 3,
    'a2[]': ['x', 'y'],
    '~0': 4,
    '~-_x': 5,
    '~-$y': 6,
    '~7e': 7,
  })
  expect(explain({ long }).native).toBeNull()
  expect(explain({ '"a.b"': 2 }).native).toEqual({ 'a~2eb': 2 })
})
