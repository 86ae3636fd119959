import type { ColumnTraits } from '@archon-db/core/dialect'
import { getTableName, sql } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'
import type { AnySQLiteColumn, CheckBuilder } from 'drizzle-orm/sqlite-core'
import { BYTES_PER_FLOAT, traitsOf, UUID_LENGTH } from './columns.ts'
import { check } from './drizzle-core.ts'

/** SQLite takes any value in any column; these checks make raw SQL keep to what the column's type says. */
export function typeChecks(columns: Readonly<Record<string, AnySQLiteColumn>>): CheckBuilder[] {
  return Object.values(columns).flatMap((column) => {
    const condition = typeCondition(`"${column.name}"`, traitsOf(column))
    return condition ? [check(`${getTableName(column.table)}_${column.name}_check`, sql.raw(condition))] : []
  })
}

function typeCondition(name: string, { kind, maxLength, values, dimension }: ColumnTraits): string | undefined {
  if (kind === 'enum') return membership(name, values ?? [])
  if (kind === 'uuid') return `length(${name}) = ${UUID_LENGTH}`
  if (kind === 'text' && maxLength !== undefined) return `length(${name}) <= ${maxLength}`
  if (kind === 'boolean') return `${name} in (0, 1)`
  if (kind === 'json') return `json_valid(${name})`
  if (kind === 'vector')
    return `${name} is null or (typeof(${name}) = 'blob' and length(${name}) = ${(dimension ?? 0) * BYTES_PER_FLOAT})`
  return undefined
}

function membership(name: string, values: readonly string[]): string {
  return `${name} in (${values.map((value) => `'${value}'`).join(', ')})`
}

/** For text columns that take some values only, without being enums. */
export function oneOf(column: string, values: readonly string[]): SQL {
  return sql.raw(membership(`"${column}"`, values))
}

const GITHUB = 'https://github.com/'

/**
 * The condition `^https://github\.com/[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/?$` without regular expressions, which SQLite lacks.
 * GLOB cannot say "once or more", so the two names are told apart by counting slashes.
 */
export function isRepositoryUrl(column: string): string {
  const path = `substr("${column}", ${GITHUB.length + 1})`
  return [
    `"${column}" glob '${GITHUB}[A-Za-z0-9_-]*/[A-Za-z0-9_.-]*'`,
    `${path} not glob '*[^A-Za-z0-9_./-]*'`,
    `substr(${path}, 1, instr(${path}, '/')) not glob '*.*'`,
    `length(${path}) - length(replace(${path}, '/', '')) = 1 + ("${column}" glob '*/')`,
  ].join(' and ')
}
