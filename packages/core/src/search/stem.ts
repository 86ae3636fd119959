/**
 * The Porter2 stemmer for English, as published in its second version, without its apostrophe rules: words end at an
 * apostrophe here. Takes lower-case words; a word with anything but a-z in it is its own stem.
 */
export function stem(word: string): string {
  if (word.length <= 2 || !/^[a-z]+$/.test(word)) return word
  const irregular = IRREGULAR.get(word)
  if (irregular !== undefined) return irregular
  const marked = word.replace(/^y/, 'Y').replace(/([aeiouy])y/g, '$1Y')
  const regions = findRegions(marked)
  const singular = dropPlural(marked)
  if (KEPT_AFTER_PLURAL.has(singular)) return singular
  let result = yToI(dropPastAndIng(singular, regions.r1))
  result = replaceSuffix(result, STEP_2, regions)
  result = replaceSuffix(result, STEP_3, regions)
  result = replaceSuffix(result, STEP_4, regions)
  return dropFinal(result, regions).replaceAll('Y', 'y')
}

/**
 * What every word of this stem begins with, and the stem too: what may be looked up in an index of words or of stems.
 * The stemmer swaps letters at the end only: y for i, an added e, and -bility for -ble; so those are cut off.
 */
export function stemPrefix(stemmed: string): string {
  const irregular = IRREGULAR_PREFIX.get(stemmed)
  if (irregular !== undefined) return irregular
  if (stemmed.length <= 2 || !/^[a-z]+$/.test(stemmed)) return stemmed
  return stemmed.replace(/(?:e|i)$/, '').replace(/bl$/, 'b')
}

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ...['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes'].map((word): [string, string] => [word, word]),
  ['skis', 'ski'],
  ['skies', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['idly', 'idl'],
  ['gently', 'gentl'],
  ['ugly', 'ugli'],
  ['early', 'earli'],
  ['only', 'onli'],
  ['singly', 'singl'],
])

/** Stems that an irregular word shares with fewer letters than the general rule leaves. */
const IRREGULAR_PREFIX: ReadonlyMap<string, string> = new Map([
  ['sky', 'sk'],
  ['die', 'd'],
  ['lie', 'l'],
  ['tie', 't'],
])

const KEPT_AFTER_PLURAL: ReadonlySet<string> = new Set([
  'inning',
  'outing',
  'canning',
  'herring',
  'earring',
  'proceed',
  'exceed',
  'succeed',
])

/** Where R1 and R2 begin. They are set once: suffixes only ever leave the end. */
interface Regions {
  readonly r1: number
  readonly r2: number
}

function findRegions(word: string): Regions {
  const special = /^(?:gener|commun|arsen)/.exec(word)
  const r1 = special ? special[0].length : regionAfter(word, 0)
  return { r1, r2: regionAfter(word, r1) }
}

/** Behind the first consonant that follows a vowel; a capital Y is a consonant. */
function regionAfter(word: string, from: number): number {
  const match = /[aeiouy][^aeiouy]/.exec(word.slice(from))
  return match ? from + match.index + 2 : word.length
}

function endsInShortSyllable(word: string): boolean {
  return /(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy])$/.test(word)
}

function dropPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2)
  if (/ie[sd]$/.test(word)) return word.slice(0, word.length > 4 ? -2 : -1)
  // The vowel must not stand right before the s: "gas" keeps its s, "gaps" does not.
  return /[aeiouy].+s$/.test(word) && !/[us]s$/.test(word) ? word.slice(0, -1) : word
}

function dropPastAndIng(word: string, r1: number): string {
  const agreed = /eed(?:ly)?$/.exec(word)
  if (agreed) return agreed.index >= r1 ? word.slice(0, agreed.index + 2) : word
  const suffix = /(?:ed|ing)(?:ly)?$/.exec(word)
  if (!suffix || !/[aeiouy]/.test(word.slice(0, suffix.index))) return word
  const rest = word.slice(0, suffix.index)
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(rest)) return rest.slice(0, -1)
  return r1 >= rest.length && endsInShortSyllable(rest) ? `${rest}e` : rest
}

function yToI(word: string): string {
  return /.[^aeiouy][yY]$/.test(word) ? `${word.slice(0, -1)}i` : word
}

interface Rule {
  readonly suffix: string
  readonly becomes: string
  /** What must stand before the suffix. */
  readonly after?: RegExp
  /** The suffix must lie in R2, not only in R1. */
  readonly inR2?: boolean
}

/** The longest suffix of the table decides, even when it lies outside its region and nothing happens. */
function replaceSuffix(word: string, rules: readonly Rule[], { r1, r2 }: Regions): string {
  const rule = rules.find(({ suffix }) => word.endsWith(suffix))
  if (!rule) return word
  const rest = word.slice(0, -rule.suffix.length)
  const allowed = rest.length >= (rule.inR2 ? r2 : r1) && (rule.after?.test(rest) ?? true)
  return allowed ? rest + rule.becomes : word
}

/** `'ful: fulness fulli'` says that both suffixes become ful. */
function rules(...lines: readonly string[]): Rule[] {
  return lines.flatMap((line) => {
    const [becomes = '', suffixes = ''] = line.split(':')
    return suffixes
      .trim()
      .split(' ')
      .map((suffix) => ({ suffix, becomes }))
  })
}

function longestFirst(table: readonly Rule[]): readonly Rule[] {
  return table.toSorted((a, b) => b.suffix.length - a.suffix.length)
}

const STEP_2: readonly Rule[] = longestFirst([
  ...rules('tion:tional', 'ence:enci', 'ance:anci', 'able:abli', 'ent:entli', 'ize:izer ization'),
  ...rules('ate:ational ation ator', 'al:alism aliti alli', 'ful:fulness fulli', 'ous:ousli ousness'),
  ...rules('ive:iveness iviti', 'ble:biliti bli', 'less:lessli'),
  { suffix: 'ogi', becomes: 'og', after: /l$/ },
  { suffix: 'li', becomes: '', after: /[cdeghkmnrt]$/ },
])

const STEP_3: readonly Rule[] = longestFirst([
  ...rules('tion:tional', 'ate:ational', 'al:alize', 'ic:icate iciti ical', ':ful ness'),
  { suffix: 'ative', becomes: '', inR2: true },
])

const STEP_4: readonly Rule[] = longestFirst([
  ...rules(':al ance ence er ic able ible ant ement ment ent ism ate iti ous ive ize').map((rule) => ({
    ...rule,
    inR2: true,
  })),
  { suffix: 'ion', becomes: '', after: /[st]$/, inR2: true },
])

function dropFinal(word: string, { r1, r2 }: Regions): string {
  const rest = word.slice(0, -1)
  if (word.endsWith('e')) {
    return rest.length >= r2 || (rest.length >= r1 && !endsInShortSyllable(rest)) ? rest : word
  }
  return word.endsWith('ll') && rest.length >= r2 ? rest : word
}
