import { fold, type KeywordQuery, type KeywordTerm, MAX_WORD_LENGTH, scanWords } from './analyze.ts'
import { stem } from './stem.ts'
import { isStopWord } from './stop-words.ts'

/** How slowly further occurrences of a term add to the score. */
const SATURATION = 1.2
/** How much of that depends on the text's length. */
const LENGTH_SHARE = 0.75
/** The length, in words, at which a text is neither favoured nor held back: about one chunk. */
const USUAL_LENGTH = 400
/** How much the terms' closeness counts against their frequency. */
const CLOSENESS_SHARE = 0.25
/** Words put between fields, so that terms in different fields are far apart. */
const FIELD_GAP = 100

/**
 * How well the fields of one row answer a query, between 0 and 1; null when a term occurs in none of them.
 *
 *     frequency = mean over the terms of n / (n + 1.2 · (0.25 + 0.75 · length / 400))     n: occurrences of the term
 *     closeness = min(1, terms / window)               window: words in the shortest stretch that holds every term
 *     score     = 0.75 · frequency + 0.25 · closeness
 *
 * It depends on nothing but the query and the row, never on which other rows were looked at, and it is made of
 * `+ - * /` alone, so every machine computes the same bits.
 */
export function scoreText(query: KeywordQuery, fields: readonly string[]): number | null {
  if (query.empty) return null
  const tally = new Tally(query.terms.length)
  const find = wordFinder(query.terms)
  const substrings = query.terms.flatMap((term, index) => (term.substring ? [{ index, word: term.word }] : []))
  for (const field of fields) countField(field, find, substrings, tally)
  return tally.score()
}

/** Counts occurrences, and keeps the shortest stretch in which all terms occurred. */
class Tally {
  /** Where the next word stands; in the end, the length. */
  position = 0
  words = 0
  #window = Number.POSITIVE_INFINITY
  readonly #counts: number[]
  readonly #last: number[]

  constructor(terms: number) {
    this.#counts = new Array<number>(terms).fill(0)
    this.#last = new Array<number>(terms).fill(Number.NEGATIVE_INFINITY)
  }

  /** Positions must come in rising order. */
  add(term: number, position: number): void {
    this.#counts[term] = (this.#counts[term] as number) + 1
    this.#last[term] = position
    if (this.#window <= this.#last.length) return
    let first = position
    for (const last of this.#last) if (last < first) first = last
    this.#window = Math.min(this.#window, position - first + 1)
  }

  score(): number | null {
    const terms = this.#counts.length
    if (this.#counts.includes(0)) return null
    const slowness = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * this.words) / USUAL_LENGTH)
    let frequency = 0
    for (const count of this.#counts) frequency += count / (count + slowness)
    const closeness = Math.min(1, terms / this.#window)
    return (1 - CLOSENESS_SHARE) * (frequency / terms) + CLOSENESS_SHARE * closeness
  }
}

interface Substring {
  readonly index: number
  readonly word: string
}

function countField(field: string, find: WordFinder, substrings: readonly Substring[], tally: Tally): void {
  const before = tally.position
  scanWords(field, (start, end, unspaced) => {
    if (unspaced) {
      if (substrings.length > 0) countSubstrings(fold(field.slice(start, end)), substrings, tally)
      tally.position += (end - start + 1) >> 1
    } else {
      const term = find(field, start, end)
      if (term !== undefined) tally.add(term, tally.position)
      tally.position++
    }
    return false
  })
  tally.words += tally.position - before
  tally.position += FIELD_GAP
}

/** In the order of the text, whichever term comes next; two characters of an unspaced script count as a word. */
function countSubstrings(run: string, substrings: readonly Substring[], tally: Tally): void {
  const upcoming = substrings.map(({ index, word }) => ({ index, word, at: run.indexOf(word) }))
  for (;;) {
    let next: (typeof upcoming)[number] | undefined
    for (const term of upcoming) if (term.at >= 0 && (!next || term.at < next.at)) next = term
    if (!next) return
    tally.add(next.index, tally.position + (next.at >> 1))
    next.at = run.indexOf(next.word, next.at + next.word.length)
  }
}

/** Says which term the word at a place of the text is. */
type WordFinder = (text: string, start: number, end: number) => number | undefined

/** So many decided words are remembered; words repeat, and a stem costs more than a look-up. */
const REMEMBERED = 1000

/** Most words are settled by their first letter, nearly all others by the prefix; only the rest is stemmed. */
function wordFinder(terms: readonly KeywordTerm[]): WordFinder {
  const starts = new Uint8Array(128)
  for (const { prefix } of terms) {
    for (const first of [prefix, prefix.toUpperCase()]) starts[first.charCodeAt(0)] = 1
  }
  const termOf = stemFinder(terms)
  const known = new Map<string, number | undefined>()
  return (text, start, end) => {
    const first = text.charCodeAt(start)
    if ((first < 128 && starts[first] === 0) || end - start > MAX_WORD_LENGTH) return undefined
    const written = text.slice(start, end)
    const found = known.get(written)
    if (found !== undefined || known.has(written)) return found
    const term = termOf(fold(written))
    if (known.size < REMEMBERED) known.set(written, term)
    return term
  }
}

function stemFinder(terms: readonly KeywordTerm[]): (word: string) => number | undefined {
  const byStem = new Map(terms.map((term, index) => [term.stem, index]))
  const prefixes = terms.map(({ prefix }) => prefix)
  return (word) =>
    prefixes.some((prefix) => word.startsWith(prefix)) && !isStopWord(word) ? byStem.get(stem(word)) : undefined
}
