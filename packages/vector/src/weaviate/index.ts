import { DbError, invalidInput } from '@archon-db/core'
import type { WeaviateClient } from 'weaviate-client'
import { checkApiKey, loadPeer } from '../shared/peer.ts'
import { type ServiceStore, ServiceVectorStore } from '../shared/store.ts'
import { toOpeningError } from './errors.ts'
import { WeaviateService } from './service.ts'

export type { FilterExplanation } from '../shared/push-down.ts'
export type { ServiceStore } from '../shared/store.ts'

/** The first that counts over gRPC and takes vectors as these requests have them. */
const OLDEST = [1, 29, 0] as const

export interface WeaviateStoreOptions {
  /** Such as `http://localhost:8080`, or the REST endpoint of a cloud cluster. */
  readonly url: string
  /** Default: port 50051 of the same host; over https what Weaviate Cloud has, or port 443. */
  readonly grpcUrl?: string
  readonly apiKey?: string
  /** What Weaviate's names of the collections begin with: a capital, then letters, digits and `_`. Default `Archon_`. */
  readonly prefix?: string
}

/**
 * ```ts
 * const store = await openWeaviateStore({ url: 'http://localhost:8080' })
 * ```
 * Needs the package `weaviate-client`.
 */
export async function openWeaviateStore(options: WeaviateStoreOptions): Promise<ServiceStore> {
  const { prefix = 'Archon_' } = options
  if (!/^[A-Z]\w*$/.test(prefix)) {
    throw invalidInput('The prefix of Weaviate collections begins with a capital, then come letters, digits and "_".')
  }
  return new ServiceVectorStore(new WeaviateService(await connect(options), prefix))
}

async function connect({ url, grpcUrl, apiKey }: WeaviateStoreOptions): Promise<WeaviateClient> {
  const rest = parseUrl(url, 'WEAVIATE_URL')
  const grpc = grpcUrl === undefined ? grpcOf(rest) : parseUrl(grpcUrl, 'The gRPC address of Weaviate')
  if (apiKey !== undefined) checkApiKey(apiKey, 'WEAVIATE_API_KEY')
  // The client imports protobufjs without depending on it.
  const { default: weaviate } = await loadPeer(
    'Weaviate',
    'weaviate-client protobufjs@7',
    () => import('weaviate-client'),
  )
  const client = await weaviate.connectToCustom({
    ...{ httpHost: rest.hostname, httpPort: portOf(rest, 80), httpSecure: isSecure(rest) },
    ...{ grpcHost: grpc.hostname, grpcPort: portOf(grpc, 80), grpcSecure: isSecure(grpc) },
    httpPath: rest.pathname.replace(/\/+$/, ''),
    // Its own checks write to the console.
    skipInitChecks: true,
    ...(apiKey !== undefined && { authCredentials: apiKey }),
  })
  return await checked(client)
}

async function checked(client: WeaviateClient): Promise<WeaviateClient> {
  try {
    const version = await client.getWeaviateVersion()
    if (version.isAtLeast(...OLDEST)) return client
    if (version.show() === '') throw new Error('There is no version of Weaviate in the answer.')
    throw new DbError('unsupported', `Weaviate ${OLDEST.join('.')} or newer is needed, this is ${version.show()}.`)
  } catch (error) {
    await client.close()
    throw error instanceof DbError ? error : toOpeningError(error)
  }
}

function parseUrl(url: string, what: string): URL {
  const parsed = URL.parse(url)
  if (parsed && /^https?:$/.test(parsed.protocol)) return parsed
  throw invalidInput(`${what} is an address such as http://localhost:8080.`)
}

/** Where Weaviate listens for gRPC, by its own conventions. */
function grpcOf(rest: URL): URL {
  if (!isSecure(rest)) return new URL(`http://${rest.hostname}:50051`)
  const [cluster, ...domain] = rest.hostname.split('.')
  if (rest.hostname.endsWith('.weaviate.network')) return new URL(`https://${cluster}.grpc.${domain.join('.')}`)
  return new URL(`https://${rest.hostname.endsWith('.weaviate.cloud') ? 'grpc-' : ''}${rest.hostname}`)
}

function isSecure(url: URL): boolean {
  return url.protocol === 'https:'
}

function portOf(url: URL, plain: number): number {
  return Number(url.port) || (isSecure(url) ? 443 : plain)
}
