import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRandom, type Random } from '../../../harness/random.ts'
import { FakeIndexes } from './control.ts'
import type { Answer } from './data.ts'
import { Refusal, requireThat } from './refusal.ts'
import { route } from './routes.ts'

export interface FakePineconeOptions {
  readonly apiKey: string
  /** Of the delays with which writes become visible. */
  readonly seed?: number
  /** Whether answers carry the numbers of writes. Default true. */
  readonly numbers?: boolean
}

const VERSION = '2026-07'
const MAX_LAG = 3

export async function startFakePinecone(options: FakePineconeOptions): Promise<FakePinecone> {
  const fake = new FakePinecone(options)
  await fake.listen()
  return fake
}

/** Pinecone's HTTP interface, control plane and data plane, over data in memory; strict where the service is. */
export class FakePinecone {
  readonly #options: FakePineconeOptions
  readonly #random: Random
  readonly #server: Server
  readonly #indexes = new FakeIndexes(
    () => this.url,
    () => this.#lag ?? this.#random.integer(0, MAX_LAG),
  )
  readonly #watchers: string[][] = []
  readonly #failures: number[] = []
  #lag: number | undefined

  constructor(options: FakePineconeOptions) {
    this.#options = options
    this.#random = createRandom(options.seed ?? 1)
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  /** The requests from now on: `POST /query` and so on. */
  watch(): string[] {
    const seen: string[] = []
    this.#watchers.push(seen)
    return seen
  }

  /** The next requests get this answer instead of their own. */
  failNext(status: number, times: number): void {
    this.#failures.push(...new Array<number>(times).fill(status))
  }

  /** Writes from now on become visible after as many reads as this. */
  delayWrites(reads: number): void {
    this.#lag = reads
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.replace(/^\/data\/[^/]+|\?.*$/gs, '')
    for (const seen of this.#watchers) seen.push(`${request.method} ${path}`)
    const failure = this.#failures.shift()
    const text = await textOf(request)
    try {
      if (failure !== undefined) throw new Refusal(failure, 'Told to fail')
      requireAllowed(request, this.#options.apiKey)
      const { status, result } = route(this.#indexes, request, text)
      send(response, status, result, this.#options.numbers ?? true)
    } catch (error) {
      refuse(request, response, error)
    }
  }
}

function requireAllowed(request: IncomingMessage, apiKey: string): void {
  requireThat(request.headers['api-key'] === apiKey, 'Unauthorized', 401)
  requireThat(request.headers['x-pinecone-api-version'] === VERSION, `This speaks version ${VERSION}`)
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
