import type { VectorFilter } from '@archon-db/core'
import { expect, test } from 'vitest'
import { parseMetadataFilter } from '../../src/metadata.ts'
import { planFilter } from '../../src/shared/push-down.ts'
import { crowdedFact, encode, slotOf } from '../../src/weaviate/encode.ts'
import { weaviateSpeech } from '../../src/weaviate/words.ts'

const explain = (filter: VectorFilter) => planFilter(parseMetadataFilter(filter), weaviateSpeech)
const facts = (...value: string[]) => ({ operator: 'ContainsAny', target: { property: 'facts' }, value })
const and = (...filters: object[]) => ({ operator: 'And', filters, value: null })
const or = (...filters: object[]) => ({ operator: 'Or', filters, value: null })

test('what a key is equal to is asked by facts, and nothing is left to check', () => {
  expect(explain({ kind: 'book', n: { in: [1, 2.5] }, tags: { jsonContains: ['new'] } })).toEqual({
    native: and(facts('["kind","book"]'), facts('["n",1]', '["n",2.5]'), facts('["tags[]","new"]')),
    none: false,
    rechecked: false,
    pushed: ['kind eq', 'n in', 'tags jsonContains'],
    here: [],
  })
  expect(explain({ price: { in: [1, '1', true] } }).native).toEqual(
    or(facts('["price",1]'), facts('["price","1"]'), facts('["price",true]')),
  )
})

test('numbers are compared by the property their key shares with others, and checked once more', () => {
  const number = `number_${slotOf('price')}`
  expect(explain({ price: { gte: 2.5 } })).toEqual({
    native: and(
      facts('["price"]'),
      or(
        { operator: 'GreaterThanEqual', target: { property: number }, value: 2.5 },
        facts(crowdedFact(slotOf('price'))),
      ),
    ),
    none: false,
    rechecked: true,
    pushed: ['price gte'],
    here: [],
  })
})

test('a bound that 64-bit integers cannot carry is asked for further out, or not at all', () => {
  const bound = (filter: VectorFilter): unknown => {
    const native = explain(filter).native as { filters?: { filters?: { operator: string; value: unknown }[] }[] } | null
    const asked = native?.filters?.[1]?.filters?.[0]
    return asked ? [asked.operator, asked.value] : native
  }
  expect(bound({ n: { gt: 1e21 } })).toEqual(['GreaterThanEqual', Number.MAX_SAFE_INTEGER])
  expect(bound({ n: { lte: -1e21 } })).toEqual(['LessThanEqual', Number.MIN_SAFE_INTEGER])
  expect(bound({ n: { lt: 1e21 } })).toEqual(facts('["n"]'))
  expect(bound({ n: { gte: -1e300 } })).toEqual(facts('["n"]'))
  expect(bound({ n: { gt: Number.MAX_SAFE_INTEGER } })).toEqual(['GreaterThan', Number.MAX_SAFE_INTEGER])
})

test('the rest is evaluated here', () => {
  expect(explain({ kind: 'book', name: { ilike: 'x%' }, note: null })).toMatchObject({
    native: facts('["kind","book"]'),
    pushed: ['kind eq'],
    here: ['name ilike', 'note isNull'],
    rechecked: true,
  })
  expect(explain({ kind: { ne: 'book' } })).toMatchObject({ native: null, here: ['kind ne'] })
  expect(explain({ or: [{ kind: 'book' }, { 'tags[0]': 'new' }] })).toMatchObject({ native: null, pushed: [] })
})

test('numbers that share a property leave it empty and say so', () => {
  const keys = Array.from({ length: 17 }, (_, i) => `k${i}`)
  const [one, other] = keys.flatMap((key, i) => {
    const twin = keys.slice(0, i).find((earlier) => slotOf(earlier) === slotOf(key))
    return twin ? [twin, key] : []
  })
  const slot = slotOf(one!)
  const encoded = encode({ id: 'a', vector: Float32Array.of(1), content: null, metadata: { [one!]: 1, [other!]: 2 } })
  expect(encoded[`number_${slot}`]).toBeUndefined()
  expect(encoded.facts).toEqual([`["${one}",1]`, `["${one}"]`, `["${other}",2]`, `["${other}"]`, `["#${slot}"]`])
  const alone = encode({ id: 'a', vector: Float32Array.of(1), content: null, metadata: { [one!]: 1 } })
  expect(alone[`number_${slot}`]).toBe(1)
})
