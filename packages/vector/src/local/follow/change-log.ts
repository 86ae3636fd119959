import type { Row } from '@archon-db/core'
import {
  type ColumnInfo,
  type ColumnKind,
  type Condition,
  describeTable,
  type WriteQuery,
} from '@archon-db/core/dialect'
import { advance, type Change, type Gap, type LogRules, type Position, START } from './position.ts'
import { type FollowedDatabase, Statements } from './statements.ts'

const SEQ = columnOf('seq', 'seq', 'bigint')
const TABLE_NAME = columnOf('tableName', 'table_name', 'text')
const RECORD_ID = columnOf('recordId', 'record_id', 'bigint')
const CHANGED_AT = columnOf('changedAt', 'changed_at', 'timestamp')
const COLUMNS = [SEQ, TABLE_NAME, RECORD_ID, CHANGED_AT]

/** No table of the application's: it is made by migrations, written by triggers and read here alone. */
const CHANGES = describeTable({
  name: 'archon_vector_changes',
  columns: COLUMNS,
  uniques: [],
  foreignKeys: [],
  checks: [],
})

/** Rows read at a time. */
const PAGE = 5000
/** As many changes are kept for those who look rarely. */
const KEPT = 50_000

/** Reads archon_vector_changes. */
export class ChangeLog {
  readonly #statements: Statements
  readonly #rules: LogRules

  constructor(database: FollowedDatabase, rules: LogRules) {
    this.#statements = new Statements(database, CHANGES)
    this.#rules = rules
  }

  /** From this number on, the number itself included. */
  async from(seq: number, limit: number): Promise<Change[]> {
    const where = compare(SEQ, 'gte', 0)
    const build = () => ({ columns: COLUMNS, where, orderBy: SEQ, limit: 1 })
    return (await this.#statements.select('from', [seq, limit], build)).map(toChange)
  }

  /** What has appeared in gaps. */
  async within(gaps: readonly Gap[]): Promise<Change[]> {
    if (gaps.length === 0) return []
    const items = gaps.map((_, i) => both(compare(SEQ, 'gte', 2 * i), compare(SEQ, 'lte', 2 * i + 1)))
    const values = gaps.flatMap(({ from, to }) => [from, to])
    const build = () => ({ columns: COLUMNS, where: { type: 'or', items } as const, orderBy: SEQ })
    return (await this.#statements.select(`within ${gaps.length}`, values, build)).map(toChange)
  }

  /** Where somebody begins who reads the tables themselves after this. */
  async end(): Promise<Position> {
    if (this.#rules.late) return await this.#endWithGaps()
    const build = () => ({ columns: COLUMNS, where: null, orderBy: SEQ, descending: true, limit: 0 })
    return advance(START, (await this.#statements.select('newest', [1], build)).map(toChange), this.#rules)
  }

  async #endWithGaps(): Promise<Position> {
    let position = START
    for (;;) {
      const page = await this.from((position.last?.seq ?? 0) + 1, PAGE)
      position = advance(position, page, this.#rules)
      if (page.length < PAGE) return position
    }
  }

  /** An entry that stands for no row, so that there is a place to begin where everything has been deleted. */
  async anchor(): Promise<void> {
    const build = (): WriteQuery => ({
      kind: 'insert',
      table: CHANGES,
      columns: [TABLE_NAME, RECORD_ID],
      rows: 1,
      returning: null,
      onConflict: null,
    })
    await this.#statements.write('anchor', [CHANGES.name, 0], build)
  }

  /** Drops what nobody is likely to ask for; never what a running transaction may have been early for. */
  async prune({ seq, time }: Change): Promise<void> {
    const values = [seq - KEPT, new Date(time - this.#rules.longestTransactionMs)]
    await this.#statements.delete('prune', values, both(compare(SEQ, 'lte', 0), compare(CHANGED_AT, 'lt', 1)))
  }
}

function toChange({ seq, tableName, recordId, changedAt }: Row): Change {
  return {
    seq: Number(seq),
    table: String(tableName),
    record: recordId as number | bigint,
    time: (changedAt as Date).getTime(),
  }
}

function columnOf(key: string, name: string, kind: ColumnKind): ColumnInfo {
  return { key, name, kind, nullable: false, primaryKey: key === 'seq', autoIncrement: key === 'seq' }
}

function compare(column: ColumnInfo, op: 'gte' | 'lte' | 'lt', value: number): Condition {
  return { type: 'compare', field: { column }, op, value }
}

function both(...items: Condition[]): Condition {
  return { type: 'and', items }
}
