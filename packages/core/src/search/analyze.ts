import { stem, stemPrefix } from './stem.ts'
import { isStopWord } from './stop-words.ts'

/**
 * What a word is, everywhere: a letter or digit and all letters, digits and combining marks that follow it, folded to
 * lower case. All else separates, `_ - . / '` too, so that code identifiers fall apart at them; camelCase does not.
 * Words are equal by code point, as all text is: accents count, and no normal form is applied.
 *
 * Scripts written without spaces have no words to find: a query word holding such a character matches wherever the
 * text holds it as a substring.
 */

/** Further terms of a query are ignored: no question a person asks is longer. */
export const MAX_QUERY_TERMS = 64
/** Longer words match nothing and are left out of queries: hashes and base64, which no full-text index holds. */
export const MAX_WORD_LENGTH = 84

export interface KeywordTerm {
  /** What a text's word must have as its stem; for substrings the word itself. */
  readonly stem: string
  /** As it stood in the query, folded. */
  readonly word: string
  /**
   * What a full-text index can look up to find every candidate: all matching words begin with it, and so does the stem.
   * For substrings the longest part without case, to be looked for anywhere in the text.
   */
  readonly prefix: string
  readonly substring: boolean
}

/** All terms must occur. An empty query finds nothing. */
export interface KeywordQuery {
  readonly terms: readonly KeywordTerm[]
  readonly empty: boolean
}

/** Query text is data: no character in it is syntax. `'the Pooled-connections'` asks for pool and connect. */
export function analyzeQuery(text: string): KeywordQuery {
  const terms = new Map<string, KeywordTerm>()
  scanWords(text, (start, end, unspaced) => {
    if (end - start > MAX_WORD_LENGTH) return false
    const word = fold(text.slice(start, end))
    if (isStopWord(word)) return false
    const term = unspaced ? substringTerm(word) : wordTerm(word)
    if (!terms.has(term.stem)) terms.set(term.stem, term)
    return terms.size === MAX_QUERY_TERMS
  })
  return { terms: [...terms.values()], empty: terms.size === 0 }
}

function wordTerm(word: string): KeywordTerm {
  const stemmed = stem(word)
  return { stem: stemmed, word, prefix: stemPrefix(stemmed), substring: false }
}

function substringTerm(word: string): KeywordTerm {
  const parts = word.match(UNSPACED_RUNS) ?? [word]
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best))
  return { stem: word, word, prefix: longest, substring: true }
}

/** All words of a text in order, folded; stop words included. */
export function tokenize(text: string): string[] {
  const words: string[] = []
  scanWords(text, (start, end) => {
    words.push(fold(text.slice(start, end)))
    return false
  })
  return words
}

/** Calls back with each word's place, and whether it holds a character of an unspaced script; `true` stops the scan. */
export function scanWords(text: string, visit: (start: number, end: number, unspaced: boolean) => boolean): void {
  let start = -1
  let unspaced = false
  let width = 1
  for (let i = 0; i < text.length; i += width) {
    const code = text.codePointAt(i) as number
    width = code > 0xffff ? 2 : 1
    const kind = KINDS[code] || learnKind(code)
    if (kind === SEPARATOR || (kind === MARK && start < 0)) {
      if (start >= 0 && visit(start, i, unspaced)) return
      start = -1
      unspaced = false
    } else {
      if (start < 0) start = i
      if (kind === UNSPACED) unspaced = true
    }
  }
  if (start >= 0) visit(start, text.length, unspaced)
}

const SEPARATOR = 1
const LETTER = 2
const MARK = 3
const UNSPACED = 4

const UNSPACED_RUNS =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]+/gu

/** By code point, filled in as characters are met: a look-up is many times faster than a regular expression. */
const KINDS = new Uint8Array(0x110000)

function learnKind(code: number): number {
  const char = String.fromCodePoint(code)
  const kind = kindOf(char)
  KINDS[code] = kind
  return kind
}

function kindOf(char: string): number {
  if (/\p{M}/u.test(char)) return MARK
  if (!/[\p{L}\p{N}]/u.test(char)) return SEPARATOR
  return char.search(UNSPACED_RUNS) === 0 ? UNSPACED : LETTER
}

/**
 * Lower case, each character by itself: a capital sigma does not look at its neighbours, and the dotted capital I,
 * which has no single lower-case character, stays. Databases fold at least as much, so their indexes miss nothing.
 */
export function fold(word: string): string {
  if (!/[\u0130\u03a3]/.test(word)) return word.toLowerCase()
  return Array.from(word, (char) => (char === '\u0130' ? char : char.toLowerCase())).join('')
}
