import { DbError, invalidInput } from '../errors.ts'
import { compare, type Drift, isDone, ranOf } from './compare.ts'
import { inTransaction, type MigratorContext } from './context.ts'
import type { LedgerRow } from './ledger.ts'
import { checksumOf, type Migration, splitStatements } from './migration.ts'
import { type SchemaDifference, schemaDrift } from './schema-drift.ts'

export interface BaselineOptions {
  /** The last migration whose work is in place already. */
  readonly version: number
  /** Records it even though the database does not look like that version. */
  readonly force?: boolean
}

export interface BaselineResult {
  readonly recorded: readonly { readonly version: number; readonly name: string }[]
  /** What is not as that version has it; only with `force`. */
  readonly differences: readonly SchemaDifference[]
}

/** Records migrations up to a version as in place, without running them: for a database that was made another way. */
export async function recordBaseline(
  context: MigratorContext,
  migrations: readonly Migration[],
  options: BaselineOptions,
): Promise<BaselineResult> {
  const { version, force = false } = options
  const covered = migrations.filter((migration) => migration.version <= version)
  if (!covered.some((migration) => migration.version === version))
    throw invalidInput(`There is no migration with the number ${version}.`)
  const differences = await lacking(
    context,
    covered,
    migrations.filter((migration) => migration.version > version),
  )
  if (differences.length > 0 && !force) throw doesNotFit(version, differences)
  const rows = await context.ledger.rows()
  const missing = covered.filter((migration) => !isDone(rows.find((row) => row.version === migration.version)))
  await inTransaction(context, async (_talk, ledger) => {
    for (const migration of missing) {
      await ledger.remove(migration.version)
      await ledger.insert(baselined(context, migration))
    }
  })
  return { recorded: missing.map(({ version, name }) => ({ version, name })), differences }
}

/** What is there beyond the version does no harm; what is missing or different does. */
async function lacking(
  { dialect, session }: MigratorContext,
  covered: readonly Migration[],
  later: readonly Migration[],
): Promise<SchemaDifference[]> {
  const live = await dialect.introspect(session)
  return schemaDrift(dialect, live, covered, later).filter(({ kind }) => kind !== 'unexpected')
}

function doesNotFit(version: number, differences: readonly SchemaDifference[]): DbError {
  const list = differences.map(({ message }) => `  ${message}`).join('\n')
  return new DbError(
    'migration_drift',
    `This database does not have the schema of migration ${version}:\n${list}\nBaseline at an earlier version, mend the differences, or record it all the same with force.`,
  )
}

function baselined({ toolVersion }: MigratorContext, { version, name, up }: Migration): LedgerRow {
  const statements = splitStatements(up)
  const now = new Date()
  return {
    version,
    name,
    checksum: checksumOf(statements),
    state: 'baselined',
    statement: statements.length,
    running: 0,
    stepCursor: null,
    startedAt: now,
    finishedAt: now,
    durationMs: 0,
    toolVersion,
  }
}

export interface RepairResult {
  readonly repaired: readonly Drift[]
}

/** Records the present text and name of migrations that were edited after they ran. Somebody has to have looked. */
export async function repairLedger(context: MigratorContext, migrations: readonly Migration[]): Promise<RepairResult> {
  const rows = await context.ledger.rows()
  const repaired = compare(migrations, rows).drift.filter(({ kind }) => kind !== 'unknown')
  for (const { version } of repaired) {
    const row = rows.find((one) => one.version === version)
    const migration = migrations.find((known) => known.version === version)
    if (!row || !migration) continue
    const { name } = migration
    await context.ledger.update(version, {
      name,
      checksum: checksumOf(ranOf(migration, row)),
      toolVersion: context.toolVersion,
    })
  }
  return { repaired }
}
