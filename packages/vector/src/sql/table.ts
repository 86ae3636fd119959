import {
  type ColumnInfo,
  type ColumnKind,
  type Condition,
  describeTable,
  type SelectQuery,
  type TableInfo,
} from '@archon-db/core/dialect'

/** A collection's table, described as the tables of migrations are, so that the one query compiler serves it. */
export function collectionTable(name: string, dimension: number): TableInfo {
  const columns: ColumnInfo[] = [
    column('id', 'text', { primaryKey: true }),
    column('revision', 'bigint'),
    column('metadata', 'json'),
    column('content', 'text', { nullable: true }),
    column('embedding', 'vector', { dimension }),
  ]
  return describeTable({ name, columns, uniques: [], foreignKeys: [], checks: [] })
}

function column(name: string, kind: ColumnKind, more: Partial<ColumnInfo> = {}): ColumnInfo {
  return { key: name, name, kind, nullable: false, primaryKey: false, autoIncrement: false, ...more }
}

export function selectFrom(table: TableInfo, columns: readonly string[], where: Condition | null): SelectQuery {
  return {
    kind: 'select',
    table,
    joins: [],
    columns: columns.map((name) => ({ as: name, field: { column: columnOf(table, name) } })),
    where,
    groupBy: [],
    orderBy: [],
    limit: null,
    offset: null,
    count: false,
    distinct: false,
    lock: false,
  }
}

export function countOf(table: TableInfo): SelectQuery {
  return { ...selectFrom(table, [], null), columns: [{ as: 'n', aggregate: 'count' }] }
}

/** The ids of the list in slot 0. */
export function amongIds(table: TableInfo): Condition {
  return { type: 'in', field: { column: columnOf(table, 'id') }, values: 0 }
}

/** Rows changed after the revision in slot 0. */
export function changedSince(table: TableInfo): Condition {
  return { type: 'compare', field: { column: columnOf(table, 'revision') }, op: 'gt', value: 0 }
}

export function columnOf(table: TableInfo, name: string): ColumnInfo {
  return table.byName.get(name) as ColumnInfo
}
