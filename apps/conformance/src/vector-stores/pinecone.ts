import type { PineconeStoreOptions } from '@archon-db/vector/pinecone'
import type { RunningStores, StoreBackend, StoreTraits } from './backend.ts'
import { startFakePinecone } from './fakes/pinecone/server.ts'

const TRAITS: StoreTraits = { shared: true, durable: true, maxMetadataBytes: 16_000, visibleWithinMs: 0 }
/** Another store may read an index from a place where a write has not arrived. */
const VISIBLE_WITHIN_MS = 30_000
const REAL_KEY = process.env.CONFORMANCE_PINECONE_API_KEY

/** The service that CONFORMANCE_PINECONE_API_KEY opens, or a fake of its protocol. */
export const pinecone: StoreBackend = {
  name: 'pinecone',
  label: REAL_KEY ? 'Pinecone' : 'Pinecone (fake)',
  start: () => (REAL_KEY ? startReal(REAL_KEY) : startFake()),
}

/** Named indexes fix one dimension and one metric: behaviours of other ones fail there and say so. */
async function startReal(apiKey: string): Promise<RunningStores> {
  const { CONFORMANCE_PINECONE_INDEX: index, CONFORMANCE_PINECONE_HOST: host } = process.env
  const options = { apiKey, ...(index && { index }), ...(host && { host }) }
  return await running(options, {
    traits: { ...TRAITS, visibleWithinMs: VISIBLE_WITHIN_MS },
    version: { product: 'Pinecone', version: 'API 2026-07' },
    stop: async () => {},
  })
}

async function startFake(): Promise<RunningStores> {
  const apiKey = 'fake-key'
  const fake = await startFakePinecone({ apiKey })
  return await running(
    { apiKey, controllerUrl: fake.url },
    { traits: TRAITS, version: { product: 'Pinecone', version: 'fake of API 2026-07' }, stop: () => fake.stop() },
  )
}

async function running(
  common: PineconeStoreOptions,
  rest: Pick<RunningStores, 'traits' | 'version' | 'stop'>,
): Promise<RunningStores> {
  const { openPineconeStore } = await import('@archon-db/vector/pinecone')
  const run = `run-${process.pid.toString(36)}-`
  let made = 0
  return {
    ...rest,
    async fresh() {
      const options = { ...common, prefix: `${run}${++made}-` }
      const store = await openPineconeStore(options)
      const drop = async (): Promise<void> => {
        await store.close()
        const cleaner = await openPineconeStore(options)
        for (const name of await cleaner.listCollections()) await cleaner.dropCollection(name)
        await cleaner.close()
      }
      return { store, open: () => openPineconeStore(options), drop }
    },
  }
}
