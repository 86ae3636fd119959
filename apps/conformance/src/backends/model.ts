import { type Backend, type BackendTraits, type RunningBackend, wipeTables } from '../harness/index.ts'
import { MODEL_VERSION, ModelDatabase } from '../model/database.ts'
import { ModelStore } from '../model/store.ts'

const TRAITS: BackendTraits = {
  maxParameters: Number.MAX_SAFE_INTEGER,
  insertBatch: Number.MAX_SAFE_INTEGER,
  transactionalDdl: true,
  concurrentReads: true,
  concurrentWrites: false,
  alwaysSerializable: true,
  vectorSearch: false,
  shareable: true,
  sql: false,
  ledger: false,
  durable: false,
  multiProcess: false,
  server: false,
}

/** The reference model as a backend: a suite that it fails asserts something else than the oracle says. */
export const model: Backend = {
  name: 'model',
  label: 'Reference model',
  async start() {
    const { schema } = await import('@archon-db/sqlite')
    return {
      traits: TRAITS,
      version: MODEL_VERSION,
      async fresh() {
        const store = new ModelStore(schema)
        const db = new ModelDatabase(store)
        return {
          db,
          url: '',
          open: async () => new ModelDatabase(store),
          wipe: () => wipeTables(new ModelDatabase(store)),
          drop: () => db.close(),
        }
      },
      async stop() {},
    } satisfies RunningBackend
  },
}
