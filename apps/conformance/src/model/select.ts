import {
  compareValues,
  evaluate,
  type FieldRef,
  followPath,
  jsonNull,
  narrowBigint,
  type OrderTerm,
  type OutputColumn,
  type SelectQuery,
} from '@archon-db/core/dialect'
import { identity, rowsOf, type State, type StoredRow, toFetched } from './state.ts'

/** What a condition looks at: a row of the query's table and the rows joined to it. */
interface Scope {
  readonly own: StoredRow
  readonly joined: Readonly<Record<string, StoredRow | null>>
}

export interface Selected {
  /** In output order, hidden columns included. */
  readonly rows: Record<string, unknown>[]
  /** Matching rows, whatever limit and offset leave. */
  readonly matches: number
}

/** Joins, filters, groups, orders and cuts: in this order, one step at a time. */
export function runSelect(state: State, query: SelectQuery, values: readonly unknown[]): Selected {
  const matching = joinedScopes(state, query).filter((scope) => holds(query, values, scope))
  const isAggregate = query.groupBy.length > 0 || query.columns.some((column) => column.aggregate)
  const entries = isAggregate ? groups(query, matching) : matching.map((scope) => ({ scopes: [scope], first: scope }))
  const ordered = entries.toSorted((a, b) => compareScopes(query.orderBy, a.first, b.first))
  const rows = ordered.map(({ scopes, first }) => outputRow(query.columns, scopes, first))
  const distinct = query.distinct ? firstOfEach(rows) : rows
  const offset = query.offset === null ? 0 : (values[query.offset] as number)
  const limit = limitOf(query.limit, values)
  return { rows: distinct.slice(offset, offset + limit), matches: countOf(state, query, values, matching.length) }
}

function limitOf(limit: SelectQuery['limit'], values: readonly unknown[]): number {
  if (limit === null) return Number.POSITIVE_INFINITY
  return typeof limit === 'number' ? (values[limit] as number) : limit.literal
}

/** A page by cursor counts the pages before it as well. */
function countOf(state: State, query: SelectQuery, values: readonly unknown[], matching: number): number {
  const { counted } = query
  if (counted === undefined) return matching
  return joinedScopes(state, query).filter((scope) => holds({ ...query, where: counted }, values, scope)).length
}

export function matchingRows(
  state: State,
  query: Pick<SelectQuery, 'table' | 'where'>,
  values: readonly unknown[],
): StoredRow[] {
  return rowsOf(state, query.table).filter((own) => holds(query, values, { own, joined: {} }))
}

function holds({ where }: Pick<SelectQuery, 'where'>, values: readonly unknown[], scope: Scope): boolean {
  return where === null || evaluate(where, values, (field) => columnValue(scope, field)) === true
}

function joinedScopes(state: State, query: SelectQuery): Scope[] {
  let scopes = rowsOf(state, query.table).map((own): Scope => ({ own, joined: {} }))
  for (const { type, table, alias, on } of query.joins) {
    scopes = scopes.flatMap((scope) => {
      const partners = rowsOf(state, table).filter((row) =>
        on.every(({ left, right }) => isSame(columnValue(scope, left), row[right.column.name])),
      )
      const found: (StoredRow | null)[] = partners.length === 0 && type === 'left' ? [null] : partners
      return found.map((row) => ({ ...scope, joined: { ...scope.joined, [alias]: row } }))
    })
  }
  return scopes
}

/** Null is equal to nothing. */
function isSame(a: unknown, b: unknown): boolean {
  return a !== null && b !== null && b !== undefined && compareValues(a, b) === 0
}

function columnValue({ own, joined }: Scope, { column, alias }: FieldRef): unknown {
  const row = alias === undefined ? own : joined[alias]
  return row?.[column.name] ?? null
}

/** What orders and groups: a null inside JSON is no value there. */
function fieldValue(scope: Scope, field: FieldRef): unknown {
  return field.path ? (insideValue(scope, field) ?? null) : columnValue(scope, field)
}

function insideValue(scope: Scope, field: FieldRef): unknown {
  const document = columnValue(scope, field)
  return document === null ? undefined : followPath(document === jsonNull ? null : document, field.path ?? [])
}

function outputValue(scope: Scope, field: FieldRef): unknown {
  if (!field.path) return columnValue(scope, field)
  return insideValue(scope, field) ?? null
}

// ---- order ----------------------------------------------------------------------------------------------------------

function compareScopes(terms: readonly OrderTerm[], a: Scope, b: Scope): number {
  for (const term of terms) {
    const order = compareTerm(term, sortValue(a, term.field), sortValue(b, term.field))
    if (order !== 0) return order
  }
  return 0
}

function compareTerm({ direction, nulls }: OrderTerm, a: unknown, b: unknown): number {
  if (a === null || b === null) return a === b ? 0 : (a === null) === (nulls === 'first') ? -1 : 1
  return direction === 'asc' ? compareValues(a, b) : compareValues(b, a)
}

/** Enums order by declaration, what is inside JSON by its text. */
function sortValue(scope: Scope, field: FieldRef): unknown {
  const value = fieldValue(scope, field)
  if (value === null) return null
  if (field.path) return groupText(value)
  return field.column.kind === 'enum' ? field.column.values?.indexOf(value as string) : value
}

// ---- groups ---------------------------------------------------------------------------------------------------------

interface Group {
  readonly scopes: Scope[]
  readonly first: Scope
}

const NOTHING: Scope = { own: {}, joined: {} }

/** Without groupBy all rows are one group, even when there are none. */
function groups({ groupBy }: SelectQuery, scopes: readonly Scope[]): Group[] {
  if (groupBy.length === 0) return [{ scopes: [...scopes], first: scopes[0] ?? NOTHING }]
  const found = Map.groupBy(scopes, (scope) => identity(groupBy.map((field) => groupKey(scope, field))))
  return [...found.values()].map((members) => ({ scopes: members, first: members[0] as Scope }))
}

function groupKey(scope: Scope, field: FieldRef): unknown {
  const value = fieldValue(scope, field)
  return field.path && value !== null ? groupText(value) : value
}

function groupText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function outputRow(columns: readonly OutputColumn[], scopes: readonly Scope[], first: Scope): Record<string, unknown> {
  // Entries, because a key may be called __proto__.
  return Object.fromEntries(
    columns.map(({ as, field, aggregate }) => {
      if (aggregate) return [as, aggregated(aggregate, field, scopes)]
      return [as, field ? toFetched(outputValue(first, field)) : undefined]
    }),
  )
}

function aggregated(aggregate: string, field: FieldRef | undefined, scopes: readonly Scope[]): unknown {
  if (!field) return scopes.length
  const values = scopes.map((scope) => fieldValue(scope, field)).filter((value) => value !== null)
  if (aggregate === 'count') return values.length
  if (aggregate === 'countDistinct') return new Set(values.map((value) => identity([value]))).size
  if (values.length === 0) return null
  if (aggregate === 'sum') return sum(values)
  if (aggregate === 'avg') return Number(sum(values)) / values.length
  const sorted = values.toSorted(compareValues)
  return toFetched(aggregate === 'min' ? sorted[0] : sorted.at(-1))
}

/** Whole numbers exactly, whatever their size. */
function sum(values: readonly unknown[]): number | bigint {
  const whole = values.every((value) => typeof value === 'bigint' || Number.isInteger(value))
  if (whole) return narrowBigint(values.reduce<bigint>((total, value) => total + BigInt(value as number | bigint), 0n))
  return values.reduce<number>((total, value) => total + (value as number), 0)
}

function firstOfEach(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    const key = identity(Object.values(row))
    return !seen.has(key) && seen.add(key)
  })
}
