import type { ForeignKeyInfo, RunResult, Statement, TableInfo } from '@archon-db/core/dialect'
import type { Client } from './client.ts'
import { schema } from './schema.ts'

/** The server follows cascades fifteen levels down and then refuses the delete; MariaDB has no number of its own for it. */
export function isTooDeep(error: unknown): boolean {
  const { errno, message } = (error ?? {}) as { readonly errno?: unknown; readonly message?: unknown }
  return errno === 3008 || (errno === 1296 && /\berror 193\b/.test(String(message)))
}

/** Deletes the lowest generations by hand, so that the statement has nothing left to follow. */
export async function deleteDeep(client: Client, statement: Statement): Promise<RunResult> {
  const deleted = schema.tables.get(statement.tables[0] as string)
  for (const table of deleted ? schema.tables.values() : []) {
    const family = table.foreignKeys.find((key) => key.table === table.name && key.onDelete === 'cascade')
    const first = family && (await firstGeneration(client, statement, deleted as TableInfo, table))
    if (family && first) await deleteDescendants(client, table, family, first)
  }
  return client.run(statement)
}

type Keys = readonly string[]

/** The rows of a table that the statement deletes, or takes along. */
async function firstGeneration(
  client: Client,
  { text, params }: Statement,
  deleted: TableInfo,
  table: TableInfo,
): Promise<Keys | undefined> {
  const found = text.replace(/^delete from/, `select \`${deleted.primaryKey[0]}\` from`)
  const keysOf = async (query: string): Promise<Keys> => {
    const { rows } = await client.query({ text: query, params, write: false, tables: [] })
    return rows.map(([key]) => String(key))
  }
  if (deleted === table) return keysOf(found)
  const parent = table.foreignKeys.find((key) => key.table === deleted.name && key.onDelete === 'cascade')
  return (
    parent &&
    keysOf(`select \`${table.primaryKey[0]}\` from \`${table.name}\` where \`${parent.columns[0]}\` in (${found})`)
  )
}

/** Generation by generation down, and from the last one up again. */
async function deleteDescendants(client: Client, table: TableInfo, family: ForeignKeyInfo, first: Keys): Promise<void> {
  const key = table.primaryKey[0] as string
  const known = new Set(first)
  const generations: Keys[] = []
  for (let parents = first; parents.length > 0; ) {
    const children = await inParts(parents, async (part, places) => {
      const text = `select \`${key}\` from \`${table.name}\` where \`${family.columns[0]}\` in (${places})`
      const { rows } = await client.query({ text, params: part, write: false, tables: [] })
      return rows.map(([child]) => String(child))
    })
    // A circle of rows would have no last generation.
    parents = children.filter((child) => !known.has(child))
    for (const child of parents) known.add(child)
    generations.push(parents)
  }
  for (const generation of generations.reverse()) {
    await inParts(generation, async (part, places) => {
      const text = `delete from \`${table.name}\` where \`${key}\` in (${places})`
      await client.run({ text, params: part, write: true, tables: [] })
      return []
    })
  }
}

const KEYS_AT_ONCE = 1000

async function inParts(keys: Keys, work: (part: Keys, places: string) => Promise<Keys>): Promise<Keys> {
  const results: string[] = []
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
    const part = keys.slice(start, start + KEYS_AT_ONCE)
    results.push(...(await work(part, part.map(() => '?').join())))
  }
  return results
}
