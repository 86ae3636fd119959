import type { Condition } from '@archon-db/core/dialect'
import type { FilterSpeech } from '../shared/push-down.ts'

/** A filter as the query compiler takes it. */
export interface SqlFilter {
  readonly condition: Condition
  readonly values: readonly unknown[]
}

/** SQL says everything: the compiler is the one that the tables' own filters go through. */
export const sqlSpeech: FilterSpeech<SqlFilter> = {
  and: (parts) => joined('and', parts),
  or: (parts) => joined('or', parts),
  leaf: (leaf, values, negated) => ({
    native: { condition: negated ? { type: 'not', item: leaf } : leaf, values },
    exact: true,
  }),
}

function joined(type: 'and' | 'or', parts: readonly SqlFilter[]): SqlFilter {
  // All parts of one filter share its list of values.
  return { condition: { type, items: parts.map(({ condition }) => condition) }, values: parts[0]!.values }
}
