import type { Filter } from '../filter/types.ts'

/** A pattern for `ilike` that finds this text anywhere, whatever its case; the text's own `%`, `_` and `\` are data. */
export function anywhere(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

/** Holds where one of the keys has the whole phrase in it. */
export function phraseIn<Entity extends object>(phrase: string, keys: readonly (keyof Entity & string)[]): Filter {
  return { or: keys.map((key) => ({ [key]: { ilike: anywhere(phrase) } })) }
}

/** All conditions that are there; absent ones filter nothing. */
export function allOf(...filters: readonly (Filter | false | undefined)[]): Filter {
  return { and: filters.filter((filter) => filter !== undefined && filter !== false) }
}

/** The keys that were given, as equalities: `given({ status: undefined, url: 'x' })` is `{ url: 'x' }`. */
export function given(values: Readonly<Record<string, unknown>>): Filter {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
