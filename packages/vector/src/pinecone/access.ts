import type { Index, Pinecone, PineconeConfiguration } from '@pinecone-database/pinecone'
import { patientFetch } from './requests.ts'

type Fetch = NonNullable<PineconeConfiguration['fetchApi']>

/** The way to Pinecone: everything that knows the API key. */
export interface PineconeAccess {
  readonly indexes: Pinecone['indexes']
  /** How long a read waits for what this process wrote. */
  readonly freshWithinMs: number
  /** One namespace of the index at an address; its requests go through `fetchApi`. */
  index(host: string, namespace: string, fetchApi?: Fetch): Index
}

export function accessWith(
  client: typeof Pinecone,
  options: { readonly apiKey: string; readonly controllerUrl?: string; readonly freshWithinMs: number },
): PineconeAccess {
  const { apiKey, controllerUrl, freshWithinMs } = options
  const configuration = { apiKey, ...(controllerUrl && { controllerHostUrl: controllerUrl }) }
  const open = (fetchApi: Fetch): Pinecone => new client({ ...configuration, fetchApi })
  return {
    indexes: open(patientFetch).indexes,
    freshWithinMs,
    index: (host, namespace, fetchApi = patientFetch) => open(fetchApi).index({ host, namespace }),
  }
}
