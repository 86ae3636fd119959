import type { Connection } from '../dialect.ts'
import type { Shared } from '../executor.ts'
import type { BaselineOptions, BaselineResult, RepairResult } from './baseline.ts'
import type { MigrationStatus } from './compare.ts'
import type { MigrationEvent } from './context.ts'
import type { LiveSchema } from './live-schema.ts'
import type { MigrateOptions, MigrateResult, MigrationPlan } from './migrate.ts'
import type { Migration } from './migration.ts'
import type { Migrator } from './migrator.ts'
import type { ResetOptions, ResetResult } from './reset.ts'
import type { RollbackPlan, RollbackResult, RollbackTarget } from './rollback.ts'
import type { SchemaDifference } from './schema-drift.ts'

export interface RollbackOptions extends RollbackTarget {
  /** What the plan says is lost may be lost. */
  readonly acceptDataLoss?: boolean
  readonly onProgress?: (event: MigrationEvent) => void
}

export interface DeepStatus extends MigrationStatus {
  /** Every difference between the live database and what its ledger says it should be. */
  readonly schema: readonly SchemaDifference[]
}

/** `db.migrations`: the schema of one database, brought up to date and looked after. Loaded when it is first used. */
export class Migrations {
  readonly #connection: Connection
  readonly #shared: Shared
  readonly #known: readonly Migration[] | undefined
  #loading: Promise<Migrator> | undefined

  /** Without `known`, those of the dialect. */
  constructor(connection: Connection, shared: Shared, known?: readonly Migration[]) {
    this.#connection = connection
    this.#shared = shared
    this.#known = known
  }

  #migrator(): Promise<Migrator> {
    this.#loading ??= import('./migrator.ts').then(
      ({ Migrator }) => new Migrator(this.#connection, this.#shared, this.#known),
    )
    return this.#loading
  }

  /**
   * The same database under another list of migrations: for testing an upgrade with one more, or with those of an
   * earlier version.
   *
   *     await db.migrations.over([...(await db.migrations.list()), mine]).migrate()
   */
  over(migrations: readonly Migration[]): Migrations {
    return new Migrations(this.#connection, this.#shared, migrations)
  }

  /** The migrations this version of the package knows, in order. */
  async list(): Promise<readonly Migration[]> {
    return (await this.#migrator()).list()
  }

  /** What is in place, what is missing and what does not fit. Changes nothing. */
  async status(): Promise<MigrationStatus> {
    return (await this.#migrator()).status()
  }

  /** `status`, and the live database compared with what it should be, object by object. */
  async deepStatus(): Promise<DeepStatus> {
    return (await this.#migrator()).deepStatus()
  }

  /** What stands in the database, as its own catalogue tells. */
  async introspect(): Promise<LiveSchema> {
    return (await this.#migrator()).introspect()
  }

  /** Brings the schema up to date. Of several processes one does the work; the others wait and find it done. */
  async migrate(options?: MigrateOptions): Promise<MigrateResult> {
    return (await this.#migrator()).migrate(options)
  }

  /** What `migrate` would run, statement by statement. */
  async plan(options?: Pick<MigrateOptions, 'to'>): Promise<MigrationPlan> {
    return (await this.#migrator()).plan(options)
  }

  /** Names of our tables that are there. */
  async tables(): Promise<readonly string[]> {
    return (await this.#migrator()).tables()
  }

  /** What `rollback` would take out, and whether data is lost. */
  async planRollback(target?: RollbackTarget): Promise<RollbackPlan> {
    return (await this.#migrator()).planRollback(target)
  }

  /** Takes migrations out again, the latest first. Where that loses data it has to be told that it may. */
  async rollback(options?: RollbackOptions): Promise<RollbackResult> {
    return (await this.#migrator()).rollback(options)
  }

  /** Records migrations as in place without running them, for a database that was made another way. */
  async baseline(options: BaselineOptions): Promise<BaselineResult> {
    return (await this.#migrator()).baseline(options)
  }

  /** Records the present text of migrations that were edited after they ran. */
  async repair(): Promise<RepairResult> {
    return (await this.#migrator()).repair()
  }

  /** For development: takes everything out and brings it into place anew. Refuses where that looks like a mistake. */
  async reset(options?: ResetOptions & Pick<MigrateOptions, 'onProgress'>): Promise<ResetResult> {
    return (await this.#migrator()).reset(options)
  }
}
