import type { ForeignKeyInfo, RunResult, Statement, TableInfo } from '@archon-db/core/dialect'
import { deleteDeep, isTooDeep } from './cascade.ts'
import type { Client } from './client.ts'
import { toDbError } from './errors.ts'
import { schema } from './schema.ts'

/**
 * Runs a write of core's making, and makes up for what foreign keys do otherwise here. `beforeSavepoint` is of
 * the transaction that it stands in, null where it is by itself.
 */
export async function runWrite(
  client: Client,
  statement: Statement,
  beforeSavepoint: (() => Promise<void>) | null,
): Promise<RunResult> {
  try {
    return await client.run(statement)
  } catch (error) {
    if (client.gone || statement.tables.length === 0) throw error
    if (isTooDeep(error)) return bracket(client, beforeSavepoint, () => deleteDeep(client, statement))
    if (!isBrokenReference(error)) throw error
    return runReferenced(client, statement, beforeSavepoint, error)
  }
}

function isBrokenReference(error: unknown): boolean {
  return toDbError(error).code === 'foreign_key_violation'
}

/**
 * References are looked at row by row here, elsewhere when the statement is through. So where one is broken, the
 * statement runs once more without looking at them: a row further on may break another rule, which is then the error, or
 * it may be the very row that was missing.
 */
async function runReferenced(
  client: Client,
  statement: Statement,
  beforeSavepoint: (() => Promise<void>) | null,
  broken: unknown,
): Promise<RunResult> {
  try {
    await client.command('set session foreign_key_checks = 0')
    return await bracket(client, beforeSavepoint, async () => {
      const result = await client.run(statement)
      if (await isWhole(client, statement)) return result
      throw broken
    })
  } catch (error) {
    throw isBrokenReference(error) ? broken : error
  } finally {
    // A connection that no longer looks at references is of no use to anybody.
    await client.command('set session foreign_key_checks = 1').catch(() => client.destroy())
  }
}

const TRANSACTION = { begin: ['start transaction'], keep: ['commit'], undo: ['rollback'] }
const SAVEPOINT = {
  begin: ['savepoint archon_write'],
  keep: ['release savepoint archon_write'],
  // One that stayed would be moved by the next of its name, and MariaDB forget the words of rows written before it.
  undo: ['rollback to savepoint archon_write', 'release savepoint archon_write'],
}

/** All of the work or nothing, also within a transaction. */
async function bracket<T>(
  client: Client,
  beforeSavepoint: (() => Promise<void>) | null,
  work: () => Promise<T>,
): Promise<T> {
  const { begin, keep, undo } = beforeSavepoint ? SAVEPOINT : TRANSACTION
  if (beforeSavepoint) await beforeSavepoint()
  await send(client, begin)
  try {
    const result = await work()
    await send(client, keep)
    return result
  } catch (error) {
    await send(client, undo).catch(() => client.destroy())
    throw error
  }
}

async function send(client: Client, texts: readonly string[]): Promise<void> {
  for (const text of texts) await client.command(text)
}

/** Whether rows that refer to others of their own table found them, once all were stored. */
async function isWhole(client: Client, { text, tables }: Statement): Promise<boolean> {
  const table = schema.tables.get(tables[0] as string)
  if (!table?.foreignKeys.some((key) => key.table === table.name) || !text.startsWith('insert')) return false
  for (const key of table.foreignKeys) if (await hasOrphans(client, table, key)) return false
  return true
}

async function hasOrphans(client: Client, { name }: TableInfo, key: ForeignKeyInfo): Promise<boolean> {
  const pairs = key.columns.map((column, i) => `child.\`${column}\` = parent.\`${key.references[i]}\``)
  const given = key.columns.map((column) => `child.\`${column}\` is not null`)
  const { rows } = await client.command(
    `select 1 from \`${name}\` child left join \`${key.table}\` parent on ${pairs.join(' and ')}
    where ${given.join(' and ')} and parent.\`${key.references[0]}\` is null limit 1`,
  )
  return rows.length > 0
}
