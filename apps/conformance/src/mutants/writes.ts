import { type DataAccess, DbError, Increment, JsonMerge, type Row, type WriteResult } from '@archon-db/core'
import type { Mutant } from './mutant.ts'
import { isPlain } from './rewrite.ts'

const suites: readonly string[] = ['crud', 'upsert', 'bulk', 'types', 'constraints']

/** Databases that write wrongly. */
export const WRITE_MUTANTS: readonly Mutant[] = [
  {
    name: 'ignores-delete',
    defect: 'delete says how much it deleted, and deletes nothing',
    suites,
    break: (real) => ({
      async delete(table, { where, returning = true }) {
        const { rows } = await real.select<never>(table, { ...(where && { where: where as never }) })
        return { rows: returning === false ? [] : rows, count: rows.length }
      },
    }),
  },
  {
    name: 'unfiltered-delete-allowed',
    defect: 'a delete or update without a filter is carried out',
    suites,
    break: (real) => ({
      delete: (table, options) => real.delete(table, { ...options, allRows: true }),
      update: (table, patch, options) => real.update(table, patch, { ...options, allRows: true }),
    }),
  },
  {
    name: 'swallows-an-error',
    defect: 'a row whose key is taken is dropped in silence',
    suites: ['constraints', 'crud'],
    break: (real) => ({
      async insert(table, rows, options) {
        try {
          return await real.insert<never>(table, rows, options)
        } catch (error) {
          if (error instanceof DbError && error.code === 'unique_violation') return { rows: [], count: 0 }
          throw error
        }
      },
    }),
  },
  {
    name: 'half-a-batch',
    defect: 'the first row of a batch that fails stays',
    suites: ['bulk', 'crud', 'constraints'],
    break: (real) => ({
      async insert(table, rows, options) {
        try {
          return await real.insert<never>(table, rows, options)
        } catch (error) {
          // Not all before the one that fails: one by one, thousands take minutes.
          const [first] = Array.isArray(rows) && rows.every(isPlain) ? rows : []
          if (first) await real.insert<never>(table, first, options)
          throw error
        }
      },
    }),
  },
  {
    name: 'rows-in-wrong-order',
    defect: 'an insert returns its rows in another order than they were given',
    suites,
    break: (real) => ({
      async insert(table, rows, options) {
        const result = await real.insert<never>(table, rows, options)
        return { ...result, rows: result.rows.toReversed() }
      },
    }),
  },
  {
    name: 'loses-an-update',
    defect: 'increment reads, adds and writes, one after the other',
    suites: ['concurrency', 'crud'],
    break: (real) => ({ update: (table, patch, options) => plainUpdate(real, table, patch, options) }),
  },
  {
    name: 'json-merge-replaces',
    defect: 'jsonMerge forgets the keys that were there',
    suites: ['json', 'crud'],
    break: (real) => ({
      update: (table, patch, options) =>
        real.update(
          table,
          mapValues(patch, (value) => (value instanceof JsonMerge && isPlain(value.document) ? value.document : value)),
          options,
        ),
    }),
  },
  {
    name: 'upsert-resets-created-at',
    defect: 'an upsert gives a row that was there a new created_at',
    suites: ['upsert'],
    break: (real) => ({
      async upsert(table, rows, options) {
        const result = await real.upsert<never>(table, rows, options)
        const key = real.schema.tables.get(table)?.primaryKey[0] ?? ''
        const found = result.rows.filter((_, i) => !result.inserted[i]).map((row: Row) => row[key])
        if (found.length > 0) await real.update(table, { created_at: new Date() }, { where: { [key]: { in: found } } })
        return result
      },
    }),
  },
  {
    name: 'upsert-says-inserted',
    defect: 'an upsert takes every row for new',
    suites: ['upsert'],
    break: (real) => ({
      async upsert(table, rows, options) {
        const result = await real.upsert<never>(table, rows, options)
        return { ...result, inserted: result.inserted.map(() => true) }
      },
    }),
  },
  {
    name: 'updated-at-stands-still',
    defect: 'updated_at shows when the row was made',
    suites: ['crud', 'types', 'repositories'],
    break: (real) => ({
      update: async (table, patch, options) => {
        const result = await real.update<never>(table, patch, options)
        return { ...result, rows: result.rows.map(still) }
      },
      select: async (table, spec) => {
        const result = await real.select<never>(table, spec as never)
        return { ...result, rows: result.rows.map(still) }
      },
    }),
  },
  {
    name: 'times-without-milliseconds',
    defect: 'times are kept to the second',
    suites: ['types'],
    break: (real) => ({ insert: (table, rows, options) => real.insert(table, eachRow(rows, toSeconds), options) }),
  },
  {
    name: 'text-trimmed',
    defect: 'blanks at the end of a text are cut off',
    suites: ['types', 'filters'],
    break: (real) => ({
      insert: (table, rows, options) =>
        real.insert(
          table,
          eachRow(rows, (value) => (typeof value === 'string' ? value.trimEnd() : value)),
          options,
        ),
    }),
  },
]

async function plainUpdate<R extends object>(
  real: DataAccess,
  table: string,
  patch: object,
  options: Parameters<DataAccess['update']>[2],
): Promise<WriteResult<R>> {
  const counted = Object.entries(patch).find(([, value]) => value instanceof Increment)
  if (!counted) return real.update<R>(table, patch, options)
  const [column, { by }] = counted as [string, Increment]
  const { rows } = await real.select<never>(table, {
    ...(options.where && { where: options.where as never }),
    ...(options.naming && { naming: options.naming }),
  })
  await new Promise((resolve) => setImmediate(resolve))
  return real.update<R>(table, { ...patch, [column]: Number(rows[0]?.[column] ?? 0) + by }, options)
}

function still<R extends Row>(row: R): R {
  const copy: Row = { ...row }
  if (copy.created_at && copy.updated_at) copy.updated_at = copy.created_at
  if (copy.createdAt && copy.updatedAt) copy.updatedAt = copy.createdAt
  return copy as R
}

function toSeconds(value: unknown): unknown {
  return value instanceof Date ? new Date(Math.floor(value.getTime() / 1000) * 1000) : value
}

function eachRow(rows: object | readonly object[], change: (value: unknown) => unknown): object | object[] {
  return Array.isArray(rows) ? rows.map((row: unknown) => mapValues(row, change)) : mapValues(rows, change)
}

/** What is no row is for the real database to refuse. */
function mapValues<R>(row: R, change: (value: unknown) => unknown): R | object {
  if (!isPlain(row)) return row
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, change(value)]))
}
