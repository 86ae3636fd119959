import { jsonNull } from '../values.ts'
import type { Condition, FieldRef, JsonScalar, PathSegment } from './ast.ts'
import { matchesPattern, type PatternToken, parsePattern } from './pattern.ts'

/** SQL's truth: true, false, or unknown. */
export type Truth = boolean | null

/** Reads the value a field stands for: a column's value, or its JSON document when the field has a path. */
export type FieldReader = (field: FieldRef) => unknown

/** What a filter means, in memory: the oracle of the test suite and the evaluator for stores that cannot filter. */
export function evaluate(condition: Condition, values: readonly unknown[], read: FieldReader): Truth {
  switch (condition.type) {
    case 'constant':
      return condition.value
    case 'and':
      return conjunction(condition.items, values, read, false)
    case 'or':
      return conjunction(condition.items, values, read, true)
    case 'not': {
      const truth = evaluate(condition.item, values, read)
      return truth === null ? null : !truth
    }
    case 'isNull':
      return (lookUp(condition.field, read) ?? null) === null
    case 'exists':
      return lookUp(condition.field, read) !== undefined
    case 'jsonContains': {
      const actual = lookUp(condition.field, read)
      return actual === undefined ? null : jsonContains(actual, values[condition.value])
    }
    default:
      return evaluateValue(condition, values, read)
  }
}

/** Three-valued: one `decisive` item settles it, otherwise one unknown makes it unknown. */
function conjunction(
  items: readonly Condition[],
  values: readonly unknown[],
  read: FieldReader,
  decisive: boolean,
): Truth {
  let truth: Truth = !decisive
  for (const item of items) {
    const result = evaluate(item, values, read)
    if (result === decisive) return decisive
    if (result === null) truth = null
  }
  return truth
}

type ValueCondition = Extract<Condition, { type: 'compare' | 'in' | 'match' | 'distinct' }>

function evaluateValue(condition: ValueCondition, values: readonly unknown[], read: FieldReader): Truth {
  const found = lookUp(condition.field, read) ?? null
  // A whole document that is JSON's null has no value to compare, as a null inside a document has none.
  const actual = found === jsonNull ? null : found
  switch (condition.type) {
    case 'distinct':
      return actual === null || !sameValue(actual, values[condition.value])
    case 'match':
      return typeof actual === 'string' ? matchText(condition.op, actual, values[condition.value] as string) : null
    case 'in':
      return isIn(actual, values[condition.values] as unknown[])
    default:
      return compareField(condition, actual, values[condition.value])
  }
}

function isIn(actual: unknown, list: unknown[]): Truth {
  return actual === null ? null : list.some((item) => sameValue(actual, item))
}

function compareField(condition: Extract<Condition, { type: 'compare' }>, actual: unknown, expected: unknown): Truth {
  if (actual === null) return null
  if (condition.op === 'eq') return sameValue(actual, expected)
  if (condition.op === 'ne') return !sameValue(actual, expected)
  // Values of different JSON types have no order.
  if (condition.scalar && !isScalar(actual, condition.scalar)) return null
  const order = compareValues(rank(condition.field, actual), rank(condition.field, expected))
  switch (condition.op) {
    case 'gt':
      return order > 0
    case 'gte':
      return order >= 0
    case 'lt':
      return order < 0
    default:
      return order <= 0
  }
}

function isScalar(value: unknown, scalar: JsonScalar): boolean {
  return typeof value === scalar
}

/** Enums order by declaration, as PostgreSQL's do. */
function rank(field: FieldRef, value: unknown): unknown {
  return field.column.kind === 'enum' && !field.path ? field.column.values?.indexOf(value as string) : value
}

function matchText(op: string, text: string, operand: string): boolean {
  if (op === 'contains') return text.includes(operand)
  if (op === 'startsWith') return text.startsWith(operand)
  if (op === 'endsWith') return text.endsWith(operand)
  return matchesPattern(text, cachedPattern(operand, op === 'ilike'))
}

const patterns = new Map<string, PatternToken[]>()

function cachedPattern(pattern: string, foldCase: boolean): PatternToken[] {
  const key = (foldCase ? 'i' : 'c') + pattern
  let tokens = patterns.get(key)
  if (!tokens) {
    if (patterns.size > 100) patterns.clear()
    tokens = parsePattern(pattern, foldCase)
    patterns.set(key, tokens)
  }
  return tokens
}

/** Undefined means that the path leads nowhere, or that the whole document is SQL NULL. */
function lookUp(field: FieldRef, read: FieldReader): unknown {
  const value = read(field)
  if (!field.path) return value
  if (value === null || value === undefined) return undefined
  return followPath(value === jsonNull ? null : value, field.path)
}

export function followPath(document: unknown, path: readonly PathSegment[]): unknown {
  let value = document
  for (const step of path) {
    if (typeof step === 'number' ? !Array.isArray(value) : !isObject(value)) return undefined
    if (!Object.hasOwn(value as object, step)) return undefined
    value = (value as Record<PathSegment, unknown>)[step]
  }
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** PostgreSQL's `@>`: objects key by key, arrays element by element; an array also contains a lone scalar at the top. */
export function jsonContains(actual: unknown, wanted: unknown, top = true): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(actual) && wanted.every((item) => actual.some((own) => jsonContains(own, item, false)))
  if (isObject(wanted)) {
    return (
      isObject(actual) &&
      Object.entries(wanted).every(
        ([key, item]) => Object.hasOwn(actual, key) && jsonContains(actual[key], item, false),
      )
    )
  }
  if (Array.isArray(actual)) return top && actual.some((own) => own === wanted)
  return actual === wanted
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  // bigint and number hold the same integers.
  if (typeof a === 'bigint' || typeof b === 'bigint') {
    return typeof a !== 'string' && typeof b !== 'string' && compareValues(a, b) === 0
  }
  return a === b
}

/** The one order of values: numbers by size, text by code point, false before true. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b)
  const left = a instanceof Date ? a.getTime() : (a as number | bigint | boolean)
  const right = b instanceof Date ? b.getTime() : (b as number | bigint | boolean)
  return left < right ? -1 : left > right ? 1 : 0
}

/** JavaScript orders by UTF-16 unit, which puts U+FFFF after U+10000; databases order by code point. */
export function compareCodePoints(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return fixSurrogate(left) - fixSurrogate(right)
  }
  return a.length - b.length
}

/** Moves surrogates above the rest of the basic plane. */
function fixSurrogate(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
