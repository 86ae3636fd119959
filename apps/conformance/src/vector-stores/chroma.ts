import type { StoreBackend, StoreTraits } from './backend.ts'
import { acquireChroma, chromaVersion } from './chroma-server.ts'

const TRAITS: StoreTraits = { shared: true, durable: true, maxMetadataBytes: null, visibleWithinMs: 0 }

/** A real server: one named by CONFORMANCE_CHROMA_URL, or that of the npm package. */
export const chroma: StoreBackend = {
  name: 'chroma',
  label: 'Chroma',
  async start() {
    const { openChromaStore } = await import('@archon-db/vector/chroma')
    const server = await acquireChroma()
    const run = `archon-run-${process.pid}`
    let made = 0
    return {
      traits: TRAITS,
      version: { product: 'Chroma', version: await chromaVersion(server.url) },
      async fresh() {
        const options = { url: server.url, prefix: `${run}-${++made}.` }
        const store = await openChromaStore(options)
        const drop = async (): Promise<void> => {
          await store.close()
          const cleaner = await openChromaStore(options)
          for (const name of await cleaner.listCollections()) await cleaner.dropCollection(name)
        }
        return { store, open: () => openChromaStore(options), drop }
      },
      stop: () => server.stop(),
    }
  },
}
