import type { Dialect } from '../dialect.ts'
import { invalidInput } from '../errors.ts'
import { sql } from '../sql.ts'
import { compare, refuseDrift } from './compare.ts'
import type { MigratorContext } from './context.ts'
import { applyMissing, type MigratedNow } from './migrate.ts'
import type { Migration } from './migration.ts'
import type { Talk } from './present.ts'
import { presentTables } from './present.ts'
import { planRollback, type RollbackResult, revertPlanned } from './rollback.ts'

export interface ResetOptions {
  /** A database with more rows than this is taken for one that somebody needs. Default 1000. */
  readonly maxRows?: number
  /** Deletes it all the same. */
  readonly force?: boolean
}

export interface ResetResult {
  readonly reverted: RollbackResult['reverted']
  readonly applied: readonly MigratedNow[]
  readonly durationMs: number
}

const DEFAULT_MAX_ROWS = 1000

/** For development: takes everything out and brings it into place anew. */
export async function resetSchema(
  context: MigratorContext,
  migrations: readonly Migration[],
): Promise<Omit<ResetResult, 'durationMs'>> {
  const rows = await context.ledger.rows()
  refuseDrift(compare(migrations, rows).drift)
  const reverted =
    rows.length === 0 ? [] : await revertPlanned(context, migrations, rows, planRollback(migrations, rows, { to: 0 }))
  return { reverted, applied: await applyMissing(context, migrations, migrations) }
}

/** Anything that looks like data that somebody needs stops it. */
export async function refuseReset(
  dialect: Dialect,
  talk: Talk,
  { maxRows = DEFAULT_MAX_ROWS, force = false }: ResetOptions,
): Promise<void> {
  if (force) return
  if (process.env.NODE_ENV === 'production') {
    throw invalidInput(
      'reset deletes all data, and NODE_ENV says production. Use force (--force) if that is what you want.',
    )
  }
  const count = await countRows(dialect, talk)
  if (count <= maxRows) return
  throw invalidInput(
    `reset deletes all data, and this database holds ${count} rows, more than the ${maxRows} that pass for a toy. Use force (--force) if that is what you want.`,
  )
}

async function countRows(dialect: Dialect, talk: Talk): Promise<number> {
  let total = 0
  for (const name of await presentTables(dialect, talk)) {
    const { sql: text, params } = dialect.render(sql`select count(*) from ${sql.identifier(name)}`)
    const { rows } = await talk.query({ text, params, write: false, tables: [name], prepare: false })
    total += Number(rows[0]?.[0])
  }
  return total
}
