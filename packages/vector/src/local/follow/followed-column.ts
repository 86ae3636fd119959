import { join } from 'node:path'
import { setImmediate as pause } from 'node:timers/promises'
import type { ColumnInfo, TableInfo, VectorHit, VectorIndexStatus, VectorQuery } from '@archon-db/core/dialect'
import type { VectorIndex } from '../index-contract.ts'
import { openVectorIndex, type VectorIndexOptions } from '../open.ts'
import { closedError } from '../persist/write-queue.ts'
import { ChangeLog } from './change-log.ts'
import { advance, type Change, fromMark, isSameChange, type LogRules, type Position, toMark } from './position.ts'
import type { FollowedDatabase } from './statements.ts'
import { Turns } from './turns.ts'
import { type RowId, VectorRows } from './vector-rows.ts'

export interface ColumnOptions {
  readonly rules: LogRules
  /** Drops old changes from the log now and then, where no trigger does it. */
  readonly prune: boolean
  /** The folder of all indexes; absent: in memory alone. */
  readonly folder: string | undefined
  /** From so many components in all an index is kept on disk. */
  readonly snapshotFloats: number
  readonly index: Pick<VectorIndexOptions, 'engine' | 'quantization' | 'graphFloats' | 'threads'>
  /** Whether there is memory for an index of so many bytes. */
  readonly hasRoom: (column: FollowedColumn, bytes: number) => boolean
  readonly onProgress: (rows: number, total: number) => void
}

/** Files of another form are dropped. */
const FORM = 1
/** After so many changes of other tables the place in the log is written down, or it might be pruned away. */
const MARK_EVERY = 1000
const PRUNE_EVERY = 1000
/** Rows found gone by their hits, a few at a time; then all are looked at. */
const ROUNDS = 3

/**
 * The index of one embedding column. Before each search it reads what the log has that it has not seen, and the rows
 * that the log names; what it found is checked against the table. Where anything is in doubt, it is built anew.
 */
export class FollowedColumn {
  readonly table: TableInfo
  readonly column: ColumnInfo
  readonly #options: ColumnOptions
  readonly #log: ChangeLog
  readonly #rows: VectorRows
  readonly #turns: Turns<boolean> = new Turns(() => this.#refresh())
  readonly #suspects = new Set<RowId>()
  #index: VectorIndex | undefined
  #position: Position | null = null
  #kept: VectorIndexStatus['kept'] = 'memory'
  #progress = 0
  #builds = 0
  #reason: string | undefined
  /** The table was too large for the memory there is when it had so many rows. */
  #tooLarge = Number.POSITIVE_INFINITY
  #filesRefused = false
  #checkAll = false
  #marked = 0
  #pruned = 0
  #closed = false

  constructor(database: FollowedDatabase, table: TableInfo, column: ColumnInfo, options: ColumnOptions) {
    this.table = table
    this.column = column
    this.#options = options
    this.#log = new ChangeLog(database, options.rules)
    this.#rows = new VectorRows(database, table, column)
  }

  get bytes(): number {
    return this.#index?.stats().bytes.total ?? 0
  }

  status(): VectorIndexStatus {
    const stats = this.#index?.stats()
    const building = this.#index !== undefined && this.#position === null
    return {
      table: this.table.name,
      column: this.column.name,
      state: building ? 'building' : this.#index ? 'ready' : 'scanning',
      rows: this.#index?.size ?? 0,
      bytes: stats?.bytes.total ?? 0,
      progress: this.#index ? this.#progress : 0,
      engine: stats?.engine ?? 'exact',
      kept: this.#kept,
      builds: this.#builds,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    }
  }

  /** Null when only the table itself can tell. */
  async search(query: VectorQuery): Promise<VectorHit[] | null> {
    try {
      return (await this.#turns.run()) ? await this.#nearest(query) : null
    } catch (error) {
      // Whatever is wrong, the table can still be read; if it cannot, that says best why.
      this.#reason = error instanceof Error ? error.message : String(error)
      return null
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#turns.alone(() => this.#release())
  }

  async #nearest(query: VectorQuery): Promise<VectorHit[] | null> {
    for (let round = 1; ; round++) {
      const hits = await this.#ask(query)
      if (hits !== null && (await this.#areThere(query, hits, round))) return hits
      if (!(await this.#turns.run())) return null
    }
  }

  /** Null when the index was being built meanwhile, and held a part of the rows. */
  async #ask({ vector, topK, ids, minScore, exact }: VectorQuery): Promise<VectorHit[] | null> {
    const [index, builds] = [this.#index, this.#builds]
    if (!index || this.#position === null) return null
    const found = await index.search(vector, { topK, minScore, among: ids, ...(exact ? { engine: 'exact' } : {}) })
    return builds === this.#builds ? found.map(({ key, score }) => ({ id: key as RowId, score })) : null
  }

  async #areThere({ ids }: VectorQuery, hits: readonly VectorHit[], round: number): Promise<boolean> {
    // Ids were read from the table just now.
    if (ids || hits.length === 0) return true
    const present = await this.#rows.present(hits.map(({ id }) => id))
    for (const { id } of hits) if (!present.has(id)) this.#suspects.add(id)
    this.#checkAll ||= present.size < hits.length && round >= ROUNDS
    return present.size === hits.length
  }

  /** Brings the index up to what the database holds now. False when it cannot be. */
  async #refresh(): Promise<boolean> {
    this.#checkOpen()
    if (this.#outgrewMemory()) await this.#release()
    if (!this.#index && !(await this.#open())) return false
    if (!(await this.#catchUp())) await this.#build()
    if (this.#checkAll) await this.#removeTheGone()
    return this.#index !== undefined && this.#keepsToBounds()
  }

  async #open(): Promise<boolean> {
    const total = await this.#rows.count()
    if (total >= this.#tooLarge) return false
    const { folder, snapshotFloats } = this.#options
    const large = total * this.#rows.dimension >= snapshotFloats && !this.#filesRefused
    this.#index = large && folder !== undefined ? await this.#openFiles(folder) : await this.#openIndex()
    this.#position = fromMark(this.#index.mark)
    this.#marked = this.#position?.last?.seq ?? 0
    this.#progress = this.#position ? 1 : 0
    return true
  }

  /** Without the files there is still the memory. */
  async #openFiles(folder: string): Promise<VectorIndex> {
    const path = join(folder, `${this.table.name}.${this.column.name}`)
    try {
      const index = await this.#openIndex({ path, sync: false, ifInUse: 'memory' })
      const { status, reason } = index.recovery
      this.#filesRefused = status === 'empty' && reason !== undefined
      this.#kept = this.#filesRefused ? 'memory' : 'disk'
      this.#reason = reason
      return index
    } catch (error) {
      this.#refuseFiles(error)
      return await this.#openIndex()
    }
  }

  #refuseFiles(error: unknown): void {
    this.#filesRefused = true
    this.#kept = 'memory'
    this.#reason = error instanceof Error ? error.message : String(error)
  }

  #openIndex(files: Pick<VectorIndexOptions, 'path' | 'sync' | 'ifInUse'> = {}): Promise<VectorIndex> {
    const fingerprint = `${FORM} ${this.table.name}.${this.column.name}`
    const { dimension } = this.#rows
    return openVectorIndex({ ...this.#options.index, dimension, metric: 'cosine', fingerprint, ...files })
  }

  /** False when the log does not say any more what has changed. */
  async #catchUp(): Promise<boolean> {
    for (;;) {
      const position = this.#position
      if (!position?.last) return false
      const changes = await this.#log.from(position.last.seq, this.#rows.batch + 1)
      if (!isSameChange(changes[0], position.last)) {
        this.#reason = 'the log of changes was pruned, or is that of another database'
        return false
      }
      await this.#take(position, [...(await this.#log.within(position.gaps)), ...changes])
      if (changes.length <= this.#rows.batch) break
      await pause()
      this.#checkOpen()
    }
    this.#prune()
    return true
  }

  /** Reads the rows that these changes name, and those in doubt. */
  async #take(before: Position, changes: readonly Change[]): Promise<void> {
    const position = advance(before, changes, this.#options.rules)
    const news = changes.filter(({ seq, table }) => table === this.table.name && seq !== before.last?.seq)
    const ids = [...new Set([...news.map(({ record }) => record), ...this.#suspects])]
    for (let i = 0; i < ids.length; i += this.#rows.batch) await this.#readAgain(ids.slice(i, i + this.#rows.batch))
    const seq = position.last?.seq ?? 0
    if (ids.length > 0 || seq - this.#marked >= MARK_EVERY) {
      await this.#write((index) => index.apply({ mark: toMark(position) }))
      this.#marked = seq
    }
    this.#suspects.clear()
    this.#position = position
  }

  async #readAgain(ids: readonly RowId[]): Promise<void> {
    const found = new Map((await this.#rows.byIds(ids)).map(({ id, vector }) => [id, vector]))
    const upsert = ids.flatMap((key) => {
      const vector = found.get(key)
      return vector ? [{ key, vector }] : []
    })
    await this.#write((index) => index.apply({ upsert, remove: ids.filter((id) => !found.get(id) && index.has(id)) }))
  }

  /** When the disk takes no more, the next search goes on in memory. */
  async #write(change: (index: VectorIndex) => Promise<unknown>): Promise<void> {
    const index = this.#index
    if (!index) throw closedError()
    try {
      await change(index)
    } catch (error) {
      this.#refuseFiles(error)
      this.#drop()
      throw error
    }
  }

  async #build(): Promise<void> {
    this.#position = null
    this.#progress = 0
    const position = await this.#log.end()
    // Nothing could tell then whether there had been changes since.
    if (!position.last) return this.#giveUp('the log of changes is empty')
    const total = await this.#rows.count()
    let rows = 0
    this.#builds++
    // With this mark the files count as unfinished.
    await this.#write((index) => index.clear(''))
    for await (const page of this.#rows.pages()) {
      const items = page.flatMap(({ id, vector }) => (vector ? [{ key: id, vector }] : []))
      await this.#write((index) => index.upsert(items))
      rows += page.length
      this.#progress = Math.min(1, rows / Math.max(1, total))
      this.#options.onProgress(rows, Math.max(rows, total))
      if (!this.#keepsToBounds(total)) return
      await pause()
      this.#checkOpen()
    }
    await this.#write((index) => index.apply({ mark: toMark(position) }))
    this.#marked = position.last?.seq ?? 0
    this.#progress = 1
    this.#position = position
    this.#suspects.clear()
  }

  /** Rows that went without a trace in the log. */
  async #removeTheGone(): Promise<void> {
    const gone = new Set(this.#index?.keys())
    for await (const page of this.#rows.idsOfAll()) {
      for (const { id } of page) gone.delete(id)
      await pause()
    }
    await this.#write((index) => index.remove(gone))
    this.#checkAll = false
  }

  #outgrewMemory(): boolean {
    const { folder, snapshotFloats } = this.#options
    if (!this.#index || folder === undefined || this.#filesRefused || this.#kept === 'disk') return false
    return this.#index.size * this.#rows.dimension >= snapshotFloats
  }

  #keepsToBounds(rows: number = this.#index?.size ?? 0): boolean {
    if (this.#options.hasRoom(this, this.bytes)) return true
    this.#tooLarge = rows
    this.#giveUp('it needs more memory than it may have')
    return false
  }

  #giveUp(reason: string): void {
    this.#reason = reason
    this.#drop()
  }

  #drop(): void {
    const index = this.#index
    this.#index = undefined
    this.#position = null
    index?.close({ snapshot: false }).catch(() => {})
  }

  #prune(): void {
    const last = this.#position?.last
    if (!this.#options.prune || !last || last.seq - this.#pruned < PRUNE_EVERY) return
    this.#pruned = last.seq
    // Another process may be at it too, or this user may not; then the log is merely longer.
    this.#log.prune(last).catch(() => {})
  }

  async #release(): Promise<void> {
    const [index, position] = [this.#index, this.#position]
    this.#index = undefined
    this.#position = null
    this.#kept = 'memory'
    if (!index) return
    try {
      const mark = position && toMark(position)
      if (mark && mark !== index.mark) await index.apply({ mark })
      // The journal holds every vector; only a graph takes longer to make than to read.
      await index.close({ snapshot: index.stats().graph === 'serving' })
    } catch (error) {
      // The table holds everything that the files would have.
      this.#refuseFiles(error)
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError()
  }
}
