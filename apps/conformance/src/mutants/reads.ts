import type { OrderBy, OrderInput, Row, SelectResult } from '@archon-db/core'
import type { Mutant } from './mutant.ts'

const suites: readonly string[] = ['ordering', 'order', 'crud', 'types']

/** Databases that read wrongly. */
export const READ_MUTANTS: readonly Mutant[] = [
  {
    name: 'null-order',
    defect: 'nulls come first when ascending',
    suites,
    break: (real) => ({
      select: (table, spec = {}) =>
        real.select(
          table,
          spec.orderBy === undefined ? spec : { ...spec, orderBy: orderTerms(spec.orderBy).map(nullsOtherwise) },
        ),
    }),
  },
  {
    name: 'limit-off-by-one',
    defect: 'limit lets one row too many through',
    suites,
    break: (real) => ({
      select: (table, spec = {}) =>
        real.select(table, isCount(spec.limit) && spec.after === undefined ? { ...spec, limit: spec.limit + 1 } : spec),
    }),
  },
  {
    name: 'offset-ignored',
    defect: 'offset is not heeded',
    suites,
    break: (real) => ({
      select(table, spec = {}) {
        const { offset, ...others } = spec
        return real.select(table, isCount(offset) ? others : spec)
      },
    }),
  },
  {
    name: 'order-reversed-within-ties',
    defect: 'rows that tie come in no fixed order: here the other way round for every second call',
    suites,
    break(real) {
      let calls = 0
      return {
        async select(table, spec = {}) {
          const result = await real.select<never>(table, spec)
          calls++
          return spec.orderBy === undefined && calls % 2 === 0 ? { ...result, rows: result.rows.toReversed() } : result
        },
      }
    },
  },
  {
    name: 'cursor-skips-a-row',
    defect: 'each page but the first starts one row late',
    suites,
    break: (real) => ({
      async select(table, spec = {}) {
        const result = await real.select<never>(table, spec)
        return typeof spec.after === 'string' ? { ...result, rows: result.rows.slice(1) } : result
      },
    }),
  },
  {
    name: 'count-of-page',
    defect: 'the exact count counts the page only',
    suites,
    break: (real) => ({
      async select(table, spec = {}) {
        const result = await real.select<never>(table, spec)
        return result.count === undefined ? result : { ...result, count: result.rows.length }
      },
    }),
  },
  {
    name: 'stale-read',
    defect: 'a query asked before is answered from memory',
    suites: ['crud', 'concurrency', 'transactions'],
    break(real) {
      const known = new Map<string, SelectResult<never>>()
      return {
        async select(table, spec = {}) {
          const { signal: _, ...asked } = spec
          const key = JSON.stringify([table, asked], (_key, value: unknown) =>
            typeof value === 'bigint' ? `${value}n` : value,
          )
          const result = known.get(key) ?? (await real.select<never>(table, spec as never))
          known.set(key, result)
          return structuredCopy(result)
        },
      }
    },
  },
  {
    name: 'aggregate-ignores-filter',
    defect: 'aggregates are taken over the whole table',
    suites: ['crud', 'filters', 'aggregates'],
    break: (real) => ({
      aggregate: (table, { where: _, ...spec }) => real.aggregate(table, spec),
      count: (table, _where, options) => real.count(table, undefined, options),
    }),
  },
  {
    name: 'bigint-rounded',
    defect: 'integers beyond 2^53 come back as the nearest number',
    suites: ['types'],
    break: (real) => ({
      select: async (table, spec) =>
        mapRows(await real.select<never>(table, spec), (value) => (typeof value === 'bigint' ? Number(value) : value)),
    }),
  },
]

/** What is no count is for the real database to refuse. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function orderTerms(orderBy: OrderBy | readonly OrderBy[]): OrderBy[] {
  return Array.isArray(orderBy) ? [...orderBy] : [orderBy as OrderBy]
}

function nullsOtherwise(term: OrderBy): OrderBy {
  const call = typeof term === 'string' ? /^(asc|desc)\((.+)\)$/s.exec(term) : null
  const input: OrderInput =
    typeof term === 'string' ? { column: call?.[2] ?? term, direction: call?.[1] === 'desc' ? 'desc' : 'asc' } : term
  return input.nulls ? input : { ...input, nulls: input.direction === 'desc' ? 'last' : 'first' }
}

function mapRows<R>(result: SelectResult<R>, change: (value: unknown) => unknown): SelectResult<R> {
  const rows = result.rows.map(
    (row) => Object.fromEntries(Object.entries(row as Row).map(([name, value]) => [name, change(value)])) as R,
  )
  return { ...result, rows }
}

/** Callers may do with their rows what they like. */
function structuredCopy<R>(result: SelectResult<R>): SelectResult<R> {
  return { ...result, rows: result.rows.map((row) => ({ ...row })) }
}
