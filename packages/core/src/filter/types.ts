/** The filter language as callers write it; one for the query builder, the repositories and every vector store. */

export type FilterScalar = string | number | bigint | boolean | Date | null

export interface FilterOperators<Value = FilterScalar> {
  eq?: Value | null
  ne?: Value | null
  gt?: Value | null
  gte?: Value | null
  lt?: Value | null
  lte?: Value | null
  in?: readonly (Value | null)[]
  notIn?: readonly (Value | null)[]
  /** `%` any run of characters, `_` one character, `\` takes the next as it is. Case-sensitive. */
  like?: string | null
  /** As `like`, folding every simple case pair of Unicode. */
  ilike?: string | null
  contains?: string | null
  startsWith?: string | null
  endsWith?: string | null
  isNull?: boolean
  /** Differs, counting null as a value of its own. */
  distinctFrom?: Value | null
  between?: readonly [Value | null, Value | null]
  /** The JSON value holds all of this, as PostgreSQL's `@>`. */
  jsonContains?: unknown
  /** The key is there, be its value null. */
  exists?: boolean
}

type FieldFilter<Value> = Value extends Date
  ? Date | string | FilterOperators<Date | string> | null
  : Value extends string | number | bigint | boolean
    ? Value | FilterOperators<Value> | null
    : unknown

/**
 * `{ status: 'todo', order: { gte: 3 }, or: [{ archived: false }, { archived: null }] }`.
 * A field may be a path into JSON: `'metadata.author.name'`, `'metadata.tags[0]'`, `'metadata."a.b"'`.
 */
export type Filter<Row extends object = Record<string, unknown>> = {
  [Key in keyof Row]?: FieldFilter<NonNullable<Row[Key]>>
} & {
  [path: `${string}.${string}`]: unknown
} & {
  and?: readonly Filter<Row>[]
  or?: readonly Filter<Row>[]
  not?: Filter<Row>
}
