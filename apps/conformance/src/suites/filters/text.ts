import assert from 'node:assert/strict'
import type { DataAccess } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'

const TABLE = 'archon_prompts'

async function store(db: DataAccess, texts: readonly string[]): Promise<void> {
  const rows = texts.map((prompt, i) => ({ prompt_name: String(i).padStart(4, '0'), prompt }))
  await db.insert(TABLE, rows, { returning: false })
}

async function found(db: DataAccess, test: unknown): Promise<string[]> {
  const { rows } = await db.select<{ prompt: string }>(TABLE, {
    columns: ['prompt'],
    where: { prompt: test } as Record<string, unknown>,
    orderBy: 'prompt_name',
  })
  return rows.map((row) => row.prompt)
}

interface TextCase {
  readonly texts: readonly string[]
  readonly tests: readonly (readonly [test: object, expected: readonly string[]])[]
}

/** Stores the texts, then tries each test on them. */
function define(t: SuiteBuilder, id: string, { texts, tests }: TextCase): void {
  t.behaviour(id, async ({ db }) => {
    await store(db, texts)
    for (const [test, expected] of tests) assert.deepEqual(await found(db, test), expected, JSON.stringify(test))
  })
}

const only = (operator: string, text: string): readonly [object, readonly string[]] => [{ [operator]: text }, [text]]

export function texts(t: SuiteBuilder): void {
  equality(t)
  patterns(t)
  patternTraps(t)
  substrings(t)
  t.behaviour('like.trailing-backslash-refused', async ({ db }) => {
    await rejects(found(db, { like: 'a\\' }), 'invalid_filter', { messageIncludes: 'backslash' })
    await rejects(found(db, { ilike: '\\' }), 'invalid_filter')
    await store(db, ['a\\'])
    assert.deepEqual(await found(db, { like: 'a\\\\' }), ['a\\'])
  })
}

/** Pairs that some collation takes for one another. */
const ALMOST_EQUAL: Readonly<Record<string, readonly string[]>> = {
  case: ['a', 'A'],
  'case-beyond-ascii': ['ä', 'Ä', 'ж', 'Ж', '𐐨', '𐐀'],
  accents: ['e', 'é', 'è', 'ê'],
  'trailing-space': ['a', 'a ', 'a  ', 'a\t', 'a\n', ' a'],
  'empty-and-blank': ['', ' ', '\t', '\u00a0', '\u3000'],
  'composed-and-decomposed': ['é', 'e\u0301', 'Å', '\u212b', 'A\u030a'],
  'sharp-s': ['ss', 'ß', 'SS', 'ẞ'],
  ligatures: ['fi', 'ﬁ', 'ae', 'æ', 'ĳ', 'ij'],
  width: ['a', 'ａ', 'ア', 'ｱ', '1', '１'],
  kana: ['は', 'ハ', 'ば', 'パ'],
  invisible: ['ab', 'a\u200bb', 'a\u00adb', 'a\ufeffb', 'a\u0001b'],
  astral: ['😀', '😁', '\ufffd', '𝒜', 'A'],
  'turkish-i': ['i', 'I', 'ı', 'İ', 'i\u0307'],
  greek: ['σ', 'ς', 'Σ', 'Ω', '\u2126'],
  numerals: ['1', '01', '1.0', '①', '１'],
}

/** Equality is by code point. */
function equality(t: SuiteBuilder): void {
  for (const [name, alike] of Object.entries(ALMOST_EQUAL)) {
    const alone = alike.flatMap((text) => [only('eq', text), [{ in: [text] }, [text]] as const])
    const others = alike.map((text) => [{ ne: text }, alike.filter((other) => other !== text)] as const)
    define(t, `equality.${name}`, { texts: alike, tests: [...alone, ...others] })
  }
}

function patterns(t: SuiteBuilder): void {
  define(t, 'like.runs-and-single-characters', {
    texts: ['', 'a', 'ab', 'abc', 'xabc', 'abcx'],
    tests: [
      [{ like: '%' }, ['', 'a', 'ab', 'abc', 'xabc', 'abcx']],
      [{ like: '' }, ['']],
      [{ like: '_' }, ['a']],
      [{ like: '__' }, ['ab']],
      [{ like: '_%' }, ['a', 'ab', 'abc', 'xabc', 'abcx']],
      [{ like: 'ab%' }, ['ab', 'abc', 'abcx']],
      [{ like: '%bc' }, ['abc', 'xabc']],
      [{ like: '%b%' }, ['ab', 'abc', 'xabc', 'abcx']],
      [{ like: 'a_c' }, ['abc']],
      [{ like: 'a%x' }, ['abcx']],
      [{ like: 'abc' }, ['abc']],
      [{ like: '%%' }, ['', 'a', 'ab', 'abc', 'xabc', 'abcx']],
    ],
  })
  define(t, 'like.is-case-sensitive', {
    texts: ['apple', 'Apple', 'APPLE', 'äpple', 'Äpple'],
    tests: [
      [{ like: 'apple' }, ['apple']],
      [{ like: 'A%' }, ['Apple', 'APPLE']],
      [{ like: 'ä%' }, ['äpple']],
      [{ like: '%PPL%' }, ['APPLE']],
    ],
  })
  define(t, 'like.is-accent-sensitive', {
    texts: ['resume', 'résumé', 're\u0301sume\u0301'],
    tests: [
      [{ like: 'resume' }, ['resume']],
      [{ like: 'r%sum%' }, ['resume', 'résumé', 're\u0301sume\u0301']],
      [{ like: 'r_sum_' }, ['resume', 'résumé']],
    ],
  })
  define(t, 'like.escaped-wildcards', {
    texts: ['50%', '50 percent', 'a_b', 'axb', 'a\\b', 'a\\_b'],
    tests: [
      [{ like: '50\\%' }, ['50%']],
      [{ like: 'a\\_b' }, ['a_b']],
      [{ like: 'a\\\\b' }, ['a\\b']],
      [{ like: 'a\\\\\\_b' }, ['a\\_b']],
      [{ like: '\\a\\x\\b' }, ['axb']],
      [{ ilike: 'A\\_B' }, ['a_b']],
    ],
  })
  define(t, 'like.trailing-space', {
    texts: ['a', 'a ', 'a  '],
    tests: [
      [{ like: 'a' }, ['a']],
      [{ like: 'a ' }, ['a ']],
      [{ like: 'a_' }, ['a ']],
      [{ ilike: 'A ' }, ['a ']],
      [{ endsWith: ' ' }, ['a ', 'a  ']],
    ],
  })
  caseFolding(t)
}

/** Which characters ilike takes for one another: all of Unicode's simple case pairs, and nothing longer. */
const FOLDS: Readonly<Record<string, { readonly same: readonly string[]; readonly other: readonly string[] }>> = {
  ascii: { same: ['k', 'K', '\u212a'], other: ['l', 'q'] },
  umlauts: { same: ['ä', 'Ä'], other: ['a', 'A', 'a\u0308'] },
  cyrillic: { same: ['я', 'Я'], other: ['ю'] },
  'final-sigma': { same: ['σ', 'ς', 'Σ'], other: ['s'] },
  'sharp-s': { same: ['ß', 'ẞ'], other: ['ss', 'SS', 's'] },
  'long-s': { same: ['s', 'S', 'ſ'], other: ['ß', 'f'] },
  'dotless-i': { same: ['i', 'I', 'ı'], other: ['İ', 'í', 'l'] },
  'dotted-capital-i': { same: ['İ'], other: ['i', 'I', 'ı', 'i\u0307'] },
  'angstrom-sign': { same: ['å', 'Å', '\u212b'], other: ['A', 'a\u030a'] },
  'ohm-sign': { same: ['ω', 'Ω', '\u2126'], other: ['o'] },
  'micro-sign': { same: ['µ', 'μ', 'Μ'], other: ['m', 'M'] },
  'title-case': { same: ['ǆ', 'ǅ', 'Ǆ'], other: ['dž'] },
  ligature: { same: ['ﬁ'], other: ['fi', 'FI'] },
  'beyond-the-basic-plane': { same: ['𐐨', '𐐀'], other: ['𐐩'] },
  'without-case': { same: ['日'], other: ['本'] },
}

function caseFolding(t: SuiteBuilder): void {
  for (const [name, { same, other }] of Object.entries(FOLDS)) {
    const wrap = (text: string): string => `x${text}y`
    define(t, `ilike.folds.${name}`, {
      texts: [...same, ...other].map(wrap),
      tests: same.flatMap((text) => [
        [{ ilike: wrap(text) }, same.map(wrap)] as const,
        [{ ilike: `X${text}%` }, same.map(wrap)] as const,
        only('like', wrap(text)),
      ]),
    })
  }
  define(t, 'ilike.words', {
    texts: ['Straße', 'STRASSE', 'STRAẞE', 'Ärger und ÖL', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    tests: [
      [{ ilike: 'straße' }, ['Straße', 'STRAẞE']],
      [{ ilike: 'strasse' }, ['STRASSE']],
      [{ ilike: '%ÄRGER%öl' }, ['Ärger und ÖL']],
      [{ ilike: 'Οδυσσευσ' }, ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς']],
    ],
  })
}

/** Characters with a meaning in one engine's patterns or another's; here they are text. */
const SPECIAL = ['*', '?', '[', ']', '[a]', '[^a]', '^', '$', '.', '.*', '+', '(', ')', '(a', '{1}', '|', '\\d', '-', '#', '/', "'", '"', '`', '$1', '?1', ':a', '\r', '\n', '\t', '&&', '~'] // biome-ignore format: a list

function patternTraps(t: SuiteBuilder): void {
  t.behaviour('like.special-characters-are-text', async ({ db }) => {
    await store(db, ['a', 'aa', 'ab', '1', '', ...SPECIAL])
    for (const text of SPECIAL) {
      const pattern = text.replaceAll('\\', '\\\\')
      for (const test of [{ like: pattern }, { ilike: pattern }])
        assert.deepEqual(await found(db, test), [text], JSON.stringify(test))
    }
  })
  t.behaviour('like.special-characters-after-a-backslash', async ({ db }) => {
    await store(db, ['a', ...SPECIAL])
    for (const text of SPECIAL.filter((item) => [...item].length === 1)) {
      for (const test of [{ like: `\\${text}` }, { ilike: `\\${text}` }])
        assert.deepEqual(await found(db, test), [text], JSON.stringify(test))
    }
  })
  define(t, 'like.line-breaks', {
    texts: ['a\nb', 'a\r\nb', 'ab', 'a\u2028b'],
    tests: [
      [{ like: 'a%b' }, ['a\nb', 'a\r\nb', 'ab', 'a\u2028b']],
      [{ ilike: 'A%B' }, ['a\nb', 'a\r\nb', 'ab', 'a\u2028b']],
      [{ like: 'a_b' }, ['a\nb', 'a\u2028b']],
      [{ ilike: 'A_B' }, ['a\nb', 'a\u2028b']],
      [{ like: 'a__b' }, ['a\r\nb']],
      [{ like: 'a' }, []],
      [{ like: 'b' }, []],
    ],
  })
  define(t, 'like.counts-code-points', {
    texts: ['😀', 'é', 'e\u0301', '👩‍👩‍👧', '日本'],
    tests: [
      [{ like: '_' }, ['😀', 'é']],
      [{ ilike: '_' }, ['😀', 'é']],
      [{ like: '__' }, ['e\u0301', '日本']],
      [{ like: '_____' }, ['👩‍👩‍👧']],
    ],
  })
  t.behaviour('like.many-runs-end-soon', async ({ db }) => {
    const long = 'a'.repeat(300)
    await store(db, [long, `${long}b`])
    for (const operator of ['like', 'ilike'])
      assert.deepEqual(await found(db, { [operator]: `${'%a'.repeat(12)}%b` }), [`${long}b`])
  })
  t.behaviour('like.long-pattern', async ({ db }) => {
    const long = 'Wörter und %_ '.repeat(300)
    await store(db, [long, `${long}!`])
    const pattern = long.replaceAll(/[%_]/g, '\\$&')
    assert.deepEqual(await found(db, { like: pattern }), [long])
    assert.deepEqual(await found(db, { ilike: pattern.toUpperCase() }), [long])
  })
}

function substrings(t: SuiteBuilder): void {
  define(t, 'contains.text', {
    texts: ['', 'pool', 'a pool here', 'Pool', 'po ol'],
    tests: [
      [{ contains: 'pool' }, ['pool', 'a pool here']],
      [{ startsWith: 'pool' }, ['pool']],
      [{ endsWith: 'pool' }, ['pool']],
      [{ endsWith: 'here' }, ['a pool here']],
      [{ startsWith: 'a p' }, ['a pool here']],
      [{ contains: 'pool here and there' }, []],
    ],
  })
  define(t, 'contains.nothing', {
    texts: ['', 'a', ' '],
    tests: [
      [{ contains: '' }, ['', 'a', ' ']],
      [{ startsWith: '' }, ['', 'a', ' ']],
      [{ endsWith: '' }, ['', 'a', ' ']],
    ],
  })
  const data = ['100%', '100 per cent', 'a_b', 'axb', '_', '%', 'c:\\dir', 'c:dir', '*', '?', '[x]', '.', "O'Brien"]
  define(t, 'contains.wildcards-are-data', {
    texts: data,
    tests: [
      [{ contains: '%' }, ['100%', '%']],
      [{ contains: '_' }, ['a_b', '_']],
      [{ contains: '\\' }, ['c:\\dir']],
      [{ contains: '*' }, ['*']],
      [{ contains: '?' }, ['?']],
      [{ contains: '[x]' }, ['[x]']],
      [{ contains: "'" }, ["O'Brien"]],
      [{ contains: '.' }, ['.']],
    ],
  })
  define(t, 'starts-with.wildcards-are-data', {
    texts: data,
    tests: [
      [{ startsWith: '%' }, ['%']],
      [{ startsWith: 'a_' }, ['a_b']],
      [{ startsWith: 'c:\\' }, ['c:\\dir']],
      [{ startsWith: '[' }, ['[x]']],
    ],
  })
  define(t, 'ends-with.wildcards-are-data', {
    texts: data,
    tests: [
      [{ endsWith: '%' }, ['100%', '%']],
      [{ endsWith: '_b' }, ['a_b']],
      [{ endsWith: '\\dir' }, ['c:\\dir']],
      [{ endsWith: ']' }, ['[x]']],
    ],
  })
  define(t, 'contains.case-and-accents', {
    texts: ['Café', 'cafe', 'CAFÉ', 'cafe\u0301'],
    tests: [
      [{ contains: 'afé' }, ['Café']],
      [{ startsWith: 'caf' }, ['cafe', 'cafe\u0301']],
      [{ endsWith: 'FÉ' }, ['CAFÉ']],
      [{ endsWith: '\u0301' }, ['cafe\u0301']],
    ],
  })
  define(t, 'contains.beyond-the-basic-plane', {
    texts: ['a😀b', 'a😁b', '😀', '日本語'],
    tests: [
      [{ contains: '😀' }, ['a😀b', '😀']],
      [{ startsWith: '😀' }, ['😀']],
      [{ endsWith: '😁b' }, ['a😁b']],
      [{ startsWith: '日本' }, ['日本語']],
      [{ endsWith: '本語' }, ['日本語']],
    ],
  })
}
