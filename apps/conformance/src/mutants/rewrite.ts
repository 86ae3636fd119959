import type { ColumnInfo, DataAccess, Filter, TableInfo } from '@archon-db/core'
import type { Defects } from './mutant.ts'

type AnyFilter = Record<string, unknown>

/** Changes the filter of every call that takes one. */
export function withFilters(
  real: DataAccess,
  rewrite: (filter: AnyFilter, table: TableInfo) => AnyFilter | undefined,
): Defects {
  const change = (name: string, filter: unknown): never | undefined => {
    const table = real.schema.tables.get(name)
    return (table && isPlain(filter) ? rewrite(filter, table) : filter) as never | undefined
  }
  return {
    select: (table, spec = {}) => real.select(table, withWhere(spec, change(table, spec.where))),
    aggregate: (table, spec) => real.aggregate(table, withWhere(spec, change(table, spec.where))),
    count: (table, where, options) => real.count(table, change(table, where), options),
    update: (table, patch, options) => real.update(table, patch, withWhere(options, change(table, options.where))),
    delete: (table, options) => real.delete(table, withWhere(options, change(table, options.where))),
    stream: (table, spec = {}) => real.stream(table, withWhere(spec, change(table, spec.where))),
    search: (table, spec) =>
      real.search(table, { ...spec, ...(spec.filter && { filter: change(table, spec.filter) as unknown as Filter }) }),
  }
}

function withWhere<T extends { readonly where?: unknown }>(spec: T, where: never | undefined): T {
  return where === spec.where ? spec : { ...spec, where }
}

/** As deep as filters may be nested; deeper ones are for the real database to refuse. */
const MAX_DEPTH = 64

type ChangeTest = (test: unknown, column: ColumnInfo | undefined, name: string) => unknown

/** Changes the test on each field, wherever it stands. Undefined leaves the field out. */
export function eachTest(filter: AnyFilter, table: TableInfo, change: ChangeTest, depth = 0): AnyFilter {
  const inner = (item: unknown): unknown =>
    isPlain(item) && depth < MAX_DEPTH ? eachTest(item, table, change, depth + 1) : item
  const entries = Object.entries(filter).map(([name, test]): [string, unknown] => {
    if ((name === 'and' || name === 'or') && Array.isArray(test)) return [name, test.map(inner)]
    if (name === 'not') return [name, inner(test)]
    const stem = name.split(/[.[]/, 1)[0] ?? name
    return [name, change(test, table.byName.get(stem) ?? table.byKey.get(stem), name)]
  })
  // A test that was undefined before is for the real database to refuse.
  return Object.fromEntries(entries.filter(([name, test]) => test !== undefined || filter[name] === undefined))
}

/** Changes one operator of a test such as `{ ilike: 'a%' }`. */
export function eachOperator(
  test: unknown,
  change: (operator: string, operand: unknown) => [string, unknown] | undefined,
): unknown {
  if (!isPlain(test)) return test
  const entries = Object.entries(test).map(([operator, operand]) => change(operator, operand))
  const kept = entries.filter((entry) => entry !== undefined)
  return kept.length === 0 && entries.length > 0 ? undefined : Object.fromEntries(kept)
}

export function isPlain(value: unknown): value is AnyFilter {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
