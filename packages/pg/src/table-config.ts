import { getTableName, is, type TableReader } from '@archon-db/core/dialect'
import type { Table } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core/table'
import { CheckBuilder, ForeignKeyBuilder, PrimaryKeyBuilder, UniqueConstraintBuilder } from './drizzle-core.ts'

type Config = ReturnType<TableReader<Table>['configOf']>

const BUILDER = Symbol.for('drizzle:ExtraConfigBuilder')
const COLUMNS = Symbol.for('drizzle:ExtraConfigColumns')

/** The keys of a table. Drizzle's own getTableConfig tells more, and brings all of Drizzle for PostgreSQL along. */
export function configOf(table: PgTable): Config {
  const build: ((columns: unknown) => readonly unknown[]) | undefined = Reflect.get(table, BUILDER)
  const builders = build?.(Reflect.get(table, COLUMNS)) ?? []
  const checks: Config['checks'][number][] = []
  const primaryKeys: Config['primaryKeys'][number][] = []
  const uniqueConstraints: Config['uniqueConstraints'][number][] = []
  const foreignKeys: Config['foreignKeys'][number][] = []
  for (const builder of builders) {
    if (is(builder, CheckBuilder)) checks.push(built(builder, table))
    else if (is(builder, PrimaryKeyBuilder)) primaryKeys.push(built(builder, table))
    else if (is(builder, UniqueConstraintBuilder)) uniqueConstraints.push(built(builder, table))
    else if (is(builder, ForeignKeyBuilder)) foreignKeys.push(built(builder, table))
  }
  return { name: getTableName(table), checks, primaryKeys, uniqueConstraints, foreignKeys }
}

/** Builders finish their work in a method that Drizzle does not show. */
function built<T>(builder: object, table: PgTable): T {
  return Reflect.apply(Reflect.get(builder, 'build'), builder, [table])
}
