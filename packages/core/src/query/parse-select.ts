import { describeValue, invalidInput } from '../errors.ts'
import { addValue, type Bindings, type Condition, type FieldRef, newBindings, type Slot } from '../filter/ast.ts'
import { parseFilter, quoteName } from '../filter/parse.ts'
import { pathKey } from '../filter/path.ts'
import type { ColumnInfo, Schema, TableInfo } from '../schema.ts'
import type { Aggregate, Join, Literal, OrderTerm, OutputColumn, SelectQuery } from './ast.ts'
import { afterCondition, decodeCursor, orderSignature } from './cursor.ts'
import { namesOf, type Order, outputKey } from './names.ts'
import { namingOf, requireList } from './options.ts'
import { TableScope, tableOf } from './scope.ts'
import type { AggregateSpec, Naming, OrderBy, OrderInput, SelectSpec } from './specs.ts'

/** A query with the values for its slots and the text that identifies its shape. */
export interface Parsed<Q> {
  readonly query: Q
  readonly values: readonly unknown[]
  readonly key: string
}

export interface ParsedSelect extends Parsed<SelectQuery> {
  /** Set when the caller pages by cursor. */
  readonly page?: { readonly size: number; readonly order: string; readonly terms: readonly OrderTerm[] }
}

export interface JoinSpec {
  readonly type: 'inner' | 'left'
  readonly table: string
  readonly alias?: string
  readonly on: readonly { readonly left: string; readonly right: string }[]
}

export type JoinedSelectSpec = SelectSpec & { readonly joins?: readonly JoinSpec[] }

export function parseSelect(schema: Schema, tableName: string, spec: JoinedSelectSpec): ParsedSelect {
  const table = tableOf(schema, tableName)
  const naming = namingOf(spec)
  const scope = new TableScope(table, naming)
  const bindings = newBindings()
  bindings.key = `select ${naming} ${table.name}`
  const joins = parseJoins(schema, scope, naming, spec.joins, bindings)
  const columns = parseColumns(table, scope, spec.columns, naming, bindings)
  const filter = parseFilter(spec.where, scope, bindings)
  const orderBy = parseOrder(table, scope, spec, columns, joins, bindings)
  const page = parsePage(spec, orderBy, bindings)
  refuseTogether(spec)
  const where = page?.after ? (filter ? { type: 'and' as const, items: [filter, page.after] } : page.after) : filter
  const limit = parseLimit(page ? page.size + 1 : spec.limit, bindings)
  const offset = parseCount('offset', spec.offset, bindings)
  const query: SelectQuery = {
    kind: 'select',
    table,
    joins,
    columns: page ? withKeys(columns, orderBy) : columns,
    where,
    groupBy: NONE,
    orderBy,
    limit,
    offset,
    count: parseCountMode(spec.count, bindings),
    distinct: parseFlag('distinct', spec.distinct, bindings),
    lock: parseFlag('lock', spec.lock === undefined ? undefined : spec.lock === 'update', bindings),
  }
  const { values, key } = bindings
  if (!page) return { query, values, key }
  return { query: page.after ? { ...query, counted: filter } : query, values, key, page }
}

/** Most queries have none of something. */
const NONE: readonly never[] = []

function parseFlag(name: string, value: boolean | undefined, bindings: Bindings): boolean {
  if (!value) return false
  bindings.key += `;${name}`
  return true
}

function refuseTogether({ distinct, count, lock }: SelectSpec): void {
  if (distinct && count !== undefined)
    throw invalidInput('distinct goes without count; aggregate with countDistinct tells how many values there are.')
  if (lock !== undefined && (distinct || count !== undefined))
    throw invalidInput('lock goes with neither count nor distinct; lock the rows first, then count.')
}

function parseCountMode(count: unknown, bindings: Bindings): boolean {
  if (count === undefined) return false
  if (count !== 'exact') throw invalidInput("count takes 'exact'.")
  bindings.key += ';count'
  return true
}

function parseJoins(
  schema: Schema,
  scope: TableScope,
  naming: Naming,
  joins: readonly JoinSpec[] | undefined,
  bindings: Bindings,
): readonly Join[] {
  if (!joins) return NONE
  return requireList('joins', joins).map((join) => {
    const table = tableOf(schema, join.table)
    if (join.type !== 'inner' && join.type !== 'left') throw invalidInput("A join is of type 'inner' or 'left'.")
    const alias = join.alias ?? join.table
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(alias))
      throw invalidInput(`${quoteName(alias)} cannot name a joined table.`)
    const right = new TableScope(table, naming)
    const on = join.on.map((pair) => ({
      left: joinField(pair.left, scope),
      right: { ...joinField(pair.right, right), alias },
    }))
    scope.join(alias, table)
    bindings.key += `;${join.type} ${join.table} ${alias} ${on.map((pair) => `${pair.left.alias ?? ''}.${pair.left.column.name}=${pair.right.column.name}`).join()}`
    return { type: join.type, table, alias, on }
  })
}

/** Whole columns only: how values inside JSON equal those of a column differs between databases. */
function joinField(name: string, scope: TableScope): FieldRef {
  const field = scope.resolve(name)
  if (!field.path) return field
  throw invalidInput(`Tables are joined by columns; ${quoteName(name)} is a path into JSON.`, {
    column: field.column.name,
  })
}

function parseColumns(
  table: TableInfo,
  scope: TableScope,
  columns: SelectSpec['columns'],
  naming: Naming,
  bindings: Bindings,
): readonly OutputColumn[] {
  const { all, outputs } = namesOf(table, naming)
  if (columns === undefined) return all
  if (typeof columns !== 'object' || columns === null)
    throw invalidInput(`columns takes an array or an object, not ${describeValue(columns)}.`)
  const names: readonly string[] = Array.isArray(columns) ? columns : Object.keys(columns)
  const sources = names === columns ? names : Object.values(columns)
  if (names.length === 0) throw invalidInput('columns is empty; leave it out for all columns.', { table: table.name })
  let key = ' '
  const parsed = names.map((as, i): OutputColumn => {
    const source = sources[i] as string
    const own = as === source ? outputs.get(as) : undefined
    const output = own?.output ?? { as, field: columnField(source, scope) }
    key += own?.key ?? keyOf(output as Required<OutputColumn>)
    return output
  })
  bindings.key += key
  return parsed
}

function columnField(name: unknown, scope: TableScope): FieldRef {
  if (typeof name === 'string') return scope.resolve(name)
  throw invalidInput(`A column is named by a string, not ${describeValue(name)}.`)
}

function keyOf({ as, field }: Required<OutputColumn>): string {
  return outputKey(as, field.column.name + (field.path ? pathKey(field.path) : ''), field.alias)
}

function parseOrder(
  table: TableInfo,
  scope: TableScope,
  spec: SelectSpec,
  columns: readonly OutputColumn[],
  joins: readonly Join[],
  bindings: Bindings,
): readonly OrderTerm[] {
  const { orderBy } = spec
  const usual = orderBy === undefined || (typeof orderBy === 'string' && orderBy !== '')
  const order =
    usual && joins.length === 0 && !spec.distinct
      ? ownOrder(table, scope, spec, orderBy ?? '')
      : orderOf(table, scope, spec, columns, joins)
  bindings.key += `;order ${order.signature}`
  return order.terms
}

/** The table's own order or one column of it: there are only so many of these. */
function ownOrder(table: TableInfo, scope: TableScope, spec: SelectSpec, text: string): Order {
  const { orders } = namesOf(table, spec.naming ?? 'name')
  const known = orders.get(text)
  if (known) return known
  const order = orderOf(table, scope, spec, [], [])
  orders.set(text, order)
  return order
}

function orderOf(
  table: TableInfo,
  scope: TableScope,
  spec: SelectSpec,
  columns: readonly OutputColumn[],
  joins: readonly Join[],
): Order {
  const inputs =
    spec.orderBy === undefined ? [] : Array.isArray(spec.orderBy) ? spec.orderBy : [spec.orderBy as OrderBy]
  const terms = inputs.map((input) => orderTerm(input, scope))
  const completing = spec.distinct ? distinctFields(columns, terms) : totalOrder(table, joins)
  for (const field of completing) {
    if (!terms.some((term) => sameField(term.field, field))) terms.push({ field, direction: 'asc', nulls: 'last' })
  }
  return { terms, signature: orderSignature(terms) }
}

/** Rows are told apart by what is fetched, so nothing else can order them. */
function distinctFields(columns: readonly OutputColumn[], terms: readonly OrderTerm[]): FieldRef[] {
  const fields = columns.map((column) => column.field as FieldRef)
  for (const { column, path } of fields) {
    if (path || column.kind === 'json' || column.kind === 'vector')
      throw invalidInput(
        `distinct compares whole values, which JSON and vectors do not allow; for values inside ${column.name} use aggregate with groupBy.`,
        { column: column.name },
      )
  }
  for (const { field } of terms) {
    if (!fields.some((own) => sameField(own, field)))
      throw invalidInput(`With distinct, rows are ordered by columns that are fetched; ${field.column.name} is not.`, {
        column: field.column.name,
      })
  }
  return fields
}

/** Keys that make any order total: the primary keys of every table that contributes rows. */
function totalOrder(table: TableInfo, joins: readonly Join[]): FieldRef[] {
  const keyOf = (of: TableInfo): ColumnInfo[] => of.primaryKey.map((name) => of.byName.get(name) as ColumnInfo)
  const many = joins.filter((join) => !findsOne(join))
  const joined = many.flatMap(({ table: other, alias }) => keyOf(other).map((column): FieldRef => ({ column, alias })))
  return [...keyOf(table).map((column): FieldRef => ({ column })), ...joined]
}

/** Such a join adds no rows, and its key in the order would keep servers from reading an index in that order. */
function findsOne({ table, on }: Join): boolean {
  const isNamed = (column: string): boolean => on.some(({ right }) => right.column.name === column)
  const keys = [table.primaryKey, ...table.uniques.map((unique) => unique.columns)]
  return keys.some((columns) => columns.length > 0 && columns.every(isNamed))
}

function sameField(a: FieldRef, b: FieldRef): boolean {
  return a.column === b.column && a.alias === b.alias
}

const CALL = /^(asc|desc)\((.+)\)$/s

function orderTerm(input: OrderBy, scope: TableScope): OrderTerm {
  const { column, direction, nulls } = typeof input === 'string' ? orderText(input) : orderObject(input)
  const field = scope.resolve(column)
  if (field.path || field.column.kind === 'json' || field.column.kind === 'vector') {
    throw invalidInput(
      `Rows cannot be ordered by ${quoteName(column)}: ${field.path ? 'paths into JSON' : field.column.kind} values have no order.`,
      { column: field.column.name },
    )
  }
  return { field, direction, nulls: nulls ?? (direction === 'asc' ? 'last' : 'first') }
}

function orderText(text: string): { column: string; direction: 'asc' | 'desc'; nulls?: 'first' | 'last' } {
  const call = CALL.exec(text)
  return call ? { column: call[2] as string, direction: call[1] as 'asc' | 'desc' } : { column: text, direction: 'asc' }
}

function orderObject(input: OrderInput): { column: string; direction: 'asc' | 'desc'; nulls?: 'first' | 'last' } {
  const { column, direction = 'asc', nulls } = input ?? {}
  const known =
    typeof column === 'string' &&
    (direction === 'asc' || direction === 'desc') &&
    (nulls === undefined || nulls === 'first' || nulls === 'last')
  if (!known)
    throw invalidInput(
      "orderBy takes 'column', 'desc(column)' or { column, direction: 'asc' | 'desc', nulls: 'first' | 'last' }.",
    )
  return nulls === undefined ? { column, direction } : { column, direction, nulls }
}

/** Larger ones are values like any other, or every number would be a shape of its own. */
const LARGEST_LITERAL = 1000

function parseLimit(value: unknown, bindings: Bindings): Slot | Literal | null {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > LARGEST_LITERAL)
    return parseCount('limit', value, bindings)
  bindings.key += `;limit ${value}`
  return { literal: value }
}

/** Limits and offsets are whole numbers from 0; absent means no bound. */
function parseCount(name: 'limit' | 'offset', value: unknown, bindings: Bindings): number | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalidInput(
      `${name} takes a whole number from 0, not ${typeof value === 'number' ? 'this one' : describeValue(value)}.`,
    )
  }
  bindings.key += `;${name}`
  return addValue(bindings, value)
}

type Page = NonNullable<ParsedSelect['page']> & { readonly after: Condition | null }

function parsePage(spec: SelectSpec, terms: readonly OrderTerm[], bindings: Bindings): Page | undefined {
  if (spec.after === undefined) return undefined
  if (spec.limit === undefined) throw invalidInput('Paging by cursor needs a limit.')
  if (spec.offset !== undefined || spec.distinct)
    throw invalidInput('Paging by cursor goes with neither offset nor distinct.')
  const order = orderSignature(terms)
  bindings.key += ';page'
  const after = spec.after === null ? null : afterCondition(terms, decodeCursor(spec.after, order, terms), bindings)
  return { size: checkPageSize(spec.limit), order, terms, after }
}

function checkPageSize(limit: unknown): number {
  if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0) return limit
  throw invalidInput('Paging by cursor takes a limit of 1 or more.')
}

/** The order keys must be fetched to make the next cursor. Those that no column asked for come last. */
function withKeys(columns: readonly OutputColumn[], terms: readonly OrderTerm[]): OutputColumn[] {
  const all = [...columns]
  terms.forEach(({ field }, key) => {
    const at = all.findIndex((output) => output.key === undefined && isOf(output, field))
    const asked = all[at]
    if (asked) all[at] = { ...asked, key }
    else all.push({ as: `:key${key}`, field, key, hidden: true })
  })
  return all
}

function isOf({ field, aggregate }: OutputColumn, { column, alias, path }: FieldRef): boolean {
  const isWhole = aggregate === undefined && path === undefined && field?.path === undefined
  return isWhole && field?.column.name === column.name && field.alias === alias
}

const AGGREGATE = /^(count|countDistinct|sum|avg|min|max)(?:\((.+)\))?$/s
const NUMERIC = new Set(['integer', 'bigint', 'double'])
const UNORDERED = new Set(['json', 'vector', 'uuid', 'boolean', 'enum'])

export function parseAggregate(schema: Schema, tableName: string, spec: AggregateSpec): Parsed<SelectQuery> {
  const table = tableOf(schema, tableName)
  const naming = namingOf(spec)
  const scope = new TableScope(table, naming)
  const bindings = newBindings()
  bindings.key = `aggregate ${naming} ${table.name} `
  const groups = requireList('groupBy', spec.groupBy ?? []).map((name) => ({
    as: name,
    field: groupField(name, scope),
    grouped: true,
  }))
  for (const group of groups)
    bindings.key += `${JSON.stringify(group.as)}:${group.field.column.name}${group.field.path ? pathKey(group.field.path) : ''},`
  const columns = [
    ...groups,
    ...Object.entries(spec.aggregates ?? {}).map(([as, text]) => aggregateColumn(as, text, scope, bindings)),
  ]
  if (columns.length === 0)
    throw invalidInput("aggregates is empty; ask for one, such as { n: 'count' }.", { table: table.name })
  refuseTwice(columns)
  const where = parseFilter(spec.where, scope, bindings)
  const limit = parseLimit(spec.limit, bindings)
  const orderBy = groups.map(({ field }): OrderTerm => ({ field, direction: 'asc', nulls: 'last' }))
  const query: SelectQuery = {
    kind: 'select',
    table,
    joins: [],
    columns,
    where,
    groupBy: groups.map(({ field }) => field),
    orderBy,
    limit,
    offset: null,
    count: false,
    distinct: false,
    lock: false,
  }
  return { query, values: bindings.values, key: bindings.key }
}

/** Two values cannot stand under one key of a row. */
function refuseTwice(columns: readonly OutputColumn[]): void {
  const names = columns.map(({ as }) => as)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw invalidInput(`${quoteName(twice)} names two results; give one of them another key.`)
}

function groupField(name: string, scope: TableScope): FieldRef {
  const field = scope.resolve(name)
  const { kind } = field.column
  if (field.path || (kind !== 'json' && kind !== 'vector')) return field
  throw invalidInput(`Rows cannot be grouped by ${quoteName(name)}: ${kind} values are not compared as a whole.`, {
    column: field.column.name,
  })
}

function aggregateColumn(as: string, text: string, scope: TableScope, bindings: Bindings): OutputColumn {
  const [, aggregate, name] = AGGREGATE.exec(String(text)) ?? []
  if (!aggregate || (name === undefined && aggregate !== 'count')) {
    throw invalidInput(
      `An aggregate is count, count(col), countDistinct(col), sum(col), avg(col), min(col) or max(col), not ${quoteName(String(text))}.`,
    )
  }
  bindings.key += `${JSON.stringify(as)}=${aggregate}(`
  const field = name === undefined ? undefined : scope.resolve(name)
  if (field) bindings.key += field.column.name
  bindings.key += '),'
  if (field) checkAggregate(aggregate, field)
  return { as, aggregate: aggregate as Aggregate, ...(field ? { field } : {}) }
}

function checkAggregate(aggregate: string, field: FieldRef): void {
  const { kind, name } = field.column
  const refused =
    field.path ||
    ((aggregate === 'sum' || aggregate === 'avg') && !NUMERIC.has(kind)) ||
    (aggregate !== 'count' && aggregate !== 'countDistinct' && UNORDERED.has(kind)) ||
    (aggregate === 'countDistinct' && (kind === 'json' || kind === 'vector'))
  if (refused)
    throw invalidInput(`${aggregate} cannot be taken of ${name}, which holds ${kind} values.`, { column: name })
}
