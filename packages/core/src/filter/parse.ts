import { describeValue, invalidFilter } from '../errors.ts'
import { checkJson, checkOperand, isoText } from '../values.ts'
import {
  addValue,
  type Bindings,
  type CompareOp,
  type Condition,
  type FieldRef,
  type JsonScalar,
  type MatchOp,
} from './ast.ts'
import { pathKey } from './path.ts'
import { parsePattern } from './pattern.ts'

/** Says what a name in a filter stands for, or throws `invalid_filter` naming it. */
export interface FieldScope {
  resolve(name: string): FieldRef
}

const MAX_DEPTH = 64

/** Turns a filter into conditions, its values into slots and its shape into text. Undefined filters nothing. */
export function parseFilter(filter: unknown, scope: FieldScope, bindings: Bindings): Condition | null {
  if (filter === undefined || filter === null) return null
  return parseObject(filter, scope, bindings, 0)
}

function parseObject(filter: unknown, scope: FieldScope, bindings: Bindings, depth: number): Condition | null {
  if (!isPlainObject(filter))
    throw invalidFilter(`A filter is an object such as { status: 'todo' }, not ${describeValue(filter)}.`)
  if (depth > MAX_DEPTH) throw invalidFilter(`A filter may be nested ${MAX_DEPTH} levels deep at most.`)
  const items: Condition[] = []
  bindings.key += '('
  for (const name in filter) {
    if (!Object.hasOwn(filter, name)) continue
    const item = parseEntry(name, filter[name], scope, bindings, depth)
    if (item) items.push(item)
  }
  bindings.key += ')'
  return items.length === 0 ? null : all(items)
}

function all(items: readonly Condition[]): Condition {
  return items.length === 1 ? (items[0] as Condition) : { type: 'and', items }
}

function parseEntry(
  name: string,
  value: unknown,
  scope: FieldScope,
  bindings: Bindings,
  depth: number,
): Condition | null {
  if (name === 'and' || name === 'or') return parseGroup(name, value, scope, bindings, depth)
  if (name === 'not') return parseNot(value, scope, bindings, depth)
  if (value === undefined)
    throw invalidFilter(`The filter on ${quoteName(name)} is undefined. Leave the field out, or say null.`)
  return parseField(name, scope.resolve(name), value, bindings)
}

function parseGroup(
  type: 'and' | 'or',
  value: unknown,
  scope: FieldScope,
  bindings: Bindings,
  depth: number,
): Condition {
  if (!Array.isArray(value)) throw invalidFilter(`'${type}' takes an array of filters, not ${describeValue(value)}.`)
  bindings.key += type === 'and' ? '&[' : '|['
  // Array.from, as map would leave the gaps of a sparse array as they are.
  const items = Array.from(value, (item) => parseObject(item, scope, bindings, depth + 1) ?? TRUE)
  bindings.key += ']'
  if (items.length === 0) return type === 'and' ? TRUE : FALSE
  return items.length === 1 ? (items[0] as Condition) : { type, items }
}

function parseNot(value: unknown, scope: FieldScope, bindings: Bindings, depth: number): Condition {
  bindings.key += '!'
  return { type: 'not', item: parseObject(value, scope, bindings, depth + 1) ?? TRUE }
}

const TRUE: Condition = { type: 'constant', value: true }
const FALSE: Condition = { type: 'constant', value: false }
const UNKNOWN: Condition = { type: 'constant', value: null }

function parseField(name: string, field: FieldRef, value: unknown, bindings: Bindings): Condition | null {
  const { key } = bindings
  bindings.key =
    key +
    (field.alias === undefined ? '' : `${field.alias}.`) +
    field.column.name +
    (field.path ? pathKey(field.path) : '')
  if (!isPlainObject(value)) return compare('eq', context(name, field, bindings), value)
  const operators = operatorsOf(name, field, value)
  if (operators === null) return contains(context(name, field, bindings), value)
  const items: Condition[] = []
  for (const operator of operators) {
    const parse = OPERATORS[operator] as OperatorParser
    items.push(parse(context(name, field, bindings), value[operator]))
  }
  return items.length === 0 ? null : all(items)
}

/** The operators of `{ gte: 3, lt: 9 }`; null when the object is a document to be contained in JSON. */
function operatorsOf(name: string, field: FieldRef, value: Record<string, unknown>): string[] | null {
  const keys = Object.keys(value)
  const unknown = keys.filter((key) => !Object.hasOwn(OPERATORS, key))
  if (unknown.length === 0) return keys
  if (isJson(field) && unknown.length === keys.length && !keys.some((key) => key.startsWith('$'))) return null
  const hint = isJson(field) ? ' To match a JSON document use jsonContains.' : ''
  throw invalidFilter(
    `Unknown operator ${quoteName(unknown[0] as string)} on ${quoteName(name)}. Known: ${Object.keys(OPERATORS).join(', ')}.${hint}`,
    { column: field.column.name },
  )
}

interface OperatorContext {
  readonly name: string
  readonly field: FieldRef
  readonly bindings: Bindings
}

function context(name: string, field: FieldRef, bindings: Bindings): OperatorContext {
  return { name, field, bindings }
}

type OperatorParser = (context: OperatorContext, value: unknown) => Condition

const OPERATORS: Record<string, OperatorParser> = {
  eq: (at, value) => compare('eq', at, value),
  ne: (at, value) => compare('ne', at, value),
  gt: (at, value) => compare('gt', at, value),
  gte: (at, value) => compare('gte', at, value),
  lt: (at, value) => compare('lt', at, value),
  lte: (at, value) => compare('lte', at, value),
  in: (at, value) => inList(at, value, 'in'),
  notIn: (at, value) => negate(inList(at, value, 'notIn')),
  like: (at, value) => match('like', at, value),
  ilike: (at, value) => match('ilike', at, value),
  contains: (at, value) => match('contains', at, value),
  startsWith: (at, value) => match('startsWith', at, value),
  endsWith: (at, value) => match('endsWith', at, value),
  isNull: (at, value) => flag('isNull', at, value),
  distinctFrom: distinct,
  between,
  jsonContains: contains,
  exists: (at, value) => flag('exists', at, value),
}

/** The names a filter may use, for messages and for the stores that translate filters. */
export const FILTER_OPERATORS: readonly string[] = Object.keys(OPERATORS)

function negate(item: Condition): Condition {
  return { type: 'not', item }
}

function compare(op: CompareOp, at: OperatorContext, value: unknown): Condition {
  requireDefined(op, at, value)
  if (value === null) return compareNull(op, at)
  refuseVector(op, at)
  at.bindings.key += `${op};`
  if (!isJson(at.field)) return { type: 'compare', field: at.field, op, value: addColumnValue(at, value) }
  const scalar = jsonScalar(op, at, value)
  at.bindings.key += scalar
  return { type: 'compare', field: at.field, op, value: addValue(at.bindings, jsonValue(at, value)), scalar }
}

/** `null` as an operand: equality asks whether it is null, order against null is unknown. */
function compareNull(op: CompareOp, at: OperatorContext): Condition {
  at.bindings.key += `${op}-null;`
  if (op === 'eq') return { type: 'isNull', field: at.field }
  return op === 'ne' ? negate({ type: 'isNull', field: at.field }) : UNKNOWN
}

function inList(at: OperatorContext, value: unknown, op: 'in' | 'notIn'): Condition {
  if (!Array.isArray(value)) throw wrongOperand(op, at, 'an array', value)
  refuseVector(op, at)
  at.bindings.key += op === 'in' ? 'in;' : 'nin;'
  const present = Array.from(value).filter((item) => item !== null)
  const items = isJson(at.field) ? jsonLists(op, at, present) : columnList(op, at, present)
  if (present.length < value.length) {
    at.bindings.key += 'null;'
    items.push(UNKNOWN)
  }
  if (items.length === 0) return FALSE
  return items.length === 1 ? (items[0] as Condition) : { type: 'or', items }
}

function columnList(op: string, at: OperatorContext, present: unknown[]): Condition[] {
  if (present.length === 0) {
    at.bindings.key += 'none;'
    return []
  }
  const values = present.map((item) => {
    requireDefined(op, at, item)
    return checkOperand(at.field.column, item)
  })
  return [{ type: 'in', field: at.field, values: addValue(at.bindings, values) }]
}

function jsonLists(op: string, at: OperatorContext, present: unknown[]): Condition[] {
  const lists = new Map<JsonScalar, unknown[]>()
  for (const item of present) {
    const scalar = jsonScalar(op, at, item)
    const list = lists.get(scalar) ?? []
    lists.set(scalar, list)
    list.push(jsonValue(at, item))
  }
  return [...lists].map(([scalar, values]) => {
    at.bindings.key += scalar
    return { type: 'in', field: at.field, values: addValue(at.bindings, values), scalar }
  })
}

function match(op: MatchOp, at: OperatorContext, value: unknown): Condition {
  requireDefined(op, at, value)
  const { kind } = at.field.column
  if (kind !== 'text' && !isJson(at.field)) {
    throw invalidFilter(`'${op}' looks into text; column ${at.field.column.name} holds ${kind} values.`, {
      column: at.field.column.name,
    })
  }
  at.bindings.key += `${op};`
  if (value === null) {
    at.bindings.key += 'null;'
    return UNKNOWN
  }
  if (typeof value !== 'string') throw wrongOperand(op, at, 'a string', value)
  checkJson(value, at.field.column.name)
  if (op === 'like' || op === 'ilike') parsePattern(value, false)
  return { type: 'match', field: at.field, op, value: addValue(at.bindings, value) }
}

function flag(op: 'isNull' | 'exists', at: OperatorContext, value: unknown): Condition {
  if (typeof value !== 'boolean') throw wrongOperand(op, at, 'true or false', value)
  at.bindings.key += `${op}-${value};`
  const condition: Condition = { type: op === 'exists' && at.field.path?.length ? 'exists' : 'isNull', field: at.field }
  const positive = op === 'isNull' || condition.type === 'exists'
  return value === positive ? condition : negate(condition)
}

function distinct(at: OperatorContext, value: unknown): Condition {
  requireDefined('distinctFrom', at, value)
  if (value === null) return compareNull('ne', at)
  refuseVector('distinctFrom', at)
  at.bindings.key += 'distinct;'
  if (!isJson(at.field)) return { type: 'distinct', field: at.field, value: addColumnValue(at, value) }
  const scalar = jsonScalar('distinctFrom', at, value)
  at.bindings.key += scalar
  return { type: 'distinct', field: at.field, value: addValue(at.bindings, jsonValue(at, value)), scalar }
}

function between(at: OperatorContext, value: unknown): Condition {
  if (!Array.isArray(value) || value.length !== 2) throw wrongOperand('between', at, 'an array of two', value)
  return all([compare('gte', at, value[0]), compare('lte', at, value[1])].flat())
}

function contains(at: OperatorContext, operand: unknown): Condition {
  requireDefined('jsonContains', at, operand)
  const { column } = at.field
  if (!isJson(at.field)) {
    throw invalidFilter(`'jsonContains' looks into JSON; column ${column.name} holds ${column.kind} values.`, {
      column: column.name,
    })
  }
  const document = stripUndefined(checkJson(operand, column.name))
  at.bindings.key += `contains;${shapeOf(document)};`
  const value = addValue(at.bindings, document)
  const leaves = leavesOf(document).map((leaf) => addValue(at.bindings, leaf))
  return { type: 'jsonContains', field: asDocument(at.field), value, document, leaves }
}

function asDocument(field: FieldRef): FieldRef {
  return field.path ? field : { ...field, path: [] }
}

/** Objects and arrays by their structure, scalars by their type: what a containment spelled out key by key depends on. */
function shapeOf(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'object' && value !== null ? value : scalarType(value),
  )
}

function scalarType(value: unknown): string {
  return value === null ? 'null' : typeof value
}

/** The scalars of a document in the order JSON.stringify meets them. */
function leavesOf(document: unknown): unknown[] {
  if (typeof document !== 'object' || document === null) return [document]
  return Object.values(document).flatMap(leavesOf)
}

function stripUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function addColumnValue(at: OperatorContext, value: unknown): number {
  return addValue(at.bindings, checkOperand(at.field.column, value))
}

function isJson(field: FieldRef): boolean {
  return field.path !== undefined || field.column.kind === 'json'
}

function jsonScalar(op: string, at: OperatorContext, value: unknown): JsonScalar {
  if (value instanceof Date) return 'string'
  const type = typeof value
  if (type === 'bigint') return 'number'
  if (type === 'string' || type === 'number' || type === 'boolean') return type
  requireDefined(op, at, value)
  throw invalidFilter(
    `'${op}' on the JSON of ${quoteName(at.name)} compares with a string, a number, true or false, not ${describeValue(value)}. Use jsonContains for documents.`,
    { column: at.field.column.name },
  )
}

function jsonValue(at: OperatorContext, value: unknown): unknown {
  if (value instanceof Date) return isoText(value, at.field.column.name)
  if (typeof value !== 'bigint') return checkJson(value, at.field.column.name)
  if (Number.isSafeInteger(Number(value))) return Number(value)
  throw invalidFilter(`JSON numbers are exact up to 2^53 only; the value for ${quoteName(at.name)} is beyond.`, {
    column: at.field.column.name,
  })
}

function refuseVector(op: string, at: OperatorContext): void {
  if (at.field.column.kind !== 'vector') return
  throw invalidFilter(
    `Column ${at.field.column.name} holds vectors, which can be tested with isNull only, not '${op}'. Use search for nearness.`,
    { column: at.field.column.name },
  )
}

function requireDefined(op: string, at: OperatorContext, value: unknown): void {
  if (value === undefined) throw wrongOperand(op, at, 'a value', value)
}

function wrongOperand(op: string, at: OperatorContext, wanted: string, value: unknown): Error {
  return invalidFilter(`'${op}' on ${quoteName(at.name)} takes ${wanted}, not ${describeValue(value)}.`, {
    column: at.field.column.name,
  })
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || (Object.getPrototypeOf(prototype) === null && !Array.isArray(value))
}

/** Names come from callers; a long or strange one must not flood the message. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
}
