import { DbError, invalidInput } from '../errors.ts'
import { compare, isDone } from './compare.ts'
import type { MigratorContext } from './context.ts'
import type { LedgerRow } from './ledger.ts'
import { labelOf, losesData, type Migration, splitStatements } from './migration.ts'
import { revertMigration } from './revert.ts'

/** What to take out: the last `steps` migrations (1 when left out), or everything after version `to`. */
export interface RollbackTarget {
  readonly steps?: number
  /** Stays in place; 0 takes out everything. */
  readonly to?: number
}

export interface RollbackPlan {
  /** In the order in which they are taken out. */
  readonly steps: readonly RollbackStep[]
  readonly losesData: boolean
}

export interface RollbackStep {
  readonly version: number
  readonly name: string
  readonly losesData: boolean
  /** It was never wholly in place: only what is there is taken out. */
  readonly partial: boolean
  readonly statements: readonly string[]
}

export interface RollbackResult {
  readonly reverted: readonly { readonly version: number; readonly name: string; readonly durationMs: number }[]
  readonly durationMs: number
}

/** What `rollback` would do. Later numbers go first. */
export function planRollback(
  migrations: readonly Migration[],
  rows: readonly LedgerRow[],
  target: RollbackTarget,
): RollbackPlan {
  const steps = chosen(rows, target).map((row) => {
    const migration = knownMigration(migrations, row)
    const { version, name } = migration
    const statements = splitStatements(migration.down)
    return { version, name, losesData: losesData(migration), partial: !isDone(row), statements }
  })
  return { steps, losesData: steps.some((step) => step.losesData) }
}

function chosen(rows: readonly LedgerRow[], { steps, to }: RollbackTarget): LedgerRow[] {
  if (steps !== undefined && to !== undefined) throw invalidInput('rollback takes steps or to, not both.')
  const latestFirst = rows.toSorted((a, b) => b.version - a.version)
  if (to === undefined) return latestFirst.slice(0, positive(steps ?? 1))
  if (to !== 0 && !rows.some((row) => row.version === to && isDone(row))) {
    throw invalidInput(`Migration ${to} is not in place, so there is no way back to it. status lists what is.`)
  }
  return latestFirst.filter(({ version }) => version > to)
}

function positive(steps: number): number {
  if (!Number.isSafeInteger(steps) || steps < 1) throw invalidInput('rollback takes a whole number of steps from 1.')
  return steps
}

function knownMigration(migrations: readonly Migration[], row: LedgerRow): Migration {
  const migration = migrations.find(({ version, name }) => version === row.version && name === row.name)
  if (migration) return migration
  const [drift] = compare(migrations, [row]).drift
  throw new DbError('migration_drift', drift?.message ?? `Migration ${labelOf(row)} is not known here.`)
}

/** Asks before data is lost: the caller has to have seen the plan. */
export function refuseDataLoss({ steps }: RollbackPlan): void {
  const losing = steps.filter((step) => step.losesData).map(labelOf)
  if (losing.length === 0) return
  throw invalidInput(
    `Rolling back ${losing.join(', ')} deletes data that migrating again does not bring back. Look at the plan and say so: acceptDataLoss: true, or --yes on the command line.`,
  )
}

export async function revertPlanned(
  context: MigratorContext,
  migrations: readonly Migration[],
  rows: readonly LedgerRow[],
  plan: RollbackPlan,
): Promise<RollbackResult['reverted']> {
  const reverted: { version: number; name: string; durationMs: number }[] = []
  for (const { version, name } of plan.steps) {
    const row = rows.find((one) => one.version === version)
    const migration = migrations.find((one) => one.version === version)
    if (!row || !migration) continue
    reverted.push({ version, name, durationMs: await revertMigration(context, migration, row) })
  }
  return reverted
}
