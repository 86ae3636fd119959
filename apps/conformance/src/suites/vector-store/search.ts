import assert from 'node:assert/strict'
import type { VectorItem } from '@archon-db/core'
import { rejects } from '../../harness/index.ts'
import type { StoreSuiteBuilder } from '../../vector-stores/backend.ts'
import {
  ALL,
  assertNear,
  assertScores,
  assertVector,
  collection,
  idsOf,
  NAME,
  numbered,
  PRODUCTS,
  randomVector,
  scoreOf,
} from './fixtures.ts'

const METRICS = ['cosine', 'dot', 'l2'] as const

export function searches(t: StoreSuiteBuilder): void {
  t.behaviour('search.a-hit-in-full', async ({ store }) => {
    await collection(store, PRODUCTS)
    const [hit, ...rest] = await store.search(NAME, { vector: [2, 0, 0], topK: 1 })
    assert.deepEqual(rest, [])
    assertNear(hit!.score, 1, 'the score')
    assert.deepEqual({ ...hit, score: 1 }, { id: 'p01', score: 1, metadata: PRODUCTS[0]?.metadata, content: 'A book' })
  })

  t.behaviour('search.scores-cosine', async ({ store }) => {
    await collection(store, PRODUCTS.slice(0, 8))
    const hits = await store.search(NAME, { vector: [3, 0, 0], topK: 9 })
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['p01', 'p04', 'p05', 'p07', 'p02', 'p03', 'p06', 'p08'],
    )
    assertScores(hits, [1, Math.SQRT1_2, Math.SQRT1_2, 1 / Math.sqrt(3), 0, 0, 0, -1])
  })

  t.behaviour('search.scores-dot', async ({ store }) => {
    await collection(store, PRODUCTS.slice(0, 8), { metric: 'dot' })
    const hits = await store.search(NAME, { vector: [3, 0, 0.5], topK: 9 })
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['p05', 'p07', 'p01', 'p04', 'p03', 'p06', 'p02', 'p08'],
    )
    assertScores(hits, [3.5, 3.5, 3, 3, 0.5, 0.5, 0, -3])
  })

  t.behaviour('search.scores-l2', async ({ store }) => {
    await collection(store, PRODUCTS.slice(0, 8), { metric: 'l2' })
    const hits = await store.search(NAME, { vector: [1, 0, 0], topK: 9 })
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['p01', 'p04', 'p05', 'p02', 'p03', 'p07', 'p06', 'p08'],
    )
    const at = (distance: number): number => 1 / (1 + distance)
    assertScores(hits, [1, at(1), at(1), at(Math.SQRT2), at(Math.SQRT2), at(Math.SQRT2), at(Math.sqrt(3)), at(2)])
  })

  t.behaviour('search.itself-is-nearest', async ({ store, random }) => {
    await collection(store, [], { dimension: 32 })
    const items = Array.from({ length: 50 }, (_, i) => ({ id: numbered(i), vector: randomVector(random, 32) }))
    await store.upsert(NAME, items)
    for (const { id, vector } of items.slice(0, 10)) {
      const [hit] = await store.search(NAME, { vector, topK: 1 })
      assert.equal(hit?.id, id)
      assertNear(hit!.score, 1, 'the score')
    }
  })

  t.behaviour('search.cosine-ignores-length', async ({ store }) => {
    await collection(store, [{ id: 'a', vector: [1, 2, 3] }])
    for (const factor of [0.001, 1, 1000]) {
      const [hit] = await store.search(NAME, { vector: [factor, 2 * factor, 3 * factor], topK: 1 })
      assertNear(hit!.score, 1, `the score at ${factor}`)
    }
  })

  t.behaviour('search.zero-vectors-score-nothing-by-cosine', async ({ store }) => {
    await collection(store, [
      { id: 'zero', vector: [0, 0, 0] },
      { id: 'far', vector: [-1, 0, 0] },
      { id: 'near', vector: [1, 0, 0] },
    ])
    const hits = await store.search(NAME, { vector: [1, 0, 0], topK: 3 })
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['near', 'zero', 'far'],
    )
    assertScores(hits, [1, 0, -1])
  })

  t.behaviour('search.for-a-zero-vector-by-cosine', async ({ store }) => {
    await collection(store, PRODUCTS)
    const hits = await store.search(NAME, { vector: [0, 0, 0], topK: 4 })
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['p01', 'p02', 'p03', 'p04'],
    )
    assertScores(hits, [0, 0, 0, 0])
  })

  t.behaviour('search.a-zero-vector-is-nearer-than-opposites', { limitMs: 60_000 }, async ({ store, random }) => {
    await collection(store, [], { dimension: 8 })
    const items = Array.from({ length: 2000 }, (_, i) => {
      const vector = randomVector(random, 8)
      vector[0] = -1 - random.next()
      return { id: numbered(i), vector }
    })
    await store.upsert(NAME, [...items, { id: 'zero', vector: new Float32Array(8), metadata: { zero: true } }])
    const query = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0)
    const best = items.map(({ vector }) => scoreOf('cosine', query, vector)).sort((a, b) => b - a)
    const hits = await store.search(NAME, { vector: query, topK: 3 })
    assert.equal(hits[0]?.id, 'zero')
    assertScores(hits, [0, ...best.slice(0, 2)])
    assert.deepEqual(await idsOf(store, { vector: query, filter: { zero: true } }), ['zero'])
  })

  for (const metric of METRICS) {
    t.behaviour(`search.order-is-that-of-brute-force-${metric}`, async ({ store, random }) => {
      await collection(store, [], { dimension: 24, metric })
      const items = Array.from({ length: 300 }, (_, i) => ({ id: numbered(i), vector: randomVector(random, 24) }))
      await store.upsert(NAME, items)
      for (let round = 0; round < 5; round++) {
        const query = randomVector(random, 24)
        const ranked = items
          .map(({ id, vector }) => ({ id, score: scoreOf(metric, query, vector) }))
          .sort((a, b) => b.score - a.score)
        const hits = await store.search(NAME, { vector: query, topK: 20 })
        assert.deepEqual(
          hits.map(({ id }) => id),
          ranked.slice(0, 20).map(({ id }) => id),
        )
        assertScores(
          hits,
          ranked.slice(0, 20).map(({ score }) => score),
        )
      }
    })

    t.behaviour(`search.ties-by-id-${metric}`, async ({ store, random }) => {
      await collection(store, [], { metric })
      const ids = random.shuffle(Array.from({ length: 40 }, (_, i) => numbered(i)))
      await store.upsert(
        NAME,
        ids.map((id) => ({ id, vector: [1, 2, 3] })),
      )
      for (const topK of [1, 7, 39, 40]) {
        const expected = ids.toSorted().slice(0, topK)
        assert.deepEqual(await idsOf(store, { vector: [1, 2, 2.5], topK }), expected, `topK ${topK}`)
        assert.deepEqual(await idsOf(store, { vector: [1, 2, 2.5], topK }), expected, `topK ${topK}, again`)
      }
    })

    t.behaviour(`search.descending-scores-${metric}`, async ({ store, random }) => {
      await collection(store, [], { dimension: 8, metric })
      await store.upsert(
        NAME,
        Array.from({ length: 100 }, (_, i) => ({ id: numbered(i), vector: randomVector(random, 8) })),
      )
      const scores = (await store.search(NAME, { vector: randomVector(random, 8), topK: 100 })).map(
        ({ score }) => score,
      )
      assert.equal(scores.length, 100)
      assert.deepEqual(
        scores,
        scores.toSorted((a, b) => b - a),
      )
      if (metric !== 'dot')
        assert.ok(
          scores.every((score) => score >= -1 && score <= 1),
          'scores are within their range',
        )
    })
  }

  t.behaviour('search.ids-break-ties-by-code-point', async ({ store }) => {
    await collection(
      store,
      ['b', 'a', 'B', '\uffff', '😀', 'ä', '1', 'aa'].map((id) => ({ id, vector: [1, 1, 1] })),
    )
    const expected = ['1', 'B', 'a', 'aa', 'b', 'ä', '\uffff', '😀']
    assert.deepEqual(await idsOf(store, { vector: [1, 0, 0] }), expected)
    assert.deepEqual(await idsOf(store, {}), expected)
  })

  t.behaviour('search.topk-is-filled', async ({ store }) => {
    await collection(store, PRODUCTS)
    for (const topK of [1, 2, 9, 10, 11, 1000]) {
      assert.equal((await store.search(NAME, { vector: [1, 2, 3], topK })).length, Math.min(topK, 10), `topK ${topK}`)
    }
  })

  for (const [what, topK] of Object.entries({
    zero: 0,
    negative: -1,
    fraction: 1.5,
    nan: Number.NaN,
    text: '3',
    nothing: undefined,
  })) {
    t.behaviour(`search.topk-${what}-refused`, async ({ store }) => {
      await collection(store, PRODUCTS)
      const wrong = topK as number
      await rejects(store.search(NAME, { vector: [1, 2, 3], topK: wrong }), 'invalid_input', {
        messageIncludes: 'topK',
      })
      await rejects(store.search(NAME, { topK: wrong }), 'invalid_input', { messageIncludes: 'topK' })
    })
  }

  for (const [what, vector] of Object.entries({
    shorter: [1, 2],
    longer: [1, 2, 3, 4],
    empty: [],
    nan: [1, 2, Number.NaN],
    infinite: [1, Number.POSITIVE_INFINITY, 2],
    text: '1,2,3',
    'text-inside': [1, '2', 3],
  })) {
    t.behaviour(`search.vector-${what}-refused`, async ({ store }) => {
      await collection(store, PRODUCTS)
      await rejects(store.search(NAME, { vector: vector as number[], topK: 3 }), 'invalid_input')
    })
  }

  t.behaviour('search.dimension-mismatch-names-both', async ({ store }) => {
    await collection(store, PRODUCTS)
    await rejects(store.search(NAME, { vector: [1, 2], topK: 3 }), 'invalid_input', { messageIncludes: ['2', '3'] })
    await rejects(store.upsert(NAME, [{ vector: [1, 2] }]), 'invalid_input', { messageIncludes: ['2', '3'] })
  })

  t.behaviour('search.include-vector', async ({ store }) => {
    await collection(store, PRODUCTS)
    const [without] = await store.search(NAME, { vector: [0, 3, 0], topK: 1 })
    assert.equal('vector' in without!, false)
    const [hit] = await store.search(NAME, { vector: [0, 3, 0], topK: 1, include: { vector: true } })
    assertVector(hit?.vector, [0, 1, 0])
  })

  t.behaviour('search.include-nothing', async ({ store }) => {
    await collection(store, PRODUCTS)
    const include = { content: false, metadata: false, vector: false }
    const [hit] = await store.search(NAME, { vector: [1, 0, 0], topK: 1, include })
    assert.deepEqual({ ...hit, score: 1 }, { id: 'p01', score: 1, metadata: {} })
  })

  t.behaviour('search.include-nothing-still-filters', async ({ store }) => {
    await collection(store, PRODUCTS)
    const include = { content: false, metadata: false }
    const filter = { kind: { contains: 'oo' }, 'author.born': { gt: 1900 } }
    const hits = await store.search(NAME, { vector: [1, 0, 0], topK: 9, include, filter })
    assert.deepEqual(
      hits.map(({ id, metadata }) => ({ id, metadata })),
      [{ id: 'p02', metadata: {} }],
    )
  })

  t.behaviour('search.min-score-is-inclusive', async ({ store }) => {
    await collection(store, PRODUCTS.slice(0, 8))
    assert.deepEqual(await idsOf(store, { vector: [1, 0, 0], minScore: 0 }), [
      'p01',
      'p04',
      'p05',
      'p07',
      'p02',
      'p03',
      'p06',
    ])
    assert.deepEqual(await idsOf(store, { vector: [1, 0, 0], minScore: 0.6 }), ['p01', 'p04', 'p05'])
    assert.deepEqual(await idsOf(store, { vector: [1, 0, 0], minScore: -1 }), [
      'p01',
      'p04',
      'p05',
      'p07',
      'p02',
      'p03',
      'p06',
      'p08',
    ])
    assert.deepEqual(await idsOf(store, { vector: [1, 0, 0], minScore: 1.01 }), [])
  })

  t.behaviour('search.min-score-dot-and-l2', async ({ store }) => {
    await collection(store, PRODUCTS.slice(0, 8), { metric: 'dot' })
    assert.deepEqual(await idsOf(store, { vector: [2, 0, 0], minScore: 2 }), ['p01', 'p04', 'p05', 'p07'])
    await store.createCollection({ name: 'far', dimension: 3, metric: 'l2' })
    await store.upsert('far', PRODUCTS.slice(0, 8))
    const hits = await store.search('far', { vector: [1, 0, 0], topK: 9, minScore: 0.5 })
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['p01', 'p04', 'p05'],
    )
  })

  t.behaviour('search.min-score-with-a-filter', async ({ store }) => {
    await collection(store, PRODUCTS)
    const search = { vector: [1, 0, 0], minScore: 0.5, filter: { kind: 'pen' } }
    assert.deepEqual(await idsOf(store, search), ['p04'])
    assert.deepEqual(await idsOf(store, { ...search, topK: 1 }), ['p04'])
  })

  t.behaviour('search.min-score-of-another-type-refused', async ({ store }) => {
    await collection(store, PRODUCTS)
    for (const minScore of [Number.NaN, '0.5' as unknown as number]) {
      await rejects(store.search(NAME, { vector: [1, 2, 3], topK: 1, minScore }), 'invalid_input')
    }
  })

  t.behaviour('search.filter-without-a-match', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual(await idsOf(store, { vector: [1, 2, 3], filter: { kind: 'none' } }), [])
  })

  t.behaviour('search.a-null-or-empty-filter-filters-nothing', async ({ store }) => {
    await collection(store, PRODUCTS)
    assert.deepEqual((await idsOf(store, { vector: [1, 2, 3], filter: {} })).sort(), ALL)
    assert.deepEqual(await idsOf(store, { filter: {} }), ALL)
  })

  for (const [what, modulus] of Object.entries({ 'ten-percent': 10, 'one-percent': 100, 'one-in-a-thousand': 1000 })) {
    t.behaviour(`search.selective-filter-${what}`, { limitMs: 60_000 }, async ({ store, random }) => {
      await collection(store, [], { dimension: 16 })
      const items = Array.from({ length: 2000 }, (_, i) => ({
        id: numbered(i),
        vector: randomVector(random, 16),
        metadata: { part: i % modulus, name: `n${i % modulus}.` },
      }))
      await store.upsert(NAME, items)
      const query = randomVector(random, 16)
      const expected = items
        .filter(({ metadata }) => metadata.part === 7)
        .map(({ id, vector }) => ({ id, score: scoreOf('cosine', query, vector) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, 10)
        .map(({ id }) => id)
      assert.equal(expected.length, Math.min(10, 2000 / modulus))
      assert.deepEqual(await idsOf(store, { vector: query, topK: 10, filter: { part: 7 } }), expected)
      assert.deepEqual(await idsOf(store, { vector: query, topK: 10, filter: { name: { endsWith: 'n7.' } } }), expected)
    })
  }

  t.behaviour('search.selective-filter-after-deletes', async ({ store, random }) => {
    await collection(store, [], { dimension: 16 })
    const items = Array.from({ length: 1000 }, (_, i) => ({
      id: numbered(i),
      vector: randomVector(random, 16),
      metadata: { part: i % 50 },
    }))
    await store.upsert(NAME, items)
    await store.delete(NAME, { ids: items.filter((_, i) => i % 3 !== 0).map(({ id }) => id) })
    const hits = await idsOf(store, { vector: randomVector(random, 16), topK: 10, filter: { part: 0 } })
    const left = items.filter((_, i) => i % 3 === 0 && i % 50 === 0).map(({ id }) => id)
    assert.equal(left.length, 7)
    assert.deepEqual(hits.sort(), left)
  })

  t.behaviour('search.many-of-one-vector', async ({ store }) => {
    const twins: VectorItem[] = ['a', 'b', 'c'].map((id) => ({ id, vector: [1, 2, 3] }))
    await collection(store, [...twins, { id: 'other', vector: [3, 2, 1] }])
    await store.delete(NAME, { ids: ['b'] })
    assert.deepEqual(await idsOf(store, { vector: [1, 2, 3] }), ['a', 'c', 'other'])
    assert.deepEqual(await idsOf(store, {}), ['a', 'c', 'other'])
    assert.equal(await store.count(NAME), 3)
  })

  t.behaviour('search.half-of-a-thousand', { limitMs: 60_000 }, async ({ store, random }) => {
    await collection(store, [], { dimension: 12 })
    const items = Array.from({ length: 1000 }, (_, i) => ({ id: numbered(i), vector: randomVector(random, 12) }))
    await store.upsert(NAME, items)
    const query = randomVector(random, 12)
    const ranked = items.map(({ id, vector }) => ({ id, score: scoreOf('cosine', query, vector) }))
    const expected = ranked.sort((a, b) => b.score - a.score).slice(0, 500)
    assert.deepEqual(
      await idsOf(store, { vector: query, topK: 500 }),
      expected.map(({ id }) => id),
    )
  })

  t.behaviour('search.aborted-before', async ({ store }) => {
    await collection(store, PRODUCTS)
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(store.search(NAME, { vector: [1, 2, 3], topK: 1, signal }), { message: 'enough' })
    assert.equal((await store.search(NAME, { vector: [1, 2, 3], topK: 1 })).length, 1)
  })

  t.behaviour('search.aborted-meanwhile', async ({ store }) => {
    await collection(store, PRODUCTS)
    const controller = new AbortController()
    const search = store.search(NAME, { vector: [1, 2, 3], topK: 1, signal: controller.signal })
    controller.abort(new Error('enough'))
    await assert.rejects(search, { message: 'enough' })
  })
}
