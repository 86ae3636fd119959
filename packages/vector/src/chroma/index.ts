import type { ChromaClient } from 'chromadb'
import { loadPeer } from '../shared/peer.ts'
import { type ServiceStore, ServiceVectorStore } from '../shared/store.ts'
import { ChromaService } from './service.ts'

export type { FilterExplanation } from '../shared/push-down.ts'
export type { ServiceStore } from '../shared/store.ts'

export interface ChromaStoreOptions {
  /** Such as `http://localhost:8000`. */
  readonly url: string
  readonly apiKey?: string
  readonly tenant?: string
  readonly database?: string
  /** What Chroma's names of the collections begin with. Default `archon.`. */
  readonly prefix?: string
}

/**
 * ```ts
 * const store = await openChromaStore({ url: 'http://localhost:8000' })
 * ```
 * Needs the package `chromadb`.
 */
export async function openChromaStore(options: ChromaStoreOptions): Promise<ServiceStore> {
  return new ServiceVectorStore(new ChromaService(await connect(options), options.prefix ?? 'archon.'))
}

async function connect({ url, apiKey, tenant, database }: ChromaStoreOptions): Promise<ChromaClient> {
  const { hostname, port, protocol } = new URL(url)
  const ssl = protocol === 'https:'
  const { ChromaClient } = await loadPeer('Chroma', 'chromadb', () => import('chromadb'))
  return new ChromaClient({
    host: hostname,
    port: Number(port) || (ssl ? 443 : 80),
    ssl,
    ...(apiKey && { headers: { 'x-chroma-token': apiKey } }),
    ...(tenant && { tenant }),
    ...(database && { database }),
  })
}
