import type { Database, VectorStore } from '@archon-db/core'
import { openSqlStore } from '@archon-db/vector/sql'
import type { Backend, DatabaseHandle } from '../harness/index.ts'
import type { StoreBackend, StoreHandle } from './backend.ts'

/** Collections as tables of a database that the other suites run on. */
export function storeOn(backend: Backend, name: string, label: string): StoreBackend {
  return {
    name,
    label,
    async start() {
      const running = await backend.start()
      const { shareable, durable } = running.traits
      const { product, version } = running.version
      return {
        traits: { shared: shareable, durable, maxMetadataBytes: null, visibleWithinMs: 0 },
        version: { product, version },
        fresh: async () => handleOn(await running.fresh('vectors')),
        stop: () => running.stop(),
      }
    },
  }
}

async function handleOn(handle: DatabaseHandle): Promise<StoreHandle> {
  const store = await openSqlStore(handle.db)
  return {
    store,
    open: async () => closingBoth(await handle.open()),
    async drop() {
      await store.close()
      await handle.drop()
    },
  }
}

/** The suite closes stores and knows of no databases. */
async function closingBoth(db: Database): Promise<VectorStore> {
  const store = await openSqlStore(db)
  const close = store.close.bind(store)
  return Object.assign(store, {
    async close() {
      await close()
      await db.close()
    },
  })
}
