import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { Refusal, STATUS, type Status, unknownHere } from './refusal.ts'

export interface GrpcOptions {
  /** By path, such as `/weaviate.v1.Weaviate/Search`. Message in, message out. */
  readonly calls: ReadonlyMap<string, (request: Buffer) => Buffer>
  readonly maxMessageBytes: number
  /** Throws when the caller may not. */
  authorize(headers: IncomingHttpHeaders): void
}

/** Unary calls over HTTP/2, as gRPC has them: one message with a prefix of five bytes each way, the outcome in trailers. */
export function grpcServer(options: GrpcOptions): Http2Server {
  const server = createServer()
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.destroy())
    void readAll(stream).then(
      (body) => reply(stream, () => answer(options, headers, body)),
      () => stream.destroy(),
    )
  })
  return server
}

async function readAll(stream: ServerHttp2Stream): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function answer(options: GrpcOptions, headers: IncomingHttpHeaders, body: Buffer): Buffer {
  const { calls, maxMessageBytes, authorize } = options
  const path = String(headers[':path'])
  const call = calls.get(path)
  if (!call) throw unknownHere(path)
  authorize(headers)
  if (body[0] !== 0) throw unknownHere('compressed messages')
  const size = body.readUInt32BE(1)
  if (size > maxMessageBytes) throw tooLarge(`received message larger than max (${size} vs. ${maxMessageBytes})`)
  const message = call(body.subarray(5, 5 + size))
  if (message.length > maxMessageBytes) {
    throw tooLarge(`trying to send message larger than max (${message.length} vs. ${maxMessageBytes})`)
  }
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

function tooLarge(message: string): Refusal {
  return new Refusal(`grpc: ${message}`, { grpc: STATUS.resourceExhausted })
}

function reply(stream: ServerHttp2Stream, work: () => Buffer): void {
  if (stream.destroyed) return
  const content = { ':status': 200, 'content-type': 'application/grpc+proto' }
  try {
    const message = work()
    stream.respond(content, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(outcome(STATUS.ok, '')))
    stream.end(message)
  } catch (error) {
    const status = error instanceof Refusal ? error.grpc : STATUS.internal
    stream.respond({ ...content, ...outcome(status, (error as Error).message) }, { endStream: true })
  }
}

function outcome(status: Status, message: string): Record<string, string> {
  return { 'grpc-status': String(status), 'grpc-message': encodeURIComponent(message) }
}
