import type { Condition } from '../filter/ast.ts'
import type { ColumnInfo } from '../schema.ts'

/**
 * Columns of the query's own table that are null in no row that the condition lets through: compared with null,
 * everything is unknown. Where none are, saying where nulls go would only cost the index.
 */
export function presentColumns(where: Condition | null): ReadonlySet<ColumnInfo> {
  const present = new Set<ColumnInfo>()
  if (where) collect(where, present)
  return present
}

function collect(condition: Condition, present: Set<ColumnInfo>): void {
  switch (condition.type) {
    case 'and':
      for (const item of condition.items) collect(item, present)
      break
    case 'not':
      if (SURE.has(condition.item.type)) add(condition.item as Leaf, present)
      break
    case 'compare':
    case 'in':
    case 'match':
      add(condition, present)
  }
}

type Leaf = Extract<Condition, { readonly field: unknown }>

/** What is neither true nor, turned round, true of null. */
const SURE: ReadonlySet<Condition['type']> = new Set(['isNull', 'compare', 'in', 'match'])

function add({ field }: Leaf, present: Set<ColumnInfo>): void {
  if (field.alias === undefined && field.path === undefined) present.add(field.column)
}
