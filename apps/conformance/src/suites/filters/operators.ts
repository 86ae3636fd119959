import assert from 'node:assert/strict'
import type { SuiteBuilder } from '../../harness/index.ts'
import { KINDS, type Kind, labelsOf } from './kinds.ts'

/** What an operator is given, and which rows it finds: `r0` holds the smallest value. */
type Case = readonly [test: unknown, expected: readonly string[]]

interface Rows {
  readonly values: readonly unknown[]
  /** Labels of the rows whose value stands in `values` at a place that fits. */
  at(fits: (place: number) => boolean): string[]
  readonly nulls: readonly string[]
  readonly last: number
}

const OPERATORS: Readonly<Record<string, (rows: Rows) => readonly Case[]>> = {
  eq: (r) => [
    [{ eq: r.values[1] }, ['r1']],
    [r.values[1], ['r1']],
  ],
  ne: (r) => [[{ ne: r.values[1] }, r.at((i) => i !== 1)]],
  gt: (r) => [
    [{ gt: r.values[0] }, r.at((i) => i > 0)],
    [{ gt: r.values[r.last] }, []],
  ],
  gte: (r) => [
    [{ gte: r.values[1] }, r.at((i) => i >= 1)],
    [{ gte: r.values[0] }, r.at(() => true)],
  ],
  lt: (r) => [
    [{ lt: r.values[1] }, ['r0']],
    [{ lt: r.values[0] }, []],
  ],
  lte: (r) => [
    [{ lte: r.values[1] }, ['r0', 'r1']],
    [{ lte: r.values[0] }, ['r0']],
  ],
  in: (r) => [
    [{ in: [r.values[0], r.values[r.last]] }, r.at((i) => i === 0 || i === r.last)],
    [{ in: [r.values[1], r.values[1]] }, ['r1']],
    [{ in: [] }, []],
  ],
  'not-in': (r) => [
    [{ notIn: [r.values[1]] }, r.at((i) => i !== 1)],
    [{ notIn: r.values }, []],
    [{ notIn: [] }, [...r.at(() => true), ...r.nulls]],
  ],
  between: (r) => [
    [{ between: [r.values[0], r.values[1]] }, ['r0', 'r1']],
    [{ between: [r.values[1], r.values[1]] }, ['r1']],
    [{ between: [r.values[1], r.values[0]] }, []],
  ],
  range: (r) => [[{ gte: r.values[0], lt: r.values[1] }, ['r0']]],
  'is-null': (r) => [
    [{ isNull: true }, r.nulls],
    [{ isNull: false }, r.at(() => true)],
    [null, r.nulls],
  ],
  'distinct-from': (r) => [[{ distinctFrom: r.values[1] }, [...r.at((i) => i !== 1), ...r.nulls]]],
  'null-operand': (r) => [
    [{ eq: null }, r.nulls],
    [{ ne: null }, r.at(() => true)],
    [{ gt: null }, []],
    [{ lte: null }, []],
    [{ in: [null] }, []],
    [{ in: [r.values[1], null] }, ['r1']],
    [{ notIn: [null] }, []],
    [{ notIn: [r.values[1], null] }, []],
    [{ between: [null, r.values[1]] }, []],
    [{ distinctFrom: null }, r.at(() => true)],
  ],
}

/** Every operator that compares, on every kind of column that has values to compare. */
export function operators(t: SuiteBuilder): void {
  for (const kind of KINDS) {
    for (const [operator, cases] of Object.entries(OPERATORS)) {
      t.behaviour(`${kind.name}.${operator}`, async ({ db }) => {
        await kind.seed(db)
        for (const [test, expected] of cases(rowsOf(kind))) {
          const found = await labelsOf(db, kind, { [kind.field]: test })
          assert.deepEqual(found, expected.toSorted(), `${kind.field} ${show(test)}`)
        }
      })
    }
    negation(t, kind)
    absent(t, kind)
  }
}

function rowsOf({ values, nulls }: Kind): Rows {
  const places = values.map((_, place) => place)
  return {
    values,
    nulls,
    last: values.length - 1,
    at: (fits) => places.filter(fits).map((place) => `r${place}`),
  }
}

/** What is unknown stays unknown when it is negated. */
function negation(t: SuiteBuilder, kind: Kind): void {
  t.behaviour(`${kind.name}.not`, async ({ db }) => {
    await kind.seed(db)
    const { values, at, nulls } = rowsOf(kind)
    const not = (test: unknown): object => ({ not: { [kind.field]: test } })
    assert.deepEqual(
      await labelsOf(db, kind, not({ eq: values[1] })),
      at((i) => i !== 1),
    )
    assert.deepEqual(await labelsOf(db, kind, not({ ne: values[1] })), ['r1'])
    assert.deepEqual(await labelsOf(db, kind, not({ gt: values[0] })), ['r0'])
    assert.deepEqual(
      await labelsOf(db, kind, not({ in: [values[1]] })),
      at((i) => i !== 1),
    )
    assert.deepEqual(await labelsOf(db, kind, not({ distinctFrom: values[1] })), ['r1'])
    assert.deepEqual(await labelsOf(db, kind, not({ in: [] })), [...nulls, ...at(() => true)].toSorted())
    assert.deepEqual(await labelsOf(db, kind, { not: not({ eq: values[1] }) }), ['r1'])
  })
}

function absent(t: SuiteBuilder, kind: Kind): void {
  if (kind.absent === undefined) return
  t.behaviour(`${kind.name}.value-no-row-has`, async ({ db }) => {
    await kind.seed(db)
    const { at, nulls } = rowsOf(kind)
    const all = at(() => true)
    assert.deepEqual(await labelsOf(db, kind, { [kind.field]: kind.absent }), [])
    assert.deepEqual(await labelsOf(db, kind, { [kind.field]: { ne: kind.absent } }), all)
    assert.deepEqual(await labelsOf(db, kind, { [kind.field]: { notIn: [kind.absent] } }), all)
    assert.deepEqual(
      await labelsOf(db, kind, { [kind.field]: { distinctFrom: kind.absent } }),
      [...all, ...nulls].toSorted(),
    )
  })
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item))
}
