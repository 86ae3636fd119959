import type { RunResult, Statement } from '@archon-db/core/dialect'
import type { Client } from './client.ts'
import { toDbError } from './errors.ts'

/** Broken rules that come before a broken reference. */
const FIRST = new Set(['unique_violation', 'not_null_violation', 'check_violation'])

/**
 * Runs a write of core's making. References are looked at row by row here, elsewhere when the statement is through: a
 * row further on may break another rule, and that is then the error. Which it is, the statement tells when it runs once
 * more without references, in a bracket that is rolled back.
 */
export async function runChecked(client: Client, statement: Statement, inTransaction: boolean): Promise<RunResult> {
  try {
    return await client.run(statement)
  } catch (error) {
    const isReference = toDbError(error).code === 'foreign_key_violation'
    if (!isReference || client.gone || statement.tables.length === 0) throw error
    throw (await otherError(client, statement, inTransaction)) ?? error
  }
}

async function otherError(client: Client, statement: Statement, inTransaction: boolean): Promise<unknown> {
  let other: unknown
  try {
    await client.command(inTransaction ? 'savepoint archon_references' : 'start transaction')
    await client.command('set session foreign_key_checks = 0')
    await client.run(statement).catch((error: unknown) => {
      other = error
    })
    await client.command(inTransaction ? 'rollback to savepoint archon_references' : 'rollback')
    await client.command('set session foreign_key_checks = 1')
  } catch {
    // A connection in an unknown state is of no use to anybody.
    client.destroy()
  }
  return other !== undefined && FIRST.has(toDbError(other).code) ? other : undefined
}
