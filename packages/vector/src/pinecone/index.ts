import { DbError, invalidInput } from '@archon-db/core'
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

/**
 * ```ts
 * const store = await openPineconeStore({ apiKey: process.env.PINECONE_API_KEY! })
 * ```
 * Needs the package `@pinecone-database/pinecone`.
 */
export async function openPineconeStore(options: PineconeStoreOptions): Promise<ServiceStore> {
  const { apiKey, index, host, cloud = 'aws', region = 'us-east-1', prefix, controllerUrl } = options
  const { freshWithinMs = 30_000 } = options
  requireKey(apiKey)
  if (!(freshWithinMs >= 0)) throw invalidInput('freshWithinMs is a number of milliseconds, 0 or more.')
  const { Pinecone } = await load()
  const access = accessWith(Pinecone, { apiKey, freshWithinMs, ...(controllerUrl && { controllerUrl }) })
  const home =
    index === undefined && host === undefined
      ? new Indexes(access, { prefix: prefix ?? 'archon-', cloud, region })
      : new Namespaces(access, { prefix: prefix ?? 'archon.', index, host })
  return new ServiceVectorStore(new PineconeService(access, home))
}

/** One that no header can carry would be shown by the error about it. */
function requireKey(apiKey: string): void {
  if (typeof apiKey !== 'string' || apiKey === '')
    throw invalidInput('Pinecone needs an API key. Set PINECONE_API_KEY.')
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw invalidInput('The Pinecone API key has characters that no key has, such as a space. Check PINECONE_API_KEY.')
  }
}

async function load(): Promise<typeof import('@pinecone-database/pinecone')> {
  try {
    return await import('@pinecone-database/pinecone')
  } catch (cause) {
    throw new DbError(
      'unsupported',
      'The Pinecone store needs the package @pinecone-database/pinecone. Install it: npm install @pinecone-database/pinecone',
      { cause },
    )
  }
}
