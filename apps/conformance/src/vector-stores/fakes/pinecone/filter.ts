import { isObject, Refusal, requireThat } from './refusal.ts'

export type MetadataValue = string | number | boolean | readonly string[]
export type RecordMetadata = Readonly<Record<string, MetadataValue>>
type Matcher = (metadata: RecordMetadata) => boolean

const MAX_LIST = 10_000

/** A metadata filter as Pinecone knows it, taken apart once; whatever it does not know is refused. */
export function parseFilter(filter: unknown): Matcher {
  requireThat(isObject(filter), 'The filter must be an object')
  const parts = Object.entries(filter as object).map(([key, condition]) => parseEntry(key, condition))
  requireThat(parts.length > 0, 'The filter must not be empty')
  return (metadata) => parts.every((matches) => matches(metadata))
}

function parseEntry(key: string, condition: unknown): Matcher {
  if (key === '$and' || key === '$or') {
    requireThat(Array.isArray(condition) && condition.length > 0, `${key} needs a list of filters`)
    const parts = (condition as unknown[]).map(parseFilter)
    if (key === '$and') return (metadata) => parts.every((matches) => matches(metadata))
    return (metadata) => parts.some((matches) => matches(metadata))
  }
  requireThat(!key.startsWith('$'), `${key} is not a filter operator`)
  const operators = isObject(condition) ? Object.entries(condition) : [['$eq', condition] as const]
  requireThat(operators.length > 0, `The condition on ${key} is empty`)
  const parts = operators.map(([operator, operand]) => parseOperator(operator, operand))
  return (metadata) => {
    const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined
    return parts.every((matches) => matches(value))
  }
}

type ValueMatcher = (value: MetadataValue | undefined) => boolean

function parseOperator(operator: string, operand: unknown): ValueMatcher {
  switch (operator) {
    case '$eq':
    case '$ne':
      return parseEquality(operator, operand)
    case '$in':
    case '$nin':
      return parseList(operator, operand)
    case '$exists':
      requireThat(typeof operand === 'boolean', '$exists needs true or false')
      return (value) => (value !== undefined) === operand
    default:
      return parseOrder(operator, operand)
  }
}

function parseEquality(operator: string, operand: unknown): ValueMatcher {
  requireThat(['string', 'number', 'boolean'].includes(typeof operand), `${operator} needs a string, number or boolean`)
  if (operator === '$eq') return (value) => has(value, operand)
  // A record without the key is not said to match by the documentation; here it does not.
  return (value) => value !== undefined && !has(value, operand)
}

function parseList(operator: string, operand: unknown): ValueMatcher {
  requireThat(Array.isArray(operand) && operand.length > 0, `${operator} needs a list`)
  const list = operand as unknown[]
  requireThat(list.length <= MAX_LIST, `${operator} takes up to ${MAX_LIST} values`)
  const isListed = (type: string): boolean => list.every((item) => typeof item === type)
  requireThat(isListed('string') || isListed('number'), `${operator} needs a list of strings or of numbers`)
  const values = new Set(list)
  const isIn: ValueMatcher = (value) =>
    Array.isArray(value) ? value.some((item) => values.has(item)) : values.has(value)
  return operator === '$in' ? isIn : (value) => value !== undefined && !isIn(value)
}

function parseOrder(operator: string, operand: unknown): ValueMatcher {
  const compare = { $gt: 1, $gte: 1, $lt: -1, $lte: -1 }[operator]
  if (compare === undefined) throw new Refusal(400, `${operator} is not a filter operator`)
  requireThat(typeof operand === 'number', `${operator} needs a number`)
  const orEqual = operator.endsWith('e')
  return (value) => {
    if (typeof value !== 'number') return false
    return value === operand ? orEqual : Math.sign(value - (operand as number)) === compare
  }
}

function has(value: MetadataValue | undefined, wanted: unknown): boolean {
  return Array.isArray(value) ? value.includes(wanted as string) : value === wanted
}
