import { describeValue, invalidInput, isDbError } from '../errors.ts'
import { addValue, type Bindings, type Condition, type FieldRef } from '../filter/ast.ts'
import { checkValue } from '../values.ts'
import type { OrderTerm } from './ast.ts'

/**
 * A cursor names the last row's order keys, so a page begins right after that row however many rows came or went.
 * It carries the order it was made for: used with another, it is refused rather than misread.
 */
export function encodeCursor(order: string, keys: readonly unknown[]): string {
  const packed = keys.map((key) =>
    key instanceof Date ? key.toISOString() : typeof key === 'bigint' ? { n: String(key) } : key,
  )
  return Buffer.from(JSON.stringify([order, packed])).toString('base64url')
}

export function decodeCursor(cursor: unknown, order: string, terms: readonly OrderTerm[]): unknown[] {
  if (typeof cursor !== 'string')
    throw invalidInput(`A cursor is the nextCursor of an earlier page, not ${describeValue(cursor)}.`)
  const [madeFor, keys] = unpack(cursor)
  if (madeFor !== order || keys.length !== terms.length) {
    throw invalidInput('This cursor was made for another order. Pass the same orderBy as for the page it came from.')
  }
  return terms.map((term, i) => checkKey(term, keys[i]))
}

function unpack(cursor: string): [unknown, unknown[]] {
  const bytes = Buffer.from(cursor, 'base64url')
  // Decoding passes over what it does not know, so other texts would come to the same bytes.
  if (bytes.toString('base64url') !== cursor) throw malformed()
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString())
  } catch {
    throw malformed()
  }
  if (Array.isArray(parsed) && parsed.length === 2 && Array.isArray(parsed[1])) return [parsed[0], parsed[1]]
  throw malformed()
}

function checkKey(term: OrderTerm, key: unknown): unknown {
  try {
    return checkValue(term.field.column, isBigint(key) ? BigInt(key.n) : key)
  } catch (error) {
    throw isDbError(error) ? malformed() : error
  }
}

function isBigint(key: unknown): key is { n: string } {
  return (
    typeof key === 'object' && key !== null && 'n' in key && typeof key.n === 'string' && /^-?\d{1,20}$/.test(key.n)
  )
}

function malformed(): Error {
  return invalidInput('Malformed cursor. Pass the nextCursor of an earlier page unchanged, or null for the first page.')
}

/** The rows after these keys: `(a, b) > (x, y)`, spelled out so that directions and nulls may differ. */
export function afterCondition(terms: readonly OrderTerm[], keys: readonly unknown[], bindings: Bindings): Condition {
  const alternatives: Condition[] = []
  const equal: Condition[] = []
  bindings.key += 'after('
  terms.forEach((term, i) => {
    const key = keys[i]
    bindings.key += key === null ? '0' : '1'
    const beyond = beyondKey(term, key, bindings)
    if (beyond) alternatives.push({ type: 'and', items: [...equal, beyond] })
    equal.push(
      key === null
        ? { type: 'isNull', field: term.field }
        : { type: 'compare', field: term.field, op: 'eq', value: addValue(bindings, key) },
    )
  })
  const bound = firstBound(terms[0], keys[0], bindings)
  bindings.key += ')'
  const after: Condition = { type: 'or', items: alternatives }
  return bound ? { type: 'and', items: [bound, after] } : after
}

/** Follows from the alternatives, but only when it is said does an index on the first column begin there. */
function firstBound(term: OrderTerm | undefined, key: unknown, bindings: Bindings): Condition | null {
  if (!term || key === null || nullsFollow(term)) return null
  const op = term.direction === 'asc' ? 'gte' : 'lte'
  return { type: 'compare', field: term.field, op, value: addValue(bindings, key) }
}

/** Null when nothing comes after the key in this column. */
function beyondKey(term: OrderTerm, key: unknown, bindings: Bindings): Condition | null {
  const { field, nulls } = term
  const isNull: Condition = { type: 'isNull', field }
  if (key === null) return nulls === 'first' ? { type: 'not', item: isNull } : null
  const beyond: Condition = {
    type: 'compare',
    field,
    op: term.direction === 'asc' ? 'gt' : 'lt',
    value: addValue(bindings, key),
  }
  return nullsFollow(term) ? { type: 'or', items: [beyond, isNull] } : beyond
}

/** A left join gives nulls also where the column holds none. */
function nullsFollow({ field, nulls }: OrderTerm): boolean {
  return nulls === 'last' && (field.column.nullable || field.alias !== undefined)
}

/** The text a cursor is bound to. */
export function orderSignature(terms: readonly OrderTerm[]): string {
  return terms.map((term) => `${fieldName(term.field)} ${term.direction} ${term.nulls}`).join(',')
}

function fieldName(field: FieldRef): string {
  return field.alias === undefined ? field.column.name : `${field.alias}.${field.column.name}`
}
