import type { WeaviateStoreOptions } from '@archon-db/vector/weaviate'
import type { StoreBackend, StoreTraits } from './backend.ts'
import { type FakeWeaviate, startFakeWeaviate } from './fakes/weaviate/index.ts'

const TRAITS: StoreTraits = { shared: true, durable: true, maxMetadataBytes: null, visibleWithinMs: 0 }

type Service = Omit<FakeWeaviate, 'grpcUrl'> & Pick<WeaviateStoreOptions, 'grpcUrl' | 'apiKey'>

const named = process.env.CONFORMANCE_WEAVIATE_URL

/** The service that CONFORMANCE_WEAVIATE_URL names, with CONFORMANCE_WEAVIATE_API_KEY; else a fake of its protocol. */
export const weaviate: StoreBackend = {
  name: 'weaviate',
  label: named ? 'Weaviate' : 'Weaviate (fake)',
  async start() {
    const { openWeaviateStore } = await import('@archon-db/vector/weaviate')
    const { url, grpcUrl, apiKey, version, stop }: Service = named ? await service(named) : await startFakeWeaviate()
    let made = 0
    return {
      traits: TRAITS,
      version: { product: named ? 'Weaviate' : 'Weaviate (fake)', version },
      async fresh() {
        const prefix = `Run${process.pid}n${++made}_`
        const options = { url, prefix, ...(grpcUrl && { grpcUrl }), ...(apiKey && { apiKey }) }
        const store = await openWeaviateStore(options)
        const drop = async (): Promise<void> => {
          await store.close()
          const cleaner = await openWeaviateStore(options)
          for (const name of await cleaner.listCollections()) await cleaner.dropCollection(name)
          await cleaner.close()
        }
        return { store, open: () => openWeaviateStore(options), drop }
      },
      stop,
    }
  },
}

async function service(url: string): Promise<Service> {
  const { CONFORMANCE_WEAVIATE_GRPC_URL: grpcUrl, CONFORMANCE_WEAVIATE_API_KEY: apiKey } = process.env
  const headers: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {}
  const meta = (await (await fetch(new URL('/v1/meta', url), { headers })).json()) as { version: string }
  return { url, ...(grpcUrl && { grpcUrl }), ...(apiKey && { apiKey }), version: meta.version, stop: async () => {} }
}
