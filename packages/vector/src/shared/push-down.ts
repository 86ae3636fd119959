import type { Condition } from '@archon-db/core/dialect'
import type { MetadataFilter } from '../metadata.ts'

/** A condition on one key, be it true or, when negated, false. */
export type Leaf = Extract<Condition, { readonly field: unknown }>

/** What a store's own filter says of a leaf. Whatever matches is let through; `exact`: and nothing else is. */
export interface Said<Native> {
  readonly native: Native
  readonly exact: boolean
}

/** How a store says filters. */
export interface FilterSpeech<Native> {
  /** Of two or more. */
  and(parts: readonly Native[]): Native
  or(parts: readonly Native[]): Native
  /** Null where the store has no words for it. */
  leaf(leaf: Leaf, values: readonly unknown[], negated: boolean): Said<Native> | null
}

/** Which parts of a filter a store decides, and which are decided here, on the metadata that it returns. */
export interface FilterExplanation<Native = unknown> {
  /** The filter in the store's own language; null when it is asked for everything. */
  readonly native: Native | null
  /** Conditions that the store narrows its answer down by: `kind eq`. */
  readonly pushed: readonly string[]
  /** Conditions that it is not asked about: they are evaluated here alone. */
  readonly here: readonly string[]
  /** Whether what the store lets through is checked once more here, by the whole filter. */
  readonly rechecked: boolean
}

/** A filter taken apart for one store. */
export interface FilterPlan<Native> extends FilterExplanation<Native> {
  /** Nothing can match. */
  readonly none: boolean
}

type Translated<Native> = Said<Native> | 'none' | { readonly all: true; readonly exact: boolean }

export function planFilter<Native>(filter: MetadataFilter | null, speech: FilterSpeech<Native>): FilterPlan<Native> {
  if (filter === null) return { native: null, none: false, rechecked: false, pushed: [], here: [] }
  const translator = new Translator(filter.values, speech)
  const translated = translator.translate(filter.condition, false)
  const leaves = translator.leaves()
  if (translated === 'none') return { native: null, none: true, rechecked: false, ...leaves }
  const rechecked = !translated.exact
  return { native: 'all' in translated ? null : translated.native, none: false, rechecked, ...leaves }
}

class Translator<Native> {
  readonly #values: readonly unknown[]
  readonly #speech: FilterSpeech<Native>
  readonly #pushed = new Map<Leaf, boolean>()

  constructor(values: readonly unknown[], speech: FilterSpeech<Native>) {
    this.#values = values
    this.#speech = speech
  }

  /** What holds when the condition is true, or false when negated; `unknown` is neither. */
  translate(condition: Condition, negated: boolean): Translated<Native> {
    switch (condition.type) {
      case 'constant':
        return condition.value === !negated ? { all: true, exact: true } : 'none'
      case 'not':
        return this.translate(condition.item, !negated)
      case 'and':
      case 'or':
        return (condition.type === 'and') !== negated
          ? this.#every(condition.items, negated)
          : this.#some(condition.items, negated)
      default:
        return this.#leaf(condition, negated)
    }
  }

  leaves(): Pick<FilterExplanation, 'pushed' | 'here'> {
    const of = (pushed: boolean): string[] =>
      [...this.#pushed].filter((entry) => entry[1] === pushed).map(([leaf]) => describeLeaf(leaf))
    return { pushed: of(true), here: of(false) }
  }

  #leaf(leaf: Leaf, negated: boolean): Translated<Native> {
    const said = this.#speech.leaf(leaf, this.#values, negated)
    this.#pushed.set(leaf, said !== null)
    return said ?? { all: true, exact: false }
  }

  #every(items: readonly Condition[], negated: boolean): Translated<Native> {
    const parts = items.map((item) => this.translate(item, negated))
    if (parts.includes('none')) return 'none'
    const exact = parts.every((part) => part !== 'none' && part.exact)
    const said = parts.filter(isSaid).map(({ native }) => native)
    if (said.length === 0) return { all: true, exact }
    return { native: said.length === 1 ? said[0]! : this.#speech.and(said), exact }
  }

  #some(items: readonly Condition[], negated: boolean): Translated<Native> {
    const parts = items.map((item) => this.translate(item, negated)).filter((part) => part !== 'none')
    if (parts.length === 0) return 'none'
    const everything = parts.filter((part) => 'all' in part)
    if (everything.length > 0) {
      // One branch that the store cannot say opens the whole alternative.
      for (const item of items) this.#takeBack(item)
      return { all: true, exact: everything.some(({ exact }) => exact) }
    }
    const said = parts.filter(isSaid)
    const exact = said.every((part) => part.exact)
    return { native: said.length === 1 ? said[0]!.native : this.#speech.or(said.map(({ native }) => native)), exact }
  }

  #takeBack(condition: Condition): void {
    if ('items' in condition) for (const item of condition.items) this.#takeBack(item)
    else if ('item' in condition) this.#takeBack(condition.item)
    else if ('field' in condition) this.#pushed.set(condition, false)
  }
}

function isSaid<Native>(part: Translated<Native>): part is Said<Native> {
  return part !== 'none' && 'native' in part
}

function describeLeaf(leaf: Leaf): string {
  const path = (leaf.field.path ?? []).map(String).join('.')
  return `${path} ${'op' in leaf ? leaf.op : leaf.type}`
}
