import { jsonNull, type Row } from '@archon-db/core'

/** Set by the clock of whoever runs: that it is there is compared, not what it says. */
const CLOCKED: ReadonlySet<string> = new Set(['updated_at'])

/** A result row as plain data: types that JSON does not know are spelled out, averages lose their last digits. */
export function canonicalRow(row: Row): unknown {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (CLOCKED.has(name)) return [name, value instanceof Date ? 'a time' : value]
      // Engines divide with different precision.
      if (name.startsWith(':avg')) return [name, typeof value === 'number' ? Number(value.toPrecision(12)) : value]
      return [name, canonical(value)]
    }),
  )
}

export function canonical(value: unknown): unknown {
  if (value === jsonNull) return { jsonNull: true }
  if (value instanceof Date) return { date: value.toISOString() }
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (value === undefined) return { undefined: true }
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, canonical(item)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
