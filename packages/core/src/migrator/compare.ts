import { DbError } from '../errors.ts'
import type { LedgerRow } from './ledger.ts'
import { checksumOf, labelOf, type Migration, splitStatements } from './migration.ts'

export interface MigrationStatus {
  /** Migrations this version of the package knows. */
  readonly total: number
  readonly applied: readonly AppliedMigration[]
  readonly pending: readonly PendingMigration[]
  /** What the database holds and this package does not expect. Empty when all is well. */
  readonly drift: readonly Drift[]
}

export interface AppliedMigration {
  readonly version: number
  readonly name: string
  /** Recorded as in place without having been run. */
  readonly baselined: boolean
  readonly appliedAt: Date
  readonly durationMs: number
  readonly toolVersion: string
}

export interface PendingMigration {
  readonly version: number
  readonly name: string
  /** Migrations with higher numbers are in place already: this one came in by a merge. */
  readonly late: boolean
  /** Begun and not finished: how many statements are in place, and in which direction it was going. */
  readonly interrupted?: { readonly direction: 'up' | 'down'; readonly statements: number }
}

export interface Drift {
  /** `edited`: its text is not the text that ran. `renamed`: its name is not. `unknown`: this package has no such migration. */
  readonly kind: 'edited' | 'renamed' | 'unknown'
  readonly version: number
  readonly name: string
  readonly message: string
}

/** What is in place, what is missing (a set difference: a late number is found), and what does not fit. */
export function compare(migrations: readonly Migration[], ledger: readonly LedgerRow[]): MigrationStatus {
  const rows = new Map(ledger.map((row) => [row.version, row]))
  const highest = Math.max(0, ...ledger.filter(isDone).map((row) => row.version))
  return {
    total: migrations.length,
    applied: ledger.filter(isDone).map(describeApplied),
    pending: migrations
      .filter(({ version }) => !isDone(rows.get(version)))
      .map((migration) => describePending(migration, rows, highest)),
    drift: ledger.flatMap((row) => driftOf(row, migrations)),
  }
}

export function isDone(row: LedgerRow | undefined): boolean {
  return row?.state === 'applied' || row?.state === 'baselined'
}

export function isReverting(row: LedgerRow | undefined): boolean {
  return row?.state === 'reverting' || row?.state === 'undoing'
}

function describeApplied({
  version,
  name,
  state,
  startedAt,
  finishedAt,
  durationMs,
  toolVersion,
}: LedgerRow): AppliedMigration {
  return {
    version,
    name,
    baselined: state === 'baselined',
    appliedAt: finishedAt ?? startedAt,
    durationMs: durationMs ?? 0,
    toolVersion,
  }
}

function describePending(
  { version, name }: Migration,
  rows: ReadonlyMap<number, LedgerRow>,
  highest: number,
): PendingMigration {
  const row = rows.get(version)
  const pending = { version, name, late: version < highest }
  if (!row) return pending
  return { ...pending, interrupted: { direction: isReverting(row) ? 'down' : 'up', statements: row.statement } }
}

function driftOf(row: LedgerRow, migrations: readonly Migration[]): Drift[] {
  const { version, name } = row
  const migration = migrations.find((known) => known.version === version)
  if (!migration) return [{ kind: 'unknown', version, name, message: unknownMessage(row, migrations) }]
  if (migration.name !== name) {
    return [
      {
        kind: 'renamed',
        version,
        name,
        message: `Migration ${version} ran as ${name} and is now called ${migration.name}. Give it its name back, and the new one the next free number.`,
      },
    ]
  }
  if (checksumOf(ranOf(migration, row)) === row.checksum) return []
  return [{ kind: 'edited', version, name, message: editedMessage(row) }]
}

/** The statements that the ledger says are in place. */
export function ranOf(migration: Migration, row: LedgerRow): string[] {
  if (isDone(row)) return splitStatements(migration.up)
  return splitStatements(isReverting(row) ? migration.down : migration.up).slice(0, row.statement)
}

function editedMessage(row: LedgerRow): string {
  if (!isDone(row))
    return `Migration ${labelOf(row)} stopped half way, and the statements of it that did run have been edited since. Undo the edit of those; what comes after them may change.`
  return `The up.sql of migration ${labelOf(row)} is not the text that ran on this database. Undo the edit and put the change into a new migration; or, when somebody has looked and both texts come to the same, record the new one with repair.`
}

function unknownMessage(row: LedgerRow, migrations: readonly Migration[]): string {
  const newest = Math.max(0, ...migrations.map(({ version }) => version))
  return row.version > newest
    ? `The database is newer than this package: it has migration ${labelOf(row)}, and the newest one known here is ${newest}. Upgrade the package (that migration ran with version ${row.toolVersion}).`
    : `The database has migration ${labelOf(row)}, which this package lacks (it ran with version ${row.toolVersion}). Use a package that has it, or take the number back into the folder.`
}

export function refuseDrift(drift: readonly Drift[]): void {
  if (drift.length === 0) return
  throw new DbError('migration_drift', drift.map(({ message }) => message).join('\n'))
}

/** Of these migrations only. */
export function refuseDriftOf(migrations: readonly { readonly version: number }[], drift: readonly Drift[]): void {
  refuseDrift(drift.filter((one) => migrations.some(({ version }) => version === one.version)))
}
