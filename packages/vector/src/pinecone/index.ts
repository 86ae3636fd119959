import { invalidInput } from '@archon-db/core'
import { checkApiKey, loadPeer } from '../shared/peer.ts'
import { type ServiceStore, ServiceVectorStore } from '../shared/store.ts'
import { accessWith } from './access.ts'
import { Indexes } from './indexes.ts'
import { Namespaces } from './namespaces.ts'
import { PineconeService } from './service.ts'

export type { FilterExplanation } from '../shared/push-down.ts'
export type { ServiceStore } from '../shared/store.ts'

export interface PineconeStoreOptions {
  readonly apiKey: string
  /**
   * An index that is there: collections are its namespaces and have its dimension and metric. Without `index` and
   * `host` each collection gets an index of its own.
   */
  readonly index?: string
  /** The address of such an index, instead of its name or, where it is reached by another way, with it. */
  readonly host?: string
  /** Where indexes are made. Default `aws` and `us-east-1`. */
  readonly cloud?: string
  readonly region?: string
  /** What Pinecone's names of the collections begin with. Default `archon-` for indexes, `archon.` for namespaces. */
  readonly prefix?: string
  /** Where indexes are managed, if not at api.pinecone.io. */
  readonly controllerUrl?: string
  /** How long a read waits for what this store has written to be visible, in milliseconds. Default 30,000; 0: not at all. */
  readonly freshWithinMs?: number
}

const PEER = '@pinecone-database/pinecone'

/**
 * ```ts
 * const store = await openPineconeStore({ apiKey: process.env.PINECONE_API_KEY! })
 * ```
 * Needs the package `@pinecone-database/pinecone`.
 */
export async function openPineconeStore(options: PineconeStoreOptions): Promise<ServiceStore> {
  const { apiKey, index, host, cloud = 'aws', region = 'us-east-1', prefix, controllerUrl } = options
  const { freshWithinMs = 30_000 } = options
  checkApiKey(apiKey, 'PINECONE_API_KEY')
  if (!(freshWithinMs >= 0)) throw invalidInput('freshWithinMs is a number of milliseconds, 0 or more.')
  const { Pinecone } = await loadPeer('Pinecone', PEER, () => import('@pinecone-database/pinecone'))
  const access = accessWith(Pinecone, { apiKey, freshWithinMs, ...(controllerUrl && { controllerUrl }) })
  const home =
    index === undefined && host === undefined
      ? new Indexes(access, { prefix: prefix ?? 'archon-', cloud, region })
      : new Namespaces(access, { prefix: prefix ?? 'archon.', index, host })
  return new ServiceVectorStore(new PineconeService(access, home))
}
