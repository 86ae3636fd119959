import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Refusal } from './refusal.ts'
import { type ClassSchema, capitalised, parseClass } from './schema.ts'

export interface Schema {
  all(): readonly ClassSchema[]
  get(name: string): ClassSchema | undefined
  add(schema: ClassSchema): void
  remove(name: string): void
}

export interface RestOptions {
  readonly schema: Schema
  readonly version: string
  readonly maxMessageBytes: number
  /** Throws when the caller may not. */
  authorize(headers: IncomingMessage['headers']): void
}

type Answer = object | undefined

export function restServer(options: RestOptions): Server {
  return createServer((request, response) => {
    void readJson(request)
      .then((body) => {
        options.authorize(request.headers)
        return answer(options, request.method ?? '', (request.url ?? '').replace(/\?.*/, ''), body)
      })
      .then(
        (json) => send(200, json),
        (error: unknown) => send(error instanceof Refusal ? error.http : 500, { error: [{ message: String(error) }] }),
      )
    const send = (status: number, json: Answer): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(json && JSON.stringify(json))
    }
  })
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return parts.length === 0 ? {} : JSON.parse(Buffer.concat(parts).toString('utf8'))
}

function answer(
  { schema, version, maxMessageBytes }: RestOptions,
  method: string,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Answer {
  const [, name] = /^\/v1\/schema\/([^/]+)$/.exec(path) ?? []
  switch (`${method} ${name === undefined ? path : '/v1/schema/:class'}`) {
    case 'GET /v1/meta':
      return { hostname: 'http://[::]:8080', version, modules: {}, grpcMaxMessageSize: maxMessageBytes }
    case 'GET /v1/schema':
      return { classes: schema.all() }
    case 'POST /v1/schema':
      return added(schema, parseClass(body))
    case 'GET /v1/schema/:class':
      return found(schema, name!)
    case 'DELETE /v1/schema/:class':
      schema.remove(capitalised(name!))
      return undefined
    default:
      throw new Refusal(`path ${path} was not found`, { http: 404 })
  }
}

/** Names that differ by case alone share a folder in the service, so it takes one of them. */
function added(schema: Schema, wanted: ClassSchema): ClassSchema {
  const other = schema.all().find((known) => known.class.toLowerCase() === wanted.class.toLowerCase())
  if (other?.class === wanted.class) throw new Refusal(`class name ${wanted.class} already exists`)
  if (other) throw new Refusal(`class already exists: found similar class "${other.class}"`)
  schema.add(wanted)
  return wanted
}

function found(schema: Schema, name: string): ClassSchema {
  const known = schema.get(name)
  if (known) return known
  throw new Refusal('', { http: 404 })
}
