import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import type { Http2Session } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { grpcCalls } from './calls.ts'
import { grpcServer } from './grpc.ts'
import { ClassObjects } from './objects.ts'
import { Refusal, STATUS } from './refusal.ts'
import { restServer } from './rest.ts'

export interface FakeWeaviateOptions {
  /** What a caller has to bring. Default: nothing. */
  readonly apiKey?: string
  /** Of one gRPC message. Default: the service's own limit. */
  readonly maxMessageBytes?: number
  /** What it says it is. */
  readonly version?: string
}

export interface FakeWeaviate {
  readonly url: string
  readonly grpcUrl: string
  readonly version: string
  stop(): Promise<void>
}

/** The version whose behaviour the fake has. */
const VERSION = '1.33.0'
/** What the service allows unless told otherwise. */
const MAX_MESSAGE_BYTES = 104_858_000

/**
 * A stand-in for Weaviate on loopback, written from the public description of its REST and gRPC interfaces: schema,
 * batches, deletes, queries by filter and by vector, counts. Its objects are in memory; schemas are never made up from
 * what is stored.
 */
export async function startFakeWeaviate(options: FakeWeaviateOptions = {}): Promise<FakeWeaviate> {
  const { apiKey, maxMessageBytes = MAX_MESSAGE_BYTES, version = VERSION } = options
  const classes = new Map<string, ClassObjects>()
  const authorize = ({ authorization }: IncomingHttpHeaders): void => {
    if (apiKey === undefined || authorization === `Bearer ${apiKey}`) return
    throw new Refusal('unauthorized: invalid api key', { http: 401, grpc: STATUS.unauthenticated })
  }
  const rest = restServer({
    version,
    maxMessageBytes,
    authorize,
    schema: {
      all: () => [...classes.values()].map(({ schema }) => schema),
      get: (name) => classes.get(name)?.schema,
      add: (schema) => void classes.set(schema.class, new ClassObjects(schema)),
      remove: (name) => void classes.delete(name),
    },
  })
  const grpc = grpcServer({ calls: grpcCalls(classes), maxMessageBytes, authorize })
  const sessions = new Set<Http2Session>()
  grpc.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  const stop = async (): Promise<void> => {
    for (const session of sessions) session.destroy()
    rest.closeAllConnections()
    await Promise.all([rest, grpc].map((server) => new Promise((resolve) => server.close(resolve))))
  }
  return { url: await listen(rest), grpcUrl: await listen(grpc), version, stop }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
