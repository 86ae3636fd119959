import type { ColumnInfo, Filter, TableInfo } from '@archon-db/core'
import fc, { type Arbitrary } from 'fast-check'
import { anyJson, anyPattern, anyText, JSON_KEYS, scalarInJson, valueFor } from './values.ts'

/** The columns that operations look at: not the vectors, and not what the clock alone decides. */
export function usable(table: TableInfo): ColumnInfo[] {
  return table.columns.filter(({ kind, name }) => kind !== 'vector' && kind !== 'generated' && name !== 'updated_at')
}

/** Any filter on a table: every operator on every kind of column, nulls among the operands, nested twice. */
export function filterOn(table: TableInfo): Arbitrary<Filter> {
  const leaf = fc.constantFrom(...usable(table)).chain(conditionOn)
  return fc.letrec<{ filter: Filter; leaf: Filter }>((tie) => ({
    leaf,
    filter: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 5, arbitrary: tie('leaf') },
      fc.array(tie('filter'), { maxLength: 3 }).map((and) => ({ and })),
      fc.array(tie('filter'), { maxLength: 3 }).map((or) => ({ or })),
      tie('filter').map((not) => ({ not })),
    ),
  })).filter
}

function conditionOn(column: ColumnInfo): Arbitrary<Filter> {
  if (column.kind === 'json') return jsonCondition(column.name)
  const value = valueFor(column)
  const operators = column.kind === 'text' ? fc.oneof(comparisons(value), matches()) : comparisons(value)
  return fc
    .oneof({ weight: 5, arbitrary: operators }, value, fc.constant(null))
    .map((test) => ({ [column.name]: test }) as Filter)
}

/** Null as an operand is legal everywhere and must be unknown, not an error. */
function comparisons(value: Arbitrary<unknown>): Arbitrary<object> {
  const operand = fc.oneof({ weight: 9, arbitrary: value }, fc.constant(null))
  const list = fc.array(operand, { maxLength: 4 })
  return fc.oneof(
    fc.tuple(fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'distinctFrom'), operand).map(single),
    fc.tuple(fc.constantFrom('in', 'notIn'), list).map(single),
    fc.boolean().map((isNull) => ({ isNull })),
    fc.tuple(operand, operand).map((between) => ({ between })),
    fc.tuple(operand, operand).map(([gte, lt]) => ({ gte, lt })),
  )
}

function matches(): Arbitrary<object> {
  return fc.oneof(
    fc.tuple(fc.constantFrom('like', 'ilike'), anyPattern).map(single),
    fc.tuple(fc.constantFrom('contains', 'startsWith', 'endsWith'), anyText).map(single),
  )
}

function single([operator, operand]: readonly [string, unknown]): object {
  return { [operator]: operand }
}

const paths: Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...JSON_KEYS).map((key) => `."${key}"`),
      fc.constantFrom('[0]', '[1]'),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((steps) => steps.join(''))

function jsonCondition(name: string): Arbitrary<Filter> {
  const inside = fc.oneof(
    comparisons(scalarInJson),
    matches(),
    fc.boolean().map((exists) => ({ exists })),
    anyJson.map((jsonContains) => ({ jsonContains })),
  )
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(paths, inside).map(([path, test]) => ({ [name + path]: test }) as Filter) },
    anyJson.map((jsonContains) => ({ [name]: { jsonContains } }) as Filter),
    fc.boolean().map((isNull) => ({ [name]: { isNull } }) as Filter),
  )
}
