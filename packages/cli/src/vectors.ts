import { type Database, DbError } from '@archon-db/core'
import type { CopyProgress, Difference, Overview, StoredColumn } from '@archon-db/vector/outbox'
import type { Context, Report } from './command.ts'
import { count } from './migrating.ts'
import { renderTable } from './table.ts'
import type { Terminal } from './terminal.ts'

/** One embedding column: how many rows of the database have one, and how many of them can be found. */
interface Column {
  readonly table: string
  readonly column: string
  readonly rows: number
  /** Null where the store does not say. */
  readonly stored: number | null
  /** What it is called in the store; null where it is searched in the database or beside it. */
  readonly collection: string | null
}

interface Status extends Pick<Overview, 'store' | 'state' | 'pending' | 'lagMs' | 'busy' | 'problem'> {
  readonly columns: readonly Column[]
}

const SHOWN = 20

export async function storeStatus(context: Context): Promise<Report> {
  const { database, outbox } = await context.openWithStore()
  const status = outbox
    ? await outsideStatus(database, await outbox.overview())
    : await insideStatus(database, context.config().vector.enabled)
  return { data: status, ok: status.problem === undefined, print: (terminal) => printStatus(status, terminal) }
}

export async function rebuildStore(context: Context): Promise<Report> {
  const { database, outbox } = await context.openWithStore()
  if (!outbox) throw nothingOutside()
  const started = performance.now()
  await outbox.rebuild({ onProgress: progressOn(context) })
  const status = await outsideStatus(database, await outbox.overview())
  const durationMs = Math.round(performance.now() - started)
  const sent = status.columns.reduce((sum, { stored }) => sum + (stored ?? 0), 0)
  return {
    data: { ...status, durationMs },
    print(terminal) {
      terminal.line(
        `${terminal.style('green', '✓')} ${count(sent, 'vector')} sent to ${status.store} in ${durationMs} ms`,
      )
    },
  }
}

export async function verifyStore(context: Context): Promise<Report> {
  const { outbox } = await context.openWithStore()
  if (!outbox) throw nothingOutside()
  const store = context.config().vector.store?.name ?? ''
  const { compared, differences } = await outbox.verify()
  return {
    data: { store, compared, differences },
    ok: differences.length === 0,
    print: (terminal) => printDifferences({ store, compared, differences }, terminal),
  }
}

function nothingOutside(): DbError {
  return new DbError(
    'unsupported',
    'Embeddings are searched where their rows are; there is no store outside to fill or compare. VECTOR_DATABASE names one. An index beside the tables follows them by itself: its files can be deleted at any time.',
  )
}

async function outsideStatus(database: Database, overview: Overview): Promise<Status> {
  const { collections, ...about } = overview
  const columns: Column[] = []
  for (const { table, column, collection, stored } of collections) {
    columns.push({ table, column, rows: await rowsWith(database, table, column), stored, collection })
  }
  return { ...about, columns }
}

/** The database's own index, or the one in each process that searches: they hold what the tables hold. */
async function insideStatus(database: Database, enabled: boolean): Promise<Status> {
  const { native } = database.capabilities.vector
  const columns: Column[] = []
  for (const { table, column } of embeddings(database)) {
    const rows = await rowsWith(database, table, column)
    columns.push({ table, column, rows, stored: rows, collection: null })
  }
  const store = !enabled ? 'none' : native ? 'database' : 'local'
  return { store, state: 'current', pending: 0, lagMs: 0, busy: false, columns }
}

function embeddings({ schema }: Database): Pick<StoredColumn, 'table' | 'column'>[] {
  return [...schema.tables.values()].flatMap(({ name: table, columns }) =>
    columns.filter(({ kind }) => kind === 'vector').map(({ name: column }) => ({ table, column })),
  )
}

function rowsWith(database: Database, table: string, column: string): Promise<number> {
  return database.count(table, { [column]: { isNull: false } })
}

/** A line for each column, and now and then one in between. */
function progressOn(context: Context): (progress: CopyProgress) => void {
  let next = 0
  return ({ table, column, rows, total }) => {
    if (rows < total && performance.now() < next) return
    next = performance.now() + 1000
    context.progress(`${table}.${column}: ${rows} of ${count(total, 'row')}`)
  }
}

const PLACES: Readonly<Record<string, string>> = {
  none: 'not searched (ENABLE_VECTOR_SEARCH is off)',
  database: 'searched by the database',
  local: 'searched by an index in each process that searches',
}

function printStatus(status: Status, terminal: Terminal): void {
  const { store, columns, problem } = status
  terminal.line(`Embeddings: ${PLACES[store] ?? `sent to ${terminal.style('bold', store)}, ${progressOf(status)}`}`)
  if (problem) terminal.line(`  ${terminal.style('red', '✗')} ${problem.message}`)
  const shown = columns
    .filter(({ rows, stored }) => rows > 0 || stored !== 0)
    .map(({ collection, ...column }) => ({ ...column, ...(PLACES[store] ? {} : { collection }) }))
  const lines = shown.length === 0 ? ['none stored'] : renderTable(shown, terminal)
  for (const line of lines) terminal.line(`  ${line}`)
}

function progressOf({ state, pending, lagMs, busy }: Status): string {
  const at = busy ? ' (being sent)' : ''
  if (state === 'empty') return `nothing sent yet${at}`
  if (state === 'copying') return `all rows are to be copied${at}`
  if (state === 'current') return 'up to date'
  if (pending === null) return `behind${at}`
  return `behind by ${count(pending, 'change')}, the oldest ${Math.round(lagMs / 1000)} s old${at}`
}

interface Found {
  readonly store: string
  readonly compared: number
  readonly differences: readonly Difference[]
}

function printDifferences({ store, compared, differences }: Found, terminal: Terminal): void {
  if (differences.length === 0) {
    terminal.line(`${terminal.style('green', '✓')} ${count(compared, 'vector')} compared: ${store} has the same`)
    return
  }
  terminal.line(
    `${terminal.style('red', '✗')} ${count(differences.length, 'difference')} among ${count(compared, 'vector')}`,
  )
  const rows = differences.slice(0, SHOWN).map((difference) => ({ ...difference }))
  for (const line of renderTable(rows, terminal)) terminal.line(`  ${line}`)
  if (differences.length > SHOWN) terminal.line(`  and ${differences.length - SHOWN} more: --json lists all`)
  terminal.line('`archon-db vector rebuild` sends everything anew.')
}
