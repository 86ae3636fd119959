import { randomBytes } from 'node:crypto'
import { setImmediate as pause } from 'node:timers/promises'
import type { SQL, Statement } from '@archon-db/core/dialect'
import type { ChangeLog } from '../local/follow/change-log.ts'
import {
  advance,
  type Change,
  fromMark,
  isSameChange,
  type LogRules,
  type Position,
  toMark,
} from '../local/follow/position.ts'
import type { FollowedDatabase } from '../local/follow/statements.ts'
import { type RowId, type VectorRow, VectorRows } from '../local/follow/vector-rows.ts'
import { collectionOf, type Embedded, fromText, OutOfStep, toKey } from './collections.ts'
import type { Destination } from './destination.ts'
import { Doubts } from './doubts.ts'
import type { Holder } from './lease.ts'
import type { StoreState } from './record.ts'

/** Changes looked at before the place in the log is written down. */
const CHANGES = 1000
/** Rows read and sent at a time. */
const ROWS = 200
const PRUNE_EVERY = 1000

/** Told with every batch while all rows are sent. */
export interface CopyProgress {
  readonly table: string
  readonly column: string
  readonly rows: number
  readonly total: number
}

export interface SenderOptions {
  readonly database: FollowedDatabase
  readonly destination: Destination
  readonly columns: readonly Embedded[]
  readonly log: ChangeLog
  readonly rules: LogRules
}

/** Brings a store to what the database holds. What it does it may do again: rows are sent as they are by then. */
export class Sender {
  readonly doubts: Doubts = new Doubts()
  onProgress: (progress: CopyProgress) => void = () => {}
  readonly #options: SenderOptions
  readonly #rows: ReadonlyMap<string, VectorRows>
  readonly #tables: ReadonlySet<string>
  /** The generation whose collections were seen in the store. */
  #seen: string | null = null
  #pruned = 0

  constructor(options: SenderOptions) {
    this.#options = options
    const { database, columns } = options
    this.#tables = new Set(columns.map(({ table }) => table.name))
    this.#rows = new Map(columns.map(({ name, table, column }) => [name, new VectorRows(database, table, column)]))
  }

  rowsOf({ name }: Embedded): VectorRows {
    return this.#rows.get(name) as VectorRows
  }

  /** Whether there is nothing to send. */
  async isCurrent(state: StoreState): Promise<boolean> {
    if (state.copying || this.doubts.any) return false
    const place = await this.#placeInLog(state)
    if (!place || place.news.length > 1 || place.late.length > 0) return false
    return await this.#isThere(state)
  }

  /** What is in the store is to be looked at before it is relied on. */
  distrust(): void {
    this.#seen = null
  }

  /** Sends what there is, from the beginning where that is the only way. Throws `LeaseLost`. */
  async send(holder: Holder, anew: boolean): Promise<void> {
    if (anew || !(await this.#canGoOn(holder.state))) await this.#begin(holder)
    try {
      await this.#goOn(holder)
    } catch (error) {
      if (!(error instanceof OutOfStep)) throw error
      await this.#begin(holder)
      await this.#goOn(holder)
    }
  }

  async #goOn(holder: Holder): Promise<void> {
    if (holder.state.copying) await this.#copy(holder)
    await this.#follow(holder)
    await this.#dropOld(holder)
  }

  async #canGoOn(state: StoreState): Promise<boolean> {
    return (await this.#placeInLog(state)) !== null && (await this.#isThere(state))
  }

  /** Null where the log does not say any more what has changed. */
  async #placeInLog(state: StoreState): Promise<{ at: Position; news: Change[]; late: Change[] } | null> {
    const at = fromMark(state.mark ?? undefined)
    if (!at?.last) return null
    const { log } = this.#options
    const news = await log.from(at.last.seq, CHANGES + 1)
    return isSameChange(news[0], at.last) ? { at, news, late: await log.within(at.gaps) } : null
  }

  async #isThere({ generation, held }: StoreState): Promise<boolean> {
    if (this.#seen === generation) return true
    if (!(await this.#isLogged())) return false
    const names = new Set(await this.#options.destination.call((store) => store.listCollections()))
    if (!held.every((name) => names.has(name))) return false
    this.#seen = generation
    return true
  }

  async #begin(holder: Holder): Promise<void> {
    const { log, columns } = this.#options
    await this.#startLog()
    const { held, dropping } = holder.state
    const generation = randomBytes(6).toString('hex')
    await holder.save({
      generation,
      mark: toMark(await endOf(log)),
      copying: { column: columns[0]!.name, after: null },
      held: [],
      dropping: [...new Set([...dropping, ...held])],
    })
    this.#seen = generation
  }

  async #startLog(): Promise<void> {
    const { database } = this.#options
    for (const statement of database.dialect.fragments.vectorLog?.start ?? []) {
      await database.run(this.#statement(statement, true))
    }
  }

  /** Somebody may have stopped the log while no store was in use. */
  async #isLogged(): Promise<boolean> {
    const { database } = this.#options
    const { vectorLog } = database.dialect.fragments
    return !vectorLog || (await database.query(this.#statement(vectorLog.isOn, false))).rows.length > 0
  }

  #statement(query: SQL, write: boolean): Statement {
    const { sql: text, params } = this.#options.database.dialect.render(query)
    return { text, params, write, tables: [], prepare: false }
  }

  /** Every row, column by column. Where it got to is written down with each page. */
  async #copy(holder: Holder): Promise<void> {
    const { columns } = this.#options
    const start = columns.findIndex(({ name }) => name === holder.state.copying?.column)
    for (const embedded of columns.slice(Math.max(0, start))) {
      const { copying } = holder.state
      await this.#copyColumn(holder, embedded, copying?.column === embedded.name ? copying.after : null)
    }
    await holder.save({ copying: null })
  }

  async #copyColumn(holder: Holder, embedded: Embedded, after: string | null): Promise<void> {
    const rows = this.rowsOf(embedded)
    const total = await rows.count()
    let sent = 0
    for await (const page of after === null ? rows.pages() : rows.pages(fromText(after))) {
      const ids = page.map(({ id }) => id)
      this.doubts.add(embedded.table.name, ids)
      await this.#put(holder, embedded, page)
      await holder.save({ copying: { column: embedded.name, after: String(ids.at(-1)) } })
      this.doubts.settle(embedded.table.name, ids)
      sent += page.length
      this.onProgress({ table: embedded.table.name, column: embedded.column.name, rows: sent, total })
      await pause()
    }
  }

  async #follow(holder: Holder): Promise<void> {
    for (;;) {
      const place = await this.#placeInLog(holder.state)
      if (!place) throw new OutOfStep()
      const { at, news, late } = place
      const changes = [...late, ...news.slice(1)]
      for (const { table, record } of changes) if (this.#tables.has(table)) this.doubts.add(table, [record])
      const sent = await this.#sendDoubtful(holder)
      const next = advance(at, [...late, ...news], this.#options.rules)
      await holder.save({ mark: toMark(next) })
      for (const [table, ids] of sent) this.doubts.settle(table, ids)
      if (news.length <= CHANGES) return this.#prune(next)
      await pause()
    }
  }

  async #sendDoubtful(holder: Holder): Promise<Map<string, RowId[]>> {
    const sent = new Map<string, RowId[]>()
    for (const table of this.#tables) {
      const ids = this.doubts.of(table)
      for (let at = 0; at < ids.length; at += ROWS) {
        if (at > 0) await holder.save()
        await this.#sendRows(holder, table, ids.slice(at, at + ROWS))
      }
      sent.set(table, ids)
    }
    return sent
  }

  async #sendRows(holder: Holder, table: string, ids: readonly RowId[]): Promise<void> {
    for (const embedded of this.#options.columns.filter((column) => column.table.name === table)) {
      const found = await this.rowsOf(embedded).byIds(ids)
      const there = new Set(found.filter(({ vector }) => vector !== null).map(({ id }) => id))
      const collection = collectionOf(embedded, holder.state.generation)
      const gone = ids.filter((id) => !there.has(id))
      if (gone.length > 0 && holder.state.held.includes(collection)) {
        await this.#options.destination.remove(collection, gone)
      }
      await this.#put(holder, embedded, found)
    }
  }

  async #put(holder: Holder, embedded: Embedded, rows: readonly VectorRow[]): Promise<void> {
    const items = rows.flatMap(({ id, vector }) => (vector ? [{ id: toKey(id), vector }] : []))
    if (items.length === 0) return
    const { destination } = this.#options
    const { generation, held } = holder.state
    const name = collectionOf(embedded, generation)
    if (!held.includes(name)) {
      const { dimension } = embedded
      await destination.call((store) => store.createCollection({ name, dimension, metric: 'cosine' }))
      await holder.save({ held: [...held, name] })
    }
    await destination.put(name, items)
  }

  /** What is left of earlier generations is in nobody's way, so that a failure can wait for the next time. */
  async #dropOld(holder: Holder): Promise<void> {
    const { dropping } = holder.state
    if (dropping.length === 0) return
    try {
      for (const name of dropping) await this.#options.destination.call((store) => store.dropCollection(name))
    } catch {
      return
    }
    await holder.save({ dropping: [] })
  }

  #prune({ last }: Position): void {
    const { log, rules } = this.#options
    // Where writers take turns the log prunes itself.
    if (!rules.late || !last || last.seq - this.#pruned < PRUNE_EVERY) return
    this.#pruned = last.seq
    // Another process may be at it too, or this user may not; then the log is merely longer.
    log.prune(last).catch(() => {})
  }
}

async function endOf(log: ChangeLog): Promise<Position> {
  const end = await log.end()
  if (end.last) return end
  await log.anchor()
  return await log.end()
}
