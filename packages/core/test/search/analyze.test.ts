import { describe, expect, test } from 'vitest'
import { analyzeQuery, fold, MAX_QUERY_TERMS, MAX_WORD_LENGTH, tokenize } from '../../src/search/analyze.ts'
import { seededRandom } from './random.ts'

describe('tokenize', () => {
  test.each([
    ['', []],
    [' \n\t…', []],
    ['Connection pool', ['connection', 'pool']],
    [
      "snake_case kebab-case dotted.name a/path don't",
      ['snake', 'case', 'kebab', 'case', 'dotted', 'name', 'a', 'path', 'don', 't'],
    ],
    ['useEffect HTTPServer2', ['useeffect', 'httpserver2']],
    ['x=1;y+=0.5', ['x', '1', 'y', '0', '5']],
    ['Café cafe Straße STRASSE', ['café', 'cafe', 'straße', 'strasse']],
    ['cafe\u0301 \u0301lone ❤\ufe0f', ['cafe\u0301', 'lone']],
    ['Übung ПРИВЕТ ½ Ⅷ', ['übung', 'привет', '½', 'ⅷ']],
    ['接続プール、React入門', ['接続プール', 'react入門']],
    ['𝐀 𐐀𐐁😀𐐨', ['𝐀', '𐐨𐐩', '𐐨']],
  ])('%j', (text, words) => {
    expect(tokenize(text)).toEqual(words)
  })

  test('finds the same words as the definition written as one regular expression', () => {
    const random = seededRandom()
    const alphabet = [...'aZ09_-. \'é\u0301Σςİß日本ーのไทย한𐐀😀\ufe0f\u200d"(*']
    for (let i = 0; i < 2_000; i++) {
      const text = Array.from({ length: random.below(30) }, () => random.pick(alphabet)).join('')
      const expected = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
      expect(tokenize(text)).toEqual(expected.map(fold))
    }
  })
})

test('fold takes each character by itself, and leaves what has no single lower-case character', () => {
  expect(['ΟΔΟΣ', 'οδός', 'İstanbul', 'STRASSE', 'ẞ', 'ÀÉ'].map(fold)).toEqual([
    'οδοσ',
    'οδός',
    'İstanbul',
    'strasse',
    'ß',
    'àé',
  ])
})

describe('analyzeQuery', () => {
  test('gives stem, word and what an index can look up', () => {
    expect(analyzeQuery('the Retries of Connections')).toEqual({
      terms: [
        { stem: 'retri', word: 'retries', prefix: 'retr', substring: false },
        { stem: 'connect', word: 'connections', prefix: 'connect', substring: false },
      ],
      empty: false,
    })
  })

  test.each(['', '   ', 'the', 'What is the', "don't", '"*" -:() & | ! <->', '😀', 'x'.repeat(MAX_WORD_LENGTH + 1)])(
    'finds nothing to search for in %j',
    (text) => {
      expect(analyzeQuery(text)).toEqual({ terms: [], empty: true })
    },
  )

  test.each([
    '"pool" AND -size*',
    'pool:size',
    'pool & !size',
    "'pool' <-> size;--",
    '+pool ~size @3',
    'pool%size',
    '{pool} NEAR/size',
  ])('query syntax is data in %j', (text) => {
    const words = analyzeQuery(text).terms.map(({ word }) => word)
    expect(words.filter((word) => !['3', 'near'].includes(word))).toEqual(['pool', 'size'])
  })

  test('keeps the first of words with one stem', () => {
    expect(analyzeQuery('connected connection connect pool').terms.map(({ word }) => word)).toEqual([
      'connected',
      'pool',
    ])
  })

  test('looks for words of unspaced scripts as substrings, by their longest part without case', () => {
    const { terms } = analyzeQuery('データ Nodeの接続 ภาษาไทย 한국어 サーバー')
    expect(terms.map(({ word, prefix, substring }) => [word, prefix, substring])).toEqual([
      ['データ', 'データ', true],
      ['nodeの接続', 'の接続', true],
      ['ภาษาไทย', 'ภาษาไทย', true],
      ['한국어', '한국어', true],
      ['サーバー', 'サーバー', true],
    ])
  })

  test('stops at the most terms it takes, and keeps the longest word', () => {
    const words = Array.from({ length: MAX_QUERY_TERMS + 10 }, (_, i) => `w${i}`)
    expect(analyzeQuery(words.join(' ')).terms.map(({ word }) => word)).toEqual(words.slice(0, MAX_QUERY_TERMS))
    expect(analyzeQuery('7'.repeat(MAX_WORD_LENGTH)).empty).toBe(false)
  })
})
