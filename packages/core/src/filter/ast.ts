import type { ColumnInfo } from '../schema.ts'

/** A key of an object, or an index into an array. */
export type PathSegment = string | number

/** What a condition looks at: a column of one of the query's tables, or a path inside its JSON. */
export interface FieldRef {
  readonly column: ColumnInfo
  /** Which table of a join; absent for the query's own. */
  readonly alias?: string
  /** Present (possibly empty) when the value is looked at as JSON. */
  readonly path?: readonly PathSegment[]
}

/** Where a value stands in the query's list of values; the tree itself holds no values, so equal shapes are equal trees. */
export type Slot = number

export type CompareOp = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'
export type MatchOp = 'like' | 'ilike' | 'contains' | 'startsWith' | 'endsWith'
/** How a JSON value is compared: numbers with numbers, strings with strings. */
export type JsonScalar = 'string' | 'number' | 'boolean'

export type Condition =
  | { readonly type: 'and' | 'or'; readonly items: readonly Condition[] }
  | { readonly type: 'not'; readonly item: Condition }
  /** `null` is SQL's unknown. */
  | { readonly type: 'constant'; readonly value: boolean | null }
  | {
      readonly type: 'compare'
      readonly field: FieldRef
      readonly op: CompareOp
      readonly value: Slot
      readonly scalar?: JsonScalar
    }
  /** The slot holds an array without nulls, all of one scalar type when the field is JSON. */
  | { readonly type: 'in'; readonly field: FieldRef; readonly values: Slot; readonly scalar?: JsonScalar }
  | { readonly type: 'match'; readonly field: FieldRef; readonly op: MatchOp; readonly value: Slot }
  | { readonly type: 'isNull'; readonly field: FieldRef }
  | { readonly type: 'distinct'; readonly field: FieldRef; readonly value: Slot; readonly scalar?: JsonScalar }
  | {
      readonly type: 'jsonContains'
      readonly field: FieldRef
      readonly value: Slot
      readonly document: unknown
      readonly leaves: readonly Slot[]
    }
  | { readonly type: 'exists'; readonly field: FieldRef }

/** The values of a query and the text that identifies its shape, gathered while it is parsed. */
export interface Bindings {
  readonly values: unknown[]
  key: string
}

export function newBindings(): Bindings {
  return { values: [], key: '' }
}

export function addValue(bindings: Bindings, value: unknown): Slot {
  return bindings.values.push(value) - 1
}
