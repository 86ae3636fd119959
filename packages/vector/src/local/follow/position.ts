/** A row of the change log: that a row of a table has, or may have, another embedding. */
export interface Change {
  readonly seq: number
  readonly table: string
  readonly record: number | bigint
  /** When it was written, by the database's clock, in milliseconds. */
  readonly time: number
}

/** Numbers below the last one seen that were given out and have not appeared: a slow transaction may yet commit them. */
export interface Gap {
  readonly from: number
  readonly to: number
  /** When the change after the gap was written; the transactions in the gap had begun by then. */
  readonly since: number
}

/** How far the log has been followed. */
export interface Position {
  readonly last: Change | null
  readonly gaps: readonly Gap[]
}

export interface LogRules {
  /** Lower numbers may appear after higher ones, because several transactions write at a time. */
  readonly late: boolean
  readonly longestTransactionMs: number
}

export const START: Position = { last: null, gaps: [] }

/** Each gap is looked at with every search, so neighbours are joined when there are more; what is read twice does no harm. */
const MAX_GAPS = 32

/** The position after these changes were seen, which come in the order of their numbers. */
export function advance({ last, gaps }: Position, changes: readonly Change[], rules: LogRules): Position {
  let end = last
  let open = [...gaps]
  for (const change of changes) {
    const before = end?.seq ?? 0
    if (change.seq <= before) open = open.flatMap((gap) => without(gap, change.seq))
    else {
      if (rules.late && change.seq > before + 1) open.push({ from: before + 1, to: change.seq - 1, since: change.time })
      end = change
    }
  }
  const newest = end?.time ?? 0
  open = open.filter(({ since }) => newest - since <= rules.longestTransactionMs)
  while (open.length > MAX_GAPS) open = joinPairs(open)
  return { last: end, gaps: open }
}

function without(gap: Gap, seq: number): Gap[] {
  if (seq < gap.from || seq > gap.to) return [gap]
  const below = { ...gap, to: seq - 1 }
  const above = { ...gap, from: seq + 1 }
  return [below, above].filter(({ from, to }) => from <= to)
}

function joinPairs(gaps: readonly Gap[]): Gap[] {
  const joined: Gap[] = []
  for (let i = 0; i < gaps.length; i += 2) {
    const [first, second] = [gaps[i] as Gap, gaps[i + 1]]
    joined.push(second ? { from: first.from, to: second.to, since: Math.max(first.since, second.since) } : first)
  }
  return joined
}

/** Numbers repeat in another history, such as that of a database restored from a backup; a whole change does not. */
export function isSameChange(a: Change | undefined, b: Change): boolean {
  return a !== undefined && a.seq === b.seq && a.time === b.time && a.record === b.record && a.table === b.table
}

/** As it is kept beside a snapshot. */
export function toMark({ last, gaps }: Position): string {
  return JSON.stringify({ last: last && { ...last, record: String(last.record) }, gaps })
}

/** Null unless the snapshot was complete and can be told to belong to this database. */
export function fromMark(mark: string | undefined): Position | null {
  if (!mark) return null
  const { last, gaps } = JSON.parse(mark) as { last: (Omit<Change, 'record'> & { record: string }) | null; gaps: Gap[] }
  if (last === null) return null
  const record = BigInt(last.record)
  return { last: { ...last, record: Number.isSafeInteger(Number(record)) ? Number(record) : record }, gaps }
}
