import type { Mutant } from './mutant.ts'
import { eachOperator, eachTest, isPlain, withFilters } from './rewrite.ts'

const suites: readonly string[] = ['filters', 'json', 'crud']

/** Databases that misread a filter. */
export const FILTER_MUTANTS: readonly Mutant[] = [
  {
    name: 'drops-a-filter',
    defect: 'of several conditions the last is forgotten',
    suites,
    break: (real) =>
      withFilters(real, (filter) =>
        Object.keys(filter).length > 1 ? Object.fromEntries(Object.entries(filter).slice(0, -1)) : filter,
      ),
  },
  {
    name: 'case-insensitive-equality',
    defect: "'a' equals 'A'",
    suites,
    break: (real) =>
      withFilters(real, (filter, table) =>
        eachTest(filter, table, (test, column) =>
          column?.kind === 'text' && typeof test === 'string' ? { ilike: escapePattern(test) } : test,
        ),
      ),
  },
  {
    name: 'ilike-ascii-only',
    defect: 'ilike folds A to a, but not Ä to ä',
    suites,
    break: (real) =>
      operators(real, (operator, operand) =>
        operator === 'ilike' && !isAscii(operand) ? ['like', operand] : [operator, operand],
      ),
  },
  {
    name: 'wildcards-in-contains',
    defect: 'contains takes % and _ for wildcards',
    suites,
    break: (real) =>
      operators(real, (operator, operand) =>
        operator === 'contains' ? ['like', `%${String(operand).replace(/\\+$/, '')}%`] : [operator, operand],
      ),
  },
  {
    name: 'ne-matches-null',
    defect: 'ne finds rows that have no value',
    suites,
    break: (real) =>
      operators(real, (operator, operand) =>
        operator === 'ne' && operand !== null ? ['distinctFrom', operand] : [operator, operand],
      ),
  },
  {
    name: 'empty-in-matches-all',
    defect: 'in: [] filters nothing',
    suites,
    break: (real) =>
      operators(real, (operator, operand) =>
        operator === 'in' && Array.isArray(operand) && operand.length === 0 ? undefined : [operator, operand],
      ),
  },
  {
    name: 'between-without-its-end',
    defect: 'between leaves out its upper end',
    suites,
    break: (real) => withFilters(real, (filter, table) => eachTest(filter, table, withoutEnd)),
  },
  {
    name: 'json-loose-equality',
    defect: 'in JSON 5 equals "5"',
    suites,
    break: (real) =>
      withFilters(real, (filter, table) =>
        eachTest(filter, table, (test, column) => (column?.kind === 'json' ? loosely(test) : test)),
      ),
  },
  {
    name: 'json-missing-is-null',
    defect: 'exists cannot tell a missing key from null',
    suites,
    break: (real) =>
      operators(real, (operator, operand) => (operator === 'exists' ? ['isNull', !operand] : [operator, operand])),
  },
]

function operators(
  real: Parameters<Mutant['break']>[0],
  change: Parameters<typeof eachOperator>[1],
): ReturnType<Mutant['break']> {
  return withFilters(real, (filter, table) => eachTest(filter, table, (test) => eachOperator(test, change)))
}

function escapePattern(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

function isAscii(operand: unknown): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\x00-\x7f]*$/.test(String(operand))
}

function withoutEnd(test: unknown): unknown {
  if (!isPlain(test) || !Array.isArray(test.between)) return test
  const [gte, lt] = test.between
  return { gte, lt }
}

function loosely(test: unknown): unknown {
  if (typeof test === 'number') return { in: [test, String(test)] }
  if (typeof test === 'string' && test !== '' && Number.isFinite(Number(test))) return { in: [test, Number(test)] }
  return eachOperator(test, (operator, operand) => {
    const wide = operator === 'eq' ? loosely(operand) : operand
    return isPlain(wide) ? ['in', wide.in] : [operator, operand]
  })
}
