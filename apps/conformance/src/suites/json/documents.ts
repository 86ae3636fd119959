import assert from 'node:assert/strict'
import type { DataAccess, Filter, Row } from '@archon-db/core'
import type { SuiteBuilder } from '../../harness/index.ts'

export const TABLE = 'archon_projects'

/** Documents by name; `undefined` inside an entry's value stands for SQL NULL. */
export type Documents = Readonly<Record<string, unknown>>

async function store(db: DataAccess, documents: Documents): Promise<void> {
  const rows = Object.entries(documents).map(([title, data]) => ({ title, data: data === undefined ? null : data }))
  await db.insert(TABLE, rows, { returning: false })
}

/** The names of the documents that match, in alphabetical order. */
async function matching(db: DataAccess, where: Row): Promise<string[]> {
  const { rows } = await db.select<{ title: string }>(TABLE, { columns: ['title'], where: where as Filter })
  return rows.map((row) => row.title).sort()
}

/** A condition on the documents, and the names of those it holds for. */
export type Test = readonly [where: Row, expected: readonly string[]]

/** Stores the documents, then tries each condition. */
export function define(t: SuiteBuilder, id: string, documents: Documents, tests: readonly Test[]): void {
  t.behaviour(id, async ({ db }) => {
    await store(db, documents)
    for (const [where, expected] of tests) assert.deepEqual(await matching(db, where), expected.toSorted(), show(where))
  })
}

function show(where: Row): string {
  return JSON.stringify(where, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
