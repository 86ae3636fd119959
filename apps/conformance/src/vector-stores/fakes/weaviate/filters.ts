import type { Filters } from './messages.ts'
import type { ClassObjects, StoredObject } from './objects.ts'
import { Refusal, unknownHere } from './refusal.ts'
import type { Property } from './schema.ts'
import { tokensOf } from './tokens.ts'

type Predicate = (object: StoredObject) => boolean

const OPERATOR = {
  equal: 1,
  notEqual: 2,
  greaterThan: 3,
  greaterThanEqual: 4,
  lessThan: 5,
  lessThanEqual: 6,
  and: 7,
  or: 8,
  isNull: 11,
  containsAny: 12,
  containsAll: 13,
  containsNone: 14,
  not: 15,
} as const

const ORDER: Readonly<Record<number, (compared: number) => boolean>> = {
  [OPERATOR.greaterThan]: (compared) => compared > 0,
  [OPERATOR.greaterThanEqual]: (compared) => compared >= 0,
  [OPERATOR.lessThan]: (compared) => compared < 0,
  [OPERATOR.lessThanEqual]: (compared) => compared <= 0,
}

export function filtered(objects: ClassObjects, filters: Filters | undefined): StoredObject[] {
  return filters ? objects.all().filter(compileFilter(filters, objects)) : objects.all()
}

/** The filter as the inverted index would answer it; whatever the index has no words for is refused. */
function compileFilter(filter: Filters, objects: ClassObjects): Predicate {
  const operands = (filter.filters ?? []).map((operand) => compileFilter(operand, objects))
  switch (filter.operator) {
    case OPERATOR.and:
      return (object) => operands.every((matches) => matches(object))
    case OPERATOR.or:
      return (object) => operands.some((matches) => matches(object))
    case OPERATOR.not:
      return (object) => !operands.some((matches) => matches(object))
    default:
      return compileLeaf(filter, objects)
  }
}

function compileLeaf(filter: Filters, objects: ClassObjects): Predicate {
  const name = filter.target?.property ?? ''
  if (name === '_id' || name === 'id') return compileId(filter)
  const property = objects.property(name)
  if (filter.operator === OPERATOR.isNull) return compileNull(filter, name, objects)
  if (!property.indexFilterable && !property.indexRangeFilters) {
    throw new Refusal(
      `Filtering by property '${name}' requires inverted index. Is \`indexFilterable\` option of property '${name}' enabled? Set it to \`true\` or leave empty`,
    )
  }
  const [type] = property.dataType
  if (type === 'boolean') return compileBoolean(filter, name)
  return type === 'int' || type === 'number' ? compileNumber(filter, name, type) : compileText(filter, property)
}

function compileId({ operator, valueText, valueTextArray }: Filters): Predicate {
  const ids = new Set((valueTextArray?.values ?? [valueText ?? '']).map((id) => id.toLowerCase()))
  if (operator === OPERATOR.equal || operator === OPERATOR.containsAny) return ({ uuid }) => ids.has(uuid)
  throw unknownHere(`operator ${operator} on ids`)
}

function compileNull({ valueBoolean }: Filters, name: string, { schema }: ClassObjects): Predicate {
  if (!schema.invertedIndexConfig.indexNullState) {
    throw new Refusal(
      'Nullstate must be indexed to be filterable! Add `indexNullState: true` to the invertedIndexConfig',
    )
  }
  return ({ properties }) => {
    const value = properties.get(name)
    return (value === undefined || (Array.isArray(value) && value.length === 0)) === (valueBoolean ?? false)
  }
}

function compileBoolean({ operator, valueBoolean }: Filters, name: string): Predicate {
  if (valueBoolean === undefined) throw wrongType(name, 'valueBoolean')
  if (operator === OPERATOR.equal) return ({ properties }) => properties.get(name) === valueBoolean
  throw unknownHere(`operator ${operator} on booleans`)
}

/** Either kind of number is taken for the other, as clients without integers send them. */
function compileNumber(filter: Filters, name: string, type: 'int' | 'number'): Predicate {
  const wanted = filter.valueNumber ?? filter.valueInt
  if (wanted === undefined) throw wrongType(name, type === 'int' ? 'valueInt' : 'valueNumber')
  if (type === 'int' && !Number.isInteger(wanted)) {
    throw new Refusal(`filtering for integer, but received a floating point number ${wanted}`)
  }
  const order = filter.operator === OPERATOR.equal ? (compared: number) => compared === 0 : ORDER[filter.operator ?? 0]
  if (!order) throw unknownHere(`operator ${filter.operator} on numbers`)
  return ({ properties }) => {
    const value = properties.get(name)
    return typeof value === 'number' && order(value - wanted)
  }
}

/** A text matches by its tokens, never as it was written. */
function compileText(filter: Filters, { name, tokenization }: Property): Predicate {
  const texts = filter.valueTextArray?.values ?? (filter.valueText === undefined ? undefined : [filter.valueText])
  if (!texts) throw wrongType(name, 'valueText')
  const wanted = texts.map((text) => tokensOf(text, tokenization))
  const has = ({ tokens }: StoredObject, text: readonly string[]): boolean => {
    const own = tokens.get(name)
    return own !== undefined && text.every((token) => own.has(token))
  }
  switch (filter.operator) {
    case OPERATOR.equal:
    case OPERATOR.containsAny:
      return (object) => wanted.some((text) => has(object, text))
    case OPERATOR.containsAll:
      return (object) => wanted.every((text) => has(object, text))
    case OPERATOR.notEqual:
    case OPERATOR.containsNone:
      return (object) => !wanted.some((text) => has(object, text))
    default:
      throw unknownHere(`operator ${filter.operator} on texts`)
  }
}

function wrongType(name: string, wanted: string): Refusal {
  return new Refusal(`data type filter cannot be used on property "${name}" with this value, use "${wanted}" instead`)
}
