import { DbError, SANDBOX_TYPES, WORK_ORDER_STATUSES } from '@archon-db/core'
import type { ForeignKeyInfo, TableInfo, UniqueInfo } from '@archon-db/core/dialect'
import { identity, rowsOf, type State, type StoredRow, type World } from './state.ts'

/** The checks that a value alone cannot fail: the others are kept by the columns' types. */
const CHECKS: Readonly<Record<string, (row: StoredRow) => boolean>> = {
  archon_tasks_assignee_check: (row) => row.assignee !== null && row.assignee !== '',
  archon_agent_work_orders_status_check: (row) => isOneOf(WORK_ORDER_STATUSES, row.status),
  archon_configured_repositories_default_sandbox_type_check: (row) =>
    row.default_sandbox_type === null || isOneOf(SANDBOX_TYPES, row.default_sandbox_type),
  archon_document_versions_owner_check: (row) => (row.project_id === null) !== (row.task_id === null),
  archon_configured_repositories_repository_url_check: (row) =>
    /^https:\/\/github\.com\/[A-Za-z0-9_-]+\/[A-Za-z0-9_.-]+\/?$/.test(row.repository_url as string),
}

function isOneOf(values: readonly unknown[], value: unknown): boolean {
  return values.includes(value)
}

/** What a row must satisfy by itself. */
export function checkRow(table: TableInfo, row: StoredRow): void {
  for (const column of table.columns) {
    if (column.nullable || row[column.name] !== null) continue
    throw new DbError('not_null_violation', `Column ${column.name} of ${table.name} needs a value.`, {
      table: table.name,
      column: column.name,
    })
  }
  for (const constraint of table.checks) {
    if (CHECKS[constraint]?.(row) === false) {
      throw new DbError('check_violation', `A row of ${table.name} breaks ${constraint}.`, {
        table: table.name,
        constraint,
      })
    }
  }
}

/** The unique keys of a table and what stands in them; built for one statement. */
export class UniqueKeys {
  readonly #table: TableInfo
  readonly #taken: { readonly key: UniqueInfo; readonly values: Set<string> }[]

  constructor(table: TableInfo, rows: Iterable<StoredRow>) {
    this.#table = table
    const primary = { name: `${table.name}_pkey`, columns: table.primaryKey }
    this.#taken = [primary, ...table.uniques].map((key) => ({ key, values: new Set<string>() }))
    for (const row of rows) this.add(row)
  }

  add(row: StoredRow): void {
    for (const { key, values } of this.#taken) {
      const text = keyText(row, key.columns)
      if (text === null) continue
      if (values.has(text)) throw this.#violation(key)
      values.add(text)
    }
  }

  remove(row: StoredRow): void {
    for (const { key, values } of this.#taken) values.delete(keyText(row, key.columns) ?? '')
  }

  #violation({ name, columns }: UniqueInfo): DbError {
    const { name: table } = this.#table
    return new DbError(
      'unique_violation',
      `A row of ${table} with the same ${columns.join(', ')} exists (constraint ${name}).`,
      {
        table,
        constraint: name,
      },
    )
  }
}

/** Null where a column of the key is null: such a row is equal to no other. */
export function keyText(row: StoredRow, columns: readonly string[]): string | null {
  const values = columns.map((name) => row[name])
  return values.includes(null) || values.includes(undefined) ? null : identity(values)
}

/** Every foreign key from or to the tables that a statement changed. */
export function checkForeignKeys({ schema }: World, state: State, changed: ReadonlySet<string>): void {
  for (const table of schema.tables.values()) {
    for (const key of table.foreignKeys) {
      if (changed.has(table.name) || changed.has(key.table))
        checkForeignKey(state, table, key, schema.tables.get(key.table)!)
    }
  }
}

function checkForeignKey(state: State, table: TableInfo, key: ForeignKeyInfo, parent: TableInfo): void {
  const parents = new Set(rowsOf(state, parent).map((row) => keyText(row, key.references)))
  for (const row of rowsOf(state, table)) {
    const wanted = keyText(row, key.columns)
    if (wanted === null || parents.has(wanted)) continue
    throw new DbError('foreign_key_violation', `${table.name} refers to a row that ${parent.name} does not have.`, {
      table: table.name,
    })
  }
}
