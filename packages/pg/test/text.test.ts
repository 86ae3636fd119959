import { readFileSync } from 'node:fs'
import { openDatabase, sql } from '@archon-db/core'
import { analyzeQuery, scoreText } from '@archon-db/core/dialect'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connectPglite } from '../src/pglite.ts'
import { encodePattern, INDEXED } from '../src/text.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const db = await openDatabase(await connectPglite())
beforeAll(() => db.migrate())
afterAll(() => db.close())

const MIGRATION = readFileSync(new URL('../drizzle/0001_initial/up.sql', import.meta.url), 'utf8')

describe('the characters of indexed words', () => {
  const characters = /'\[\^(.+?)\]\+'/.exec(MIGRATION)?.[1] ?? ''

  test('are the same in the migration and in the program', () => {
    expect(INDEXED.source).toBe(`^[${characters}]+`)
  })

  /** Core folds a text before it looks for words; the index folds what it took apart. Both must end a word alike. */
  test('hold every character that folds into one of them', () => {
    const isIndexed = (char: string): boolean => new RegExp(`^[${characters}]$`, 'u').test(char)
    const outside: string[] = []
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const char = String.fromCodePoint(code)
      const folded = char === 'İ' ? char : char.toLowerCase()
      if (folded !== char && isIndexed(folded) !== isIndexed(char)) outside.push(code.toString(16))
    }
    expect(outside).toEqual([])
  })

  test('are letters and digits, so that no separator hides between two words', () => {
    const strangers: string[] = []
    for (let code = 0; code <= 0xffff; code++) {
      const char = String.fromCharCode(code)
      if (INDEXED.test(char) && !/[\p{L}\p{N}]/u.test(char)) strangers.push(code.toString(16))
    }
    expect(strangers).toEqual([])
  })
})

describe('archon_words', () => {
  const words = async (text: string): Promise<unknown> =>
    (await db.execute(sql`select tsvector_to_array(archon_words(${text})) as words`)).rows[0]?.words

  test('splits at everything else and folds', async () => {
    expect(await words('The Pooled-connections, ÉTÉ «Привет» x_1')).toEqual([
      '1',
      'connections',
      'pooled',
      'the',
      'x',
      'été',
      'привет',
    ])
  })

  test('marks a text that is too long, and cuts words that nobody can search for', async () => {
    expect(await words('a'.repeat(200_001))).toEqual(['*'])
    expect(await words('b'.repeat(100))).toEqual(['b'.repeat(84)])
    expect(await words('')).toEqual([])
  })
})

describe('candidates', () => {
  const PIECES = [
    ...[
      'pool',
      'Pools',
      'été',
      'ÉTÉ',
      'naïve',
      'İstanbul',
      'ΟΔΟΣ',
      'ὁδός',
      'Ünïcode',
      'Straße',
      'STRASSE',
      'ſharp',
      'Привет',
    ],
    ...[
      'हिन्दी',
      'শব্দ',
      'Việt',
      'e\u0301clair',
      '漢字',
      'かな',
      '한국어',
      'ไทย',
      '𝔘nicode',
      '\u212aelvin',
      'x\u0301',
      '1e5',
      'café9',
      'ﬁne',
    ],
    ...[
      'שלום',
      'مرحبا',
      'ქართული',
      'Ⴀბგ',
      'ǅungla',
      'ⅷ',
      'a_b',
      "don't",
      '3.14',
      '%',
      '_',
      '\\',
      "'",
      '*',
      ':*',
      '&|!()',
      '—',
      '…',
      ' ',
      '\u00a0',
      '\u0301',
    ],
  ]

  function random(seed: number): () => number {
    let state = seed >>> 0
    return () => {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
      return state / 2 ** 32
    }
  }

  /** Whatever core takes for a match must be among what the index finds. */
  test('hold every row that matches', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
    const next = random(seed)
    const make = (length: number): string =>
      Array.from({ length }, () => PIECES[Math.floor(next() * PIECES.length)] + (next() < 0.6 ? ' ' : '')).join('')
    await db.insert('archon_sources', { source_id: 's' })
    const texts = Array.from({ length: 300 }, () => make(1 + Math.floor(next() * 8)))
    await db.insert(
      'archon_crawled_pages',
      texts.map((content, i) => ({ url: 'u', chunk_number: i, content, source_id: 's' })),
      { returning: false },
    )
    for (let i = 0; i < 300; i++) {
      const text = make(1 + Math.floor(next() * 2))
      const query = analyzeQuery(text)
      const expected = query.empty
        ? []
        : texts.flatMap((content, n) => (scoreText(query, [content]) === null ? [] : [n]))
      const hits = await db.search('archon_crawled_pages', { text, columns: ['chunk_number'], limit: 1000 })
      const found = hits.map((hit) => hit.row.chunk_number as number).sort((a, b) => a - b)
      expect(found, `query ${JSON.stringify(text)}, seed ${seed}`).toEqual(expected)
    }
  })
})

describe('encodePattern', () => {
  const encode = (op: Parameters<typeof encodePattern>[0], pattern: string): unknown => encodePattern(op)?.(pattern)

  test.each([
    ['contains', '50%_\\', '%50\\%\\_\\\\%'],
    ['startsWith', 'a%', 'a\\%%'],
    ['endsWith', '_b', '%\\_b'],
    ['ilike', '', '^$'],
    ['ilike', '%', ''],
    ['ilike', '%a%', '[Aa]'],
    ['ilike', 'a%', '^[Aa]'],
    ['ilike', '%1_', '1.$'],
    ['ilike', '1%2', '^1.*2$'],
    ['ilike', '.*+?()[]{}|^$', '^\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\^\\$$'],
    ['ilike', 'k', '^[Kk\u212a]$'],
  ] as const)('%s %j', (op, pattern, encoded) => {
    expect(encode(op, pattern)).toBe(encoded)
  })

  test('like needs no other form', () => {
    expect(encodePattern('like')).toBeNull()
  })
})
