import type { ColumnTraits } from '@archon-db/core/dialect'
import { getTableName, sql } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'
import type { AnyMySqlColumn, CheckBuilder } from 'drizzle-orm/mysql-core'
import { BYTES_PER_FLOAT, traitsOf } from './columns.ts'
import { check } from './drizzle-core.ts'

/** What the types let pass although the other databases do not; these checks make raw SQL keep to it. */
export function typeChecks(columns: Readonly<Record<string, AnyMySqlColumn>>): CheckBuilder[] {
  return Object.values(columns).flatMap((column) => {
    const condition = typeCondition(`\`${column.name}\``, traitsOf(column))
    return condition ? [check(`${getTableName(column.table)}_${column.name}_check`, sql.raw(condition))] : []
  })
}

function typeCondition(name: string, { kind, dimension }: ColumnTraits): string | undefined {
  if (kind === 'boolean') return `${name} in (0, 1)`
  if (kind === 'vector') return `length(${name}) = ${(dimension ?? 0) * BYTES_PER_FLOAT}`
  if (kind === 'json') return isJson(name)
  return undefined
}

/** MariaDB's functions give up on JSON that is nested more than 32 levels deep; such a text is believed. */
function isJson(name: string): string {
  return `json_valid(${name}) or char_length(${name}) - char_length(replace(replace(${name}, '[', ''), '{', '')) > 32`
}

/** Values of a column that the reference declares as text, held to a few by a rule. */
export function oneOf(column: string, values: readonly string[]): SQL {
  return sql.raw(`\`${column}\` in (${values.map((value) => `'${value}'`).join(', ')})`)
}

/**
 * The condition `^https://github\.com/[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/?$` without a backslash, which not every sql_mode
 * reads alike; and `$` alone would let a line end follow.
 */
export function isRepositoryUrl(column: string): string {
  const form = `\`${column}\` regexp '^https://github[.]com/[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/?$'`
  return `${form} and \`${column}\` not regexp '[^A-Za-z0-9_./:-]'`
}
