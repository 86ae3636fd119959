import type { Mutant } from './mutant.ts'

const suites: readonly string[] = ['vector', 'hybrid', 'fulltext', 'search']

/** Databases that find the wrong things. */
export const SEARCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'top-k-order',
    defect: 'the best hit comes last',
    suites,
    break: (real) => ({ search: async (table, spec) => (await real.search(table, spec)).toReversed() }),
  },
  {
    name: 'top-k-too-few',
    defect: 'the filter is applied to the nearest rows instead of the nearest to the filtered ones',
    suites,
    break: (real) => ({
      async search(table, spec) {
        const { filter, ...unfiltered } = spec
        if (!filter) return real.search(table, spec)
        const matching = await real.select<{ id: number }>(table, { where: filter, columns: ['id'] })
        const ids = new Set(matching.rows.map((row) => String(row.id)))
        return (await real.search(table, unfiltered)).filter(({ row }) => ids.has(String(row.id)))
      },
    }),
  },
  {
    name: 'ignores-min-score',
    defect: 'minScore is not heeded',
    suites,
    break: (real) => ({
      search(table, spec) {
        const { minScore, ...others } = spec
        return real.search(table, Number.isFinite(minScore) ? others : spec)
      },
    }),
  },
  {
    name: 'search-ignores-filter',
    defect: 'a search looks at all rows, whatever the filter',
    suites,
    break: (real) => ({
      search(table, spec) {
        const { filter: _, ...others } = spec
        return real.search(table, others)
      },
    }),
  },
  {
    name: 'any-word-matches',
    defect: 'a keyword search is content with the first word',
    suites: ['fulltext', 'hybrid', 'search'],
    break: (real) => ({
      search: (table, spec) =>
        real.search(
          table,
          spec.text === undefined ? spec : { ...spec, text: spec.text.trim().split(/\s+/, 1)[0] ?? '' },
        ),
    }),
  },
  {
    name: 'hybrid-without-words',
    defect: 'a hybrid search leaves the words out',
    suites: ['hybrid', 'search'],
    break: (real) => ({
      search(table, spec) {
        if (spec.embedding === undefined || (spec.mode !== undefined && spec.mode !== 'hybrid'))
          return real.search(table, spec)
        const { text: _, ...others } = spec
        return real.search(table, { ...others, mode: 'vector' })
      },
    }),
  },
]
