import type { VectorFilter } from '@archon-db/core'
import { expect, test } from 'vitest'
import { parseMetadataFilter } from '../../src/metadata.ts'
import { pineconeWords } from '../../src/pinecone/words.ts'
import { flatSpeech } from '../../src/shared/flat-speech.ts'
import { planFilter } from '../../src/shared/push-down.ts'

const explain = (filter: VectorFilter) => planFilter(parseMetadataFilter(filter), flatSpeech(pineconeWords))

test('what Pinecone can say exactly is left to it', () => {
  expect(explain({ kind: 'book', price: { gte: 3, lt: 9.5 }, 'author.name': { in: ['Ada', 'Bob'] } })).toEqual({
    native: {
      $and: [
        { kind: { $eq: 'book' } },
        { $and: [{ price: { $gte: 3 } }, { price: { $lt: 9.5 } }] },
        { 'author.name': { $in: ['Ada', 'Bob'] } },
      ],
    },
    none: false,
    rechecked: false,
    pushed: ['kind eq', 'price gte', 'price lt', 'author.name in'],
    here: [],
  })
})

test('what it cannot say is evaluated here', () => {
  expect(explain({ kind: 'book', name: { ilike: '%x%' }, day: { gt: '2024' } })).toMatchObject({
    native: { kind: { $eq: 'book' } },
    pushed: ['kind eq'],
    here: ['name ilike', 'day gt'],
    rechecked: true,
  })
  expect(explain({ or: [{ kind: 'book' }, { note: null }] })).toMatchObject({ native: null, rechecked: true })
})

test('other than: whatever has no such key is let through and looked at here', () => {
  expect(explain({ kind: { ne: 'book' } })).toMatchObject({
    native: { $or: [{ kind: { $ne: 'book' } }, { kind: { $exists: false } }] },
    rechecked: true,
  })
  expect(explain({ n: { notIn: [1, 2] } })).toMatchObject({
    native: { $or: [{ n: { $nin: [1, 2] } }, { n: { $exists: false } }] },
    rechecked: true,
  })
})

test('lists are of one type, and booleans stand alone', () => {
  expect(explain({ n: { in: [1, 2.5] } }).native).toEqual({ n: { $in: [1, 2.5] } })
  expect(explain({ n: { in: [true] } }).native).toEqual({ $or: [{ n: { $eq: true } }] })
  expect(explain({ n: { in: [1, 'a'] } }).native).toEqual({ $or: [{ n: { $in: [1] } }, { n: { $in: ['a'] } }] })
  expect(explain({ n: { notIn: [true, false] } }).native).toEqual({
    $or: [{ $and: [{ n: { $ne: true } }, { n: { $ne: false } }] }, { n: { $exists: false } }],
  })
})

test('texts of a list are asked for by their key; longer lists than Pinecone takes are not asked for', () => {
  expect(explain({ tags: { jsonContains: ['a', 'b'] } })).toMatchObject({
    native: { $and: [{ 'tags[]': { $in: ['a'] } }, { 'tags[]': { $in: ['b'] } }] },
    rechecked: false,
  })
  const long = Array.from({ length: 10_001 }, (_, i) => i)
  expect(explain({ n: { in: long } })).toMatchObject({ native: null, here: ['n in'] })
})
