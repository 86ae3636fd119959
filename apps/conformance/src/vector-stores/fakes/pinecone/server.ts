import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRandom } from '../../../harness/random.ts'
import { LIMITS } from './checks.ts'
import { FakeIndexes } from './control.ts'
import { type Answer, bodyOf, type FakeIndexData } from './data.ts'
import { Refusal, requireThat } from './refusal.ts'

export interface FakePineconeOptions {
  readonly apiKey: string
  /** Of the delays with which writes become visible. */
  readonly seed?: number
  /** The most reads that do not see a write yet. Default 3. */
  readonly maxLag?: number
  /** Whether answers carry the numbers of writes. Default true. */
  readonly numbers?: boolean
}

export interface FakePinecone {
  readonly url: string
  /** From now on, `POST /query` and so on. */
  watch(): string[]
  /** The next requests get this answer instead of their own. */
  failNext(status: number, times: number): void
  /** Writes from now on become visible after as many reads as this. */
  lag(reads: number): void
  stop(): Promise<void>
}

const VERSION = '2026-07'

/** Pinecone's HTTP interface, control plane and data plane, over data in memory; strict where the service is. */
export async function startFakePinecone(options: FakePineconeOptions): Promise<FakePinecone> {
  const random = createRandom(options.seed ?? 1)
  let fixedLag: number | undefined
  const lag = (): number => fixedLag ?? random.integer(0, options.maxLag ?? 3)
  const watchers: string[][] = []
  const failures: number[] = []
  const server = createServer((request, response) => {
    for (const seen of watchers) seen.push(`${request.method} ${request.url?.replace(/^\/data\/[^/]+|\?.*$/g, '')}`)
    void answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const indexes = new FakeIndexes(url, lag)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request)
    const failure = failures.shift()
    try {
      if (failure !== undefined) throw new Refusal(failure, 'Told to fail')
      requireAllowed(request, options.apiKey)
      const { status, result } = route(indexes, request, text)
      send(response, status, result, options.numbers ?? true)
    } catch (error) {
      refuse(request, response, error)
    }
  }

  return {
    url,
    watch() {
      const seen: string[] = []
      watchers.push(seen)
      return seen
    },
    failNext: (status, times) => void failures.push(...new Array<number>(times).fill(status)),
    lag(reads) {
      fixedLag = reads
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function requireAllowed(request: IncomingMessage, apiKey: string): void {
  requireThat(request.headers['api-key'] === apiKey, 'Unauthorized', 401)
  requireThat(request.headers['x-pinecone-api-version'] === VERSION, `This speaks version ${VERSION}`)
}

interface Routed {
  readonly status: number
  readonly result: Answer
}

function route(indexes: FakeIndexes, request: IncomingMessage, text: string): Routed {
  const url = new URL(request.url ?? '/', 'http://fake')
  const [, first, second, ...rest] = url.pathname.split('/').map(decodeURIComponent)
  if (first === 'data') {
    const result = routeData(indexes.dataAt(second ?? ''), `${request.method} /${rest.join('/')}`, url, text)
    return { status: 200, result }
  }
  if (first !== 'indexes') throw new Refusal(404, 'Not found')
  const [status, body] = routeControl(indexes, request.method ?? '', second, text)
  return { status, result: { body } }
}

function routeControl(
  indexes: FakeIndexes,
  method: string,
  name: string | undefined,
  text: string,
): readonly [status: number, body: unknown] {
  if (name === undefined) {
    if (method === 'GET') return [200, indexes.list()]
    if (method === 'POST') return [201, indexes.create(bodyOf(text))]
  } else {
    if (method === 'GET') return [200, indexes.describe(name)]
    if (method === 'DELETE') return [202, indexes.delete(name)]
  }
  throw new Refusal(405, `${method} is not allowed here`)
}

function routeData(data: FakeIndexData, what: string, { searchParams }: URL, text: string): Answer {
  const namespace = /^(GET|DELETE) \/namespaces\/(.+)$/s.exec(what)
  if (namespace?.[2]) {
    return namespace[1] === 'GET' ? data.describeNamespace(namespace[2]) : data.deleteNamespace(namespace[2])
  }
  switch (what) {
    case 'POST /vectors/upsert':
      requireThat(Buffer.byteLength(text) <= LIMITS.requestBytes, `The limit of a request is ${LIMITS.requestBytes} bytes`)
      return data.upsert(bodyOf(text))
    case 'GET /vectors/fetch':
      return data.fetch(searchParams)
    case 'POST /vectors/fetch_by_metadata':
      return data.fetchByMetadata(bodyOf(text))
    case 'GET /vectors/list':
      return data.list(searchParams)
    case 'POST /query':
      return data.query(bodyOf(text))
    case 'POST /vectors/delete':
      return data.delete(bodyOf(text))
    case 'POST /describe_index_stats':
      return data.stats()
    case 'POST /namespaces':
      return data.createNamespace(bodyOf(text))
    case 'GET /namespaces':
      return data.listNamespaces(searchParams)
    default:
      throw new Refusal(501, `${what} is not part of this`)
  }
}

function send(response: ServerResponse, status: number, { body, indexed, written }: Answer, numbers: boolean): void {
  if (numbers && indexed !== undefined) response.setHeader('x-pinecone-max-indexed-lsn', String(indexed))
  if (numbers && written !== undefined) response.setHeader('x-pinecone-request-lsn', String(written))
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? '' : JSON.stringify(body))
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { status, message } = error instanceof Refusal ? error : { status: 500, message: String(error) }
  response.writeHead(status, { 'content-type': status === 401 ? 'text/plain' : 'application/json' })
  // The two planes say it in their own ways, and who is not let in is told so in plain text.
  if (status === 401) response.end(message)
  else if (request.url?.startsWith('/data/')) response.end(JSON.stringify({ code: 3, message, details: [] }))
  else response.end(JSON.stringify({ status, error: { code: 'REFUSED', message } }))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
