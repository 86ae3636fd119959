import { applyMigration } from './apply.ts'
import { compare, isReverting, type MigrationStatus, refuseDrift } from './compare.ts'
import type { MigrationEvent, MigratorContext } from './context.ts'
import { type Migration, splitStatements } from './migration.ts'
import { revertMigration } from './revert.ts'

export interface MigrateOptions {
  /** The last version to bring into place; the newest when left out. */
  readonly to?: number
  readonly onProgress?: (event: MigrationEvent) => void
}

export interface MigrateResult {
  /** What this call brought into place, in order; empty when there was nothing to do. */
  readonly applied: readonly MigratedNow[]
  readonly total: number
  readonly durationMs: number
}

export interface MigratedNow {
  readonly version: number
  readonly name: string
  /** It came in by a merge, after migrations with higher numbers. */
  readonly late: boolean
  readonly durationMs: number
}

export interface MigrationPlan {
  readonly steps: readonly MigrationPlanStep[]
}

export interface MigrationPlanStep {
  readonly version: number
  readonly name: string
  readonly late: boolean
  /** Those that are left to run. */
  readonly statements: readonly string[]
  /** TypeScript runs after the statements. */
  readonly dataStep: boolean
}

/** What `migrate` would run. */
export function planMigrations(migrations: readonly Migration[], { pending }: MigrationStatus): MigrationPlan {
  const steps = pending.flatMap(({ version, late, interrupted }) => {
    const migration = migrations.find((known) => known.version === version)
    if (!migration) return []
    const done = interrupted?.direction === 'up' ? interrupted.statements : 0
    const statements = splitStatements(migration.up).slice(done)
    return [{ version, name: migration.name, late, statements, dataStep: migration.step !== undefined }]
  })
  return { steps }
}

/** Under the lock: whatever is missing by now, in order. */
export async function applyMissing(
  context: MigratorContext,
  known: readonly Migration[],
  upTo: readonly Migration[],
): Promise<MigratedNow[]> {
  const rows = await context.ledger.rows()
  const { drift, pending } = compare(known, rows)
  refuseDrift(drift)
  const applied: MigratedNow[] = []
  for (const { version, name, late } of pending) {
    const migration = upTo.find((wanted) => wanted.version === version)
    if (!migration) continue
    const row = rows.find((one) => one.version === version)
    // A rollback that was cut short is ended first, so that the way there starts from a known place.
    if (row && isReverting(row)) await revertMigration(context, migration, row)
    const durationMs = await applyMigration(context, migration, isReverting(row) ? undefined : row)
    applied.push({ version, name, late, durationMs })
  }
  return applied
}
