import type { ForeignKeyInfo, RunResult, Statement, TableInfo } from '@archon-db/core/dialect'
import type { Client } from './client.ts'
import { toDbError } from './errors.ts'
import { schema } from './schema.ts'

/** Broken rules that come before a broken reference. */
const FIRST = new Set(['unique_violation', 'not_null_violation', 'check_violation'])

/**
 * Runs a write of core's making. References are looked at row by row here, elsewhere when the statement is through. So
 * where one is broken, the statement runs once more without looking at them, in a bracket of its own: a row further on
 * may break another rule, which is then the error, or it may be the very row that was missing.
 */
export async function runChecked(client: Client, statement: Statement, inTransaction: boolean): Promise<RunResult> {
  try {
    return await client.run(statement)
  } catch (error) {
    const isReference = toDbError(error).code === 'foreign_key_violation'
    if (!isReference || client.gone || statement.tables.length === 0) throw error
    const outcome = await runUnreferenced(client, statement, inTransaction)
    if ('changes' in outcome) return outcome
    throw outcome.error !== undefined && FIRST.has(toDbError(outcome.error).code) ? outcome.error : error
  }
}

type Outcome = RunResult | { readonly error: unknown }

async function runUnreferenced(client: Client, statement: Statement, inTransaction: boolean): Promise<Outcome> {
  const [begin, keep, undo] = inTransaction ? SAVEPOINT : TRANSACTION
  try {
    await client.command(begin)
    await client.command('set session foreign_key_checks = 0')
    const outcome = await client.run(statement).catch((error: unknown): Outcome => ({ error }))
    const kept = 'changes' in outcome && (await isWhole(client, statement))
    await client.command(kept ? keep : undo)
    await client.command('set session foreign_key_checks = 1')
    return kept || 'error' in outcome ? outcome : { error: undefined }
  } catch (error) {
    // A connection in an unknown state is of no use to anybody.
    client.destroy()
    return { error }
  }
}

const TRANSACTION = ['start transaction', 'commit', 'rollback'] as const
const SAVEPOINT = [
  'savepoint archon_references',
  'release savepoint archon_references',
  'rollback to savepoint archon_references',
] as const

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
