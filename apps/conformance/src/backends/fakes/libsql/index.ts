import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo, Socket } from 'node:net'
import { basename } from 'node:path'
import type { PipelineRequest } from './protocol.ts'
import { wireError } from './protocol.ts'
import { type Binding, Stream } from './stream.ts'

export interface FakeLibsqlServer {
  /** Where the database in this file is reached. */
  urlOf(file: string): string
  stop(): Promise<void>
}

/** The server forgets a stream that nothing is heard of for so long. */
const EXPIRY_MS = 10_000

/**
 * A stand-in for a libSQL server on loopback, written from the public description of its protocol: streams with batons,
 * statements, batches with conditions, stored texts. The engine behind it is libSQL's own; what the server itself does
 * beyond that (limits of time, replication, accounts beyond one token) is not in it.
 */
export async function startFakeLibsqlServer(authToken?: string): Promise<FakeLibsqlServer> {
  // A dependency of the package for SQLite, and found where that one finds it.
  const load = createRequire(import.meta.resolve('@archon-db/sqlite'))
  const Database = load('libsql') as new (path: string) => Binding
  const streams = new Map<string, { readonly stream: Stream; readonly socket: Socket }>()
  const turns = new Map<string, EventEmitter>()
  const files = new Map<string, string>()

  function open(file: string): Stream {
    const emitter = turns.get(file) ?? new EventEmitter().setMaxListeners(0)
    turns.set(file, emitter)
    const db = new Database(file)
    // As the server keeps its databases.
    db.exec('pragma journal_mode = wal; pragma synchronous = normal')
    return new Stream(db, emitter)
  }

  async function pipeline(file: string, socket: Socket, { baton, requests }: PipelineRequest): Promise<object> {
    const known = baton ? streams.get(baton) : undefined
    if (baton) streams.delete(baton)
    if (baton && !known) throw new Error('The stream has expired.')
    const stream = known?.stream ?? open(file)
    const results: object[] = []
    for (const request of requests) {
      const answer = stream.answer(request).then((response) => ({ type: 'ok', response }))
      results.push(await answer.catch((error: unknown) => ({ type: 'error', error: wireError(error) })))
    }
    if (requests.at(-1)?.type === 'close') return { baton: null, base_url: null, results }
    const next = randomUUID()
    // Nobody is there any more to hear of it.
    if (socket.destroyed) stream.close()
    else streams.set(next, { stream, socket })
    return { baton: next, base_url: null, results }
  }

  /** What a client left behind that died or fell silent. */
  function expire(gone: Socket): void {
    for (const [baton, { stream, socket }] of streams) {
      if (socket !== gone) continue
      streams.delete(baton)
      stream.close()
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', path] = /^\/([^/]+)\/(.*)$/.exec(request.url ?? '') ?? []
    const file = files.get(name)
    if (authToken !== undefined && request.headers.authorization !== `Bearer ${authToken}`)
      return end(response, 401, { error: 'Unauthorized' })
    if (file === undefined || path !== 'v2/pipeline' || request.method !== 'POST') return end(response, 404, {})
    const body = JSON.parse(await bodyOf(request)) as PipelineRequest
    end(response, 200, await pipeline(file, request.socket, body))
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => end(response, 400, { error: String(error) }))
  })
  server.keepAliveTimeout = EXPIRY_MS
  server.on('connection', (socket) => socket.on('close', () => expire(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    urlOf(file) {
      const name = basename(file, '.db')
      files.set(name, file)
      return `http://127.0.0.1:${port}/${name}/`
    },
    async stop() {
      for (const { stream } of streams.values()) stream.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function end(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
