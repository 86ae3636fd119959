import type { Connection, Session } from '../dialect.ts'
import { DbError, invalidInput } from '../errors.ts'
import type { Shared } from '../executor.ts'
import {
  type BaselineOptions,
  type BaselineResult,
  type RepairResult,
  recordBaseline,
  repairLedger,
} from './baseline.ts'
import { compare, isDone, type MigrationStatus, refuseDrift, refuseDriftOf } from './compare.ts'
import { type MigratorContext, readToolVersion } from './context.ts'
import { Ledger, type LedgerRow } from './ledger.ts'
import type { LiveSchema } from './live-schema.ts'
import { applyMissing, type MigrateOptions, type MigrateResult, type MigrationPlan, planMigrations } from './migrate.ts'
import type { Migration } from './migration.ts'
import type { DeepStatus, RollbackOptions } from './migrations.ts'
import { presentTables } from './present.ts'
import { type ResetOptions, type ResetResult, refuseReset, resetSchema } from './reset.ts'
import {
  planRollback,
  type RollbackPlan,
  type RollbackResult,
  type RollbackTarget,
  refuseDataLoss,
  revertPlanned,
} from './rollback.ts'
import { schemaDrift } from './schema-drift.ts'

/** How long to stand behind another process that migrates; each attempt of the dialect's own is shorter. */
const LOCK_PATIENCE_MS = 600_000

/** Does what `Migrations` offers. */
export class Migrator {
  readonly #connection: Connection
  readonly #shared: Shared
  #known: Promise<readonly Migration[]> | undefined

  constructor(connection: Connection, shared: Shared, known?: readonly Migration[]) {
    this.#connection = connection
    this.#shared = shared
    this.#known = known && Promise.resolve(known)
  }

  /** The migrations this version of the package knows, in order. */
  list(): Promise<readonly Migration[]> {
    this.#known ??= this.#shared.dialect.migrations()
    return this.#known
  }

  /** What is in place, what is missing and what does not fit. Changes nothing. */
  async status(): Promise<MigrationStatus> {
    return compare(await this.list(), await this.#rows())
  }

  /** `status`, and the live database compared with what it should be, object by object. */
  async deepStatus(): Promise<DeepStatus> {
    const live = await this.introspect()
    const migrations = await this.list()
    const rows = await this.#rows()
    const isInPlace = ({ version }: Migration): boolean => isDone(rows.find((row) => row.version === version))
    const done = migrations.filter(isInPlace)
    const pending = migrations.filter((migration) => !isInPlace(migration))
    return { ...compare(migrations, rows), schema: schemaDrift(this.#shared.dialect, live, done, pending) }
  }

  /** What stands in the database, as its own catalogue tells. */
  async introspect(): Promise<LiveSchema> {
    return this.#translated(() => this.#shared.dialect.introspect(this.#connection))
  }

  /** Brings the schema up to date. Of several processes one does the work; the others wait and find it done. */
  async migrate(options: MigrateOptions = {}): Promise<MigrateResult> {
    const started = performance.now()
    const known = await this.list()
    const wanted = await this.#upTo(options.to)
    const status = await this.status()
    refuseDrift(status.drift)
    const isNeeded = status.pending.some(({ version }) => wanted.some((migration) => migration.version === version))
    const applied = isNeeded ? await this.#locked(options, (context) => applyMissing(context, known, wanted)) : []
    return { applied, total: known.length, durationMs: performance.now() - started }
  }

  /** What `migrate` would run, statement by statement. */
  async plan({ to }: Pick<MigrateOptions, 'to'> = {}): Promise<MigrationPlan> {
    const wanted = await this.#upTo(to)
    const status = await this.status()
    refuseDrift(status.drift)
    return planMigrations(wanted, status)
  }

  /** Names of our tables that are there. */
  async tables(): Promise<readonly string[]> {
    return this.#translated(() => presentTables(this.#shared.dialect, this.#connection))
  }

  /** What `rollback` would take out, and whether data is lost. */
  async planRollback(target: RollbackTarget = {}): Promise<RollbackPlan> {
    return planRollback(await this.list(), await this.#rows(), target)
  }

  /** Takes migrations out again, the latest first. Where that loses data it has to be told that it may. */
  async rollback(options: RollbackOptions = {}): Promise<RollbackResult> {
    const started = performance.now()
    const migrations = await this.list()
    const reverted = await this.#locked(options, async (context) => {
      const rows = await context.ledger.rows()
      const plan = planRollback(migrations, rows, options)
      refuseDriftOf(
        plan.steps.filter(({ partial }) => partial),
        compare(migrations, rows).drift,
      )
      if (!options.acceptDataLoss) refuseDataLoss(plan)
      return revertPlanned(context, migrations, rows, plan)
    })
    return { reverted, durationMs: performance.now() - started }
  }

  /** Records migrations as in place without running them, for a database that was made another way. */
  async baseline(options: BaselineOptions): Promise<BaselineResult> {
    const migrations = await this.list()
    return this.#locked({}, (context) => recordBaseline(context, migrations, options))
  }

  /** Records the present text of migrations that were edited after they ran. */
  async repair(): Promise<RepairResult> {
    const migrations = await this.list()
    return this.#locked({}, (context) => repairLedger(context, migrations))
  }

  /** For development: takes everything out and brings it into place anew. Refuses where that looks like a mistake. */
  async reset(options: ResetOptions & Pick<MigrateOptions, 'onProgress'> = {}): Promise<ResetResult> {
    const started = performance.now()
    const migrations = await this.list()
    await this.#translated(() => refuseReset(this.#shared.dialect, this.#connection, options))
    const result = await this.#locked(options, (context) => resetSchema(context, migrations))
    return { ...result, durationMs: performance.now() - started }
  }

  async #rows(): Promise<readonly LedgerRow[]> {
    return this.#translated(() => new Ledger(this.#shared.dialect, this.#connection).rowsIfAny())
  }

  async #upTo(to: number | undefined): Promise<readonly Migration[]> {
    const migrations = await this.list()
    if (to === undefined) return migrations
    if (!migrations.some(({ version }) => version === to))
      throw invalidInput(`There is no migration with the number ${to}.`)
    return migrations.filter(({ version }) => version <= to)
  }

  /** Stands in line for the lock; what fails while holding it is not tried again. */
  async #locked<T>(
    { onProgress = () => {} }: Pick<MigrateOptions, 'onProgress'>,
    work: (context: MigratorContext) => Promise<T>,
  ): Promise<T> {
    const { dialect, events } = this.#shared
    const toolVersion = await readToolVersion()
    const deadline = performance.now() + LOCK_PATIENCE_MS
    for (;;) {
      let held = false
      const run = async (session: Session): Promise<T> => {
        held = true
        const ledger = new Ledger(dialect, session)
        await ledger.create()
        return work({ dialect, session, ledger, events, toolVersion, report: onProgress })
      }
      try {
        return await this.#translated(() => this.#connection.withMigrationLock(run))
      } catch (error) {
        const isWaiting = !held && error instanceof DbError && error.code === 'lock_timeout'
        if (!isWaiting || performance.now() >= deadline) throw error
      }
    }
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
