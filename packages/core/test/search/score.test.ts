import { describe, expect, test } from 'vitest'
import { analyzeQuery, MAX_WORD_LENGTH, tokenize } from '../../src/search/analyze.ts'
import { scoreText } from '../../src/search/score.ts'
import { stem } from '../../src/search/stem.ts'
import { seededRandom } from './random.ts'

function score(query: string, ...fields: string[]): number | null {
  return scoreText(analyzeQuery(query), fields)
}

function mustScore(query: string, ...fields: string[]): number {
  return score(query, ...fields) ?? Number.NaN
}

describe('what matches', () => {
  test.each([
    ['connection pools', ['the pool of connecting clients']],
    ['connection pool', ['connections', 'and a pool']],
    ['USEEFFECT', ['call useEffect() here']],
    ['pool_size', ['size of pool']],
    ['café', ['CAFÉ']],
    ['skies', ['one sky']],
    ['sensible', ['its sensibility']],
    ['プール', ['接続プール設定']],
    ['react入', ['React入門']],
    ['日本 本語', ['日本語']],
    ['pool the', ['pool']],
  ])('%j in %j', (query, fields) => {
    expect(score(query, ...fields)).toBeGreaterThan(0)
    expect(score(query, ...fields)).toBeLessThan(1)
  })

  test.each([
    ['', ['anything']],
    ['the', ['the']],
    ['connection pool', ['connection']],
    ['pool', []],
    ['pool', ['carpool pooling2']],
    ['cafe', ['café']],
    ['willing', ['it will']],
    ['node', ['nodeの接続']],
    ['日語', ['日本語']],
    ['日本', ['日 本']],
    ['x', ['x'.repeat(MAX_WORD_LENGTH + 1)]],
  ])('not %j in %j', (query, fields) => {
    expect(score(query, ...fields)).toBeNull()
  })
})

describe('the score', () => {
  test('is the formula, to the bit', () => {
    // One term, once in 2 words: n + 1.2 · (0.25 + 0.75 · 2/400) = 1.3045.
    expect(mustScore('alpha', 'alpha beta')).toBeCloseTo(0.75 / 1.3045 + 0.25, 14)
    // Twice in 4 words of two fields: 2 + 1.2 · (0.25 + 0.75 · 4/400) = 2.309.
    expect(mustScore('alpha', 'alpha beta', 'an alpha')).toBeCloseTo((0.75 * 2) / 2.309 + 0.25, 14)
    // Two terms in a stretch of 3 words out of 4: each 1 / 1.309, closeness 2/3.
    expect(mustScore('alpha beta', 'so alpha then beta')).toBeCloseTo(0.75 / 1.309 + 0.25 * (2 / 3), 14)
    // In two fields: 100 words lie between the fields, so the stretch is 102 words.
    expect(mustScore('alpha beta', 'alpha', 'beta')).toBeCloseTo(0.75 / 1.3045 + 0.25 * (2 / 102), 14)
    // 7 characters of an unspaced script are 4 words; the term stands there twice.
    expect(mustScore('日本', '日本語と日本人')).toBeCloseTo((0.75 * 2) / 2.309 + 0.25, 14)
    // Five words: 0.75 / 1.31125, and 0.25 or, in a stretch of 3 words, 0.25 · 2/3; the bits that every engine prints.
    expect(['alpha', 'alpha beta'].map((query) => score(query, 'so alpha then beta, gamma'))).toEqual([
      0.8219733079122974, 0.738639974578964,
    ])
  })

  test('rises with more occurrences and closer terms, falls with length', () => {
    expect(mustScore('pool', 'pool pool tea tea')).toBeGreaterThan(mustScore('pool', 'pool tea tea tea'))
    expect(mustScore('pool', 'pool tea')).toBeGreaterThan(mustScore('pool', 'pool tea tea'))
    expect(mustScore('pool size', 'pool size tea tea')).toBeGreaterThan(mustScore('pool size', 'pool tea tea size'))
    expect(mustScore('日本 東京', '日本東京とその他の都市')).toBeGreaterThan(
      mustScore('日本 東京', '日本その他の都市と東京'),
    )
  })

  test('equals a slow model made of the word list', () => {
    const random = seededRandom()
    const vocabulary = 'pool pools pooling connect connected size tea the will and of sky skies'.split(' ')
    let matched = 0
    for (let i = 0; i < 2_000; i++) {
      const make = (most: number): string =>
        Array.from({ length: random.below(most) }, () => random.pick(vocabulary)).join(' ')
      const query = make(4)
      const fields = Array.from({ length: random.below(4) }, () => make(12))
      const expected = model(query, fields)
      if (expected === null) expect(score(query, ...fields)).toBeNull()
      else expect(mustScore(query, ...fields)).toBeCloseTo(expected, 12)
      if (expected !== null) matched++
    }
    expect(matched).toBeGreaterThan(100)
  })
})

const IGNORED = ['the', 'will', 'and', 'of']

/** The formula again, over every stretch of words there is. */
function model(query: string, fields: string[]): number | null {
  const terms = [
    ...new Set(
      tokenize(query)
        .filter((word) => !IGNORED.includes(word))
        .map(stem),
    ),
  ]
  const words = fields.flatMap((field) => [...tokenize(field), ...new Array<string>(100).fill('')])
  const stems = words.map((word) => (IGNORED.includes(word) ? '' : stem(word)))
  if (terms.length === 0 || !terms.every((term) => stems.includes(term))) return null
  const slowness = 1.2 * (0.25 + (0.75 * (words.length - 100 * fields.length)) / 400)
  const counts = terms.map((term) => stems.filter((other) => other === term).length)
  const frequency = counts.reduce((sum, n) => sum + n / (n + slowness), 0) / terms.length
  return 0.75 * frequency + 0.25 * (terms.length / shortestStretch(stems, terms))
}

function shortestStretch(stems: string[], terms: string[]): number {
  let shortest = stems.length
  for (let start = 0; start < stems.length; start++) {
    if (!terms.includes(stems[start]!)) continue
    const end = Math.max(...terms.map((term) => (stems.indexOf(term, start) + 1 || Number.POSITIVE_INFINITY) - start))
    shortest = Math.min(shortest, end)
  }
  return shortest
}

test('speed on 16 MiB (printed, never judged)', () => {
  const prose = 'The pool keeps connections open; a client waits until one is free. '
  const texts = { prose, repeats: 'pool size ', unspaced: '接続プール設定、' }
  for (const [name, piece] of Object.entries(texts)) {
    const text = piece.repeat(Math.ceil(2 ** 24 / piece.length))
    const before = performance.now()
    const result = score(name === 'unspaced' ? 'プール 設定' : 'pool size', text)
    console.info(`${name}: ${(performance.now() - before).toFixed(0)} ms`)
    expect(result === null).toBe(name === 'prose')
  }
})
