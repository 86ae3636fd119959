import { DbError, isDbError } from '@archon-db/core'
import type { ChangeLog } from '../local/follow/change-log.ts'
import { fromMark } from '../local/follow/position.ts'
import { collectionOf, type Embedded } from './collections.ts'
import type { Destination } from './destination.ts'
import type { StoreRecord, StoreState } from './record.ts'

/** How far a store is behind its database. */
export interface Overview {
  readonly store: string
  /** `empty`: nothing was sent; `copying`: all rows are being sent; `behind`: there are changes to send. */
  readonly state: 'empty' | 'copying' | 'behind' | 'current'
  /** Changes that are not sent; null where the log does not tell, so that everything is sent anew. */
  readonly pending: number | null
  /** How long the oldest of them has been waiting. */
  readonly lagMs: number
  /** Somebody is sending. */
  readonly busy: boolean
  readonly collections: readonly StoredColumn[]
  /** Why the store cannot be asked. */
  readonly problem?: DbError
}

export interface StoredColumn {
  readonly table: string
  readonly column: string
  /** Null where nothing was sent. */
  readonly collection: string | null
  /** Null where the store does not say. */
  readonly stored: number | null
}

interface Subject {
  readonly record: StoreRecord | null
  readonly destination: Destination
  readonly log: ChangeLog
  readonly columns: readonly Embedded[]
}

const PAGE = 5000

/** Changes nothing. */
export async function overviewOf({ record, destination, log, columns }: Subject): Promise<Overview> {
  const state = record?.state.mark ? record.state : null
  const { pending, lagMs } = state ? await pendingOf(state, log) : { pending: null, lagMs: 0 }
  const { collections, problem } = await storedOf(state, destination, columns)
  return {
    store: destination.name,
    state: !state ? 'empty' : state.copying ? 'copying' : pending === 0 ? 'current' : 'behind',
    pending,
    lagMs,
    busy: (record?.lease ?? null) !== null,
    collections,
    ...(problem && { problem }),
  }
}

async function pendingOf(state: StoreState, log: ChangeLog): Promise<{ pending: number | null; lagMs: number }> {
  const at = fromMark(state.mark ?? undefined)
  if (!at?.last) return { pending: null, lagMs: 0 }
  const late = await log.within(at.gaps)
  let [pending, oldest] = [late.length, late[0]?.time]
  for (let seq = at.last.seq + 1; ; ) {
    const page = await log.from(seq, PAGE)
    pending += page.length
    oldest ??= page[0]?.time
    if (page.length < PAGE) break
    seq = page.at(-1)!.seq + 1
  }
  return { pending, lagMs: oldest === undefined ? 0 : Math.max(0, Date.now() - oldest) }
}

async function storedOf(
  state: StoreState | null,
  destination: Destination,
  columns: readonly Embedded[],
): Promise<{ collections: StoredColumn[]; problem?: DbError }> {
  const collections: StoredColumn[] = []
  let problem: DbError | undefined
  for (const embedded of columns) {
    const name = state && collectionOf(embedded, state.generation)
    const collection = name !== null && state?.held.includes(name) ? name : null
    let stored: number | null = collection === null ? 0 : null
    if (collection !== null && !problem) {
      try {
        stored = await destination.call((store) => store.count(collection))
      } catch (error) {
        problem = isDbError(error) ? error : new DbError('not_found', `The store has no collection ${collection}.`)
      }
    }
    collections.push({ table: embedded.table.name, column: embedded.column.name, collection, stored })
  }
  return { collections, ...(problem && { problem }) }
}
