import assert from 'node:assert/strict'
import type { VectorFilter } from '@archon-db/core'
import { rejects } from '../../harness/index.ts'
import type { StoreSuiteBuilder } from '../../vector-stores/backend.ts'
import { ALL, allBut, assertMatches, collection, idsOf, NAME, PRODUCTS } from './fixtures.ts'

const WITH_KIND = allBut('p10')
const WITH_NUMBER_PRICE = allBut('p04', 'p09', 'p10')

type Case = readonly [filter: VectorFilter, ids: readonly string[]]

/** One behaviour each: on the ten products, these ids match. */
const CASES: Readonly<Record<string, Case>> = {
  'eq-string': [{ kind: 'book' }, ['p01', 'p02']],
  'eq-string-spelled-out': [{ kind: { eq: 'book' } }, ['p01', 'p02']],
  'eq-number': [{ price: 10 }, ['p01']],
  'eq-fraction': [{ price: 25.5 }, ['p02']],
  'eq-zero': [{ price: 0 }, ['p07']],
  'eq-negative': [{ price: -5 }, ['p05']],
  'eq-largest-safe-integer': [{ price: 9007199254740991 }, ['p06']],
  'eq-beyond-integers': [{ price: 1e21 }, ['p08']],
  'eq-bigint': [{ price: 10n }, ['p01']],
  'eq-true': [{ available: true }, ['p01', 'p03']],
  'eq-false': [{ available: false }, ['p02', 'p04']],
  'eq-empty-string': [{ kind: '' }, ['p09']],
  'eq-unicode': [{ kind: 'naïve 日本 😀' }, ['p08']],
  'eq-is-typed-number': [{ price: 3 }, ['p03']],
  'eq-is-typed-string': [{ price: '3' }, ['p04']],
  'eq-one-is-not-true': [{ available: 1 }, ['p05']],
  'eq-text-is-not-true': [{ available: 'true' }, ['p06']],
  'eq-one-point-zero-is-one': [{ '"a.b"': 1.0 }, ['p07']],
  'eq-is-case-sensitive': [{ kind: 'Book' }, ['p05']],
  'eq-minds-trailing-space': [{ kind: 'book ' }, ['p06']],
  'eq-on-a-list-is-no-membership': [{ tags: 'sale' }, []],
  'eq-null-is-null-or-missing': [{ rating: null }, ['p03', 'p04', 'p07', 'p08', 'p09', 'p10']],
  'eq-unknown-key': [{ nothing: 'x' }, []],
  'ne-string': [{ kind: { ne: 'book' } }, WITH_KIND.filter((id) => id > 'p02')],
  'ne-number-skips-missing-and-null': [{ rating: { ne: 3 } }, ['p01', 'p05', 'p06']],
  'ne-is-typed': [{ price: { ne: 3 } }, allBut('p03', 'p09', 'p10')],
  'ne-true': [{ available: { ne: true } }, ['p02', 'p04', 'p05', 'p06']],
  'ne-null': [{ rating: { ne: null } }, ['p01', 'p02', 'p05', 'p06']],
  'distinct-counts-missing': [{ kind: { distinctFrom: 'book' } }, allBut('p01', 'p02')],
  'distinct-from-null': [{ rating: { distinctFrom: null } }, ['p01', 'p02', 'p05', 'p06']],
  'gt-number': [{ price: { gt: 3 } }, ['p01', 'p02', 'p06', 'p08']],
  'gte-number': [{ price: { gte: 3 } }, ['p01', 'p02', 'p03', 'p06', 'p08']],
  'lt-number': [{ price: { lt: 3 } }, ['p05', 'p07']],
  'lte-number': [{ price: { lte: 3 } }, ['p03', 'p05', 'p07']],
  'lt-negative': [{ price: { lt: -4.5 } }, ['p05']],
  'gt-fraction': [{ rating: { gt: -0.6 } }, ['p01', 'p02', 'p05', 'p06']],
  'gt-fraction-below-a-whole-number': [{ price: { gt: 2.5 } }, ['p01', 'p02', 'p03', 'p06', 'p08']],
  'gte-fraction': [{ price: { gte: 3.5 } }, ['p01', 'p02', 'p06', 'p08']],
  'lt-fraction-above-a-whole-number': [{ price: { lt: 3.5 } }, ['p03', 'p05', 'p07']],
  'lte-fraction': [{ rating: { lte: 0.5 } }, ['p05', 'p06']],
  'gt-largest': [{ price: { gt: 9007199254740990 } }, ['p06', 'p08']],
  'range-on-one-key': [{ price: { gt: 0, lte: 25.5 } }, ['p01', 'p02', 'p03']],
  'range-that-is-empty': [{ price: { gt: 5, lt: 5 } }, []],
  between: [{ price: { between: [3, 10] } }, ['p01', 'p03']],
  'between-backwards': [{ price: { between: [10, 3] } }, []],
  'gt-string-by-code-point': [{ kind: { gt: 'book' } }, ['p03', 'p04', 'p06', 'p08']],
  'lt-string-by-code-point': [{ kind: { lt: 'book' } }, ['p05', 'p07', 'p09']],
  'order-of-strings-leaves-numbers-out': [{ price: { gte: '' } }, ['p04']],
  'gte-date-text': [{ day: { gte: '2024-06-01T00:00:00.000Z' } }, ['p02']],
  'lt-date-object': [{ day: { lt: new Date('2024-06-01') } }, ['p01']],
  'eq-date-object': [{ day: new Date('2024-01-15T00:00:00Z') }, ['p01']],
  'gt-null-is-unknown': [{ price: { gt: null } }, []],
  'in-strings': [{ kind: { in: ['book', 'pen', 'none'] } }, ['p01', 'p02', 'p03', 'p04']],
  'in-numbers': [{ price: { in: [10, 3, 99] } }, ['p01', 'p03']],
  'in-mixed-types': [{ price: { in: [10, '3', 25.5] } }, ['p01', 'p02', 'p04']],
  'in-booleans': [{ available: { in: [true] } }, ['p01', 'p03']],
  'in-nothing': [{ kind: { in: [] } }, []],
  'in-with-null': [{ rating: { in: [3, null] } }, ['p02']],
  'in-only-null': [{ rating: { in: [null] } }, []],
  'not-in-strings': [{ kind: { notIn: ['book', 'pen'] } }, ['p05', 'p06', 'p07', 'p08', 'p09']],
  'not-in-nothing': [{ kind: { notIn: [] } }, ALL],
  'not-in-with-null': [{ rating: { notIn: [3, null] } }, []],
  'not-in-numbers': [{ price: { notIn: [10, 3] } }, allBut('p01', 'p03', 'p09', 'p10')],
  'is-null': [{ note: { isNull: true } }, ALL],
  'is-not-null': [{ rating: { isNull: false } }, ['p01', 'p02', 'p05', 'p06']],
  exists: [{ rating: { exists: true } }, ['p01', 'p02', 'p03', 'p05', 'p06']],
  'exists-not': [{ rating: { exists: false } }, ['p04', 'p07', 'p08', 'p09', 'p10']],
  'exists-null': [{ note: { exists: true } }, ['p03']],
  'exists-nested-null': [{ 'a.c.d': { exists: true } }, ['p08']],
  'exists-empty-document': [{ empty: { exists: true } }, ['p08']],
  'contains-text': [{ kind: { contains: 'oo' } }, ['p01', 'p02', 'p05', 'p06']],
  'contains-is-literal-percent': [{ kind: { contains: '%' } }, ['p07']],
  'contains-is-literal-underscore': [{ kind: { contains: '_' } }, ['p07']],
  'contains-is-literal-dot': [{ kind: { contains: 'b.ok' } }, []],
  'contains-everything': [{ kind: { contains: '' } }, WITH_KIND],
  'contains-unicode': [{ kind: { contains: '本 😀' } }, ['p08']],
  'starts-with': [{ kind: { startsWith: 'boo' } }, ['p01', 'p02', 'p06']],
  'starts-with-is-literal': [{ kind: { startsWith: '100%' } }, ['p07']],
  'ends-with': [{ kind: { endsWith: 'k' } }, ['p01', 'p02', 'p05']],
  'ends-with-is-literal': [{ kind: { endsWith: '_' } }, ['p07']],
  like: [{ kind: { like: 'b__k' } }, ['p01', 'p02']],
  'like-run': [{ kind: { like: 'b%' } }, ['p01', 'p02', 'p06']],
  'like-escaped': [{ kind: { like: '100\\%%' } }, ['p07']],
  'like-whole-text': [{ kind: { like: 'boo' } }, []],
  ilike: [{ kind: { ilike: 'BOOK' } }, ['p01', 'p02', 'p05']],
  'ilike-unicode': [{ kind: { ilike: 'NAÏVE%' } }, ['p08']],
  'text-match-on-numbers-is-unknown': [{ price: { contains: '' } }, ['p04']],
  'json-contains-in-a-list': [{ tags: { jsonContains: ['sale'] } }, ['p01', 'p02']],
  'json-contains-all-of': [{ tags: { jsonContains: ['sale', 'new'] } }, ['p01']],
  'json-contains-nothing-of-a-list': [{ tags: { jsonContains: [] } }, ['p01', 'p02', 'p03', 'p04', 'p09']],
  'json-contains-a-scalar': [{ tags: { jsonContains: 'new' } }, ['p01', 'p04']],
  'json-contains-typed': [{ tags: { jsonContains: [1] } }, ['p09']],
  'json-contains-true': [{ tags: { jsonContains: [true] } }, ['p09']],
  'json-contains-null-element': [{ tags: { jsonContains: [null] } }, ['p09']],
  'json-contains-nested-list': [{ tags: { jsonContains: [['nested']] } }, ['p09']],
  'json-contains-document': [{ author: { jsonContains: { name: 'Ada' } } }, ['p01']],
  'json-contains-as-a-plain-document': [{ author: { name: 'Bob', born: 1920 } }, ['p02']],
  'json-contains-empty-document': [{ author: { jsonContains: {} } }, ['p01', 'p02']],
  'json-contains-same-element': [{ reviews: { jsonContains: [{ stars: 5, by: 'z' }] } }, ['p02']],
  'json-contains-not-across-elements': [{ reviews: { jsonContains: [{ stars: 1, by: 'z' }] } }, []],
  'nested-path': [{ 'author.name': 'Ada' }, ['p01']],
  'nested-path-order': [{ 'author.born': { gte: 1900 } }, ['p02']],
  'nested-path-into-a-string': [{ 'author.name': { exists: true } }, ['p01', 'p02']],
  'nested-or-dotted': [{ 'a.b': 2 }, ['p08']],
  'dotted-key-quoted': [{ '"a.b"': 1 }, ['p07']],
  'quoted-quote': [{ '"quote\\"d"': 'q' }, ['p07']],
  'dollar-key-quoted': [{ '"$money"': 5 }, ['p07']],
  'unicode-key': [{ ünï: 'ö' }, ['p07']],
  'digit-key': [{ '5': true }, ['p09']],
  'list-index': [{ 'tags[0]': 'new' }, ['p01', 'p04']],
  'list-index-beyond': [{ 'tags[9]': { exists: true } }, []],
  'list-index-into-documents': [{ 'reviews[1].stars': 5 }, ['p02']],
  'injection-is-a-key': [{ '"x\' or 1=1 --"': 1 }, []],
  'injection-is-a-value': [{ kind: "' or 1=1 --" }, []],
  'several-keys-are-anded': [{ kind: 'book', available: true }, ['p01']],
  'and-of-two': [{ and: [{ kind: 'pen' }, { available: true }] }, ['p03']],
  'and-beside-a-key': [{ kind: 'book', and: [{ price: { gt: 5 } }, { price: { lt: 20 } }] }, ['p01']],
  'and-of-nothing': [{ and: [] }, ALL],
  'or-of-two': [{ or: [{ kind: 'pen' }, { price: 10 }] }, ['p01', 'p03', 'p04']],
  'or-of-nothing': [{ or: [] }, []],
  'or-with-an-empty-one': [{ or: [{ kind: 'pen' }, {}] }, ALL],
  'or-beside-a-key': [{ available: true, or: [{ kind: 'pen' }, { kind: 'none' }] }, ['p03']],
  'or-of-text-and-number': [{ or: [{ kind: { ilike: 'B%K' } }, { price: { lt: 0 } }] }, ['p01', 'p02', 'p05']],
  'not-eq-skips-missing': [{ not: { available: true } }, ['p02', 'p04', 'p05', 'p06']],
  'not-gt': [{ not: { price: { gt: 3 } } }, ['p03', 'p05', 'p07']],
  'not-in': [{ not: { kind: { in: ['book', 'pen'] } } }, ['p05', 'p06', 'p07', 'p08', 'p09']],
  'not-not': [{ not: { not: { kind: 'book' } } }, ['p01', 'p02']],
  'not-and': [{ not: { and: [{ kind: 'book' }, { available: true }] } }, WITH_KIND.filter((id) => id !== 'p01')],
  'not-or': [{ not: { or: [{ kind: 'book' }, { price: 3 }] } }, ['p04', 'p05', 'p06', 'p07', 'p08']],
  'not-several-keys': [{ not: { kind: 'pen', available: true } }, allBut('p03', 'p10')],
  'not-exists': [{ not: { rating: { exists: true } } }, ['p04', 'p07', 'p08', 'p09', 'p10']],
  'not-contains': [{ not: { kind: { contains: 'o' } } }, ['p03', 'p04', 'p08', 'p09']],
  'not-json-contains': [{ not: { tags: { jsonContains: ['sale'] } } }, ['p03', 'p04', 'p09']],
  'not-is-null': [{ not: { rating: null } }, ['p01', 'p02', 'p05', 'p06']],
  'not-nothing': [{ not: {} }, []],
  'not-distinct': [{ not: { kind: { distinctFrom: 'book' } } }, ['p01', 'p02']],
  nor: [{ not: { or: [{ available: true }, { available: false }] } }, ['p05', 'p06']],
  'deeply-mixed': [
    {
      or: [
        { and: [{ kind: 'book' }, { not: { price: { lt: 20 } } }] },
        { not: { or: [{ kind: { contains: 'o' } }, { price: { ne: 3 } }] } },
      ],
    },
    ['p02', 'p03'],
  ],
}

/** Refused everywhere, with the words of the filter language. */
const REFUSED: Readonly<Record<string, readonly [unknown, string]>> = {
  'unknown-operator': [{ kind: { near: 'x', eq: 'y' } }, 'near'],
  'dollar-operator': [{ kind: { $eq: 'x' } }, '$eq'],
  'and-without-a-list': [{ and: {} }, "'and'"],
  'or-without-a-list': [{ or: { kind: 'x' } }, "'or'"],
  'not-without-a-filter': [{ not: [] }, 'filter'],
  'undefined-value': [{ kind: undefined }, 'kind'],
  'undefined-operand': [{ kind: { gt: undefined } }, 'gt'],
  'in-without-a-list': [{ kind: { in: 'book' } }, "'in'"],
  'eq-with-a-list': [{ tags: { eq: ['a'] } }, 'jsonContains'],
  'exists-without-a-flag': [{ kind: { exists: 1 } }, 'exists'],
  'between-without-two': [{ price: { between: [1] } }, 'between'],
  'contains-number': [{ kind: { contains: 5 } }, 'contains'],
  'like-ending-in-a-backslash': [{ kind: { like: 'a\\' } }, 'backslash'],
  'malformed-path': [{ 'a..b': 1 }, 'path'],
  'text-for-a-filter': ['kind = book', 'filter'],
  'list-for-a-filter': [[{ kind: 'book' }], 'filter'],
  'nan-operand': [{ price: { gt: Number.NaN } }, 'NaN'],
  'function-operand': [{ price: { eq: () => 1 } }, 'price'],
}

export function filters(t: StoreSuiteBuilder): void {
  for (const [what, [filter, ids]] of Object.entries(CASES)) {
    t.behaviour(`filter.${what}`, async ({ store }) => {
      await collection(store, PRODUCTS)
      await assertMatches(store, filter, ids)
    })
  }

  for (const [what, [filter, word]] of Object.entries(REFUSED)) {
    t.behaviour(`filter.refused.${what}`, async ({ store }) => {
      await collection(store, PRODUCTS)
      const wrong = filter as VectorFilter
      const codes = what === 'nan-operand' || what === 'function-operand' ? ['invalid_filter', 'invalid_input'] : []
      for (const call of [
        () => store.search(NAME, { vector: [1, 2, 3], topK: 1, filter: wrong }),
        () => store.search(NAME, { topK: 1, filter: wrong }),
        () => store.count(NAME, wrong),
        () => store.delete(NAME, { filter: wrong }),
        () => store.updateMetadata(NAME, { filter: wrong }, { x: 1 }),
      ]) {
        if (codes.length === 0) await rejects(call(), 'invalid_filter', { messageIncludes: word })
        else await assert.rejects(call(), (error: { code?: string }) => codes.includes(error.code ?? ''))
      }
      assert.equal(await store.count(NAME), 10)
    })
  }

  t.behaviour('filter.refused.deeper-than-the-limit', async ({ store }) => {
    await collection(store, PRODUCTS)
    let filter: VectorFilter = { kind: 'book' }
    for (let i = 0; i < 100; i++) filter = { not: filter }
    await rejects(store.count(NAME, filter), 'invalid_filter', { messageIncludes: 'deep' })
  })

  t.behaviour('filter.as-deep-as-the-limit', async ({ store }) => {
    await collection(store, PRODUCTS)
    let filter: VectorFilter = { kind: 'book' }
    for (let i = 0; i < 60; i++) filter = { not: filter }
    await assertMatches(store, filter, ['p01', 'p02'])
  })

  t.behaviour('filter.thousands-of-values', async ({ store }) => {
    await collection(store, PRODUCTS)
    const values = Array.from({ length: 3000 }, (_, i) => `none ${i}`)
    await assertMatches(store, { kind: { in: [...values, 'pen'] } }, ['p03', 'p04'])
    await assertMatches(store, { kind: { notIn: [...values, 'pen'] } }, allBut('p03', 'p04', 'p10'))
  })

  t.behaviour('filter.numbers-all-of-them-ordered', async ({ store }) => {
    await collection(store, PRODUCTS)
    await assertMatches(store, { price: { gte: -1e300 } }, WITH_NUMBER_PRICE)
    await assertMatches(store, { price: { lte: 1e300 } }, WITH_NUMBER_PRICE)
  })

  t.behaviour('filter.de-morgan', async ({ store, random }) => {
    await collection(store, PRODUCTS)
    const leaves: VectorFilter[] = Object.values(CASES).map(([filter]) => filter)
    for (let round = 0; round < 15; round++) {
      const [a, b] = [random.pick(leaves), random.pick(leaves)]
      const pairs: [VectorFilter, VectorFilter][] = [
        [{ not: { and: [a, b] } }, { or: [{ not: a }, { not: b }] }],
        [{ not: { or: [a, b] } }, { and: [{ not: a }, { not: b }] }],
      ]
      for (const [left, right] of pairs) {
        assert.deepEqual(await idsOf(store, { filter: left }), await idsOf(store, { filter: right }))
      }
    }
  })

  t.behaviour('filter.does-not-change-its-input', async ({ store }) => {
    await collection(store, PRODUCTS)
    const filter = { and: [{ kind: { in: ['book'] } }, { price: { gt: 5 } }] }
    const copy = structuredClone(filter)
    await assertMatches(store, filter, ['p01', 'p02'])
    assert.deepEqual(filter, copy)
  })

  t.behaviour('filter.keeps-tenants-apart', async ({ store }) => {
    const items = ['a', 'b', 'c'].flatMap((project) =>
      ['x', 'y'].map((source, i) => ({
        id: `${project}-${source}`,
        vector: [1, i, 0],
        metadata: { project_id: project, source_id: source },
      })),
    )
    await collection(store, items)
    await assertMatches(store, { project_id: 'a' }, ['a-x', 'a-y'])
    await assertMatches(store, { project_id: 'a', source_id: 'x' }, ['a-x'])
    await assertMatches(store, { project_id: 'none' }, [])
  })
}
