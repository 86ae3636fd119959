import type { Connection, Session } from '../dialect.ts'
import { DbError, invalidInput } from '../errors.ts'
import type { Shared } from '../executor.ts'
import { applyMigration } from './apply.ts'
import { compare, type Drift, type MigrationStatus, type PendingMigration } from './compare.ts'
import { type MigrationEvent, type MigratorContext, readToolVersion } from './context.ts'
import { Ledger } from './ledger.ts'
import type { Migration } from './migration.ts'

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

/** `db.migrations`: the schema of one database, brought up to date and looked after. */
export class Migrations {
  readonly #connection: Connection
  readonly #shared: Shared
  #known: Promise<readonly Migration[]> | undefined

  constructor(connection: Connection, shared: Shared) {
    this.#connection = connection
    this.#shared = shared
  }

  /** What is in place, what is missing and what does not fit. Changes nothing. */
  async status(): Promise<MigrationStatus> {
    const migrations = await this.#migrations()
    const rows = await this.#translated(() => new Ledger(this.#shared.dialect, this.#connection).rows())
    return compare(migrations, rows ?? [])
  }

  /** Brings the schema up to date. Of several processes one does the work, and the others wait and find it done. */
  async migrate(options: MigrateOptions = {}): Promise<MigrateResult> {
    const started = performance.now()
    const migrations = await this.#upTo(options.to)
    const total = (await this.#migrations()).length
    const before = await this.status()
    refuseDrift(before.drift)
    if (missingOf(migrations, before).length === 0)
      return { applied: [], total, durationMs: performance.now() - started }
    const applied = await this.#locked(options.onProgress, (context) => applyMissing(context, migrations))
    return { applied, total, durationMs: performance.now() - started }
  }

  #migrations(): Promise<readonly Migration[]> {
    this.#known ??= this.#shared.dialect.migrations()
    return this.#known
  }

  async #upTo(to: number | undefined): Promise<readonly Migration[]> {
    const migrations = await this.#migrations()
    if (to === undefined) return migrations
    if (!migrations.some(({ version }) => version === to))
      throw invalidInput(`There is no migration with the number ${to}.`)
    return migrations.filter(({ version }) => version <= to)
  }

  #locked<T>(
    report: ((event: MigrationEvent) => void) | undefined,
    work: (context: MigratorContext) => Promise<T>,
  ): Promise<T> {
    const { dialect, events } = this.#shared
    return this.#translated(async () => {
      const toolVersion = await readToolVersion()
      return this.#connection.withMigrationLock((session: Session) => {
        return work({
          dialect,
          session,
          ledger: new Ledger(dialect, session),
          events,
          toolVersion,
          report: report ?? (() => {}),
        })
      })
    })
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    if (this.#shared.closed)
      throw new DbError('closed', 'This database handle is closed. Open a new one with connect().')
    try {
      return await work()
    } catch (error) {
      throw this.#shared.dialect.toDbError(error)
    }
  }
}

async function applyMissing(context: MigratorContext, migrations: readonly Migration[]): Promise<MigratedNow[]> {
  await context.ledger.create()
  const rows = (await context.ledger.rows()) ?? []
  const status = compare(migrations, rows)
  refuseDrift(status.drift.filter((drift) => drift.kind !== 'unknown'))
  const applied: MigratedNow[] = []
  for (const { version, name, late } of status.pending) {
    const migration = migrations.find((known) => known.version === version)
    if (!migration) continue
    const durationMs = await applyMigration(
      context,
      migration,
      rows.find((row) => row.version === version),
    )
    applied.push({ version, name, late, durationMs })
  }
  return applied
}

function missingOf(migrations: readonly Migration[], { pending }: MigrationStatus): readonly PendingMigration[] {
  return pending.filter((one) => migrations.some(({ version }) => version === one.version))
}

function refuseDrift(drift: readonly Drift[]): void {
  if (drift.length === 0) return
  throw new DbError('migration_drift', drift.map(({ message }) => message).join('\n'))
}
