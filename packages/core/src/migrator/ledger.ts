import type { SQL } from 'drizzle-orm'
import type { Dialect, RowsResult } from '../dialect.ts'
import { sql } from '../sql.ts'
import { isPresent, isUnreachable, type Talk } from './present.ts'

/** Records which migrations ran. Archon's own `archon_migrations` is another table, with rows of its own. */
export const LEDGER = 'archon_schema_migrations'

export type LedgerState =
  /** Some of it is in place; `statement` tells how much. */
  | 'applying'
  /** As `applying`, stopped by an error rather than by the end of its process. */
  | 'failed'
  | 'applied'
  /** Was in place before the ledger was. */
  | 'baselined'
  /** Some of its way back is done; `statement` tells how much of it. */
  | 'reverting'
  /** As `reverting`, of a migration that was never wholly in place: its way back finds things missing. */
  | 'undoing'

export interface LedgerRow {
  readonly version: number
  readonly name: string
  /** Of the text that ran: the whole of it, or the statements that are done so far. */
  readonly checksum: string
  readonly state: LedgerState
  /** Statements that are done for certain. */
  readonly statement: number
  /** The statement that may have run without being noted; 0 when none. */
  readonly running: number
  /** How far the data step came; see step.ts. */
  readonly stepCursor: string | null
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly durationMs: number | null
  readonly toolVersion: string
}

export type LedgerChange = Partial<Omit<LedgerRow, 'version'>>

const COLUMNS = {
  version: 'version',
  name: 'name',
  checksum: 'checksum',
  state: 'state',
  statement: 'statement_done',
  running: 'statement_running',
  stepCursor: 'step_cursor',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  durationMs: 'duration_ms',
  toolVersion: 'tool_version',
} as const satisfies Record<keyof LedgerRow, string>

const KEYS = Object.keys(COLUMNS) as (keyof LedgerRow)[]

/** In words that every database knows. Times are ISO 8601 in UTC. */
const CREATE = `create table if not exists ${LEDGER} (
  version integer not null primary key,
  name varchar(255) not null,
  checksum varchar(64) not null,
  state varchar(16) not null,
  statement_done integer not null,
  statement_running integer not null,
  step_cursor varchar(1024),
  started_at varchar(24) not null,
  finished_at varchar(24),
  duration_ms bigint,
  tool_version varchar(32) not null
)`

/** The ledger, over a session or inside a transaction. */
export class Ledger {
  readonly #dialect: Dialect
  readonly #talk: Talk

  constructor(dialect: Dialect, talk: Talk) {
    this.#dialect = dialect
    this.#talk = talk
  }

  async create(): Promise<void> {
    await this.#talk.run({ text: CREATE, params: [], write: true, tables: [LEDGER], prepare: false })
  }

  /** In order of version. */
  async rows(): Promise<LedgerRow[]> {
    const columns = sql.join(
      KEYS.map((key) => sql.identifier(COLUMNS[key])),
      sql`, `,
    )
    const ledger = sql.identifier(LEDGER)
    const { rows } = await this.#query(sql`select ${columns} from ${ledger} order by ${sql.identifier('version')}`)
    return rows.map(decodeRow)
  }

  /** As `rows`, and none where the database has no ledger yet. Not inside a transaction: a refusal would end it. */
  async rowsIfAny(): Promise<LedgerRow[]> {
    try {
      return await this.rows()
    } catch (error) {
      if (isUnreachable(this.#dialect.toDbError(error))) throw error
      // Another process may have made it between the two questions.
      return (await isPresent(this.#dialect, this.#talk, LEDGER)) ? await this.rows() : []
    }
  }

  async insert(row: LedgerRow): Promise<void> {
    const names = sql.join(
      KEYS.map((key) => sql.identifier(COLUMNS[key])),
      sql`, `,
    )
    const values = sql.join(
      KEYS.map((key) => sql`${encode(row[key])}`),
      sql`, `,
    )
    await this.#write(sql`insert into ${sql.identifier(LEDGER)} (${names}) values (${values})`)
  }

  async update(version: number, change: LedgerChange): Promise<void> {
    const keys = Object.keys(change) as (keyof LedgerChange)[]
    const sets = keys.map((key) => sql`${sql.identifier(COLUMNS[key])} = ${encode(change[key] ?? null)}`)
    await this.#write(
      sql`update ${sql.identifier(LEDGER)} set ${sql.join(sets, sql`, `)} where ${sql.identifier('version')} = ${version}`,
    )
  }

  async remove(version: number): Promise<void> {
    await this.#write(sql`delete from ${sql.identifier(LEDGER)} where ${sql.identifier('version')} = ${version}`)
  }

  #query(query: SQL): Promise<RowsResult> {
    const { sql: text, params } = this.#dialect.render(query)
    return this.#talk.query({ text, params, write: false, tables: [LEDGER], prepare: false })
  }

  async #write(query: SQL): Promise<void> {
    const { sql: text, params } = this.#dialect.render(query)
    await this.#talk.run({ text, params, write: true, tables: [LEDGER], prepare: false })
  }
}

function encode(value: string | number | Date | null): string | number | null {
  return value instanceof Date ? value.toISOString() : value
}

function decodeRow(values: unknown[]): LedgerRow {
  const [
    version,
    name,
    checksum,
    state,
    statement,
    running,
    stepCursor,
    startedAt,
    finishedAt,
    durationMs,
    toolVersion,
  ] = values
  return {
    version: Number(version),
    name: String(name),
    checksum: String(checksum),
    state: String(state) as LedgerState,
    statement: Number(statement),
    running: Number(running),
    stepCursor: stepCursor === null ? null : String(stepCursor),
    startedAt: new Date(String(startedAt)),
    finishedAt: finishedAt === null ? null : new Date(String(finishedAt)),
    durationMs: durationMs === null ? null : Number(durationMs),
    toolVersion: String(toolVersion),
  }
}
