import { type Capabilities, type Database, DbError, type Health, type MigrateResult } from '@archon-db/core'
import { ModelAccess } from './access.ts'
import type { ModelStore } from './store.ts'
import { Turn } from './turn.ts'

export const MODEL_VERSION: { readonly product: string; readonly version: string } = {
  product: 'reference model',
  version: '1',
}

/** One handle on a model's rows. Several may share a store. */
export class ModelDatabase extends ModelAccess implements Database {
  readonly capabilities: Capabilities = {
    ...MODEL_VERSION,
    transactions: true,
    returning: true,
    json: true,
    fullText: true,
    vector: { native: false, index: 'none' },
    maxParameters: Number.MAX_SAFE_INTEGER,
  }

  constructor(store: ModelStore) {
    super(new Turn(store, { closed: false }))
  }

  get migrations(): never {
    throw new DbError('unsupported', 'The model has no migrations: its tables are there from the start.')
  }

  async migrate(): Promise<MigrateResult> {
    this.turn.check(false)
    return { applied: [], total: 0, durationMs: 0 }
  }

  async health(): Promise<Health> {
    const pool = { size: 1, open: 1, busy: 0, waiting: 0 }
    const about = { latencyMs: 0, server: MODEL_VERSION, pool, replicas: [], migrations: null }
    if (!this.turn.owner.closed) return { status: 'up', ...about }
    return {
      status: 'down',
      ...about,
      error: new DbError('closed', 'This database handle is closed. Open a new one with connect().'),
    }
  }

  /** Nothing passes that could be listened to: there are no statements. */
  onQuery(): () => void {
    return () => {}
  }

  async close(): Promise<void> {
    this.turn.owner.closed = true
  }
}
